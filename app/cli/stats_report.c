#include "app/cli/stats_report.h"

#include "backend/base/json.h"
#include "backend/base/text.h"
#include "methods/statistics/correlation.h"
#include "views/export/delimited.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_NUMBERS 12
#define MOST_LABEL 32  /* columns of a label in the table */
#define CSV_END "\r\n" /* RFC 4180 */

/* --- a group's numbers --- */

struct number {
    const char *name;
    double value;
};

/* All there are of a group, in the order of the columns. */
struct numbers {
    struct number items[MOST_NUMBERS];
    size_t n;
};

static void put(struct numbers *to, const char *name, double value) {
    to->items[to->n++] = (struct number){name, value};
}

/* A number each of pairs whose second is the column's, or how far that is from a value. */
struct pairs {
    const double *scores, *values;
    size_t n;
};

static void put_correlations(struct numbers *to, const struct pairs *p) {
    const struct correlation tau = correlation_kendall(p->scores, p->values, p->n),
                             rho = correlation_spearman(p->scores, p->values, p->n),
                             r = correlation_pearson(p->scores, p->values, p->n);
    put(to, "kendall_tau", tau.value);
    put(to, "kendall_p", tau.p);
    put(to, "spearman_rho", rho.value);
    put(to, "spearman_p", rho.p);
    put(to, "pearson_r", r.value);
    put(to, "pearson_p", r.p);
    put(to, "texts", (double)p->n);
}

static struct numbers correlations_of(const struct stats_report *r, size_t group, bool distance) {
    struct numbers out = {0};
    const struct stats_pairs none = {0},
                             *p = group < r->found->n_pairs ? &r->found->pairs[group] : &none;
    double *values = mem_alloc((p->n + 1) * sizeof *values);
    for (size_t i = 0; i < p->n; i++)
        values[i] = distance ? fabs(p->values[i] - r->request->distance_from) : p->values[i];
    put_correlations(&out, &(struct pairs){p->scores, values, p->n});
    free(values);
    return out;
}

static struct numbers means_of(const struct stats_report *r, size_t group) {
    struct numbers out = {0};
    const struct stats_request *q = r->request;
    const struct group *g = groups_get(r->found->groups, group);
    const struct bootstrap_interval i = bootstrap_mean(&g->texts, q->draws, q->level, q->seed);
    put(&out, "mean", running_mean(&g->values));
    put(&out, "low", i.low);
    put(&out, "high", i.high);
    put(&out, "deviation", running_deviation(&g->values));
    put(&out, "sum", running_sum(&g->values));
    put(&out, "count", (double)g->values.n);
    put(&out, "texts", (double)g->n_texts);
    return out;
}

static bool correlates(const struct stats_report *r) {
    return r->request->column != NULL;
}

static struct numbers numbers_of(const struct stats_report *r, size_t group, bool distance) {
    return correlates(r) ? correlations_of(r, group, distance) : means_of(r, group);
}

static bool is_whole(const char *name) {
    return strcmp(name, "count") == 0 || strcmp(name, "texts") == 0;
}

/* Passes of a table: the column itself, then its distance. */
static int n_passes(const struct stats_report *r) {
    return correlates(r) && !isnan(r->request->distance_from) ? 2 : 1;
}

/* "share", "|share - 50|"; owned by the caller. */
static char *pass_name(const struct stats_report *r, int pass) {
    if (!pass)
        return mem_text(r->request->column);
    return mem_format("|%s - %g|", r->request->column, r->request->distance_from);
}

static const char *label_of(const struct stats_report *r, size_t group, size_t key) {
    const struct groups *g = r->found->groups;
    return groups_label_text(g, key, groups_get(g, group)->labels[key]);
}

/* --- the table --- */

static void put_fit(struct text_buffer *b, const char *text, int width, bool right) {
    char *clean = text_clean(text), fitted[MOST_LABEL * 24 + 1];
    const int used = text_fit(fitted, sizeof fitted, clean, width, false);
    text_buffer_format(b, "%*s%s%*s", right ? width - used : 0, "", fitted,
                       right ? 0 : width - used, "");
    free(clean);
}

static void cell_text(char out[24], const struct number *x) {
    if (isnan(x->value))
        snprintf(out, 24, "-");
    else if (is_whole(x->name))
        snprintf(out, 24, "%.0f", x->value);
    else
        snprintf(out, 24, "%.4g", x->value);
}

/* Widths of keys, then of numbers, over the rows that are shown. */
struct widths {
    int keys[GROUPS_MOST_KEYS], numbers[MOST_NUMBERS];
};

static void widen(int *width, int to, int most) {
    to = to < most ? to : most;
    *width = *width > to ? *width : to;
}

static void measure_row(struct widths *w, const struct stats_report *r, size_t group,
                        const struct numbers *n) {
    char text[24];
    for (size_t k = 0; k < r->request->spec.n_by; k++) {
        char *clean = text_clean(label_of(r, group, k));
        widen(&w->keys[k], text_columns(clean), MOST_LABEL);
        free(clean);
    }
    for (size_t i = 0; i < n->n; i++) {
        cell_text(text, &n->items[i]);
        widen(&w->numbers[i], (int)strlen(text), MOST_LABEL);
        widen(&w->numbers[i], (int)strlen(n->items[i].name), MOST_LABEL);
    }
}

static void put_header(struct text_buffer *b, const struct stats_report *r, const struct widths *w,
                       const struct numbers *n) {
    const struct stats_spec *spec = &r->request->spec;
    for (size_t k = 0; k < spec->n_by; k++) {
        put_fit(b, stats_by_name(&spec->by[k]), w->keys[k], false);
        text_buffer_puts(b, "  ");
    }
    for (size_t i = 0; i < n->n; i++)
        text_buffer_format(b, "%s%*s", i ? "  " : "", w->numbers[i], n->items[i].name);
    text_buffer_puts(b, "\n");
}

static void put_row(struct text_buffer *b, const struct stats_report *r, size_t group,
                    const struct widths *w, const struct numbers *n) {
    char text[24];
    for (size_t k = 0; k < r->request->spec.n_by; k++) {
        put_fit(b, label_of(r, group, k), w->keys[k], false);
        text_buffer_puts(b, "  ");
    }
    for (size_t i = 0; i < n->n; i++) {
        cell_text(text, &n->items[i]);
        text_buffer_format(b, "%s%*s", i ? "  " : "", w->numbers[i], text);
    }
    text_buffer_puts(b, "\n");
}

static void put_pass(struct text_buffer *b, const struct stats_report *r, int pass) {
    const size_t shown = r->n < r->most ? r->n : r->most;
    struct numbers *numbers = mem_alloc((shown + 1) * sizeof *numbers);
    struct widths w = {0};
    for (size_t k = 0; k < r->request->spec.n_by; k++)
        widen(&w.keys[k], text_columns(stats_by_name(&r->request->spec.by[k])), MOST_LABEL);
    for (size_t i = 0; i < shown; i++) {
        numbers[i] = numbers_of(r, r->order[i], pass);
        measure_row(&w, r, r->order[i], &numbers[i]);
    }
    if (shown)
        put_header(b, r, &w, &numbers[0]);
    for (size_t i = 0; i < shown; i++)
        put_row(b, r, r->order[i], &w, &numbers[i]);
    if (shown < r->n)
        text_buffer_format(b, "... and %zu more groups: --most N, --csv or -o FILE.csv has them\n",
                           r->n - shown);
    free(numbers);
}

static const char *score_name(const struct stats_report *r) {
    return r->request->spec.score ? r->request->spec.score : "attribution";
}

static void put_title(struct text_buffer *b, const struct stats_report *r, int pass) {
    char *column = correlates(r) ? pass_name(r, pass) : NULL, *clean = text_clean(column);
    if (column)
        text_buffer_format(b, "%s%s with %s, text by text\n", pass ? "\n" : "", score_name(r),
                           clean);
    else
        text_buffer_format(b, "%s, %zu text%s\n", score_name(r), r->found->n_used,
                           r->found->n_used == 1 ? "" : "s");
    free(column);
    free(clean);
}

/* What the intervals are, where there are any. */
static void put_footnote(struct text_buffer *b, const struct stats_report *r) {
    const struct stats_request *q = r->request;
    bool any = false;
    for (size_t i = 0; i < r->n && i < r->most; i++)
        any |= groups_get(r->found->groups, r->order[i])->n_texts > 1;
    if (any && q->draws && !correlates(r))
        text_buffer_format(b,
                           "low and high: %g %% of %zu resamples of whole texts lie between "
                           "(percentile bootstrap, seed %llu)\n",
                           100 * q->level, q->draws, (unsigned long long)q->seed);
}

void stats_report_table(struct text_buffer *b, const struct stats_report *r) {
    for (int pass = 0; pass < n_passes(r); pass++) {
        put_title(b, r, pass);
        put_pass(b, r, pass);
    }
    put_footnote(b, r);
}

/* --- CSV --- */

/* A number is no formula. */
static void put_csv_text(struct text_buffer *b, const char *text) {
    char *end;
    (void)!strtod(text, &end);
    if (*text && !*end)
        text_buffer_puts(b, text);
    else
        (void)delimited_field(b, text, true);
}

static void put_csv_number(struct text_buffer *b, double x) {
    text_buffer_puts(b, ",");
    if (!isnan(x))
        json_write_number(b, x);
}

static void put_csv_header(struct text_buffer *b, const struct stats_report *r,
                           const struct numbers *n) {
    const struct stats_spec *spec = &r->request->spec;
    for (size_t k = 0; k < spec->n_by; k++) {
        put_csv_text(b, stats_by_name(&spec->by[k]));
        text_buffer_puts(b, ",");
    }
    text_buffer_puts(b, correlates(r) ? "score,column" : "score");
    for (size_t i = 0; i < n->n; i++)
        text_buffer_format(b, ",%s", n->items[i].name);
    text_buffer_puts(b, CSV_END);
}

static void put_csv_row(struct text_buffer *b, const struct stats_report *r, size_t group,
                        int pass) {
    const struct numbers n = numbers_of(r, group, pass);
    char *column = correlates(r) ? pass_name(r, pass) : NULL;
    for (size_t k = 0; k < r->request->spec.n_by; k++) {
        put_csv_text(b, label_of(r, group, k));
        text_buffer_puts(b, ",");
    }
    put_csv_text(b, score_name(r));
    if (column) {
        text_buffer_puts(b, ",");
        put_csv_text(b, column);
    }
    for (size_t i = 0; i < n.n; i++)
        put_csv_number(b, n.items[i].value);
    text_buffer_puts(b, CSV_END);
    free(column);
}

void stats_report_csv(struct text_buffer *b, const struct stats_report *r) {
    struct numbers names = {0};
    if (r->n)
        names = numbers_of(r, r->order[0], false);
    put_csv_header(b, r, &names);
    for (int pass = 0; pass < n_passes(r); pass++)
        for (size_t i = 0; i < r->n; i++)
            put_csv_row(b, r, r->order[i], pass);
}

/* --- JSON --- */

static char *group_json(const struct stats_report *r, size_t group, int pass) {
    const struct stats_spec *spec = &r->request->spec;
    const struct numbers n = numbers_of(r, group, pass);
    struct text_buffer by = {0}, b = {0};
    for (size_t k = 0; k < spec->n_by; k++)
        json_put_string(&by, stats_by_name(&spec->by[k]), label_of(r, group, k));
    char *labels = json_take_object(&by), *column = correlates(r) ? pass_name(r, pass) : NULL;
    json_put_value(&b, "by", labels);
    json_put_string(&b, "column", column);
    for (size_t i = 0; i < n.n; i++)
        json_put_number(&b, n.items[i].name, n.items[i].value);
    if (!correlates(r))
        json_put_number(&b, "skipped", (double)groups_get(r->found->groups, group)->n_skipped);
    free(labels);
    free(column);
    return json_take_object(&b);
}

static void put_list(struct text_buffer *b, const char *key, const struct info_texts *texts) {
    text_buffer_format(b, "\"%s\":[", key);
    for (size_t i = 0; i < texts->n; i++) {
        text_buffer_puts(b, i ? "," : "");
        json_write_flat_string(b, texts->items[i], strlen(texts->items[i]));
    }
    text_buffer_puts(b, "],");
}

void stats_report_json(struct text_buffer *b, const struct stats_report *r) {
    const struct stats_request *q = r->request;
    text_buffer_puts(b, "{");
    json_put_string(b, "score", score_name(r));
    put_list(b, "methods", &r->found->methods);
    put_list(b, "models", &r->found->models);
    json_put_number(b, "texts", (double)r->found->n_used);
    json_put_number(b, "texts_left_out", (double)r->found->n_failed);
    if (!correlates(r)) {
        json_put_number(b, "resamples", (double)q->draws);
        json_put_number(b, "level", q->level);
        json_put_number(b, "seed", (double)q->seed);
    }
    text_buffer_puts(b, "\"groups\":[");
    for (int pass = 0; pass < n_passes(r); pass++)
        for (size_t i = 0; i < r->n; i++) {
            char *json = group_json(r, r->order[i], pass);
            text_buffer_format(b, "%s\n%s", i || pass ? "," : "", json);
            free(json);
        }
    text_buffer_puts(b, "\n]}\n");
}
