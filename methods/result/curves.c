#include "methods/result/curves.h"

#include "backend/base/json.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_POINTS 1001 /* of --points, and the one where nothing is removed */

static const struct {
    const char *key;
    size_t offset;
} measures[] = {
    {"overall", offsetof(struct curves, overall)},
    {"comprehensiveness", offsetof(struct curves, comprehensiveness)},
    {"sufficiency", offsetof(struct curves, sufficiency)},
};
#define N_MEASURES (sizeof measures / sizeof *measures)

static const struct {
    const char *key;
    size_t offset;
} lines[] = {
    {"curve", offsetof(struct curves_measure, curve)},
    {"random_curve", offsetof(struct curves_measure, mean)},
    {"random_deviation", offsetof(struct curves_measure, deviation)},
};
#define N_LINES (sizeof lines / sizeof *lines)

static struct curves_measure *measure_of(const struct curves *c, size_t i) {
    return (struct curves_measure *)(uintptr_t)((const char *)c + measures[i].offset);
}

static double **line_of(const struct curves_measure *m, size_t i) {
    return (double **)(uintptr_t)((const char *)m + lines[i].offset);
}

void curves_dispose(struct curves *c) {
    for (size_t i = 0; i < N_MEASURES; i++)
        for (size_t k = 0; k < N_LINES; k++)
            free(*line_of(measure_of(c, i), k));
    free(c->method);
    free(c->function);
    *c = (struct curves){0};
}

/* --- for a person --- */

static const char *const names[] = {[CURVES_UNKNOWN] = "unknown",
                                    [CURVES_BETTER] = "better",
                                    [CURVES_EVEN] = "no better",
                                    [CURVES_WORSE] = "worse"};
#define N_NAMES (sizeof names / sizeof *names)

void curves_number(char *out, size_t n_out, double value, bool sign) {
    const int decimals = fabs(value) < 9.995 ? 3 : 1;
    if (isnan(value))
        snprintf(out, n_out, "-");
    else if (fabs(value) < 9999.5)
        snprintf(out, n_out, sign ? "%+.*f" : "%.*f", decimals, value);
    else
        snprintf(out, n_out, sign ? "%+.2e" : "%.2e", value);
}

char *curves_verdict_text(const struct curves *c) {
    const struct curves_measure *m = &c->overall;
    const double by = m->value - m->random;
    const bool worse = m->verdict == CURVES_WORSE;
    char number[24], low[24], high[24];
    if (m->verdict == CURVES_UNKNOWN)
        return mem_text(c->n_random < 2 ? "no verdict: chance is known from two random orders on"
                                        : "no verdict: there is nothing to take away");
    curves_number(number, sizeof number, worse ? -by : by, false);
    curves_number(low, sizeof low, worse ? -m->high : m->low, false);
    curves_number(high, sizeof high, worse ? -m->low : m->high, false);
    return mem_format(m->verdict == CURVES_EVEN ? "%s than random: by %s (95 %%: %s to %s)"
                                                : "%s than random by %s (95 %%: %s to %s)",
                      names[m->verdict], number, low, high);
}

/* --- JSON --- */

static void put_line(struct text_buffer *b, const char *key, const double *values, size_t n) {
    struct text_buffer list = {0};
    for (size_t i = 0; i < n; i++) {
        text_buffer_puts(&list, i ? "," : "[");
        json_write_number(&list, values[i]);
    }
    text_buffer_puts(&list, "]");
    json_put_value(b, key, list.text);
    text_buffer_dispose(&list);
}

static void put_measure(struct text_buffer *b, const char *key, const struct curves_measure *m,
                        size_t n) {
    struct text_buffer members = {0};
    const double interval[] = {m->low, m->high};
    json_put_number(&members, "value", m->value);
    json_put_number(&members, "random", m->random);
    json_put_number(&members, "difference", m->value - m->random);
    if (isnan(m->low))
        json_put_value(&members, "interval", "null");
    else
        put_line(&members, "interval", interval, 2);
    json_put_string(&members, "verdict", names[m->verdict]);
    for (size_t i = 0; i < N_LINES; i++)
        if (*line_of(m, i))
            put_line(&members, lines[i].key, *line_of(m, i), n);
    char *json = json_take_object(&members);
    json_put_value(b, key, json);
    free(json);
}

char *curves_json(const struct curves *c) {
    struct text_buffer b = {0};
    double *removed = mem_alloc(c->n * sizeof *removed);
    char *verdict = curves_verdict_text(c);
    for (size_t i = 0; i < c->n; i++)
        removed[i] = 100 * (double)i / (double)(c->n > 1 ? c->n - 1 : 1);
    json_put_string(&b, "method", c->method);
    json_put_string(&b, "function", c->function);
    json_put_number(&b, "columns", (double)c->n_columns);
    json_put_number(&b, "random_orders", (double)c->n_random);
    json_put_string(&b, "verdict", verdict);
    put_line(&b, "removed_percent", removed, c->n);
    for (size_t i = 0; i < N_MEASURES; i++)
        put_measure(&b, measures[i].key, measure_of(c, i), c->n);
    free(verdict);
    free(removed);
    return json_take_object(&b);
}

/* NaN: it is no number. */
static double read_number(const struct json_value *v) {
    double value;
    return json_number(&value, v) ? value : NAN;
}

/* As many numbers as there are points, owned by the caller; NULL: not that many. */
static double *read_line(const struct json_value *v, size_t n) {
    double *out, *at;
    if (!v || v->type != JSON_ARRAY || v->n_members != n)
        return NULL;
    at = out = mem_alloc(n * sizeof *out);
    for (const struct json_value *item = v->first; item; item = item->next)
        *at++ = read_number(item);
    return out;
}

static enum curves_verdict read_verdict(const struct json_value *v) {
    for (size_t i = 0; i < N_NAMES; i++)
        if (json_is(v, names[i]))
            return (enum curves_verdict)i;
    return CURVES_UNKNOWN;
}

static void read_measure(struct curves_measure *out, const struct json_value *v, size_t n) {
    double *interval = read_line(json_get(v, "interval"), 2);
    out->value = read_number(json_get(v, "value"));
    out->random = read_number(json_get(v, "random"));
    out->low = interval ? interval[0] : NAN;
    out->high = interval ? interval[1] : NAN;
    out->verdict = interval ? read_verdict(json_get(v, "verdict")) : CURVES_UNKNOWN;
    for (size_t i = 0; i < N_LINES; i++)
        *line_of(out, i) = read_line(json_get(v, lines[i].key), n);
    free(interval);
}

static char *read_text(const struct json_value *v) {
    return v && v->type == JSON_STRING ? mem_text_n(v->text, v->n_text) : NULL;
}

static int64_t read_count(const struct json_value *v) {
    int64_t n = 0;
    return json_integer(&n, v) && n > 0 ? n : 0;
}

/* Both pictures are whole. */
static bool read_curves(struct curves *out, const struct json_value *v) {
    const struct json_value *removed = json_get(v, "removed_percent");
    const size_t n = removed && removed->type == JSON_ARRAY ? removed->n_members : 0;
    if (n < 2 || n > MOST_POINTS)
        return false;
    out->n = n;
    out->method = read_text(json_get(v, "method"));
    out->function = read_text(json_get(v, "function"));
    out->n_columns = read_count(json_get(v, "columns"));
    out->n_random = read_count(json_get(v, "random_orders"));
    for (size_t i = 0; i < N_MEASURES; i++)
        read_measure(measure_of(out, i), json_get(v, measures[i].key), n);
    return out->comprehensiveness.curve && out->sufficiency.curve;
}

bool curves_read(struct curves *out, const char *json) {
    struct json_document *d;
    struct err ignored;
    *out = (struct curves){0};
    if (!json || json_parse(&d, json, strlen(json), &ignored) != ERR_OK)
        return false;
    const bool good = read_curves(out, json_root(d));
    if (!good)
        curves_dispose(out);
    json_free(d);
    return good;
}
