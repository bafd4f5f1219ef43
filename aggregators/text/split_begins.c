#include "aggregators/text/split_begins.h"

#include "aggregators/grouping.h"
#include "aggregators/text/matches.h"
#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

const char *const split_modes[] = {
    [SPLIT_SINGLE] = "single", [SPLIT_START] = "start", [SPLIT_END] = "end", NULL};

enum split_mode split_mode_of(const char *name) {
    int mode = SPLIT_SINGLE;
    while (split_modes[mode + 1] && strcmp(split_modes[mode], name) != 0)
        mode++;
    return (enum split_mode)mode;
}

/* The joined text of tokens, and where each ends in it. */
struct joined {
    char *text;
    size_t n, *ends; /* [tokens] */
};

static struct joined join(const struct token_list *list, bool pieces) {
    struct text_buffer b = {0};
    struct joined j = {.ends = mem_alloc(list->n * sizeof *j.ends)};
    for (size_t i = 0; i < list->n; i++) {
        const struct token *t = &list->items[i];
        text_buffer_add(&b, pieces ? t->piece : t->bytes, pieces ? strlen(t->piece) : t->n_bytes);
        j.ends[i] = b.n;
    }
    j.n = b.n;
    j.text = text_buffer_take(&b);
    return j;
}

/* Tokens that a match touches. */
static struct token_span touched(const struct joined *j, const struct text_match *m) {
    struct token_span s = {0, 0};
    while (j->ends[s.from] <= m->from)
        s.from++;
    for (s.to = s.from; j->ends[s.to] < m->to;)
        s.to++;
    s.to++;
    return s;
}

static void add_span(struct partition *p, struct token_span s) {
    if (s.from < s.to)
        partition_add(p, s.from, s.to);
}

/* The matches' tokens, each once; where two touch the same tokens, these are a span of their own.
 */
static struct partition apart(const struct joined *j, const struct text_matches *matches) {
    struct partition all = {0}, out = {0};
    for (size_t i = 0; i < matches->n; i++) {
        const struct token_span s = touched(j, &matches->items[i]);
        const struct token_span *last = all.n ? &all.items[all.n - 1] : NULL;
        if (!last || last->from != s.from || last->to != s.to)
            partition_add(&all, s.from, s.to);
    }
    for (size_t i = 0; i < all.n; i++) {
        struct token_span s = all.items[i];
        const struct token_span *next = i + 1 < all.n ? &all.items[i + 1] : NULL;
        const int64_t end = s.to, before = out.n ? out.items[out.n - 1].to : 0;
        if (next && s.to > next->from)
            s.to = next->from;
        if (s.from < before)
            s.from = before;
        add_span(&out, s);
        if (s.to != end && end < next->to)
            add_span(&out, (struct token_span){s.to > before ? s.to : before, end});
    }
    partition_dispose(&all);
    return out;
}

enum err_code split_begins(bool *begins, bool *any, const struct token_list *list,
                           const char *pattern, enum split_mode mode, bool pieces, struct err *e) {
    struct text_matches matches;
    struct joined j = join(list, pieces);
    enum err_code code = matches_find(&matches, pattern, j.text, j.n, e);
    if (code)
        goto out;
    *any = matches.n > 0;
    struct partition spans = apart(&j, &matches);
    for (size_t i = 0; i < spans.n; i++) {
        const struct token_span *s = &spans.items[i];
        if (mode != SPLIT_END)
            begins[s->from] = true;
        if (mode != SPLIT_START && s->to < (int64_t)list->n)
            begins[s->to] = true;
    }
    partition_dispose(&spans);
out:
    matches_dispose(&matches);
    free(j.text);
    free(j.ends);
    return code;
}
