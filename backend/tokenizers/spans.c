#include "backend/tokenizers/spans.h"

#include "backend/tokenizers/characters.h"

#include <stdlib.h>

void spans_dispose(struct spans *s) {
    aligned_dispose(&s->text);
    free(s->items);
    *s = (struct spans){0};
}

void spans_add(struct spans *s, size_t from, size_t to, int32_t id) {
    if (from == to)
        return;
    if (s->n == s->capacity) {
        s->capacity = s->capacity ? 2 * s->capacity : 16;
        s->items = mem_resize(s->items, s->capacity * sizeof *s->items);
    }
    s->items[s->n++] = (struct span){from, to, id};
}

/* Parts of one span on their way to become spans: the last is kept until what joins it is known. */
struct joining {
    struct spans *out;
    enum split_behavior behavior;
    bool invert;
    size_t base; /* where the span begins */
    struct span last;
    bool have, last_match;
};

static void flush(struct joining *j) {
    if (j->have)
        spans_add(j->out, j->base + j->last.from, j->base + j->last.to, -1);
    j->have = false;
}

static bool joins_last(const struct joining *j, bool match) {
    switch (j->behavior) {
    case SPLIT_CONTIGUOUS:
        return match == j->last_match;
    case SPLIT_MERGED_WITH_PREVIOUS:
        return match && !j->last_match;
    case SPLIT_MERGED_WITH_NEXT:
        return !match && j->last_match;
    default:
        return false;
    }
}

static void take_part(void *user, size_t from, size_t to, bool match) {
    struct joining *j = user;
    match = match != j->invert;
    if (j->have && joins_last(j, match)) {
        j->last.to = to;
    } else {
        flush(j);
        j->have = !(match && j->behavior == SPLIT_REMOVED);
        j->last = (struct span){from, to, -1};
    }
    j->last_match = match;
}

enum err_code spans_split(struct spans *s, span_cutter *cut, const void *how,
                          enum split_behavior behavior, bool invert, struct err *e) {
    struct spans out = {0};
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < s->n; i++) {
        const struct span *span = &s->items[i];
        struct joining j = {
            .out = &out, .behavior = behavior, .invert = invert, .base = span->from};
        if (span->id >= 0) {
            spans_add(&out, span->from, span->to, span->id);
            continue;
        }
        code = cut(how, s->text.text + span->from, span->to - span->from, take_part, &j, e);
        if (code)
            break;
        flush(&j);
    }
    free(s->items);
    s->items = out.items;
    s->n = out.n;
    s->capacity = out.capacity;
    return code;
}

enum err_code spans_cut_class(const void *how, const char *s, size_t n, regexp_part *part,
                              void *user, struct err *e) {
    const struct character_class *class = how;
    size_t done = 0, length;
    (void)e;
    for (size_t at = 0; at < n; at += length) {
        if (!class->has(character_at(s + at, n - at, &length)))
            continue;
        if (at > done)
            part(user, done, at, false);
        done = at + length;
        part(user, at, done, true);
    }
    if (n > done)
        part(user, done, n, false);
    return ERR_OK;
}

void spans_rewrite(struct spans *s,
                   void (*write)(const void *how, const struct aligned *in, const struct span *span,
                                 struct aligned *out),
                   const void *how) {
    struct aligned out = {0};
    size_t kept = 0;
    for (size_t i = 0; i < s->n; i++) {
        const struct span *span = &s->items[i];
        const size_t begin = out.n;
        if (span->id < 0)
            write(how, &s->text, span, &out);
        else
            aligned_copy(&out, &s->text, span->from, span->to);
        if (out.n > begin) /* nothing is left of a text of what a writer leaves out */
            s->items[kept++] = (struct span){begin, out.n, span->id};
    }
    s->n = kept;
    aligned_dispose(&s->text);
    s->text = out;
}
