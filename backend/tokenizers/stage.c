#include "backend/tokenizers/stage.h"

#include <stdlib.h>

struct stage *stage_new(const struct stage_ops *ops, size_t size) {
    struct stage *s = mem_alloc(size);
    s->ops = ops;
    return s;
}

void stages_take(struct stages *list, struct stage *s) {
    list->items = mem_resize(list->items, (list->n + 1) * sizeof *list->items);
    list->items[list->n++] = s;
}

static void free_one(struct stage *s) {
    if (s->ops->free)
        s->ops->free(s);
    free(s);
}

void stages_dispose(struct stages *list) {
    for (size_t i = 0; i < list->n; i++)
        free_one(list->items[i]);
    free(list->items);
    *list = (struct stages){0};
}

enum err_code stages_normalize(const struct stages *list, struct aligned *text, struct err *e) {
    enum err_code code = ERR_OK;
    for (size_t i = 0; !code && i < list->n; i++)
        code = list->items[i]->ops->normalize(list->items[i], text, e);
    return code;
}

enum err_code stages_cut(const struct stages *list, struct spans *spans, struct err *e) {
    enum err_code code = ERR_OK;
    for (size_t i = 0; !code && i < list->n; i++)
        code = list->items[i]->ops->cut(list->items[i], spans, e);
    return code;
}

enum err_code stages_decode(const struct stages *list, struct pieces *pieces, struct err *e) {
    for (size_t i = 0; i < list->n; i++) {
        struct pieces out = {0};
        enum err_code code = list->items[i]->ops->decode(list->items[i], pieces, &out, e);
        pieces_dispose(pieces);
        *pieces = out;
        if (code)
            return code;
    }
    return ERR_OK;
}

void stages_decode_piece(const struct stages *list, const char *piece, size_t n,
                         struct text_buffer *out) {
    struct text_buffer made[2] = {{0}, {0}}; /* what the last two stages made */
    bool fused = false;
    int which = 0;
    for (size_t i = 0; i < list->n && !fused; i++) {
        const struct stage *s = list->items[i];
        struct text_buffer *next = &made[which];
        fused = s->ops->fuses;
        if (!s->ops->decode_piece)
            continue;
        next->n = 0;
        s->ops->decode_piece(s, piece, n, next);
        piece = next->text ? next->text : "";
        n = next->n;
        which = 1 - which;
    }
    text_buffer_add(out, piece, n);
    text_buffer_dispose(&made[0]);
    text_buffer_dispose(&made[1]);
}
