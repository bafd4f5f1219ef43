#include "aggregators/token_join.h"

#include "backend/base/mem.h"

#include <stdlib.h>

static void join_texts(struct text_buffer *piece, struct text_buffer *bytes,
                       const struct token_list *list, const struct token_span *span) {
    for (int64_t i = span->from; i < span->to; i++) {
        const struct token *t = &list->items[i];
        char *written = token_written(t);
        text_buffer_puts(piece, written);
        free(written);
        text_buffer_add(bytes, t->bytes, t->n_bytes);
    }
}

static void join_printable(struct token *to, const struct token_list *list,
                           const struct token_span *span) {
    struct text_buffer b = {0};
    bool odd = false;
    for (int64_t i = span->from; i < span->to; i++) {
        const struct token *t = &list->items[i];
        odd |= t->special || t->id < 0; /* their bytes are not what is shown of them */
        text_buffer_puts(&b, t->printable);
    }
    if (odd)
        mem_replace(&to->printable, text_buffer_take(&b));
    text_buffer_dispose(&b);
}

static void add_joined(struct token_list *to, const struct token_list *list,
                       const struct token_span *span) {
    struct text_buffer piece = {0}, bytes = {0};
    join_texts(&piece, &bytes, list, span);
    char *text = text_buffer_take(&piece);
    const size_t n = bytes.n;
    char *own = text_buffer_take(&bytes);
    token_list_add(to, -1, false, text, own, n);
    struct token *joined = &to->items[to->n - 1];
    joined->from = list->items[span->from].from;
    joined->to = list->items[span->to - 1].to;
    join_printable(joined, list, span);
    free(text);
    free(own);
}

void token_list_merge(struct token_list *list, const struct partition *p) {
    struct token_list to = {0};
    for (size_t i = 0; i < p->n; i++) {
        const struct token_span *span = &p->items[i];
        const struct token_list one = {&list->items[span->from], 1};
        if (span->to - span->from == 1)
            token_list_append(&to, &one);
        else
            add_joined(&to, list, span);
    }
    token_list_dispose(list);
    *list = to;
}
