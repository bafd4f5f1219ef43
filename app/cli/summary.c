#include "app/cli/summary.h"

#include "app/cli/print.h"
#include "backend/base/json.h"
#include "backend/base/text.h"
#include "methods/result/curves.h"
#include "views/export/arrays.h"
#include "views/export/numbers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NAME_COLUMN 14
#define ARRAY_COLUMN 34
#define MOST_VALUE_BYTES 400

/* An array's numbers. */
struct range {
    float least, most; /* of those that are finite; NaN: there is none */
    int64_t n, n_none; /* NaN */
};

static struct range range_of(const struct scores *s) {
    struct range r = {NAN, NAN, scores_count(s), 0};
    for (int64_t i = 0; i < r.n; i++) {
        const float x = s->data[i];
        r.n_none += isnan(x);
        if (isfinite(x)) {
            r.least = fminf(r.least, x); /* of a number and NaN: the number */
            r.most = fmaxf(r.most, x);
        }
    }
    return r;
}

/* The members of the info that say how it was made: the texts stand elsewhere. The function is not
 * told where none takes part. */
static struct info_values parameters_of(const struct attribution *a, const char *function) {
    struct result_info told = a->info; /* refers to the result's own */
    told.function = (struct info_function){.id = (char *)function};
    told.input_texts = told.generated_texts = told.commands = (struct info_texts){0};
    return result_info_values(&told);
}

/* --- in words --- */

static void put_row(struct text_buffer *b, const char *name, int column, char *taken) {
    char *clean = text_clean(taken);
    cli_write_row(b, name, column, clean);
    free(clean);
    free(taken);
}

static void put_tokens(struct text_buffer *b, const char *name, const struct token_list *list) {
    struct text_buffer all = {0};
    text_buffer_format(&all, "%zu:", list->n);
    for (size_t i = 0; i < list->n; i++)
        text_buffer_format(&all, " %zu=%s", i, list->items[i].printable);
    put_row(b, name, NAME_COLUMN, text_buffer_take(&all));
}

static void put_array(struct text_buffer *b, const struct export_array *array) {
    const struct range r = range_of(array->scores);
    struct text_buffer text = {0};
    text_buffer_puts(&text, "[");
    for (int i = 0; i < array->scores->n_dims; i++)
        text_buffer_format(&text, "%s%lld", i ? ", " : "", (long long)array->scores->dims[i]);
    text_buffer_format(&text, "] %s", export_array_is_integer(array->scores) ? "int64" : "float32");
    if (!isnan(r.least)) {
        text_buffer_puts(&text, ", from ");
        number_exact(&text, r.least);
        text_buffer_puts(&text, " to ");
        number_exact(&text, r.most);
    }
    if (r.n_none)
        text_buffer_format(&text, ", %lld of %lld NaN", (long long)r.n_none, (long long)r.n);
    char *clean = text_clean(array->name), *name = mem_format("  %s", clean);
    put_row(b, name, ARRAY_COLUMN, text_buffer_take(&text));
    free(clean);
    free(name);
}

static void put_text(struct text_buffer *b, const char *name, const char *text) {
    if (text)
        put_row(b, name, NAME_COLUMN, mem_text(text));
}

/* On one line, to be copied whole. */
static void put_command(struct text_buffer *b, const char *command) {
    char *clean = command ? text_clean(command) : NULL;
    if (clean)
        text_buffer_format(b, "  command\n%s\n", clean);
    free(clean);
}

/* What an evaluation that was kept with it said. */
static void put_faithfulness(struct text_buffer *b, const char *json) {
    struct curves c;
    if (!curves_read(&c, json))
        return;
    char *verdict = curves_verdict_text(&c);
    put_text(b, "  faithful", verdict);
    free(verdict);
    curves_dispose(&c);
}

static void put_sequence(struct text_buffer *b, const struct attribution *a, size_t i) {
    const struct attribution_sequence *s = &a->sequences[i];
    if (a->n_sequences > 1)
        text_buffer_format(b, "Text %zu of %zu\n", i + 1, a->n_sequences);
    else
        text_buffer_puts(b, "Text\n");
    put_text(b, "  input", info_text_of(&a->info.input_texts, i));
    put_text(b, "  generated", info_text_of(&a->info.generated_texts, i));
    put_command(b, info_text_of(&a->info.commands, i));
    put_faithfulness(b, info_text_of(&a->info.faithfulness, i));
    put_tokens(b, "  source", &s->source);
    put_tokens(b, "  target", &s->target);
    put_row(b, "  explained", NAME_COLUMN,
            mem_format("positions %lld to %lld of the target, %lld column%s",
                       (long long)s->attr_pos_start, (long long)s->attr_pos_end - 1,
                       (long long)attribution_steps(s), attribution_steps(s) == 1 ? "" : "s"));
    if (s->class_name)
        put_text(b, "  class", s->class_name);
    struct export_arrays arrays = export_arrays_of(s);
    for (size_t k = 0; k < arrays.n; k++)
        put_array(b, &arrays.items[k]);
    export_arrays_dispose(&arrays);
    text_buffer_puts(b, "\n");
}

static void put_parameters(struct text_buffer *b, const struct attribution *a,
                           const char *function) {
    struct info_values all = parameters_of(a, function);
    text_buffer_puts(b, "Parameters\n");
    for (size_t i = 0; i < all.n; i++) {
        char *clean = text_clean(all.items[i].key), *name = mem_format("  %s", clean);
        const size_t n = strlen(all.items[i].json);
        put_row(b, name, ARRAY_COLUMN,
                n > MOST_VALUE_BYTES ? mem_format("%.*s … (%zu bytes; --json has all)",
                                                  MOST_VALUE_BYTES, all.items[i].json, n)
                                     : mem_text(all.items[i].json));
        free(clean);
        free(name);
    }
    info_values_dispose(&all);
}

static void put_words(struct text_buffer *b, const struct attribution *a, const char *function) {
    for (size_t i = 0; i < a->n_sequences; i++)
        put_sequence(b, a, i);
    put_parameters(b, a, function);
}

/* --- as JSON --- */

static void json_tokens(struct text_buffer *b, const char *key, const struct token_list *list) {
    struct text_buffer all = {0};
    export_tokens_json(&all, list);
    json_put_value(b, key, all.text);
    text_buffer_dispose(&all);
}

/* A number that there is, else null. */
static void json_range_end(struct text_buffer *b, const char *key, float value) {
    struct text_buffer text = {0};
    if (isnan(value))
        text_buffer_puts(&text, "null");
    else
        number_exact(&text, value);
    json_put_value(b, key, text.text);
    text_buffer_dispose(&text);
}

static void json_array(struct text_buffer *b, const struct export_array *array) {
    const struct range r = range_of(array->scores);
    struct text_buffer members = {0}, shape = {0};
    json_put_string(&members, "dtype",
                    export_array_is_integer(array->scores) ? "int64" : "float32");
    for (int i = 0; i < array->scores->n_dims; i++)
        text_buffer_format(&shape, "%s%lld", i ? "," : "[", (long long)array->scores->dims[i]);
    text_buffer_puts(&shape, "]");
    json_put_value(&members, "shape", shape.text);
    json_put_number(&members, "nan", (double)r.n_none);
    json_range_end(&members, "min", r.least);
    json_range_end(&members, "max", r.most);
    char *object = json_take_object(&members);
    json_put_value(b, array->name, object);
    free(object);
    text_buffer_dispose(&shape);
}

static char *json_sequence(const struct attribution *a, size_t i) {
    const struct attribution_sequence *s = &a->sequences[i];
    struct text_buffer b = {0}, members = {0};
    json_put_string(&b, "input", info_text_of(&a->info.input_texts, i));
    json_put_string(&b, "generated", info_text_of(&a->info.generated_texts, i));
    json_put_string(&b, "command", info_text_of(&a->info.commands, i));
    json_put_string(&b, "class", s->class_name);
    json_tokens(&b, "source", &s->source);
    json_tokens(&b, "target", &s->target);
    json_put_number(&b, "attr_pos_start", (double)s->attr_pos_start);
    json_put_number(&b, "attr_pos_end", (double)s->attr_pos_end);
    struct export_arrays arrays = export_arrays_of(s);
    for (size_t k = 0; k < arrays.n; k++)
        json_array(&members, &arrays.items[k]);
    export_arrays_dispose(&arrays);
    char *object = json_take_object(&members);
    json_put_value(&b, "arrays", object);
    free(object);
    return json_take_object(&b);
}

static void put_json(struct text_buffer *b, const struct attribution *a, const char *function) {
    struct text_buffer members = {0}, list = {0}, parameters = {0};
    text_buffer_puts(&list, "[");
    for (size_t i = 0; i < a->n_sequences; i++) {
        char *one = json_sequence(a, i);
        text_buffer_format(&list, "%s%s", i ? "," : "", one);
        free(one);
    }
    text_buffer_puts(&list, "]");
    struct info_values all = parameters_of(a, function);
    info_values_write(&parameters, &all);
    json_put_number(&members, "texts", (double)a->n_sequences);
    json_put_value(&members, "parameters", parameters.text);
    json_put_value(&members, "sequences", list.text);
    char *object = json_take_object(&members);
    text_buffer_format(b, "%s\n", object);
    free(object);
    info_values_dispose(&all);
    text_buffer_dispose(&list);
    text_buffer_dispose(&parameters);
}

enum err_code cli_summary(const struct attribution *a, const char *function, bool json,
                          struct err *e) {
    struct text_buffer b = {0};
    if (json)
        put_json(&b, a, function);
    else
        put_words(&b, a, function);
    enum err_code code = cli_print(b.text, b.n, e);
    text_buffer_dispose(&b);
    return code;
}
