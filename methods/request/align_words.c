#include "methods/request/align_words.h"

#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum kind { KIND_SPACE, KIND_WORD, KIND_OTHER };

/* As Python's expressions see a character: \s, \w, neither. Combining marks are neither, as
 * there. */
static enum kind kind_of(int32_t c) {
    utf8proc_category_t k = utf8proc_category(c);
    if ((c >= '\t' && c <= '\r') || (c >= 0x1C && c <= 0x1F) || c == 0x85 ||
        (k >= UTF8PROC_CATEGORY_ZS && k <= UTF8PROC_CATEGORY_ZP))
        return KIND_SPACE;
    bool letter = k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_LO,
         digit = k >= UTF8PROC_CATEGORY_ND && k <= UTF8PROC_CATEGORY_NO;
    return letter || digit || c == '_' ? KIND_WORD : KIND_OTHER;
}

/* Cuts the text; owner[byte] is the number of its word, n where it is a space. */
static void cut(struct words *w, size_t n_text, size_t *owner) {
    enum kind before = KIND_SPACE;
    for (size_t at = 0; at < n_text;) {
        int32_t c;
        utf8proc_ssize_t used = utf8proc_iterate((const utf8proc_uint8_t *)w->text + at,
                                                 (utf8proc_ssize_t)(n_text - at), &c);
        size_t n = used > 0 ? (size_t)used : 1;
        enum kind kind = used > 0 ? kind_of(c) : KIND_OTHER; /* a part of a character */
        if (kind != KIND_SPACE && kind != before) {
            if ((w->n & (w->n - 1)) == 0)
                w->items = mem_resize(w->items, (w->n ? 2 * w->n : 1) * sizeof *w->items);
            w->items[w->n++] = (struct word_range){at, at};
        }
        for (size_t i = 0; i < n; i++)
            owner[at + i] = kind == KIND_SPACE ? SIZE_MAX : w->n - 1;
        at += n;
        if (kind != KIND_SPACE)
            w->items[w->n - 1].to = at;
        before = kind;
    }
}

void words_init(struct words *w, const struct token_list *tokens) {
    struct text_buffer text = {0};
    *w = (struct words){.of_token = mem_alloc(tokens->n * sizeof *w->of_token)};
    for (size_t i = 0; i < tokens->n; i++)
        if (!tokens->items[i].special)
            text_buffer_add(&text, tokens->items[i].bytes, tokens->items[i].n_bytes);
    const size_t n_text = text.n;
    w->text = text_buffer_take(&text);
    size_t *owner = mem_alloc(n_text * sizeof *owner), at = 0,
           next = 0; /* next: the first word that has not ended before `at` */
    cut(w, n_text, owner);
    for (size_t i = 0; i < tokens->n; i++) {
        struct word_range *of = &w->of_token[i];
        *of = (struct word_range){0, 0};
        if (tokens->items[i].special)
            continue;
        const size_t end = at + tokens->items[i].n_bytes;
        bool any = false;
        for (; at < end; at++) {
            if (owner[at] == SIZE_MAX)
                continue;
            of->from = any ? of->from : owner[at];
            of->to = owner[at] + 1;
            any = true;
        }
        while (next < w->n && w->items[next].to <= end)
            next++;
        if (!any && next < w->n)
            *of = (struct word_range){next, next + 1};
    }
    free(owner);
}

void words_dispose(struct words *w) {
    free(w->text);
    free(w->items);
    free(w->of_token);
    *w = (struct words){0};
}
