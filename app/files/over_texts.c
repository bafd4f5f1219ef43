#include "app/files/over_texts.h"

#include "backend/base/text.h"
#include "methods/statistics/bootstrap.h"
#include "methods/statistics/student.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>

#define NAME_COLUMNS 22
#define DRAWS 2000 /* of the bootstrap */

static const struct {
    const char *key;
    bool high; /* is better */
    bool plausible;
} numbers[] = {{"deletion", false, false},
               {"insertion", true, false},
               {"comprehensiveness", true, false},
               {"sufficiency", false, false},
               {"sensitivity", false, false},
               {"worst_sensitivity", false, false},
               {"auprc", true, true},
               {"average_precision", true, true},
               {"token_f1", true, true},
               {"token_iou", true, true}};
#define N_NUMBERS (sizeof numbers / sizeof *numbers)

/* A number of all methods, and of random orders behind them. */
struct compared {
    size_t n_texts, n_methods, best;      /* n_methods: none is */
    double **values;                      /* [n_methods + 1][n_texts] */
    struct mean_interval *means, *behind; /* [n_methods + 1]; behind the best one */
};

static double value_of(const cJSON *evaluation, size_t method, size_t n_methods, size_t number) {
    const cJSON *m =
        method < n_methods
            ? cJSON_GetArrayItem(cJSON_GetObjectItem(evaluation, "methods"), (int)method)
            : cJSON_GetObjectItem(evaluation, "random");
    if (numbers[number].plausible)
        m = cJSON_GetObjectItem(m, "plausibility");
    const cJSON *x = cJSON_GetObjectItem(m, numbers[number].key);
    return cJSON_IsNumber(x) ? x->valuedouble : NAN;
}

static void find_best(struct compared *c, bool high) {
    c->best = c->n_methods;
    for (size_t m = 0; m < c->n_methods; m++) {
        const double x = c->means[m].mean;
        const bool first = c->best == c->n_methods;
        if (isnan(x))
            continue;
        if (first || (high ? x > c->means[c->best].mean : x < c->means[c->best].mean))
            c->best = m;
    }
}

/* The same draws for every number and method: what is drawn are texts. */
static struct mean_interval interval_of(const double *values, size_t n,
                                        const struct over_texts_how *how) {
    struct mean_interval out = mean_interval_of(values, n);
    struct text_sample s = {0};
    if (!how->bootstrap)
        return out;
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i]))
            text_sample_add(&s, values[i], 1);
    const struct bootstrap_interval drawn = bootstrap_mean(&s, DRAWS, 0.95, how->seed);
    text_sample_dispose(&s);
    out.low = drawn.low;
    out.high = drawn.high;
    return out;
}

static struct mean_interval behind(const struct compared *c, size_t m, bool high,
                                   const struct over_texts_how *how) {
    double *differences = mem_alloc((c->n_texts + 1) * sizeof *differences);
    for (size_t i = 0; i < c->n_texts; i++)
        differences[i] = (c->values[c->best][i] - c->values[m][i]) * (high ? 1 : -1);
    const struct mean_interval out = interval_of(differences, c->n_texts, how);
    free(differences);
    return out;
}

static struct compared compare(const cJSON *evaluations, size_t number,
                               const struct over_texts_how *how) {
    struct compared c = {.n_texts = (size_t)cJSON_GetArraySize(evaluations)};
    c.n_methods = (size_t)cJSON_GetArraySize(cJSON_GetObjectItem(evaluations->child, "methods"));
    c.values = mem_alloc((c.n_methods + 1) * sizeof *c.values);
    c.means = mem_alloc((c.n_methods + 1) * sizeof *c.means);
    c.behind = mem_alloc((c.n_methods + 1) * sizeof *c.behind);
    for (size_t m = 0; m <= c.n_methods; m++) {
        c.values[m] = mem_alloc(c.n_texts * sizeof **c.values);
        for (size_t i = 0; i < c.n_texts; i++)
            c.values[m][i] =
                value_of(cJSON_GetArrayItem(evaluations, (int)i), m, c.n_methods, number);
        c.means[m] = interval_of(c.values[m], c.n_texts, how);
    }
    find_best(&c, numbers[number].high);
    for (size_t m = 0; m <= c.n_methods && c.best < c.n_methods; m++)
        c.behind[m] = behind(&c, m, numbers[number].high, how);
    return c;
}

static void compared_dispose(struct compared *c) {
    for (size_t m = 0; m <= c->n_methods; m++)
        free(c->values[m]);
    free(c->values);
    free(c->means);
    free(c->behind);
}

static const char *name_of(const cJSON *evaluations, const struct compared *c, size_t m) {
    const cJSON *methods = cJSON_GetObjectItem(evaluations->child, "methods");
    const char *name =
        cJSON_GetStringValue(cJSON_GetObjectItem(cJSON_GetArrayItem(methods, (int)m), "method"));
    return m < c->n_methods && name ? name : "random";
}

/* --- JSON -------------------------------------------------------------------------------- */

static cJSON *number_json(double x) {
    return isfinite(x) ? cJSON_CreateNumber(x) : cJSON_CreateNull();
}

static cJSON *interval_json(const struct mean_interval *x) {
    cJSON *out = cJSON_CreateObject();
    cJSON_AddItemToObject(out, "mean", number_json(x->mean));
    cJSON_AddItemToObject(out, "low", number_json(x->low));
    cJSON_AddItemToObject(out, "high", number_json(x->high));
    cJSON_AddNumberToObject(out, "texts", (double)x->n);
    return out;
}

static cJSON *compared_json(const cJSON *evaluations, const struct compared *c) {
    cJSON *out = cJSON_CreateArray();
    for (size_t m = 0; m <= c->n_methods; m++) {
        if (!c->means[m].n)
            continue;
        cJSON *method = interval_json(&c->means[m]);
        cJSON_AddStringToObject(method, "method", name_of(evaluations, c, m));
        cJSON_AddBoolToObject(method, "best", m == c->best);
        cJSON_AddItemToObject(method, "behind_best", interval_json(&c->behind[m]));
        cJSON_AddItemToArray(out, method);
    }
    return out;
}

/* --- the table --------------------------------------------------------------------------- */

static void put_interval(struct text_buffer *b, const struct mean_interval *x) {
    text_buffer_format(b, "%9.4f", x->mean);
    if (isnan(x->low))
        text_buffer_format(b, "%20s", "");
    else
        text_buffer_format(b, " [%8.4f,%8.4f]", x->low, x->high);
}

static void put_method(struct text_buffer *b, const char *name, const struct compared *c,
                       size_t m) {
    const int used = text_columns(name), left = NAME_COLUMNS - used;
    text_buffer_format(b, "  %s", name);
    if (left < 1)
        text_buffer_puts(b, "\n  ");
    text_buffer_format(b, "%*s", left < 1 ? NAME_COLUMNS : left, "");
    put_interval(b, &c->means[m]);
    if (m == c->best)
        text_buffer_puts(b, "     best");
    else
        put_interval(b, &c->behind[m]);
    text_buffer_puts(b, "\n");
}

static void put_number(struct text_buffer *b, const cJSON *evaluations, const struct compared *c,
                       size_t number) {
    text_buffer_format(b, "%s, %s is %s\n", numbers[number].key,
                       numbers[number].high ? "high" : "low",
                       numbers[number].plausible ? "plausible" : "good");
    for (size_t m = 0; m <= c->n_methods; m++)
        if (c->means[m].n)
            put_method(b, name_of(evaluations, c, m), c, m);
}

/* Also told in JSON. */
static void tell_how(struct text_buffer *b, cJSON *evaluation, int n,
                     const struct over_texts_how *how) {
    cJSON *json = cJSON_AddObjectToObject(evaluation, "over_texts_interval");
    cJSON_AddStringToObject(json, "kind", how->bootstrap ? "bootstrap" : "student");
    cJSON_AddNumberToObject(json, "level", 0.95);
    if (how->bootstrap) {
        cJSON_AddNumberToObject(json, "draws", DRAWS);
        cJSON_AddNumberToObject(json, "seed", (double)how->seed);
        text_buffer_format(b, "\nOver %d texts (bootstrap, %d draws, 95 %%)\n", n, DRAWS);
    } else
        text_buffer_format(b, "\nOver %d texts (Student's intervals, 95 %%)\n", n);
    text_buffer_format(b, "%*s%9s%20s%9s\n", NAME_COLUMNS + 2, "", "mean", "",
                       "behind the best, text by text");
}

void over_texts_add(struct text_buffer *b, struct cJSON *evaluations,
                    const struct over_texts_how *how) {
    const int n = cJSON_GetArraySize(evaluations);
    if (n < 2)
        return;
    tell_how(b, evaluations->child, n, how);
    cJSON *json = cJSON_AddObjectToObject(evaluations->child, "over_texts");
    for (size_t i = 0; i < N_NUMBERS; i++) {
        struct compared c = compare(evaluations, i, how);
        if (c.best < c.n_methods) {
            put_number(b, evaluations, &c, i);
            cJSON_AddItemToObject(json, numbers[i].key, compared_json(evaluations, &c));
        }
        compared_dispose(&c);
    }
    text_buffer_puts(b,
                     "Where the last interval holds 0, these texts do not tell the two apart.\n");
}
