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

void info_texts_put_take(struct info_texts *t, size_t i, char *text) {
    while (t->n <= i)
        info_texts_add(t, NULL);
    mem_replace(&t->items[i], text);
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

bool info_texts_hold(const struct info_texts *t, const char *text) {
    for (size_t i = 0; i < t->n; i++)
        if (text_same(t->items[i], text))
            return true;
    return false;
}

/* What was told about both is kept once. */
static void join_notices(struct info_texts *to, const struct info_texts *from) {
    for (size_t i = 0; i < from->n; i++)
        if (!info_texts_hold(to, from->items[i]))
            info_texts_add(to, from->items[i]);
}

/* One text for each sequence, unless one serves all of both. */
static void join_texts(struct info_texts *to, size_t n_to, const struct info_texts *from,
                       size_t n_from) {
    if (!to->items || !from->items ||
        (to->alone && from->alone && text_same(info_text_of(to, 0), info_text_of(from, 0))))
        return;
    if (to->alone || to->n != n_to) {
        struct info_texts all = {0};
        for (size_t i = 0; i < n_to; i++)
            info_texts_add(&all, info_text_of(to, i));
        info_texts_dispose(to);
        *to = all;
    }
    for (size_t i = 0; i < n_from; i++)
        info_texts_add(to, info_text_of(from, i));
}

/* Where one of both has none of its own, the other's keep their place. */
static void join_own(struct info_texts *to, size_t n_to, const struct info_texts *from,
                     size_t n_from) {
    for (size_t i = 0; i < n_from; i++)
        if (info_text_of(from, i))
            info_texts_put_take(to, n_to + i, mem_text(info_text_of(from, i)));
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
    join_texts(&a->target_prefixes, n_a, &b->target_prefixes, n_b);
    join_texts(&a->commands, n_a, &b->commands, n_b);
    join_own(&a->context, n_a, &b->context, n_b);
    join_own(&a->faithfulness, n_a, &b->faithfulness, n_b);
    join_own(&a->fields, n_a, &b->fields, n_b);
    join_own(&a->citations, n_a, &b->citations, n_b);
    join_contrast(&a->function_args.contrast, n_a, &b->function_args.contrast, n_b);
    join_contrast(&a->score_args.contrast, n_a, &b->score_args.contrast, n_b);
    join_notices(&a->notices, &b->notices);
    if (b->cut_short.value)
        a->cut_short = b->cut_short;
    a->seconds.given = a->seconds.given && b->seconds.given;
    a->seconds.value += b->seconds.value;
}

/* Where one of both has no steps, those of the other would not be of all texts. */
static void join_steps(struct attribution *a, struct attribution *b) {
    const bool any = a->steps.items || b->steps.items;
    if (a->steps.items && b->steps.items) {
        steps_append_take(&a->steps, &b->steps);
    } else if (any) {
        info_texts_add(&a->info.notices, "Step attributions are left out: not all of the results "
                                         "that were joined have them.");
        steps_dispose(&a->steps);
        steps_dispose(&b->steps);
    }
}

void attribution_join_take(struct attribution *a, struct attribution *b) {
    join_info(&a->info, a->n_sequences, &b->info, b->n_sequences);
    a->sequences =
        mem_resize(a->sequences, (a->n_sequences + b->n_sequences) * sizeof *a->sequences);
    for (size_t i = 0; i < b->n_sequences; i++)
        a->sequences[a->n_sequences++] = b->sequences[i];
    join_steps(a, b);
    b->n_sequences = 0; /* its sequences now belong to a */
    attribution_release(b);
}

/* --- one by one --- */

static bool must_agree(const char *key) {
    static const char *const keys[] = {
        "attribute_target",     "attributed_fn", "attribution_method", "constrained_decoding",
        "include_eos_baseline", "model_class",   "model_name",         "step_scores",
        "tokenizer_class",      "tokenizer_name"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(key, keys[i]) == 0)
            return true;
    return false;
}

static struct info_values what_must_agree(const struct result_info *info) {
    struct info_values all = result_info_values(info), some = {0};
    for (size_t i = 0; i < all.n; i++)
        if (must_agree(all.items[i].key))
            info_values_add(&some, all.items[i].key, all.items[i].json);
    info_values_dispose(&all);
    return some;
}

static const char *json_of(const struct info_values *v, const char *key) {
    for (size_t i = 0; i < v->n; i++)
        if (strcmp(v->items[i].key, key) == 0)
            return v->items[i].json;
    return "nothing";
}

static enum err_code check_same(const struct info_values *a, const struct info_values *b,
                                struct err *e) {
    const struct info_values *both[] = {a, b};
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < both[k]->n; i++) {
            const char *key = both[k]->items[i].key, *x = json_of(a, key), *y = json_of(b, key);
            if (strcmp(x, y) != 0)
                return err_set(e, ERR_UNSUPPORTED,
                               "%s is %.60s here and %.60s there: results that were made otherwise "
                               "do not fit into one; as rows (.jsonl) they do",
                               key, x, y);
        }
    return ERR_OK;
}

/* Parts of one run each say how long all of it took. */
static void count_once(struct result_join *j, struct result_info *info) {
    const struct info_seconds own = info->seconds;
    if (j->last.given && own.given && j->last.value == own.value)
        info->seconds.value = 0;
    j->last = own;
}

enum err_code result_join_take(struct result_join *j, struct attribution *one, struct err *e) {
    struct info_values same = what_must_agree(&one->info);
    enum err_code code = j->all ? check_same(&j->same, &same, e) : ERR_OK;
    if (code) {
        attribution_release(one);
        goto out;
    }
    count_once(j, &one->info);
    if (j->all) {
        attribution_join_take(j->all, one);
        goto out;
    }
    j->all = one;
    j->same = same;
    return ERR_OK;
out:
    info_values_dispose(&same);
    return code;
}

void result_join_dispose(struct result_join *j) {
    attribution_release(j->all);
    info_values_dispose(&j->same);
    *j = (struct result_join){0};
}

/* --- each of them again --- */

/* The text of sequence i among those of several, borrowed. */
static void part_texts(struct info_texts *t, size_t i) {
    static char *nothing[1];
    if (!t->items || t->alone)
        return;
    t->items = i < t->n ? t->items + i : nothing;
    t->n = 1;
}

static void part_contrast(struct info_contrast *c, size_t i) {
    part_texts(&c->targets, i);
    part_texts(&c->sources, i);
    c->alignments = i < c->n_alignments ? c->alignments + i : NULL;
    c->n_alignments = i < c->n_alignments;
}

struct attribution attribution_part(const struct attribution *a, size_t i) {
    struct result_info info = a->info; /* borrows all of it */
    if (a->n_sequences > 1) {
        part_texts(&info.generated_texts, i);
        part_texts(&info.input_texts, i);
        part_texts(&info.target_prefixes, i);
        part_texts(&info.commands, i);
        part_texts(&info.context, i);
        part_texts(&info.faithfulness, i);
        part_texts(&info.fields, i);
        part_texts(&info.citations, i);
        part_contrast(&info.function_args.contrast, i);
        part_contrast(&info.score_args.contrast, i);
    }
    return (struct attribution){.n_references = 1,
                                .info = result_info_copy(&info),
                                .sequences = a->sequences + i,
                                .n_sequences = 1};
}
