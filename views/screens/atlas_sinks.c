#include "views/screens/atlas_sinks.h"

#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_complete(const struct atlas *a, const struct atlas_side *side) {
    const int64_t n = a->shown->done && side->steps ? attribution_steps(a->shown) : 0;
    for (int64_t g = 0; g < n; g++)
        if (!a->shown->done[g])
            return false;
    return true;
}

void atlas_sinks_dispose(struct atlas *a) {
    for (size_t i = 0; i < ATLAS_SIDES_MOST; i++)
        sinks_dispose(&a->sinks[i]);
    memset(a->sinks_of, 0, sizeof a->sinks_of);
    free(a->rest);
    a->rest = NULL;
    a->rest_of = NULL;
}

void atlas_sinks_find(struct atlas *a, bool same) {
    if (!same)
        atlas_sinks_dispose(a);
    for (size_t i = 0; i < ATLAS_SIDES_MOST; i++) {
        const struct atlas_side *side = i < a->n_sides ? &a->sides[i] : NULL;
        const float *data = side && is_complete(a, side) ? side->scores->data : NULL;
        if (data == a->sinks_of[i])
            continue;
        sinks_dispose(&a->sinks[i]);
        if (data)
            a->sinks[i] = sinks_find(side->scores, side->row_tokens);
        a->sinks_of[i] = data;
    }
}

const struct sinks *atlas_sinks(const struct atlas *a) {
    return a->i_side < a->n_sides && a->sinks[a->i_side].rows ? &a->sinks[a->i_side] : NULL;
}

static bool is_left_out(const struct atlas *a, int64_t row) {
    const struct sinks *s = a->sinks_choice == SINKS_KEPT ? NULL : atlas_sinks(a);
    return s && s->rows[row];
}

float atlas_score(const struct atlas *a, int64_t row, int64_t column, int64_t i) {
    const struct scores *s = a->sides[a->i_side].scores;
    const int64_t n = a->n_layers * a->n_heads;
    if (is_left_out(a, row))
        return NAN;
    const float v = s->data[(row * s->dims[1] + column) * n + i];
    return a->rest ? v * a->rest[column * n + i] : v;
}

/* What the others share, where they do: of the side that is shown. */
static void take_rest(struct atlas *a) {
    const struct scores *s = a->sides[a->i_side].scores;
    const int64_t n = s->dims[1] * a->n_layers * a->n_heads;
    a->rest = mem_alloc((size_t)n * sizeof *a->rest);
    for (int64_t row = 0; row < s->dims[0]; row++)
        for (int64_t i = 0; !is_left_out(a, row) && i < n; i++)
            if (!isnan(s->data[row * n + i]))
                a->rest[i] += s->data[row * n + i];
    for (int64_t i = 0; i < n; i++)
        a->rest[i] = a->rest[i] > 0 ? 1 / a->rest[i] : 0;
}

void atlas_sinks_share(struct atlas *a) {
    const bool wanted = a->sinks_choice == SINKS_RENORMALISED && atlas_sinks(a);
    const float *of = wanted ? a->sides[a->i_side].scores->data : NULL;
    if (of == a->rest_of)
        return;
    free(a->rest);
    a->rest = NULL;
    a->rest_of = of;
    if (of)
        take_rest(a);
}

int64_t atlas_sinks_row(const struct atlas *a, int64_t row, int64_t column) {
    int64_t best = row;
    double most = -1;
    for (int64_t i = 0, n = a->sides[a->i_side].scores->dims[0]; i < n && is_left_out(a, row);
         i++) {
        double sum = 0;
        for (int64_t k = 0; k < a->n_layers * a->n_heads; k++) {
            const float v = atlas_score(a, i, column, k);
            sum += isnan(v) ? 0 : fabs((double)v);
        }
        if (sum > most && !is_left_out(a, i)) {
            most = sum;
            best = i;
        }
    }
    return best;
}
