#include "app/cli/dataset_request.h"

#include "app/cli/print.h"
#include "app/cli/request.h"

#include <stdlib.h>
#include <string.h>

static const struct by_row {
    enum cli_option_id id;
    const char *name;
    bool field; /* what has no braces is a field's name, not the value itself */
} by_row[] = {{CLI_OPT_INPUT, "-i", true}, /* the first: others may refer to it */
              {CLI_OPT_GENERATED, "-g", true},
              {CLI_OPT_CONTRAST, "--contrast_targets", true},
              {CLI_OPT_CONTRAST_SOURCES, "--contrast_sources", true},
              {CLI_OPT_FOIL, "--foil", false},
              {CLI_OPT_SPAN, "--span", false},
              {CLI_OPT_START, "--start_pos", false},
              {CLI_OPT_END, "--end_pos", false}};
#define N_BY_ROW (sizeof by_row / sizeof *by_row)
_Static_assert(N_BY_ROW <= DATASET_MOST_OPTIONS, "a template for each");

/* Inseq's names of the first two. */
static const struct {
    enum cli_option_id id, inseq;
    const char *name, *inseq_name;
} twins[] = {{CLI_OPT_INPUT, CLI_OPT_INPUT_FIELD, "-i", "--input_text_field"},
             {CLI_OPT_GENERATED, CLI_OPT_GENERATED_FIELD, "-g", "--generated_text_field"}};

/* The value of an option, by either name; NULL: not given. */
static enum err_code value_of(const char **out, const struct cli_arguments *a, size_t i,
                              struct err *e) {
    const struct cli_value *v = &a->values[by_row[i].id];
    *out = v->n ? v->texts[v->n - 1] : NULL;
    if (v->n > 1)
        return err_set(e, ERR_USAGE,
                       "%s takes one field or template here, not %zu: the rows make the texts",
                       by_row[i].name, v->n);
    for (size_t k = 0; k < sizeof twins / sizeof *twins; k++) {
        const char *inseq = cli_text(a, twins[k].inseq);
        if (twins[k].id != by_row[i].id || !inseq)
            continue;
        if (*out)
            return err_set(e, ERR_USAGE, "%s and %s are the same: give one", twins[k].name,
                           twins[k].inseq_name);
        *out = inseq;
    }
    return ERR_OK;
}

static enum err_code read_templates(struct dataset_request *r, struct err *e) {
    for (size_t i = 0; i < N_BY_ROW; i++) {
        const char *value;
        struct err inner;
        enum err_code code = value_of(&value, r->a, i, e);
        if (code)
            return code;
        if (!value)
            continue;
        code = template_parse(&r->templates[i], value, by_row[i].field, i == 0, &inner);
        if (code)
            return err_set(e, code, "%s: %s", by_row[i].name, inner.message);
    }
    if (r->templates[0])
        return ERR_OK;
    return err_set(e, ERR_USAGE,
                   "which text? give a field, or a template like '{subject} is', "
                   "with -i");
}

/* --- a row's own options --- */

/* The options with the row's values in place; the arrays are the row's. */
struct own {
    struct cli_arguments a; /* borrows all else */
    char *texts[N_BY_ROW];
    const char *borrowed[N_BY_ROW];
};

static void own_init(struct own *o, const struct cli_arguments *a) {
    *o = (struct own){.a = *a};
    for (size_t i = 0; i < N_BY_ROW; i++)
        o->a.values[by_row[i].id] = (struct cli_value){0};
}

static void own_take(struct own *o, size_t i, char *text) {
    o->texts[i] = text;
    o->borrowed[i] = text;
    o->a.values[by_row[i].id] = (struct cli_value){.given = true, .texts = &o->borrowed[i], .n = 1};
}

static void own_dispose(struct own *o) {
    for (size_t i = 0; i < N_BY_ROW; i++)
        free(o->texts[i]);
}

/* What is wrong with any row is wrong with the command. */
static enum err_code check_others(const struct dataset_request *r, struct err *e) {
    struct attribute_request request;
    struct own o;
    own_init(&o, r->a);
    own_take(&o, 0, mem_text("text"));
    for (size_t i = 1; i < N_BY_ROW; i++) /* those that are the same for all rows */
        if (r->templates[i] && !by_row[i].field && !strpbrk(cli_text(r->a, by_row[i].id), "{}"))
            own_take(&o, i, mem_text(cli_text(r->a, by_row[i].id)));
    if (r->templates[2])
        own_take(&o, 2, mem_text("text"));
    enum err_code code = cli_request(&request, &o.a, 0, e);
    request_dispose(&request);
    own_dispose(&o);
    return code;
}

enum err_code dataset_request_init(struct dataset_request *out, const struct cli_arguments *a,
                                   struct err *e) {
    *out = (struct dataset_request){.a = a, .quiet = cli_flag(a, CLI_OPT_QUIET)};
    enum err_code code = read_templates(out, e);
    return code ? code : check_others(out, e);
}

void dataset_request_dispose(struct dataset_request *r) {
    for (size_t i = 0; i < N_BY_ROW; i++)
        template_free(r->templates[i]);
    info_texts_dispose(&r->told);
    *r = (struct dataset_request){0};
}

size_t dataset_request_columns(const struct dataset_request *r, struct data_column **columns) {
    size_t n = 0;
    *columns = NULL;
    for (size_t i = 0; i < N_BY_ROW; i++)
        if (r->templates[i])
            template_columns(r->templates[i], columns, &n);
    return n;
}

/* What is no text is written as JSON has it, and that is said. */
static void on_seen(void *user, const char *field, enum data_kind kind) {
    static const char *const kinds[] = {[DATA_NUMBER] = "numbers, which are taken as they are "
                                                        "written",
                                        [DATA_FLAG] = "flags, which are taken as true and false",
                                        [DATA_NESTED] = "lists or objects, which are taken as JSON",
                                        [DATA_EMPTY] =
                                            "nothing in it in some rows, which is taken as it is: "
                                            "the filter default puts a text there"};
    struct dataset_request *r = user;
    char *line = mem_format("the field \"%s\" has %s", field, kinds[kind]);
    if (!r->quiet && !info_texts_hold(&r->told, line)) {
        info_texts_add(&r->told, line);
        cli_note(line);
    }
    free(line);
}

enum err_code dataset_request_make(struct attribute_request *out, struct dataset_request *r,
                                   const struct data_row *row, struct err *e) {
    struct own o;
    enum err_code code = ERR_OK;
    *out = (struct attribute_request){0};
    own_init(&o, r->a);
    for (size_t i = 0; i < N_BY_ROW; i++) {
        char *text;
        if (!r->templates[i])
            continue;
        code = template_render(&text, r->templates[i], row, o.texts[0], on_seen, r, e);
        if (code)
            goto out;
        own_take(&o, i, text);
    }
    code = cli_request(out, &o.a, 0, e);
out:
    own_dispose(&o);
    return code;
}
