#include "views/screens/compare.h"

#include "backend/base/clamp.h"
#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ALIGN_MOST 4096 /* tokens of a side: beyond, pairs go by position */

void compare_init(struct compare *c) {
    *c = (struct compare){0};
}

static void forget(struct compare *c) {
    free(c->rows);
    free(c->columns);
    free(c->agreement);
    for (int i = 0; i < 2; i++) {
        free(c->column_size[i]);
        c->column_size[i] = NULL;
    }
    c->rows = c->columns = NULL;
    c->agreement = NULL;
    c->n_rows = c->n_columns = 0;
}

void compare_dispose(struct compare *c) {
    forget(c);
    compare_init(c);
}

/* ---- alignment ---- */

static bool same_token(const struct token *a, const struct token *b) {
    return a->special == b->special && a->n_bytes == b->n_bytes &&
           memcmp(a->bytes, b->bytes, a->n_bytes) == 0 && strcmp(a->printable, b->printable) == 0;
}

/* What lies between two equal tokens: paired in order, the rest alone. */
static size_t pair_gap(struct compare_pair *out, int64_t a, int64_t a_end, int64_t b,
                       int64_t b_end) {
    size_t n = 0;
    while (a < a_end || b < b_end)
        out[n++] = (struct compare_pair){a < a_end ? a++ : -1, b < b_end ? b++ : -1};
    return n;
}

size_t compare_align(struct compare_pair **pairs, const struct token *const *a, size_t n_a,
                     const struct token *const *b, size_t n_b) {
    *pairs = mem_alloc((n_a + n_b) * sizeof **pairs);
    if (n_a > ALIGN_MOST || n_b > ALIGN_MOST)
        return pair_gap(*pairs, 0, (int64_t)n_a, 0, (int64_t)n_b);
    /* length[i][j]: longest common subsequence of a from i and b from j. */
    size_t wide = n_b + 1;
    uint16_t *length = mem_alloc((n_a + 1) * wide * sizeof *length);
    for (size_t i = n_a; i-- > 0;)
        for (size_t j = n_b; j-- > 0;) {
            uint16_t skip_a = length[(i + 1) * wide + j], skip_b = length[i * wide + j + 1];
            length[i * wide + j] = skip_a > skip_b ? skip_a : skip_b;
            if (same_token(a[i], b[j]))
                length[i * wide + j] = (uint16_t)(length[(i + 1) * wide + j + 1] + 1);
        }
    size_t n = 0, i = 0, j = 0, gap_a = 0, gap_b = 0;
    while (i < n_a && j < n_b) {
        if (same_token(a[i], b[j])) {
            n += pair_gap(*pairs + n, (int64_t)gap_a, (int64_t)i, (int64_t)gap_b, (int64_t)j);
            (*pairs)[n++] = (struct compare_pair){(int64_t)i++, (int64_t)j++};
            gap_a = i;
            gap_b = j;
        } else if (length[(i + 1) * wide + j] >= length[i * wide + j + 1]) {
            i++;
        } else {
            j++;
        }
    }
    n += pair_gap(*pairs + n, (int64_t)gap_a, (int64_t)n_a, (int64_t)gap_b, (int64_t)n_b);
    free(length);
    return n;
}

/* ---- rows: the source side's tokens, then the target side's ---- */

static int64_t source_rows(const struct attribution_sequence *s) {
    return s->source_attributions.data ? s->source_attributions.dims[0] : 0;
}
static int64_t target_rows(const struct attribution_sequence *s) {
    return s->target_attributions.data ? s->target_attributions.dims[0] : 0;
}

const struct token *compare_row_token(const struct attribution_sequence *s, int64_t row) {
    int64_t n = source_rows(s);
    const struct token_list *list = row < n ? &s->source : &s->target;
    int64_t i = row < n ? row : row - n;
    return i >= 0 && i < (int64_t)list->n ? &list->items[i] : NULL;
}

static const struct token **tokens_of(const struct token_list *list, int64_t from, int64_t n) {
    const struct token **tokens = mem_alloc((size_t)(n > 0 ? n : 0) * sizeof *tokens);
    for (int64_t i = 0; i < n; i++)
        tokens[i] = &list->items[from + i];
    return tokens;
}

static void shift(struct compare_pair *pairs, size_t n, int64_t by_a, int64_t by_b) {
    for (size_t i = 0; i < n; i++) {
        pairs[i].a += pairs[i].a >= 0 ? by_a : 0;
        pairs[i].b += pairs[i].b >= 0 ? by_b : 0;
    }
}

static size_t align_part(struct compare_pair **out, const struct token_list *a, int64_t from_a,
                         int64_t n_a, const struct token_list *b, int64_t from_b, int64_t n_b) {
    n_a = n_a < 0 ? 0 : n_a; /* a damaged file may have positions beyond its tokens */
    n_b = n_b < 0 ? 0 : n_b;
    const struct token **x = tokens_of(a, from_a, n_a), **y = tokens_of(b, from_b, n_b);
    size_t n = compare_align(out, x, (size_t)n_a, y, (size_t)n_b);
    free(x);
    free(y);
    return n;
}

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static void align(struct compare *c) {
    const struct attribution_sequence *a = c->a.shown, *b = c->b.shown;
    struct compare_pair *source, *target;
    int64_t sa = least(source_rows(a), (int64_t)a->source.n),
            sb = least(source_rows(b), (int64_t)b->source.n);
    size_t n_source = align_part(&source, &a->source, 0, sa, &b->source, 0, sb);
    size_t n_target =
        align_part(&target, &a->target, 0, least(target_rows(a), (int64_t)a->target.n), &b->target,
                   0, least(target_rows(b), (int64_t)b->target.n));
    shift(target, n_target, source_rows(a), source_rows(b));
    c->rows = mem_resize(source, (n_source + n_target + 1) * sizeof *c->rows);
    if (n_target > 0)
        memcpy(c->rows + n_source, target, n_target * sizeof *target);
    free(target);
    c->n_rows = n_source + n_target;
    c->n_columns = align_part(
        &c->columns, &a->target, a->attr_pos_start,
        least(attribution_steps(a), (int64_t)a->target.n - a->attr_pos_start), &b->target,
        b->attr_pos_start, least(attribution_steps(b), (int64_t)b->target.n - b->attr_pos_start));
}

/* ---- values ---- */

static float raw_value(const struct attribution_sequence *s, int64_t row, int64_t column) {
    int64_t n = source_rows(s);
    const struct scores *x = row < n ? &s->source_attributions : &s->target_attributions;
    int64_t i = row < n ? row : row - n;
    return row >= 0 && column >= 0 && x->data && x->n_dims == 2 && i < x->dims[0] &&
                   column < x->dims[1]
               ? x->data[i * x->dims[1] + column]
               : NAN;
}

static float column_size(const struct attribution_sequence *s, int64_t column) {
    double sum = 0;
    for (int64_t row = 0; row < source_rows(s) + target_rows(s); row++) {
        float v = raw_value(s, row, column);
        sum += isnan(v) ? 0 : fabs((double)v);
    }
    return (float)sum;
}

static float *column_sizes(const struct attribution_sequence *s) {
    int64_t n = attribution_steps(s);
    float *sizes = mem_alloc((size_t)(n > 0 ? n : 0) * sizeof *sizes);
    for (int64_t column = 0; column < n; column++)
        sizes[column] = column_size(s, column);
    return sizes;
}

static float side_value(const struct compare *c, const struct compare_side *side, int64_t row,
                        int64_t column) {
    float v = raw_value(side->shown, row, column);
    if (c->scale != COMPARE_SHARE || isnan(v))
        return v;
    float size = c->column_size[side == &c->b][column];
    return size > 0 ? v / size : v;
}

float compare_value(const struct compare *c, int which, size_t row, size_t column) {
    if (row >= c->n_rows || column >= c->n_columns)
        return NAN;
    float a = which == 1 ? 0 : side_value(c, &c->a, c->rows[row].a, c->columns[column].a);
    float b = which == 0 ? 0 : side_value(c, &c->b, c->rows[row].b, c->columns[column].b);
    return which == 1 ? b : a - b; /* without the other's where only one is asked for */
}

/* ---- agreement ---- */

struct ranked {
    float value;
    size_t index;
};

static int by_value(const void *x, const void *y) {
    float a = ((const struct ranked *)x)->value, b = ((const struct ranked *)y)->value;
    return (a > b) - (a < b);
}

/* Ranks from 1, equal values share the mean of theirs. */
static void fill_ranks(double *ranks, const float *values, size_t n) {
    struct ranked *sorted = mem_alloc(n * sizeof *sorted);
    for (size_t i = 0; i < n; i++)
        sorted[i] = (struct ranked){values[i], i};
    qsort(sorted, n, sizeof *sorted, by_value);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && sorted[end].value == sorted[i].value; end++)
            ;
        for (size_t k = i; k < end; k++)
            ranks[sorted[k].index] = (double)(i + end + 1) / 2;
    }
    free(sorted);
}

/* Spearman's ρ: the correlation of the ranks. NaN for fewer than two rows or when one side is
 * constant. */
static float spearman(const float *a, const float *b, size_t n) {
    double *x = mem_alloc(n * sizeof *x), *y = mem_alloc(n * sizeof *y), mean = (double)(n + 1) / 2,
           xy = 0, xx = 0, yy = 0;
    fill_ranks(x, a, n);
    fill_ranks(y, b, n);
    for (size_t i = 0; i < n; i++) {
        xy += (x[i] - mean) * (y[i] - mean);
        xx += (x[i] - mean) * (x[i] - mean);
        yy += (y[i] - mean) * (y[i] - mean);
    }
    free(x);
    free(y);
    return xx > 0 && yy > 0 ? (float)(xy / sqrt(xx * yy)) : NAN;
}

static bool among_top(const float *values, size_t n, size_t i, int top) {
    int larger = 0;
    for (size_t k = 0; k < n; k++)
        larger +=
            fabsf(values[k]) > fabsf(values[i]) || (fabsf(values[k]) == fabsf(values[i]) && k < i);
    return larger < top;
}

struct compare_agreement compare_agree(const float *a, const float *b, size_t n) {
    struct compare_agreement out = {.spearman = spearman(a, b, n), .top_of = n < 5 ? (int)n : 5};
    for (size_t i = 0; i < n; i++) {
        out.top += among_top(a, n, i, out.top_of) && among_top(b, n, i, out.top_of);
        out.sign_of += a[i] != 0 && b[i] != 0;
        out.sign += (a[i] < 0 && b[i] < 0) || (a[i] > 0 && b[i] > 0);
        float d = fabsf(a[i] - b[i]);
        out.largest = d > out.largest ? d : out.largest;
    }
    return out;
}

static void compute(struct compare *c) {
    float *a = mem_alloc(c->n_rows * sizeof *a), *b = mem_alloc(c->n_rows * sizeof *b);
    double rho = 0;
    int n_rho = 0;
    c->overall = (struct compare_agreement){0};
    memset(c->magnitude, 0, sizeof c->magnitude);
    for (size_t column = 0; column < c->n_columns; column++) {
        size_t n = 0;
        for (size_t row = 0; row < c->n_rows; row++) {
            for (int which = 0; which < 3; which++) {
                float v = fabsf(compare_value(c, which, row, column));
                c->magnitude[which] = v > c->magnitude[which] ? v : c->magnitude[which];
            }
            a[n] = compare_value(c, 0, row, column);
            b[n] = compare_value(c, 1, row, column);
            n += !isnan(a[n]) && !isnan(b[n]);
        }
        struct compare_agreement *here = &c->agreement[column], *all = &c->overall;
        *here = compare_agree(a, b, n);
        all->top += here->top;
        all->top_of += here->top_of;
        all->sign += here->sign;
        all->sign_of += here->sign_of;
        all->largest = here->largest > all->largest ? here->largest : all->largest;
        rho += isnan(here->spearman) ? 0 : (double)here->spearman;
        n_rho += !isnan(here->spearman);
    }
    c->overall.spearman = n_rho > 0 ? (float)(rho / n_rho) : NAN;
    free(a);
    free(b);
}

static bool both_done(const struct compare *c, size_t column) {
    const struct compare_pair *p = &c->columns[column];
    return p->a >= 0 && p->b >= 0 && attribution_done(c->a.shown, p->a) &&
           attribution_done(c->b.shown, p->b);
}

/* A column that one of them never computed says nothing. */
static void find_column(struct compare *c) {
    size_t i = c->column < c->n_columns ? c->column : 0;
    while (i < c->n_columns && !both_done(c, i))
        i++;
    if (i < c->n_columns)
        c->column = i;
}

void compare_show(struct compare *c, struct compare_side a, struct compare_side b) {
    forget(c);
    c->a = a;
    c->b = b;
    if (!a.shown || !b.shown)
        return;
    align(c);
    c->column_size[0] = column_sizes(a.shown);
    c->column_size[1] = column_sizes(b.shown);
    c->agreement = mem_alloc(c->n_columns * sizeof *c->agreement);
    compute(c);
    find_column(c);
    compare_move(c, 0, 0);
}

void compare_swap(struct compare *c) {
    compare_show(c, c->b, c->a);
}

void compare_set_scale(struct compare *c, enum compare_scale scale) {
    c->scale = scale < COMPARE_SCALES ? scale : COMPARE_RAW;
    if (c->agreement)
        compute(c);
}

static size_t moved(size_t at, long by, size_t n) {
    return (size_t)clamped((int64_t)at + by, 0, (int64_t)n - 1);
}

void compare_move(struct compare *c, long rows, long columns) {
    c->row = moved(c->row, rows, c->n_rows);
    c->column = moved(c->column, columns, c->n_columns);
}
