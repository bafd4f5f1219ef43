#include "aggregators/scale.h"

#include <math.h>
#include <stdlib.h>

enum err_code scaling_check(const struct option_set *options, struct err *e) {
    const bool both = option_given(options, "normalize") && option_bool(options, "normalize") &&
                      option_bool(options, "rescale");
    if (both)
        return err_set(e, ERR_USAGE, "scores are either normalised or rescaled, not both");
    return ERR_OK;
}

enum scaling scaling_of(const struct option_set *options) {
    if (option_bool(options, "rescale"))
        return SCALE_LARGEST;
    return option_bool(options, "normalize") ? SCALE_COLUMNS : SCALE_NONE;
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

static void rescale_all(struct attribution_sequence *s) {
    struct scores *sides[] = {&s->source_attributions, &s->target_attributions};
    float largest = fmaxf(largest_magnitude(sides[0]), largest_magnitude(sides[1]));
    for (int side = 0; side < 2 && largest > 0; side++)
        for (int64_t i = 0, n = scores_count(sides[side]); i < n; i++)
            sides[side]->data[i] /= largest;
}

enum err_code scale_scores(struct attribution_sequence *s, enum scaling how, struct err *e) {
    if (how == SCALE_COLUMNS)
        return normalize_columns(s, e);
    if (how == SCALE_LARGEST)
        rescale_all(s);
    return ERR_OK;
}
