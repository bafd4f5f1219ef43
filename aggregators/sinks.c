#include "aggregators/sinks.h"

#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define LEAST_SHARE 0.125
#define TIMES_EVEN 2
#define MOST_NAMES 2

void sinks_dispose(struct sinks *s) {
    free(s->rows);
    *s = (struct sinks){0};
}

/* Each row's weight over all columns, layers and heads, and what would be its even part: a row that
 * a step does not see is NaN there, in all of its layers and heads. False: these are no weights. */
struct sums {
    double *weight, *even; /* [rows] */
    double all;
};

static int64_t seen_rows(const struct scores *s, int64_t column, int64_t cell) {
    int64_t n = 0;
    for (int64_t row = 0; row < s->dims[0]; row++)
        n += !isnan(s->data[(row * s->dims[1] + column) * cell]);
    return n;
}

static bool add_row(struct sums *sums, const float *of, int64_t row, int64_t cell) {
    for (int64_t i = 0; i < cell; i++) {
        if (!(of[i] >= -1e-4f && of[i] <= 1.01f))
            return false;
        sums->weight[row] += (double)of[i];
    }
    return true;
}

static bool add_column(struct sums *sums, const struct scores *s, int64_t column) {
    const int64_t cell = s->dims[2] * s->dims[3], n_seen = seen_rows(s, column, cell);
    for (int64_t row = 0; row < s->dims[0]; row++) {
        const float *of = s->data + (row * s->dims[1] + column) * cell;
        if (isnan(of[0]))
            continue;
        if (!add_row(sums, of, row, cell))
            return false;
        sums->even[row] += (double)cell / (double)n_seen;
    }
    return true;
}

/* Weights of each head and column sum to 1, so that all of them sum to how many these are. */
static bool add_all(struct sums *sums, const struct scores *s) {
    for (int64_t column = 0; column < s->dims[1]; column++)
        if (!add_column(sums, s, column))
            return false;
    for (int64_t row = 0; row < s->dims[0]; row++)
        sums->all += sums->weight[row];
    const double heads = (double)(s->dims[1] * s->dims[2] * s->dims[3]);
    return sums->all > 0.9 * heads && sums->all < 1.1 * heads;
}

static bool is_separator(const struct token *t) {
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)t->printable;
    utf8proc_int32_t c;
    for (utf8proc_ssize_t n; *at && (n = utf8proc_iterate(at, -1, &c)) > 0; at += n) {
        const utf8proc_category_t category = utf8proc_category(c);
        if (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO)
            return false;
    }
    return true;
}

static bool may_be_one(const struct token_list *tokens, int64_t row) {
    const struct token *t = &tokens->items[row];
    return row == 0 || t->special || is_separator(t);
}

static void take(struct sinks *out, const struct sums *sums, const struct token_list *tokens) {
    for (int64_t row = 0; row < out->n_rows; row++) {
        const double share = sums->weight[row] / sums->all;
        if (share < LEAST_SHARE || sums->weight[row] < TIMES_EVEN * sums->even[row] ||
            !may_be_one(tokens, row))
            continue;
        if (!out->rows)
            out->rows = mem_alloc((size_t)out->n_rows * sizeof *out->rows);
        out->rows[row] = true;
        out->share += share;
    }
}

struct sinks sinks_find(const struct scores *weights, const struct token_list *tokens) {
    struct sinks out = {.n_rows = weights->data && weights->n_dims == 4 ? weights->dims[0] : 0};
    if (out.n_rows < 3 || out.n_rows > (int64_t)tokens->n)
        return (struct sinks){0};
    struct sums sums = {.weight = mem_alloc((size_t)out.n_rows * sizeof(double)),
                        .even = mem_alloc((size_t)out.n_rows * sizeof(double))};
    if (add_all(&sums, weights))
        take(&out, &sums, tokens);
    free(sums.weight);
    free(sums.even);
    return out;
}

char *sinks_names(const struct sinks *s, const struct token_list *tokens) {
    struct text_buffer b = {0};
    int n = 0;
    for (int64_t row = 0; s->rows && row < s->n_rows; row++) {
        if (!s->rows[row] || n++ >= MOST_NAMES)
            continue;
        text_buffer_format(&b, "%s\"%s\"%s", b.n ? ", " : "", tokens->items[row].printable,
                           row == 0 ? " (first token)" : "");
    }
    if (n > MOST_NAMES)
        text_buffer_format(&b, " and %d more", n - MOST_NAMES);
    return text_buffer_take(&b);
}
