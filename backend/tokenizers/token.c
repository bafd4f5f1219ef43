#include "backend/token.h"

#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <stdlib.h>

/* Lists grow by doubling: capacity is the power of two that holds n. */
static struct token *list_grow(struct token_list *list) {
    if ((list->n & (list->n - 1)) == 0)
        list->items = mem_resize(list->items, (list->n ? 2 * list->n : 1) * sizeof *list->items);
    return &list->items[list->n++];
}

void token_list_add(struct token_list *list, int32_t id, bool special, const char *piece,
                    const char *bytes, size_t n_bytes) {
    struct token *t = list_grow(list);
    *t = (struct token){.id = id,
                        .special = special,
                        .piece = mem_text(piece),
                        .bytes = mem_text_n(bytes, n_bytes),
                        .n_bytes = n_bytes};
    t->printable = text_sanitise(bytes, n_bytes, true);
    if (n_bytes == 0) { /* a control token without text shows its piece */
        free(t->printable);
        size_t n = 0;
        while (piece[n])
            n++;
        t->printable = text_sanitise(piece, n, true);
    }
}

void token_list_append(struct token_list *to, const struct token_list *from) {
    for (size_t i = 0; i < from->n; i++) {
        const struct token *t = &from->items[i];
        *list_grow(to) = (struct token){.id = t->id,
                                        .special = t->special,
                                        .piece = mem_text(t->piece),
                                        .bytes = mem_text_n(t->bytes, t->n_bytes),
                                        .n_bytes = t->n_bytes,
                                        .printable = mem_text(t->printable)};
    }
}

int32_t *token_list_ids(const struct token_list *list) {
    int32_t *ids = mem_alloc(list->n * sizeof *ids);
    for (size_t i = 0; i < list->n; i++)
        ids[i] = list->items[i].id;
    return ids;
}

void token_list_dispose(struct token_list *list) {
    if (!list)
        return;
    for (size_t i = 0; i < list->n; i++) {
        free(list->items[i].piece);
        free(list->items[i].bytes);
        free(list->items[i].printable);
    }
    free(list->items);
    *list = (struct token_list){0};
}
