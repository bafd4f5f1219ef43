#include "app/cli/dataset_kwargs.h"

#include "app/cli/print.h"
#include "backend/base/json.h"

#include <stdlib.h>
#include <string.h>

#define OPTION "--dataset_kwargs"

struct target {
    struct dataset_form *form;
    char ***names;
};

static enum err_code read_letter(char *out, const struct json_value *v, const char *what,
                                 struct err *e) {
    if (v->type == JSON_STRING && v->n_text == 1 && !strchr("\r\n", *v->text)) {
        *out = *v->text;
        return ERR_OK;
    }
    return err_set(e, ERR_USAGE, OPTION ": %s is one byte", what);
}

static enum err_code read_separator(const struct target *t, const struct json_value *v,
                                    struct err *e) {
    return read_letter(&t->form->separator, v, "sep", e);
}

static enum err_code read_quote(const struct target *t, const struct json_value *v, struct err *e) {
    return read_letter(&t->form->quote, v, "quotechar", e);
}

/* Python's csv.QUOTE_MINIMAL and csv.QUOTE_NONE. */
static enum err_code read_quoting(const struct target *t, const struct json_value *v,
                                  struct err *e) {
    int64_t value;
    if (!json_integer(&value, v) || (value != 0 && value != 3))
        return err_set(e, ERR_USAGE,
                       OPTION ": quoting is 0 (as it comes) or 3 (quotes are letters) here");
    t->form->no_quotes = value == 3;
    return ERR_OK;
}

static enum err_code read_names(const struct target *t, const struct json_value *v, struct err *e) {
    if (v->type != JSON_ARRAY || !v->n_members)
        return err_set(e, ERR_USAGE, OPTION ": names is a list of the columns' names");
    if (*t->names)
        return err_set(e, ERR_USAGE, OPTION ": names and column_names are the same");
    *t->names = mem_alloc(v->n_members * sizeof **t->names);
    for (const struct json_value *n = v->first; n; n = n->next) {
        if (n->type != JSON_STRING)
            return err_set(e, ERR_USAGE, OPTION ": a name of a column is a text");
        (*t->names)[t->form->n_names++] = mem_text_n(n->text, n->n_text);
    }
    t->form->names = (const char *const *)*t->names;
    return ERR_OK;
}

static const struct kwarg {
    const char *name;
    enum err_code (*read)(const struct target *t, const struct json_value *v, struct err *e);
} kwargs[] = {{"sep", read_separator},   {"delimiter", read_separator},
              {"quotechar", read_quote}, {"quoting", read_quoting},
              {"names", read_names},     {"column_names", read_names}};
#define N_KWARGS (sizeof kwargs / sizeof *kwargs)

static enum err_code read_member(const struct target *t, const struct json_value *v,
                                 struct err *e) {
    const char *names[N_KWARGS];
    for (size_t i = 0; i < N_KWARGS; i++) {
        names[i] = kwargs[i].name;
        if (json_named(v, kwargs[i].name))
            return kwargs[i].read(t, v, e);
    }
    char *word = mem_text_n(v->key, v->n_key);
    enum err_code code =
        cli_unknown(OPTION " cannot be followed here:", word, names, N_KWARGS,
                    "what can: sep, delimiter, quotechar, quoting, names, column_names", e);
    free(word);
    return code;
}

enum err_code dataset_kwargs_read(struct dataset_form *form, char ***names, const char *json,
                                  struct err *e) {
    const struct target t = {form, names};
    struct json_document *d;
    struct err inner;
    if (!json)
        return ERR_OK;
    if (json_parse(&d, json, strlen(json), &inner))
        return err_set(e, ERR_USAGE, OPTION ": %s", inner.message);
    enum err_code code = ERR_OK;
    if (json_root(d)->type != JSON_OBJECT)
        code = err_set(e, ERR_USAGE, OPTION " takes a JSON object, as '{\"sep\": \";\"}'");
    for (const struct json_value *v = code ? NULL : json_root(d)->first; v && !code; v = v->next)
        code = read_member(&t, v, e);
    if (!code && form->format == DATASET_JSON && json_root(d)->first)
        code = err_set(e, ERR_USAGE, OPTION " is of CSV and TSV: JSON lines have no such choices");
    json_free(d);
    return code;
}
