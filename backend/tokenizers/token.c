#include "backend/token.h"

#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <stdlib.h>
#include <string.h>

/* Lists grow by doubling: capacity is the power of two that holds n. */
static struct token *list_grow(struct token_list *list) {
    if ((list->n & (list->n - 1)) == 0)
        list->items = mem_resize(list->items, (list->n ? 2 * list->n : 1) * sizeof *list->items);
    return &list->items[list->n++];
}

/* What an unknown token stands for, inside its piece. */
static char *with_text(const char *piece, const char *text) {
    const size_t n = strlen(piece), end = n && strchr(">]", piece[n - 1]) ? n - 1 : n;
    return mem_format("%.*s:%s%s", (int)end, piece, text, piece + end);
}

bool token_is_unknown(const struct token *t) {
    return t->special && t->n_bytes &&
           (t->n_bytes != strlen(t->piece) || memcmp(t->bytes, t->piece, t->n_bytes) != 0);
}

char *token_written(const struct token *t) {
    struct text_buffer b = {0};
    if (!token_is_unknown(t))
        return mem_text(t->piece);
    if (!text_valid_utf8(t->bytes, t->n_bytes, NULL))
        return mem_text(t->printable);
    for (size_t i = 0; i < t->n_bytes; i++) {
        const bool space = t->bytes[i] == ' ';
        text_buffer_add(&b, space ? "\u2581" : t->bytes + i, space ? strlen("\u2581") : 1);
    }
    char *text = text_buffer_take(&b), *written = with_text(t->piece, text);
    free(text);
    return written;
}

static char *printable_of(const struct token *t) {
    /* A control token without text shows its piece. */
    if (t->n_bytes == 0)
        return text_sanitise(t->piece, strlen(t->piece), true);
    char *text = text_sanitise(t->bytes, t->n_bytes, true);
    if (!token_is_unknown(t))
        return text;
    char *piece = text_sanitise(t->piece, strlen(t->piece), true), *both = with_text(piece, text);
    free(piece);
    free(text);
    return both;
}

void token_list_add(struct token_list *list, int32_t id, bool special, const char *piece,
                    const char *bytes, size_t n_bytes) {
    struct token *t = list_grow(list);
    *t = (struct token){.id = id,
                        .special = special,
                        .piece = mem_text(piece),
                        .bytes = mem_text_n(bytes, n_bytes),
                        .n_bytes = n_bytes};
    t->printable = printable_of(t);
}

void token_list_append(struct token_list *to, const struct token_list *from) {
    for (size_t i = 0; i < from->n; i++) {
        const struct token *t = &from->items[i];
        *list_grow(to) = (struct token){.id = t->id,
                                        .special = t->special,
                                        .piece = mem_text(t->piece),
                                        .bytes = mem_text_n(t->bytes, t->n_bytes),
                                        .n_bytes = t->n_bytes,
                                        .from = t->from,
                                        .to = t->to,
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

#define JOINED_MOST 4 /* tokens in one character: UTF-8 has at most four bytes */

size_t token_list_whole(const struct token_list *list, size_t i) {
    char bytes[64];
    size_t n = 0;
    if (list->items[i].special ||
        text_valid_utf8(list->items[i].bytes, list->items[i].n_bytes, NULL))
        return 1;
    for (size_t k = i; k < list->n && k < i + JOINED_MOST && !list->items[k].special; k++) {
        if (n + list->items[k].n_bytes > sizeof bytes)
            break;
        memcpy(bytes + n, list->items[k].bytes, list->items[k].n_bytes);
        n += list->items[k].n_bytes;
        if (text_valid_utf8(bytes, n, NULL))
            return k - i + 1;
    }
    return 1;
}

char *token_list_text(const struct token_list *list, size_t i, size_t n) {
    struct text_buffer b = {0};
    if (list->items[i].special)
        return mem_text(list->items[i].printable);
    for (size_t k = i; k < i + n; k++)
        text_buffer_add(&b, list->items[k].bytes, list->items[k].n_bytes);
    size_t n_bytes = b.n;
    char *joined = text_buffer_take(&b), *text = text_sanitise(joined, n_bytes, false);
    free(joined);
    return text;
}
