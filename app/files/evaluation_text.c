#include "app/files/evaluation_text.h"

#include "backend/base/text.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *heading;
    size_t offset;
} numbers[] = {
    {"deletion", "deletion", offsetof(struct faithfulness_numbers, deletion)},
    {"insertion", "insert.", offsetof(struct faithfulness_numbers, insertion)},
    {"comprehensiveness", "compreh.", offsetof(struct faithfulness_numbers, comprehensiveness)},
    {"sufficiency", "suffic.", offsetof(struct faithfulness_numbers, sufficiency)},
    {"sensitivity", "sensit.", offsetof(struct faithfulness_numbers, sensitivity)},
    {"worst_sensitivity", "worst", offsetof(struct faithfulness_numbers, worst_sensitivity)},
};
#define N_NUMBERS (sizeof numbers / sizeof *numbers)

static double number(const struct faithfulness_numbers *n, size_t i) {
    return *(const double *)((const char *)n + numbers[i].offset);
}

/* Mean over the columns that have one, at point i. */
static double curve_point(const struct faithfulness *f, const struct faithfulness_method *m,
                          bool insertion, int64_t i) {
    double sum = 0;
    int64_t n = 0;
    for (int64_t g = 0; g < f->n_columns; g++) {
        double x = (insertion ? m->columns[g].insertion : m->columns[g].deletion)[i];
        if (!isnan(x)) {
            sum += x;
            n++;
        }
    }
    return n ? sum / (double)n : NAN;
}

/* --- JSON -------------------------------------------------------------------------------- */

static cJSON *numbers_json(const struct faithfulness_numbers *n) {
    cJSON *out = cJSON_CreateObject();
    for (size_t i = 0; i < N_NUMBERS; i++)
        cJSON_AddNumberToObject(out, numbers[i].name, number(n, i));
    return out;
}

static cJSON *curves_object(const struct faithfulness *f, size_t i, const char *function) {
    struct curves c = faithfulness_method_curves(f, i, function);
    char *json = curves_json(&c);
    cJSON *out = cJSON_Parse(json);
    curves_dispose(&c);
    free(json);
    return out;
}

static cJSON *method_json(const struct faithfulness *f, const struct faithfulness_method *m) {
    cJSON *out = numbers_json(&m->mean), *deletion = cJSON_CreateArray(),
          *insertion = cJSON_CreateArray(), *columns = cJSON_CreateArray();
    cJSON_AddStringToObject(out, "method", m->name);
    for (int64_t i = 0; i <= f->spec.n_points; i++) {
        cJSON_AddItemToArray(deletion, cJSON_CreateNumber(curve_point(f, m, false, i)));
        cJSON_AddItemToArray(insertion, cJSON_CreateNumber(curve_point(f, m, true, i)));
    }
    cJSON_AddItemToObject(out, "deletion_curve", deletion);
    cJSON_AddItemToObject(out, "insertion_curve", insertion);
    for (int64_t g = 0; g < f->n_columns; g++) {
        cJSON *c = numbers_json(&m->columns[g].numbers);
        cJSON_AddItemToObject(
            c, "deletion_curve",
            cJSON_CreateDoubleArray(m->columns[g].deletion, (int)f->spec.n_points + 1));
        cJSON_AddItemToObject(
            c, "insertion_curve",
            cJSON_CreateDoubleArray(m->columns[g].insertion, (int)f->spec.n_points + 1));
        cJSON_AddItemToArray(columns, c);
    }
    cJSON_AddItemToObject(out, "columns", columns);
    return out;
}

static cJSON *agreement_json(const struct faithfulness *f) {
    cJSON *out = cJSON_CreateArray();
    for (size_t i = 0; i < f->n_methods; i++)
        for (size_t k = i + 1; k < f->n_methods; k++) {
            const struct faithfulness_agreement *a = &f->agreement[i * f->n_methods + k];
            const char *names[2] = {f->methods[i].name, f->methods[k].name};
            cJSON *pair = cJSON_CreateObject();
            cJSON_AddItemToObject(pair, "methods", cJSON_CreateStringArray(names, 2));
            cJSON_AddNumberToObject(pair, "spearman", a->spearman);
            cJSON_AddNumberToObject(pair, "overlap", a->overlap);
            cJSON_AddNumberToObject(pair, "sign", a->sign);
            cJSON_AddItemToArray(out, pair);
        }
    return out;
}

static cJSON *columns_json(const struct faithfulness *f,
                           const struct attribution_sequence *tokens) {
    cJSON *out = cJSON_CreateArray();
    for (int64_t g = 0; g < f->n_columns; g++) {
        cJSON *c = cJSON_CreateObject();
        cJSON_AddNumberToObject(c, "position", (double)(tokens->attr_pos_start + g));
        cJSON_AddStringToObject(c, "token", tokens->target.items[tokens->attr_pos_start + g].piece);
        cJSON_AddNumberToObject(c, "n_tokens", (double)f->n_tokens[g]);
        cJSON_AddNumberToObject(c, "value", f->value[g]);
        cJSON_AddNumberToObject(c, "empty", f->empty[g]);
        cJSON_AddItemToArray(out, c);
    }
    return out;
}

struct cJSON *evaluation_json(const struct faithfulness *f, const struct evaluated *about) {
    cJSON *out = cJSON_CreateObject(), *methods = cJSON_CreateArray();
    cJSON_AddStringToObject(out, "model_name", about->model);
    cJSON_AddStringToObject(out, "attributed_fn", about->function);
    cJSON_AddNumberToObject(out, "points", (double)f->spec.n_points);
    cJSON_AddItemToObject(out, f->spec.counts ? "parts_tokens" : "parts_percent",
                          cJSON_CreateDoubleArray(f->spec.parts, (int)f->spec.n_parts));
    cJSON_AddNumberToObject(out, "random_orders", (double)f->spec.n_random);
    cJSON_AddNumberToObject(out, "seed", (double)f->spec.seed);
    cJSON_AddNumberToObject(out, "top", (double)f->spec.n_top);
    cJSON_AddNumberToObject(out, "noise", f->spec.noise);
    cJSON_AddNumberToObject(out, "noise_samples", (double)f->spec.n_noise);
    cJSON_AddItemToObject(out, "columns", columns_json(f, about->tokens));
    for (size_t i = 0; i < f->n_methods; i++) {
        cJSON *method = method_json(f, &f->methods[i]);
        cJSON_AddItemToObject(method, "against_random", curves_object(f, i, about->function));
        cJSON_AddItemToArray(methods, method);
    }
    cJSON_AddItemToObject(out, "methods", methods);
    cJSON_AddItemToObject(out, "random",
                          f->has_random ? method_json(f, &f->methods[f->n_methods])
                                        : cJSON_CreateNull());
    cJSON_AddItemToObject(out, "agreement", agreement_json(f));
    return out;
}

/* --- the table --------------------------------------------------------------------------- */

#define TABLE_COLUMNS 80
#define VERDICT_COLUMN 22

static void pad_name(struct text_buffer *b, const char *name, int width) {
    text_buffer_puts(b, name);
    for (int used = text_columns(name); used < width; used++)
        text_buffer_puts(b, " ");
}

/* In `width` columns, two of them empty at the end; a name that is longer has a line of its own. */
static void put_name(struct text_buffer *b, const char *name, int width) {
    const bool fits = text_columns(name) + 2 <= width;
    if (!fits)
        text_buffer_format(b, "%s\n", name);
    pad_name(b, fits ? name : "", width);
}

static void put_number(struct text_buffer *b, double x, int width, const char *format) {
    char text[40];
    if (isnan(x))
        snprintf(text, sizeof text, "-");
    else
        snprintf(text, sizeof text, format, x);
    text_buffer_format(b, "%*s", width, text);
}

static int name_width(const struct faithfulness *f) {
    int width = 12;
    for (size_t i = 0; i < f->n_methods; i++)
        width = text_columns(f->methods[i].name) + 2 > width ? text_columns(f->methods[i].name) + 2
                                                             : width;
    return width;
}

static bool is_measured(const struct faithfulness *f, size_t i) {
    for (size_t m = 0; m < f->n_methods + f->has_random; m++)
        if (!isnan(number(&f->methods[m].mean, i)))
            return true;
    return false;
}

static void write_numbers(struct text_buffer *b, const struct faithfulness *f, int width) {
    bool shown[N_NUMBERS];
    int n = 0;
    for (size_t i = 0; i < N_NUMBERS; i++)
        n += shown[i] = is_measured(f, i);
    width = width + 9 * n > TABLE_COLUMNS ? TABLE_COLUMNS - 9 * n : width;
    int cell = n > 0 ? (TABLE_COLUMNS - width) / n : 0;
    cell = cell > 12 ? 12 : cell;
    pad_name(b, "", width);
    for (size_t i = 0; i < N_NUMBERS; i++)
        if (shown[i])
            text_buffer_format(b, "%*s", cell, numbers[i].heading);
    text_buffer_puts(b, "\n");
    for (size_t m = 0; m < f->n_methods + f->has_random; m++) {
        put_name(b, f->methods[m].name, width);
        for (size_t i = 0; i < N_NUMBERS; i++)
            if (shown[i])
                put_number(b, number(&f->methods[m].mean, i), cell, "%.4f");
        text_buffer_puts(b, "\n");
    }
    text_buffer_puts(b, "Faithful: deletion low, insertion high, comprehensiveness high, "
                        "sufficiency low,\neach against random; stable: sensitivity low.\n");
}

/* The part of an order that chance would do as well. */
static void write_verdicts(struct text_buffer *b, const struct faithfulness *f, int width) {
    for (size_t i = 0; i < f->n_methods; i++) {
        struct curves c = faithfulness_method_curves(f, i, NULL);
        char *verdict = curves_verdict_text(&c);
        put_name(b, f->methods[i].name, width < VERDICT_COLUMN ? width : VERDICT_COLUMN);
        text_buffer_format(b, "%s\n", verdict);
        free(verdict);
        curves_dispose(&c);
    }
}

/* Of five characters and a sign. */
static const char *short_format(double x) {
    if (fabs(x) < 9.9995)
        return "%.3f";
    return fabs(x) < 99.995 ? "%.2f" : "%.4g";
}

/* A name has a line of its own: eleven points beside it are too wide. */
static void write_curves(struct text_buffer *b, const struct faithfulness *f, bool insertion) {
    text_buffer_format(b, "\n%s\n",
                       insertion ? "Insertion: all tokens but these taken away"
                                 : "Deletion: these tokens taken away");
    text_buffer_puts(b, "percent\n");
    for (int64_t i = 0; i <= f->spec.n_points; i++)
        text_buffer_format(b, "%7.0f", 100 * (double)i / (double)f->spec.n_points);
    text_buffer_puts(b, "\n");
    for (size_t m = 0; m < f->n_methods + f->has_random; m++) {
        text_buffer_format(b, "%s\n", f->methods[m].name);
        for (int64_t i = 0; i <= f->spec.n_points; i++) {
            double x = curve_point(f, &f->methods[m], insertion, i);
            put_number(b, x, 7, short_format(x));
        }
        text_buffer_puts(b, "\n");
    }
}

static void write_agreement(struct text_buffer *b, const struct faithfulness *f, int width) {
    text_buffer_format(
        b, "\nAgreement (rank correlation; overlap of the top %lld, and with equal signs)\n",
        (long long)f->spec.n_top);
    for (size_t i = 0; i < f->n_methods; i++)
        for (size_t k = i + 1; k < f->n_methods; k++) {
            const struct faithfulness_agreement *a = &f->agreement[i * f->n_methods + k];
            const bool fit = 2 * width + 27 <= TABLE_COLUMNS;
            if (!fit)
                text_buffer_format(b, "%s, %s\n", f->methods[i].name, f->methods[k].name);
            pad_name(b, fit ? f->methods[i].name : "", width);
            if (fit)
                pad_name(b, f->methods[k].name, width);
            else
                pad_name(b, "", TABLE_COLUMNS - 27 - width);
            put_number(b, a->spearman, 9, "%.3f");
            put_number(b, a->overlap, 9, "%.3f");
            put_number(b, a->sign, 9, "%.3f");
            text_buffer_puts(b, "\n");
        }
}

static bool column_is_whole(const struct faithfulness *f, const struct faithfulness_method *m,
                            int64_t g) {
    bool whole = true;
    for (int64_t i = 0; i <= f->spec.n_points; i++)
        whole &= isfinite(m->columns[g].deletion[i]) && isfinite(m->columns[g].insertion[i]);
    return whole || !f->done[g] || !f->n_tokens[g];
}

/* Whether every text that was watched gave a number. */
static bool all_whole(const struct faithfulness *f) {
    for (size_t m = 0; m < f->n_methods + f->has_random; m++)
        for (int64_t g = 0; g < f->n_columns; g++)
            if (!column_is_whole(f, &f->methods[m], g))
                return false;
    return true;
}

void evaluation_table(struct text_buffer *b, const struct faithfulness *f,
                      const struct evaluated *about) {
    int width = name_width(f);
    double tokens = 0;
    int64_t n = 0; /* columns that were evaluated: of a run cut short not all */
    for (int64_t g = 0; g < f->n_columns; g++)
        n += f->done[g];
    for (int64_t g = 0; g < f->n_columns; g++)
        tokens += (double)f->n_tokens[g] / (double)(n ? n : 1);
    char *model = text_sanitise(about->model, strlen(about->model), false);
    text_buffer_format(b, "%s, %s: means over %lld column%s with %.1f tokens each\n", model,
                       about->function, (long long)n, n == 1 ? "" : "s", tokens);
    free(model);
    if (!all_whole(f))
        text_buffer_puts(b, "The function or the scores are not finite for some of these texts: "
                            "means leave out\nwhat has no number.\n");
    write_numbers(b, f, width);
    if (about->picture) /* it has the verdict */
        text_buffer_puts(b, about->picture);
    else
        write_verdicts(b, f, width);
    write_curves(b, f, false);
    write_curves(b, f, true);
    if (f->n_methods > 1)
        write_agreement(b, f, width);
}
