#include "methods/result/steps_split.h"

#include "backend/base/mem.h"

#include <string.h>

/* The first n rows of column g: [1, n, ...]. */
static bool take_column(struct scores *out, const struct scores *from, int64_t g, int64_t n) {
    int64_t dims[SCORES_MAX_DIMS] = {1, n};
    const int64_t cell = scores_cell(from);
    if (!from->data)
        return true;
    for (int d = 2; d < from->n_dims; d++)
        dims[d] = from->dims[d];
    if (!scores_reserve(out, from->n_dims, dims))
        return false;
    for (int64_t row = 0; row < n; row++)
        memcpy(out->data + row * cell, from->data + (row * from->dims[1] + g) * cell,
               (size_t)cell * sizeof *out->data);
    out->integer = from->integer;
    return true;
}

static bool take_step_scores(struct attribution_step *out, const struct attribution_sequence *s,
                             int64_t g) {
    const int64_t one = 1;
    out->step_scores = mem_alloc((s->n_step_scores + 1) * sizeof *out->step_scores);
    for (size_t i = 0; i < s->n_step_scores; i++) {
        const struct named_scores *from = &s->step_scores[i];
        struct named_scores *to = &out->step_scores[out->n_step_scores++];
        to->name = mem_text(from->name);
        if (!scores_init(&to->scores, 1, &one, from->scores.data[g]))
            return false;
        to->scores.integer = from->scores.integer;
    }
    return true;
}

/* The tokens from `from` to before `to` of one text. */
static struct step_tokens tokens_of(const struct token_list *list, int64_t from, int64_t to) {
    struct step_tokens out = {mem_alloc(sizeof *out.items), 1};
    for (int64_t i = from; i < to && i < (int64_t)list->n; i++) {
        const struct token *t = &list->items[i];
        token_list_add(out.items, t->id, t->special, t->piece, t->bytes, t->n_bytes);
    }
    return out;
}

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static bool take_step(struct attribution_step *out, const struct attribution_sequence *s, int64_t g,
                      bool first) {
    const struct scores *source = &s->source_attributions, *target = &s->target_attributions;
    const int64_t position = s->attr_pos_start + g;
    if (source->data)
        out->source = tokens_of(&s->source, 0, (int64_t)s->source.n);
    out->prefix = tokens_of(&s->target, 0, position);
    out->target = tokens_of(&s->target, position, position + 1);
    bool good = take_column(&out->source_attributions, source, g, source->dims[0]) &&
                take_column(&out->target_attributions, target, g, least(position, target->dims[0]));
    if (good && first)
        good = named_scores_copy(&out->sequence_scores, &out->n_sequence_scores, s->sequence_scores,
                                 s->n_sequence_scores);
    return good && take_step_scores(out, s, g);
}

/* Those of one sequence behind those that are there. */
static bool take_steps(struct attribution *a, const struct attribution_sequence *s) {
    struct attribution_steps own;
    size_t n = 0;
    bool good = true;
    steps_init(&own, (size_t)attribution_steps(s) + 1);
    for (int64_t g = 0; g < attribution_steps(s) && good; g++)
        if (attribution_done(s, g)) {
            good = take_step(&own.items[n], s, g, n == 0);
            n++;
        }
    own.n = n;
    steps_append_take(&a->steps, &own);
    return good;
}

bool attribution_split_steps(struct attribution *a) {
    bool good = true;
    for (size_t i = 0; i < a->n_sequences && good; i++)
        good = take_steps(a, &a->sequences[i]);
    if (!good)
        steps_dispose(&a->steps);
    return good;
}
