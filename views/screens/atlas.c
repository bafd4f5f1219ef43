#include "views/screens/atlas.h"

#include "aggregators/aggregate.h"
#include "aggregators/functions.h"
#include "backend/base/clamp.h"
#include "backend/base/mem.h"
#include "views/screens/atlas_sinks.h"
#include "views/screens/map.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void atlas_init(struct atlas *a) {
    *a = (struct atlas){
        .metric = ATLAS_CELL}; /* means of attention are all alike: its columns sum to 1 */
}

static void drop_norms(struct atlas *a, size_t i) {
    scores_dispose(&a->norms[i]);
    free(a->norms_done[i]);
    a->norms[i] = (struct scores){0};
    a->norms_of[i] = NULL;
    a->norms_done[i] = NULL;
}

void atlas_dispose(struct atlas *a) {
    drop_norms(a, 0);
    drop_norms(a, 1);
    atlas_sinks_dispose(a);
    free(a->pictures.values);
    free(a->values);
    free(a->ranking);
    *a = (struct atlas){0};
}

const char *atlas_metric_title(enum atlas_metric metric) {
    static const char *const titles[] = {[ATLAS_CELL] = "this cell",
                                         [ATLAS_MEAN] = "mean |score|",
                                         [ATLAS_MAX] = "largest |score|",
                                         [ATLAS_ENTROPY] = "entropy, bits"};
    return titles[metric < ATLAS_METRICS ? metric : ATLAS_CELL];
}

/* ---- which scores there are ---- */

static bool has_layers(const struct scores *s) {
    return s->data && (s->n_dims == 3 || s->n_dims == 4) && s->dims[2] > 0 &&
           (s->n_dims == 3 || s->dims[3] > 0);
}

static bool has_width(const struct attribution_sequence *s, const struct scores *x) {
    return s->class == ATTRIBUTION_GRANULAR && x->data && x->n_dims == 4 && x->dims[2] > 0 &&
           x->dims[3] > 0;
}

/* The norm over the width of every column that is done and was not yet reduced: [rows, G, L, D] to
 * [rows, G, L]. */
static void take_norms(struct atlas *a, size_t i, const struct scores *x) {
    const bool *done = a->shown->done;
    const int64_t rows = x->dims[0], columns = x->dims[1], layers = x->dims[2], width = x->dims[3];
    struct scores *norms = &a->norms[i];
    if (a->norms_of[i] != x->data || norms->dims[0] != rows || norms->dims[1] != columns ||
        norms->dims[2] != layers) {
        drop_norms(a, i);
        if (!scores_init(norms, 3, x->dims, NAN))
            return;
        a->norms_of[i] = x->data;
        a->norms_done[i] = mem_alloc((size_t)columns * sizeof *a->norms_done[i]);
    }
    const struct aggregate_function *norm = aggregate_function_find("vnorm");
    for (int64_t column = 0; column < columns; column++) {
        if (a->norms_done[i][column] || (done && !done[column]))
            continue;
        for (int64_t row = 0; row < rows; row++)
            for (int64_t at = (row * columns + column) * layers, end = at + layers; at < end; at++)
                norms->data[at] =
                    norm->reduce(x->data + at * width, (size_t)width, 1, AGGREGATE_ORDER);
        a->norms_done[i][column] = true;
    }
}

static void add_side(struct atlas_side *sides, size_t *n, struct atlas_side side) {
    bool rows_fit = side.scores->dims[0] <= (int64_t)side.row_tokens->n;
    bool columns_fit =
        side.first_column_token + side.scores->dims[1] <= (int64_t)side.column_tokens->n;
    if (*n < ATLAS_SIDES_MOST && rows_fit && columns_fit)
        sides[(*n)++] = side;
}

/* A named sequence score is over the source's tokens or the target's, both ways (encoder or decoder
 * self-attention). */
static void add_named(struct atlas_side *sides, size_t *n, const struct attribution_sequence *s,
                      const struct named_scores *named) {
    const struct scores *x = &named->scores;
    const struct token_list *tokens =
        x->dims[0] == (int64_t)s->source.n && strncmp(named->name, "decoder", 7) != 0 ? &s->source
                                                                                      : &s->target;
    if (x->dims[0] == x->dims[1])
        add_side(
            sides, n,
            (struct atlas_side){
                .title = named->name, .scores = x, .row_tokens = tokens, .column_tokens = tokens});
}

/* The scores to show of one side, source (0) or target (1); without an atlas the raw ones, NULL:
 * they have no layers. */
static const struct scores *layered(const struct atlas *a, const struct attribution_sequence *s,
                                    size_t i) {
    const struct scores *x = i == 0 ? &s->source_attributions : &s->target_attributions;
    if (has_width(s, x))
        x = a ? &a->norms[i] : x;
    else if (s->class != ATTRIBUTION_MULTI_DIMENSIONAL)
        return NULL;
    return has_layers(x) ? x : NULL;
}

static size_t find_sides(struct atlas_side *sides, const struct atlas *a,
                         const struct attribution_sequence *s) {
    size_t n = 0;
    const struct scores *source = layered(a, s, 0), *target = layered(a, s, 1);
    struct atlas_side side = {
        .column_tokens = &s->target, .first_column_token = s->attr_pos_start, .steps = true};
    if (source) {
        side.title = "source side";
        side.scores = source;
        side.row_tokens = &s->source;
        add_side(sides, &n, side);
    }
    if (target) {
        side.title = source ? "target side" : "all tokens";
        side.target = true;
        side.scores = target;
        side.row_tokens = &s->target;
        add_side(sides, &n, side);
    }
    for (size_t i = 0; i < s->n_sequence_scores; i++)
        if (has_layers(&s->sequence_scores[i].scores))
            add_named(sides, &n, s, &s->sequence_scores[i]);
    return n;
}

bool atlas_has(const struct attribution_sequence *s) {
    struct atlas_side sides[ATLAS_SIDES_MOST];
    return s && find_sides(sides, NULL, s) > 0;
}

/* ---- what the cells stand for ---- */

static const struct atlas_side *side_of(const struct atlas *a) {
    return a->i_side < a->n_sides ? &a->sides[a->i_side] : NULL;
}

static bool column_done(const struct atlas *a, const struct atlas_side *side, int64_t column) {
    return !side->steps || !a->shown->done || a->shown->done[column];
}

/* What one column adds to every layer's and head's cell; sums are [L × H], used again for each
 * column. */
struct sums {
    double *score, *plogp, *total;
    float *most;
    int64_t *n;
};

/* MEAN and MAX: the finished columns' |scores|, in the order in which they lie in memory. */
static void add_magnitudes(struct sums *sums, const struct atlas *a, int64_t row, int64_t column,
                           size_t n) {
    for (size_t i = 0; i < n; i++) {
        float v = fabsf(atlas_score(a, row, column, (int64_t)i));
        if (isnan(v))
            continue;
        sums->total[i] += (double)v;
        sums->most[i] = v > sums->most[i] ? v : sums->most[i];
        sums->n[i]++;
    }
}

/* ENTROPY: one column's |score| as a distribution, in bits: log2 Σ − Σ v log2 v ÷ Σ. A column
 * of zeros says nothing. */
static void add_entropies(struct sums *sums, const struct atlas *a, int64_t rows, int64_t column,
                          size_t n) {
    memset(sums->score, 0, n * sizeof *sums->score);
    memset(sums->plogp, 0, n * sizeof *sums->plogp);
    for (int64_t row = 0; row < rows; row++)
        for (size_t i = 0; i < n; i++) {
            double v = fabs((double)atlas_score(a, row, column, (int64_t)i));
            if (v > 0) {
                sums->score[i] += v;
                sums->plogp[i] += v * log2(v);
            }
        }
    for (size_t i = 0; i < n; i++)
        if (sums->score[i] > 0) {
            sums->total[i] += log2(sums->score[i]) - sums->plogp[i] / sums->score[i];
            sums->n[i]++;
        }
}

static float value_of(const struct sums *sums, size_t i, enum atlas_metric metric) {
    if (sums->n[i] == 0)
        return NAN;
    return metric == ATLAS_MAX ? sums->most[i] : (float)(sums->total[i] / (double)sums->n[i]);
}

static void fill_values(struct atlas *a, const struct atlas_side *side, size_t n) {
    const struct scores *s = side->scores;
    if (a->metric == ATLAS_CELL) {
        for (size_t i = 0; i < n; i++)
            a->values[i] = s->dims[0] > 0 && s->dims[1] > 0
                               ? atlas_score(a, a->row, a->column, (int64_t)i)
                               : NAN;
        return;
    }
    struct sums sums = {mem_alloc(n * sizeof(double)), mem_alloc(n * sizeof(double)),
                        mem_alloc(n * sizeof(double)), mem_alloc(n * sizeof(float)),
                        mem_alloc(n * sizeof(int64_t))};
    for (int64_t column = 0; column < s->dims[1]; column++) {
        if (!column_done(a, side, column))
            continue;
        if (a->metric == ATLAS_ENTROPY)
            add_entropies(&sums, a, s->dims[0], column, n);
        for (int64_t row = 0; a->metric != ATLAS_ENTROPY && row < s->dims[0]; row++)
            add_magnitudes(&sums, a, row, column, n);
    }
    for (size_t i = 0; i < n; i++)
        a->values[i] = value_of(&sums, i, a->metric);
    free(sums.score);
    free(sums.plogp);
    free(sums.total);
    free(sums.most);
    free(sums.n);
}

struct ranked {
    size_t cell;
    float size;
};

static int by_size(const void *x, const void *y) {
    const struct ranked *a = x, *b = y;
    if (a->size != b->size)
        return a->size < b->size ? 1 : -1;
    return (a->cell > b->cell) - (a->cell < b->cell);
}

static void compute(struct atlas *a) {
    const struct atlas_side *side = side_of(a);
    size_t n = (size_t)(a->n_layers * a->n_heads);
    struct ranked *ranked = mem_alloc(n * sizeof *ranked);
    a->magnitude = 0;
    a->walking = false; /* the ranks may be others */
    fill_values(a, side, n);
    for (size_t i = 0; i < n; i++) {
        float size = isnan(a->values[i]) ? -1 : fabsf(a->values[i]);
        a->magnitude = size > a->magnitude ? size : a->magnitude;
        ranked[i] = (struct ranked){i, size};
    }
    qsort(ranked, n, sizeof *ranked, by_size);
    for (size_t i = 0; i < n; i++)
        a->ranking[i] = ranked[i].cell;
    free(ranked);
}

static int64_t clamp(int64_t at, int64_t n) {
    return clamped(at, 0, n - 1);
}

static void lay_out_side(struct atlas *a) {
    const struct atlas_side *side = side_of(a);
    a->n_layers = side ? side->scores->dims[2] : 0;
    a->has_heads = side && side->scores->n_dims == 4;
    a->n_heads = a->has_heads ? side->scores->dims[3] : 1;
    size_t n = (size_t)(a->n_layers * a->n_heads);
    a->values = mem_resize(a->values, n * sizeof *a->values);
    a->ranking = mem_resize(a->ranking, n * sizeof *a->ranking);
    a->layer = clamp(a->layer, a->n_layers);
    a->head = clamp(a->head, a->n_heads);
    atlas_sinks_share(a);
    if (side) {
        a->row = clamp(a->row, side->scores->dims[0]);
        a->column = clamp(a->column, side->scores->dims[1]);
        a->row = atlas_sinks_row(a, a->row, a->column);
        compute(a);
    }
}

void atlas_show(struct atlas *a, const struct attribution_sequence *shown) {
    bool first = !a->shown, same = a->shown == shown;
    a->entered = a->entered && same;
    a->shown = shown;
    const struct scores *sides[2] = {NULL, NULL};
    if (shown) {
        sides[0] = &shown->source_attributions;
        sides[1] = &shown->target_attributions;
    }
    for (size_t i = 0; i < 2; i++) {
        const struct scores *x = sides[i];
        if (!same)
            drop_norms(a, i);
        if (x && has_width(shown, x))
            take_norms(a, i, x);
        else
            drop_norms(a, i);
    }
    a->pictures.width = 0;
    a->n_sides = shown ? find_sides(a->sides, a, shown) : 0;
    a->i_side = a->i_side < a->n_sides ? a->i_side : 0;
    atlas_sinks_find(a, same);
    lay_out_side(a);
    if (first && a->n_layers > 0 && a->magnitude > 0) { /* begin at the strongest */
        a->layer = (int64_t)a->ranking[0] / a->n_heads;
        a->head = (int64_t)a->ranking[0] % a->n_heads;
    }
}

void atlas_set_metric(struct atlas *a, enum atlas_metric metric) {
    a->metric = metric < ATLAS_METRICS ? metric : ATLAS_CELL;
    lay_out_side(a);
}

void atlas_set_sinks(struct atlas *a, enum sinks_choice choice) {
    if (choice == a->sinks_choice || choice >= SINKS_CHOICES)
        return;
    const int64_t before = a->row;
    a->sinks_choice = choice;
    a->pictures.width = 0;
    lay_out_side(a);
    if (a->row != before) /* the cell was a sink's */
        atlas_go_rank(a, 0);
}

void atlas_set_side(struct atlas *a, size_t i_side) {
    if (i_side >= a->n_sides)
        return;
    a->i_side = i_side;
    a->pictures.width = 0;
    lay_out_side(a);
}

void atlas_set_cell(struct atlas *a, int64_t row, int64_t column) {
    a->row = row;
    a->column = column;
    lay_out_side(a);
}

/* The steps' side whose rows are the target's tokens or the source's; the present one where there
 * is none such. */
static size_t side_with(const struct atlas *a, bool target) {
    for (size_t i = 0; i < a->n_sides; i++)
        if (a->sides[i].steps && a->sides[i].target == target)
            return i;
    return a->i_side;
}

void atlas_enter(struct atlas *a, bool target, int64_t row, int64_t column) {
    const size_t i_side = side_with(a, target);
    const bool same = i_side == a->i_side && row == a->row && column == a->column;
    if (a->n_layers == 0 || (a->entered && (same || !side_of(a)->steps)))
        return;
    a->entered = true;
    atlas_set_side(a, i_side);
    atlas_set_cell(a, row, column);
    atlas_go_rank(a, 0);
}

void atlas_go(struct atlas *a, int64_t layer, int64_t head) {
    const struct atlas_side *side = side_of(a);
    a->walking = false;
    a->layer = clamp(layer, a->n_layers);
    if (a->has_heads || !side)
        a->head = clamp(head, a->n_heads);
    else
        atlas_set_cell(a, clamp(head, side->scores->dims[0]), a->column);
}

void atlas_move(struct atlas *a, long layers, long heads) {
    atlas_go(a, a->layer + layers, (a->has_heads ? a->head : a->row) + heads);
}

void atlas_move_cell(struct atlas *a, long rows, long columns) {
    const int64_t before = a->row;
    atlas_set_cell(a, a->row + rows, a->column + columns);
    if (rows < 0 ? a->row > before : rows > 0 && a->row < before) /* that way all is left out */
        atlas_set_cell(a, before, a->column);
}

float atlas_value(const struct atlas *a, int64_t layer, int64_t head) {
    return layer >= 0 && head >= 0 && layer < a->n_layers && head < a->n_heads
               ? a->values[layer * a->n_heads + head]
               : NAN;
}

size_t atlas_rank(const struct atlas *a, int64_t layer, int64_t head) {
    size_t n = (size_t)(a->n_layers * a->n_heads), cell = (size_t)(layer * a->n_heads + head);
    for (size_t i = 0; i < n; i++)
        if (a->ranking[i] == cell)
            return i + 1;
    return 0;
}

void atlas_step_rank(struct atlas *a, int direction) {
    const int64_t n = a->n_layers * a->n_heads, at = (int64_t)atlas_rank(a, a->layer, a->head) - 1;
    if (at < 0)
        return;
    atlas_go_rank(a, a->walking || at == 0 ? clamped(at + direction, 0, n - 1) : 0);
}

void atlas_go_rank(struct atlas *a, int64_t rank) {
    if (rank < 0 || rank >= a->n_layers * a->n_heads)
        return;
    const int64_t cell = (int64_t)a->ranking[rank];
    atlas_go(a, cell / a->n_heads, a->has_heads ? cell % a->n_heads : a->row);
    a->walking = true;
}
