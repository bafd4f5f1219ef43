#include "backend/tokenizers/pieces.h"

#include <stdlib.h>

void pieces_dispose(struct pieces *p) {
    text_buffer_dispose(&p->text);
    free(p->ends);
    *p = (struct pieces){0};
}

/* Lists grow by doubling: capacity is the power of two that holds n. */
void pieces_end(struct pieces *p) {
    if ((p->n & (p->n - 1)) == 0)
        p->ends = mem_resize(p->ends, (p->n ? 2 * p->n : 1) * sizeof *p->ends);
    p->ends[p->n++] = p->text.n;
}

void pieces_add(struct pieces *p, const char *s, size_t n) {
    text_buffer_add(&p->text, s, n);
    pieces_end(p);
}

const char *pieces_get(const struct pieces *p, size_t i, size_t *n) {
    const size_t begin = i ? p->ends[i - 1] : 0;
    *n = p->ends[i] - begin;
    return p->text.text ? p->text.text + begin : "";
}
