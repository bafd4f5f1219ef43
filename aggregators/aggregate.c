#include "aggregators/aggregate.h"

#include "aggregators/registry.h"
#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The indices a selection means, in [0, n), owned by the caller; *out NULL means all. */
static enum err_code selected(int64_t **out, size_t *n_out, const struct selection *s, int64_t n,
                              struct err *e) {
    *out = NULL;
    *n_out = (size_t)n;
    if (s->kind == SELECT_ALL)
        return ERR_OK;
    if (s->kind == SELECT_RANGE) {
        int64_t from = s->from < 0 ? s->from + n : s->from, to = s->to < 0 ? s->to + n : s->to;
        if (from < 0 || to > n || from >= to)
            return err_set(e, ERR_SHAPE,
                           "the selection %lld:%lld is empty or outside the %lld entries there are",
                           (long long)s->from, (long long)s->to, (long long)n);
        *n_out = (size_t)(to - from);
        *out = mem_alloc(*n_out * sizeof **out);
        for (size_t i = 0; i < *n_out; i++)
            (*out)[i] = from + (int64_t)i;
        return ERR_OK;
    }
    const int64_t *list = s->kind == SELECT_ONE ? &s->from : s->list;
    size_t n_list = s->kind == SELECT_ONE ? 1 : s->n_list;
    if (n_list == 0)
        return err_set(e, ERR_SHAPE, "the selection is empty");
    bool *seen = mem_alloc((size_t)n);
    int64_t *indices = mem_alloc(n_list * sizeof *indices);
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < n_list && code == ERR_OK; i++) {
        int64_t at = list[i] < 0 ? list[i] + n : list[i];
        if (at < 0 || at >= n)
            code = err_set(e, ERR_SHAPE, "the selected entry %lld is outside the %lld there are",
                           (long long)list[i], (long long)n);
        else if (seen[at])
            code = err_set(e, ERR_SHAPE, "the entry %lld is selected twice", (long long)list[i]);
        else
            seen[at] = true, indices[i] = at;
    }
    free(seen);
    if (code != ERR_OK) {
        free(indices);
        return code;
    }
    *out = indices;
    *n_out = n_list;
    return ERR_OK;
}

/* Reduces the last dimension of `s` in place: [.., n] → [..]. */
static enum err_code reduce_last(struct scores *s, const struct aggregate_step *step,
                                 struct err *e) {
    if (!s->data)
        return ERR_OK;
    int64_t n = s->dims[s->n_dims - 1], count = n ? scores_count(s) / n : 0;
    if (n < 1)
        return err_set(e, ERR_SHAPE, "a dimension of the scores is empty");
    int64_t *indices;
    size_t n_indices;
    enum err_code code = selected(&indices, &n_indices, &step->select, n, e);
    if (code != ERR_OK)
        return code;
    float *picked = indices ? mem_alloc(n_indices * sizeof *picked) : NULL;
    /* Writing entry i never overtakes the reading at i · n. */
    for (int64_t i = 0; i < count; i++) {
        const float *values = s->data + i * n;
        for (size_t k = 0; indices && k < n_indices; k++)
            picked[k] = values[indices[k]];
        s->data[i] =
            step->select.kind == SELECT_ONE
                ? picked[0]
                : step->aggregator->reduce(indices ? picked : values, n_indices, 1, step->argument);
    }
    free(picked);
    free(indices);
    s->n_dims--;
    s->integer = false;
    return ERR_OK;
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
    return same ? ERR_OK
                : err_set(e, ERR_SHAPE, "source and target scores differ in their dimensions");
}

static int dimensions(const struct attribution_sequence *s) {
    return s->source_attributions.data   ? s->source_attributions.n_dims
           : s->target_attributions.data ? s->target_attributions.n_dims
                                         : 2;
}

static enum err_code apply_step(struct attribution_sequence *s, const struct aggregate_step *given,
                                bool innermost, bool normalize, bool rescale, struct err *e) {
    struct aggregate_step step = *given;
    if (!step.aggregator)
        step.aggregator =
            aggregator_find(s->class == ATTRIBUTION_GRANULAR && innermost
                                ? "vnorm"
                                : "mean"); /* of layers the mean, of the width its length */
    enum err_code code = reduce_last(&s->source_attributions, &step, e);
    if (code == ERR_OK)
        code = reduce_last(&s->target_attributions, &step, e);
    /* Scores between the source's own or the target's own tokens ([S, S, L, H]) are reduced alike
     * and never normalised. */
    for (size_t i = 0; i < s->n_sequence_scores && code == ERR_OK; i++)
        if (s->sequence_scores[i].scores.n_dims > 2)
            code = reduce_last(&s->sequence_scores[i].scores, &step, e);
    if (code == ERR_OK && normalize)
        code = normalize_columns(s, e);
    if (code == ERR_OK && rescale)
        rescale_all(s);
    return code;
}

enum err_code aggregate_pipeline(struct attribution_sequence *out,
                                 const struct attribution_sequence *in,
                                 const struct aggregate_step *steps, size_t n_steps, bool normalize,
                                 bool rescale, struct err *e) {
    *out = (struct attribution_sequence){0};
    if (normalize && rescale)
        return err_set(e, ERR_USAGE, "scores are either normalised or rescaled, not both");
    enum err_code code = check_sides(in, e);
    if (code != ERR_OK)
        return code;
    bool any = in->source_attributions.data || in->target_attributions.data;
    if (any && n_steps > (size_t)(dimensions(in) - 2))
        return err_set(e, ERR_SHAPE,
                       "%zu aggregations were asked for, but the scores have %d dimensions beyond "
                       "rows and columns",
                       n_steps, dimensions(in) - 2);
    if (!attribution_sequence_copy(out, in, true))
        return err_set(e, ERR_NOMEM, "no memory for a copy of the scores");
    for (size_t i = 0; i < n_steps && any && code == ERR_OK; i++)
        code = apply_step(out, &steps[i], i == 0, normalize, rescale, e);
    if (code == ERR_OK && dimensions(out) == 2) {
        out->class = ATTRIBUTION_COARSE;
        free(out->class_name);
        out->class_name = mem_text("CoarseFeatureAttributionSequenceOutput");
    }
    if (code != ERR_OK) {
        attribution_sequence_dispose(out);
        *out = (struct attribution_sequence){0};
    }
    return code;
}

struct aggregate_spec aggregate_defaults(void) {
    return (struct aggregate_spec){.by_class = true, .normalize = true};
}

enum err_code aggregate_sequence(struct attribution_sequence *out,
                                 const struct attribution_sequence *in,
                                 const struct aggregate_spec *spec, struct err *e) {
    static const struct aggregate_step by_class[SCORES_MAX_DIMS];
    int extra = dimensions(in) - 2;
    if (extra <= 0 || extra > SCORES_MAX_DIMS - 2) {
        /* Already [rows, G]: by class as it is (Inseq's coarse default); asked for explicitly, only
         * scaled. */
        enum err_code code = aggregate_pipeline(out, in, NULL, 0, false, false, e);
        if (code != ERR_OK || spec->by_class)
            return code;
        if (spec->normalize && spec->rescale)
            code = err_set(e, ERR_USAGE, "scores are either normalised or rescaled, not both");
        else if (spec->normalize)
            code = normalize_columns(out, e);
        else if (spec->rescale)
            rescale_all(out);
        if (code != ERR_OK)
            attribution_sequence_dispose(out);
        return code;
    }
    struct aggregate_step steps[SCORES_MAX_DIMS] = {0};
    size_t n = 0;
    if (in->class == ATTRIBUTION_GRANULAR) {
        steps[n++] = spec->width;
        if (n < (size_t)extra)
            steps[n++] = spec->layers; /* several layers: [rows, G, layers, D] */
        for (; n < (size_t)extra; n++)
            steps[n] = spec->heads;
    } else {
        for (; n + 1 < (size_t)extra; n++)
            steps[n] = spec->heads;
        steps[n++] = spec->layers;
    }
    return aggregate_pipeline(out, in, spec->by_class ? by_class : steps, n, spec->normalize,
                              spec->rescale, e);
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
            range.minimum = first || x < range.minimum ? x : range.minimum;
            range.maximum = first || x > range.maximum ? x : range.maximum;
            first = false;
        }
    range.any_negative = range.minimum < 0;
    range.magnitude = fmaxf(fabsf(range.minimum), fabsf(range.maximum));
    return range;
}
