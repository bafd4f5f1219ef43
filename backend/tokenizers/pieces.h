/* A list of byte strings in one block: the pieces that decoders make text of. Any thread. */
#ifndef TINSEQ_BACKEND_TOKENIZERS_PIECES_H
#define TINSEQ_BACKEND_TOKENIZERS_PIECES_H

#include "backend/base/mem.h"

#include <stddef.h>

struct pieces {
    struct text_buffer text; /* end to end */
    size_t *ends;            /* [n] */
    size_t n;
};

void pieces_dispose(struct pieces *p);
void pieces_add(struct pieces *p, const char *s, size_t n);
/* Ends the piece whose bytes were added to p->text. */
void pieces_end(struct pieces *p);
/* Borrowed until the next change. */
const char *pieces_get(const struct pieces *p, size_t i, size_t *n);

#endif
