#include "methods/result/join.h"

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "methods/result/info_kinds.h"

#include <stdlib.h>
#include <string.h>

const char *info_text_of(const struct info_texts *t, size_t i) {
    if (t->alone && t->n)
        return t->items[0];
    return i < t->n ? t->items[i] : NULL;
}

void info_texts_add(struct info_texts *t, const char *text) {
    t->items = mem_resize(t->items, (t->n + 1) * sizeof *t->items);
    t->items[t->n++] = mem_text(text);
}

void info_texts_dispose(struct info_texts *t) {
    info_kind_texts.dispose(t);
}

struct info_texts info_texts_alone(const char *text) {
    struct info_texts t = {.alone = text != NULL};
    if (text)
        info_texts_add(&t, text);
    return t;
}

static bool holds(const struct info_texts *t, const char *text) {
    for (size_t i = 0; i < t->n; i++)
        if (text_same(t->items[i], text))
            return true;
    return false;
}

/* What was told about both is kept once. */
static void join_notices(struct info_texts *to, const struct info_texts *from) {
    for (size_t i = 0; i < from->n; i++)
        if (!holds(to, from->items[i]))
            info_texts_add(to, from->items[i]);
}

/* One text for each sequence, unless one serves all of both. */
static void join_texts(struct info_texts *to, size_t n_to, const struct info_texts *from,
                       size_t n_from) {
    if (!to->items || !from->items ||
        (to->alone && from->alone && text_same(info_text_of(to, 0), info_text_of(from, 0))))
        return;
    struct info_texts all = {0};
    for (size_t i = 0; i < n_to; i++)
        info_texts_add(&all, info_text_of(to, i));
    for (size_t i = 0; i < n_from; i++)
        info_texts_add(&all, info_text_of(from, i));
    info_texts_dispose(to);
    *to = all;
}

/* Pairs only where both say them. */
static void join_alignments(struct info_contrast *to, const struct info_contrast *from) {
    if (!to->n_alignments || !from->n_alignments)
        return;
    const size_t n = to->n_alignments + from->n_alignments;
    to->alignments = mem_resize(to->alignments, n * sizeof *to->alignments);
    for (size_t i = 0; i < from->n_alignments; i++)
        to->alignments[to->n_alignments++] = alignment_copy(&from->alignments[i]);
}

static void join_contrast(struct info_contrast *to, size_t n_to, const struct info_contrast *from,
                          size_t n_from) {
    join_texts(&to->targets, n_to, &from->targets, n_from);
    join_texts(&to->sources, n_to, &from->sources, n_from);
    join_alignments(to, from);
}

/* Appends what `b` says of its own sequences to what `a` says of its n_a, which stay first: texts,
 * contrasts, notices (once each), seconds. */
static void join_info(struct result_info *a, size_t n_a, const struct result_info *b, size_t n_b) {
    join_texts(&a->generated_texts, n_a, &b->generated_texts, n_b);
    join_texts(&a->input_texts, n_a, &b->input_texts, n_b);
    join_contrast(&a->function_args.contrast, n_a, &b->function_args.contrast, n_b);
    join_contrast(&a->score_args.contrast, n_a, &b->score_args.contrast, n_b);
    join_notices(&a->notices, &b->notices);
    if (b->cut_short.value)
        a->cut_short = b->cut_short;
    a->seconds.given = a->seconds.given && b->seconds.given;
    a->seconds.value += b->seconds.value;
}

void attribution_join_take(struct attribution *a, struct attribution *b) {
    join_info(&a->info, a->n_sequences, &b->info, b->n_sequences);
    a->sequences =
        mem_resize(a->sequences, (a->n_sequences + b->n_sequences) * sizeof *a->sequences);
    for (size_t i = 0; i < b->n_sequences; i++)
        a->sequences[a->n_sequences++] = b->sequences[i];
    b->n_sequences = 0; /* its sequences now belong to a */
    attribution_release(b);
}
