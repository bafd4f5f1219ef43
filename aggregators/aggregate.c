#include "aggregators/aggregate.h"

#include "aggregators/registry.h"
#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Entries of a dimension, owned by whoever took them. */
struct entries {
    int64_t *items; /* NULL: all */
    size_t n;
};

/* Negative: from the end. */
static int64_t from_start(int64_t at, int64_t n) {
    return at < 0 ? at + n : at;
}

static enum err_code select_range(struct entries *out, const struct selection *s, int64_t n,
                                  struct err *e) {
    const int64_t from = from_start(s->from, n), to = from_start(s->to, n);
    if (from < 0 || to > n || from >= to)
        return err_set(e, ERR_SHAPE,
                       "the selection %lld:%lld is empty or outside the %lld entries there are",
                       (long long)s->from, (long long)s->to, (long long)n);
    out->n = (size_t)(to - from);
    out->items = mem_alloc(out->n * sizeof *out->items);
    for (size_t i = 0; i < out->n; i++)
        out->items[i] = from + (int64_t)i;
    return ERR_OK;
}

static enum err_code select_list(struct entries *out, const int64_t *list, size_t n_list, int64_t n,
                                 struct err *e) {
    enum err_code code = ERR_OK;
    if (n_list == 0)
        return err_set(e, ERR_SHAPE, "the selection is empty");
    bool *seen = mem_alloc((size_t)n);
    out->n = n_list;
    out->items = mem_alloc(n_list * sizeof *out->items);
    for (size_t i = 0; i < n_list && !code; i++) {
        const int64_t at = out->items[i] = from_start(list[i], n);
        if (at < 0 || at >= n)
            code = err_set(e, ERR_SHAPE, "the selected entry %lld is outside the %lld there are",
                           (long long)list[i], (long long)n);
        else if (seen[at])
            code = err_set(e, ERR_SHAPE, "the entry %lld is selected twice", (long long)list[i]);
        else
            seen[at] = true;
    }
    free(seen);
    return code;
}

/* What a selection means in [0, n). *out is to be freed also on failure. */
static enum err_code selected(struct entries *out, const struct selection *s, int64_t n,
                              struct err *e) {
    *out = (struct entries){.n = (size_t)n};
    switch (s->kind) {
    case SELECT_ALL:
        break;
    case SELECT_ONE:
        return select_list(out, &s->from, 1, n, e);
    case SELECT_RANGE:
        return select_range(out, s, n, e);
    case SELECT_LIST:
        return select_list(out, s->list, s->n_list, n, e);
    }
    return ERR_OK;
}

/* One entry for n values: of those that are chosen, `picked` has room for them. */
static float reduce(const float *values, const struct entries *chosen, float *picked,
                    const struct aggregate_step *step) {
    for (size_t k = 0; chosen->items && k < chosen->n; k++)
        picked[k] = values[chosen->items[k]];
    if (step->select.kind == SELECT_ONE)
        return picked[0];
    return step->aggregator->reduce(chosen->items ? picked : values, chosen->n, 1, step->argument);
}

/* Reduces the last dimension of `s` in place: [.., n] → [..]. */
static enum err_code reduce_last(struct scores *s, const struct aggregate_step *step,
                                 struct err *e) {
    if (!s->data)
        return ERR_OK;
    struct entries chosen;
    float *picked = NULL;
    const int64_t n = s->dims[s->n_dims - 1], count = n ? scores_count(s) / n : 0;
    if (n < 1)
        return err_set(e, ERR_SHAPE, "a dimension of the scores is empty");
    enum err_code code = selected(&chosen, &step->select, n, e);
    if (code)
        goto out;
    picked = mem_alloc(chosen.n * sizeof *picked);
    for (int64_t i = 0; i < count; i++) /* writing entry i never overtakes the reading at i · n */
        s->data[i] = reduce(s->data + i * n, &chosen, picked, step);
    s->n_dims--;
    s->integer = false;
out:
    free(picked);
    free(chosen.items);
    return code;
}

/* Adds the magnitudes of [rows, cells] to sums [cells]. */
static void add_magnitudes(double *sums, const struct scores *s, int64_t cells) {
    for (int64_t r = 0; s->data && r < s->dims[0]; r++)
        for (int64_t c = 0; c < cells; c++) {
            float x = s->data[r * cells + c];
            sums[c] += isnan(x) ? 0 : fabs((double)x);
        }
}

static void divide_cells(struct scores *s, const double *sums, int64_t cells) {
    for (int64_t r = 0; s->data && r < s->dims[0]; r++)
        for (int64_t c = 0; c < cells; c++)
            s->data[r * cells + c] = (float)(s->data[r * cells + c] / fmax(sums[c], 1e-12));
}

/* Each column (and layer, head that is left) sums to 1 in magnitude over source and target rows
 * together; torch.nn.functional.normalize with its floor of 1e-12. NaN stays and counts as 0. */
static enum err_code normalize_columns(struct attribution_sequence *s, struct err *e) {
    const struct scores *any =
        s->source_attributions.data ? &s->source_attributions : &s->target_attributions;
    if (!any->data || scores_count(any) == 0)
        return ERR_OK;
    int64_t cells = scores_count(any) / any->dims[0];
    double *sums = calloc((size_t)cells, sizeof *sums);
    if (!sums)
        return err_set(e, ERR_NOMEM, "no memory to normalise %lld columns", (long long)cells);
    add_magnitudes(sums, &s->source_attributions, cells);
    add_magnitudes(sums, &s->target_attributions, cells);
    divide_cells(&s->source_attributions, sums, cells);
    divide_cells(&s->target_attributions, sums, cells);
    free(sums);
    return ERR_OK;
}

static float largest_magnitude(const struct scores *s) {
    float largest = 0;
    int64_t n = scores_count(s);
    for (int64_t i = 0; i < n; i++)
        if (fabsf(s->data[i]) > largest)
            largest = fabsf(s->data[i]);
    return largest;
}

/* All zero stays all zero, where Inseq divides 0 by 0. */
static void rescale_all(struct attribution_sequence *s) {
    struct scores *sides[] = {&s->source_attributions, &s->target_attributions};
    float largest = fmaxf(largest_magnitude(sides[0]), largest_magnitude(sides[1]));
    for (int side = 0; side < 2 && largest > 0; side++)
        for (int64_t i = 0, n = scores_count(sides[side]); i < n; i++)
            sides[side]->data[i] /= largest;
}

/* The two sides must agree in everything but rows, or there is no common column to normalise. */
static enum err_code check_sides(const struct attribution_sequence *s, struct err *e) {
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

static int dimensions(const struct attribution_sequence *s) {
    if (s->source_attributions.data)
        return s->source_attributions.n_dims;
    return s->target_attributions.data ? s->target_attributions.n_dims : 2;
}

/* Inseq's own: of layers the mean, of the width its length. */
static const struct aggregator_decl *usual(const struct attribution_sequence *s, bool innermost) {
    const bool width = s->class == ATTRIBUTION_GRANULAR && innermost;
    return aggregator_find(width ? "vnorm" : "mean");
}

/* At most one of the two is asked for. */
static enum err_code scale(struct attribution_sequence *s, bool normalize, bool rescale,
                           struct err *e) {
    if (normalize)
        return normalize_columns(s, e);
    if (rescale)
        rescale_all(s);
    return ERR_OK;
}

static enum err_code check_scaling(bool normalize, bool rescale, struct err *e) {
    if (normalize && rescale)
        return err_set(e, ERR_USAGE, "scores are either normalised or rescaled, not both");
    return ERR_OK;
}

/* Scores between the source's own or the target's own tokens ([S, S, L, H]) are reduced as the
 * others are, and never normalised. */
static enum err_code apply_step(struct attribution_sequence *s, const struct aggregate_step *given,
                                bool innermost, struct err *e) {
    struct aggregate_step step = *given;
    if (!step.aggregator)
        step.aggregator = usual(s, innermost);
    enum err_code code = reduce_last(&s->source_attributions, &step, e);
    if (code)
        return code;
    code = reduce_last(&s->target_attributions, &step, e);
    for (size_t i = 0; i < s->n_sequence_scores && !code; i++)
        if (s->sequence_scores[i].scores.n_dims > 2)
            code = reduce_last(&s->sequence_scores[i].scores, &step, e);
    return code;
}

static enum err_code check_steps(const struct attribution_sequence *in, size_t n_steps,
                                 struct err *e) {
    const bool any = in->source_attributions.data || in->target_attributions.data;
    if (any && n_steps > (size_t)(dimensions(in) - 2))
        return err_set(e, ERR_SHAPE,
                       "%zu aggregations were asked for, but the scores have %d dimensions beyond "
                       "rows and columns",
                       n_steps, dimensions(in) - 2);
    return ERR_OK;
}

static enum err_code apply_steps(struct attribution_sequence *s, const struct aggregate_step *steps,
                                 size_t n_steps, bool normalize, bool rescale, struct err *e) {
    const bool any = s->source_attributions.data || s->target_attributions.data;
    for (size_t i = 0; i < n_steps && any; i++) {
        enum err_code code = apply_step(s, &steps[i], i == 0, e);
        if (code)
            return code;
        code = scale(s, normalize, rescale, e);
        if (code)
            return code;
    }
    if (dimensions(s) == 2) {
        s->class = ATTRIBUTION_COARSE;
        mem_replace(&s->class_name, mem_text("CoarseFeatureAttributionSequenceOutput"));
    }
    return ERR_OK;
}

/* An infinite score, of a file, would leave nothing of the others in a sum or on a scale. */
static void drop_infinite(struct scores *s) {
    const int64_t n = scores_count(s);
    for (int64_t i = 0; i < n; i++)
        s->data[i] = isinf(s->data[i]) ? NAN : s->data[i];
}

enum err_code aggregate_pipeline(struct attribution_sequence *out,
                                 const struct attribution_sequence *in,
                                 const struct aggregate_step *steps, size_t n_steps, bool normalize,
                                 bool rescale, struct err *e) {
    *out = (struct attribution_sequence){0};
    enum err_code code = check_scaling(normalize, rescale, e);
    if (code)
        return code;
    code = check_sides(in, e);
    if (code)
        return code;
    code = check_steps(in, n_steps, e);
    if (code)
        return code;
    if (!attribution_sequence_copy(out, in, true))
        return err_set(e, ERR_NOMEM, "no memory for a copy of the scores");
    drop_infinite(&out->source_attributions);
    drop_infinite(&out->target_attributions);
    code = apply_steps(out, steps, n_steps, normalize, rescale, e);
    if (code)
        attribution_sequence_dispose(out);
    return code;
}

struct aggregate_spec aggregate_defaults(void) {
    return (struct aggregate_spec){.by_class = true, .normalize = true};
}

/* Of [rows, G]: by class as it is (Inseq's coarse default); asked for explicitly, only scaled. */
static enum err_code aggregate_coarse(struct attribution_sequence *out,
                                      const struct attribution_sequence *in,
                                      const struct aggregate_spec *spec, struct err *e) {
    enum err_code code = aggregate_pipeline(out, in, NULL, 0, false, false, e);
    if (code || spec->by_class)
        return code;
    code = check_scaling(spec->normalize, spec->rescale, e);
    if (code)
        goto out;
    code = scale(out, spec->normalize, spec->rescale, e);
out:
    if (code)
        attribution_sequence_dispose(out);
    return code;
}

/* A step for each of n dimensions beyond rows and columns, from the last one. */
static void fill_steps(struct aggregate_step *steps, size_t n, const struct aggregate_spec *spec,
                       enum attribution_class class) {
    size_t i = 0;
    if (class != ATTRIBUTION_GRANULAR) {
        for (; i + 1 < n; i++)
            steps[i] = spec->heads;
        steps[i] = spec->layers;
        return;
    }
    steps[i++] = spec->width;
    if (i < n)
        steps[i++] = spec->layers; /* several layers: [rows, G, layers, D] */
    for (; i < n; i++)
        steps[i] = spec->heads;
}

enum err_code aggregate_sequence(struct attribution_sequence *out,
                                 const struct attribution_sequence *in,
                                 const struct aggregate_spec *spec, struct err *e) {
    struct aggregate_step steps[SCORES_MAX_DIMS] = {0};
    const int extra = dimensions(in) - 2;
    if (extra <= 0 || extra > SCORES_MAX_DIMS - 2)
        return aggregate_coarse(out, in, spec, e);
    if (!spec->by_class)
        fill_steps(steps, (size_t)extra, spec, in->class);
    return aggregate_pipeline(out, in, steps, (size_t)extra, spec->normalize, spec->rescale, e);
}

struct aggregate_range aggregate_range_of(const struct attribution_sequence *s) {
    struct aggregate_range range = {0};
    const struct scores *sides[] = {&s->source_attributions, &s->target_attributions};
    bool first = true;
    for (int side = 0; side < 2; side++)
        for (int64_t i = 0, n = scores_count(sides[side]); i < n; i++) {
            float x = sides[side]->data[i];
            if (!isfinite(x))
                continue;
            if (first || x < range.minimum)
                range.minimum = x;
            if (first || x > range.maximum)
                range.maximum = x;
            first = false;
        }
    range.any_negative = range.minimum < 0;
    range.magnitude = fmaxf(fabsf(range.minimum), fabsf(range.maximum));
    return range;
}
