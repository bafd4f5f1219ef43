#include "aggregators/reduce.h"

#include "aggregators/functions.h"
#include "backend/base/mem.h"

#include <stdlib.h>

int reduce_dimensions(const struct attribution_sequence *s) {
    if (s->source_attributions.data)
        return s->source_attributions.n_dims - 2;
    return s->target_attributions.data ? s->target_attributions.n_dims - 2 : 0;
}

enum err_code reduce_check_sides(const struct attribution_sequence *s, struct err *e) {
    const struct scores *a = &s->source_attributions, *b = &s->target_attributions;
    const struct scores *sides[] = {a, b};
    for (int side = 0; side < 2; side++)
        if (sides[side]->data && (sides[side]->n_dims < 2 || sides[side]->n_dims > SCORES_MAX_DIMS))
            return err_set(e, ERR_SHAPE, "scores of %d dimensions cannot be shown",
                           sides[side]->n_dims);
    if (!a->data || !b->data)
        return ERR_OK;
    bool same = a->n_dims == b->n_dims;
    for (int i = 1; same && i < a->n_dims; i++)
        same = a->dims[i] == b->dims[i];
    if (!same)
        return err_set(e, ERR_SHAPE, "source and target scores differ in their dimensions");
    return ERR_OK;
}

/* One number of n values: of those that are chosen, `picked` has room for them. */
static float reduce_values(const float *values, const struct entries *chosen, float *picked,
                           const struct reduction *r) {
    for (size_t k = 0; chosen->items && k < chosen->n; k++)
        picked[k] = values[chosen->items[k]];
    if (r->select.kind == SELECT_ONE)
        return picked[0];
    return r->function->reduce(chosen->items ? picked : values, chosen->n, 1, r->order);
}

/* [.., n] → [..], in place. */
static enum err_code reduce_scores(struct scores *s, const struct reduction *r, struct err *e) {
    if (!s->data)
        return ERR_OK;
    struct entries chosen;
    float *picked = NULL;
    const int64_t n = s->dims[s->n_dims - 1], count = n ? scores_count(s) / n : 0;
    if (n < 1)
        return err_set(e, ERR_SHAPE, "a dimension of the scores is empty");
    enum err_code code = selection_entries(&chosen, &r->select, n, e);
    if (code)
        goto out;
    picked = mem_alloc(chosen.n * sizeof *picked);
    for (int64_t i = 0; i < count; i++) /* writing entry i never overtakes the reading at i · n */
        s->data[i] = reduce_values(s->data + i * n, &chosen, picked, r);
    s->n_dims--;
    s->integer = false;
out:
    free(picked);
    free(chosen.items);
    return code;
}

static const struct aggregate_function *own_function(const struct attribution_sequence *s) {
    return aggregate_function_find(s->class == ATTRIBUTION_GRANULAR ? "vnorm" : "mean");
}

/* The class of what is left. */
static void set_class(struct attribution_sequence *s) {
    if (reduce_dimensions(s) == 0) {
        s->class = ATTRIBUTION_COARSE;
        mem_replace(&s->class_name, mem_text("CoarseFeatureAttributionSequenceOutput"));
    } else if (s->class == ATTRIBUTION_GRANULAR) {
        s->class = ATTRIBUTION_MULTI_DIMENSIONAL;
        mem_replace(&s->class_name, mem_text("MultiDimensionalFeatureAttributionSequenceOutput"));
    }
}

enum err_code reduce_last(struct attribution_sequence *s, const struct reduction *given,
                          struct err *e) {
    struct reduction r = *given;
    if (!r.function)
        r.function = own_function(s);
    enum err_code code = reduce_scores(&s->source_attributions, &r, e);
    if (code)
        return code;
    code = reduce_scores(&s->target_attributions, &r, e);
    /* Scores between the source's own or the target's own tokens ([S, S, L, H]) are reduced as the
     * others are, and never normalised. */
    for (size_t i = 0; i < s->n_sequence_scores && !code; i++)
        if (s->sequence_scores[i].scores.n_dims > 2)
            code = reduce_scores(&s->sequence_scores[i].scores, &r, e);
    if (!code)
        set_class(s);
    return code;
}
