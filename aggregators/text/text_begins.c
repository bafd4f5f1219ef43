#include "aggregators/text/text_begins.h"

#include "aggregators/text/words.h"
#include "backend/base/mem.h"

#include <stdlib.h>
#include <utf8proc.h>

int32_t text_character(const char *text, size_t n, size_t at, size_t *next) {
    utf8proc_int32_t c = -1;
    const utf8proc_ssize_t got =
        utf8proc_iterate((const utf8proc_uint8_t *)text + at, (utf8proc_ssize_t)(n - at), &c);
    *next = at + (got > 0 ? (size_t)got : 1);
    return got > 0 ? c : -1;
}

bool text_is_space(int32_t c) {
    if (c < 0)
        return false;
    const utf8proc_category_t category = utf8proc_category(c);
    return (c >= 9 && c <= 13) || c == 0x85 ||
           (category >= UTF8PROC_CATEGORY_ZS && category <= UTF8PROC_CATEGORY_ZP);
}

/* Tokens [from, to), none of which stands alone. */
static void segment_begins(bool *begins, const struct token_list *list, size_t from, size_t to,
                           text_next *next) {
    struct text_buffer b = {0};
    for (size_t i = from; i < to; i++)
        text_buffer_add(&b, list->items[i].bytes, list->items[i].n_bytes);
    size_t at = 0, boundary = b.n ? next(b.text, b.n, 0) : 0;
    for (size_t i = from; i < to && boundary < b.n; i++) {
        if (at >= boundary) {
            begins[i] = true;
            while (boundary <= at && boundary < b.n)
                boundary = next(b.text, b.n, boundary);
        }
        at += list->items[i].n_bytes;
    }
    text_buffer_dispose(&b);
}

void text_begins(bool *begins, const struct token_list *list, text_next *next) {
    for (size_t from = 0, to; from < list->n; from = to) {
        begins[from] = true;
        to = from + 1;
        if (word_stands_alone(&list->items[from]))
            continue;
        while (to < list->n && !word_stands_alone(&list->items[to]))
            to++;
        segment_begins(begins, list, from, to, next);
    }
}
