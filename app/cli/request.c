#include "app/cli/request.h"

#include "app/cli/kwargs.h"
#include "backend/base/json.h"
#include "backend/base/text.h"
#include "methods/request/attribute.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The i-th input's; one serves all. */
static size_t place_of(const struct cli_value *v, size_t i) {
    return v->n == 1 ? 0 : i;
}

static enum err_code check_utf8(const struct cli_value *v, size_t i, const char *what,
                                struct err *e) {
    size_t at;
    if (place_of(v, i) >= v->n)
        return ERR_OK;
    const char *text = v->texts[place_of(v, i)];
    if (!text_valid_utf8(text, strlen(text), &at))
        return err_set(e, ERR_FORMAT, "the %s is not UTF-8 (at byte %zu)", what, at);
    return ERR_OK;
}

/* What --model_kwargs and --tokenizer_kwargs hold. */
static enum err_code check_kwargs(const struct cli_arguments *a, struct err *e) {
    struct cli_kwargs kwargs;
    enum err_code code = cli_kwargs_read(&kwargs, a, false, e);
    cli_kwargs_dispose(&kwargs);
    return code;
}

/* --seed goes first into the generation options, so that it wins over a "seed" there. */
static enum err_code add_seed(const char **json, const struct cli_arguments *a, struct err *e) {
    struct json_document *d = NULL;
    struct err ignored;
    struct text_buffer b = {0};
    const char *given = *json ? *json : "{}";
    if (!a->values[CLI_OPT_SEED].given)
        return ERR_OK;
    const int64_t seed = cli_integer(a, CLI_OPT_SEED, 0);
    if (seed < 0)
        return err_set(e, ERR_USAGE, "--seed must not be negative");
    if (json_parse(&d, given, strlen(given), &ignored) == ERR_OK && !json_replaced(d) &&
        json_root(d)->type == JSON_OBJECT) { /* else attribute_check says what is wrong with it */
        text_buffer_format(&b, "\"seed\":%lld,", (long long)seed);
        for (const struct json_value *v = json_root(d)->first; v; v = v->next)
            if (!json_named(v, "seed"))
                json_put_member(&b, v);
        free((char *)*json);
        *json = json_take_object(&b);
    }
    json_free(d);
    return ERR_OK;
}

static enum err_code check_texts(const struct cli_arguments *a, size_t i_input, struct err *e) {
    static const struct {
        enum cli_option_id id;
        const char *what, *advice;
        bool one_serves_all;
    } texts[] = {
        {CLI_OPT_GENERATED, "generated text", "give one for each", false},
        {CLI_OPT_CONTRAST_SOURCES, "contrast source", "give one, or one for each", true},
        {CLI_OPT_CONTRAST, "contrast text", "give one, or one for each", true},
    };
    const size_t n = a->values[CLI_OPT_INPUT].n;
    enum err_code code = check_utf8(&a->values[CLI_OPT_INPUT], i_input, "input text", e);
    for (size_t i = 0; i < sizeof texts / sizeof *texts && !code; i++) {
        const struct cli_value *v = &a->values[texts[i].id];
        if (v->n > texts[i].one_serves_all && v->n != n)
            return err_set(e, ERR_USAGE, "%zu %ss for %zu input texts: %s", v->n, texts[i].what, n,
                           texts[i].advice);
        code = check_utf8(v, i_input, texts[i].what, e);
    }
    return code;
}

/* --- options into members, by their kind --- */

static enum err_code read_TEXT(void *to, const struct cli_value *v, size_t i, struct err *e) {
    const size_t at = place_of(v, i);
    (void)e;
    *(const char **)to = at < v->n ? mem_text(v->texts[at]) : NULL;
    return ERR_OK;
}

static enum err_code read_NAMES(void *to, const struct cli_value *v, size_t i, struct err *e) {
    const char **items = mem_alloc(v->n * sizeof *items);
    (void)i, (void)e;
    for (size_t k = 0; k < v->n; k++)
        items[k] = mem_text(v->texts[k]);
    *(struct names *)to = (struct names){items, v->n};
    return ERR_OK;
}

static enum err_code read_FLAG(void *to, const struct cli_value *v, size_t i, struct err *e) {
    (void)i, (void)e;
    *(bool *)to = v->flag;
    return ERR_OK;
}

static enum err_code read_POSITION(void *to, const struct cli_value *v, size_t i, struct err *e) {
    (void)i;
    if (position_parse(to, v->texts[v->n - 1]))
        return ERR_OK;
    return err_set(e, ERR_USAGE, "%.40s is no position from -%d to %d", v->texts[v->n - 1],
                   MOST_POSITION, MOST_POSITION);
}

static enum err_code read_NUMBER(void *to, const struct cli_value *v, size_t i, struct err *e) {
    struct optional_number *out = to;
    const char *text = v->texts[v->n - 1];
    char *end;
    (void)i;
    *out = (struct optional_number){true, strtod(text, &end)};
    if (end != text && !*end && isfinite(out->value))
        return ERR_OK;
    return err_set(e, ERR_USAGE, "takes a number, not \"%.40s\"", text);
}

static enum err_code read_COUNT(void *to, const struct cli_value *v, size_t i, struct err *e) {
    int64_t *out = to;
    (void)i;
    *out = v->integers[v->n - 1];
    return *out >= 1 ? ERR_OK : err_set(e, ERR_USAGE, "takes a number from 1");
}

static enum err_code read_ALIGNMENT(void *to, const struct cli_value *v, size_t i, struct err *e) {
    (void)i;
    return alignment_parse(to, v->texts[v->n - 1], e);
}

static enum err_code read_SPAN(void *to, const struct cli_value *v, size_t i, struct err *e) {
    (void)i;
    return span_parse(to, v->texts[v->n - 1], e);
}

static enum err_code read_FOIL(void *to, const struct cli_value *v, size_t i, struct err *e) {
    struct foil *foil = to;
    size_t at;
    (void)i;
    enum err_code code = foil_parse(foil, v->texts[v->n - 1], e);
    if (code)
        return code;
    for (size_t k = 0; k < foil_count(foil) && !code; k++) {
        const char *text = foil_choice_at(foil, k).text;
        if (text && !text_valid_utf8(text, strlen(text), &at))
            code = err_set(e, ERR_FORMAT, "the foil is not UTF-8 (at byte %zu)", at);
    }
    return code;
}

static const struct row {
    int id; /* of its option; −1: it has none */
    const char *names;
    enum err_code (*read)(void *to, const struct cli_value *v, size_t i, struct err *e);
    size_t offset;
} rows[] = {
#define CLI(group, id, names, kind, commands, value, help) CLI_OPT_##id, names
#define NO_CLI -1, NULL
#define read_BYTES NULL
#define FIELD(kind, member, json, told, cli, form)                                                 \
    {cli, read_##kind, offsetof(struct attribute_request, member)},
#define PART(cli, form)
#include "methods/request/request.def"
#undef CLI
#undef NO_CLI
};
#define N_ROWS (sizeof rows / sizeof *rows)

/* "--span " before what is wrong with its value. */
static enum err_code read_row(struct attribute_request *out, const struct row *row,
                              const struct cli_value *v, size_t i, struct err *e) {
    struct err inner;
    enum err_code code = row->read((char *)out + row->offset, v, i, &inner);
    if (code == ERR_USAGE)
        return err_set(e, code, "%.*s %s", (int)strcspn(row->names, " "), row->names,
                       inner.message);
    if (code)
        *e = inner;
    return code;
}

static enum err_code read_rows(struct attribute_request *out, const struct cli_arguments *a,
                               size_t i, struct err *e) {
    enum err_code code = ERR_OK;
    for (size_t k = 0; k < N_ROWS && !code; k++)
        if (rows[k].id >= 0 && a->values[rows[k].id].given)
            code = read_row(out, &rows[k], &a->values[rows[k].id], i, e);
    const char *reduce = cli_text(a, CLI_OPT_SPAN_REDUCE);
    if (code || !reduce)
        return code;
    return span_reduce_parse(&out->span, reduce, e);
}

static enum err_code check_foil(const struct attribute_request *r, struct err *e) {
    if (!foil_given(&r->foil) || (!r->contrast_targets && !r->contrast_sources))
        return ERR_OK;
    return err_set(e, ERR_USAGE,
                   "--foil contrasts one step with one token: leave --contrast_targets and "
                   "--contrast_sources out");
}

enum err_code cli_request(struct attribute_request *out, const struct cli_arguments *a,
                          int64_t i_input, struct err *e) {
    const size_t i = i_input > 0 ? (size_t)i_input : 0;
    *out = (struct attribute_request){0};
    enum err_code code = check_texts(a, i, e);
    if (code)
        goto out;
    code = check_kwargs(a, e);
    if (code)
        goto out;
    code = read_rows(out, a, i, e);
    if (code)
        goto out;
    code = add_seed(&out->generation_kwargs, a, e);
    if (code)
        goto out;
    code = check_foil(out, e);
    if (code)
        goto out;
    if (out->input_text) /* without a text there is a form to fill in first */
        code = attribute_check(out, e);
out:
    if (code)
        request_dispose(out);
    return code;
}
