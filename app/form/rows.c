/* The rows of a request in the form: simple ones by their kind, others by functions of their
 * own. */
#include "app/form/own.h"

#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* How a simple field holds a value of its kind. */
struct value {
    void (*fill)(struct form_field *field, const void *from);
    enum err_code (*collect)(void *to, const struct form_field *field, struct err *e);
};

static void fill_text(struct form_field *field, const void *from) {
    edit_set(&field->edit, *(const char *const *)from);
}

static enum err_code collect_text(void *to, const struct form_field *field, struct err *e) {
    (void)e;
    *(const char **)to = edit_is_empty(&field->edit) ? NULL : mem_text(edit_text(&field->edit));
    return ERR_OK;
}

static void fill_flag(struct form_field *field, const void *from) {
    field->chosen = *(const bool *)from;
}

static enum err_code collect_flag(void *to, const struct form_field *field, struct err *e) {
    (void)e;
    *(bool *)to = field->chosen != 0;
    return ERR_OK;
}

static void fill_position(struct form_field *field, const void *from) {
    const struct optional *position = from;
    char *text = position->given ? mem_format("%lld", (long long)position->value) : NULL;
    edit_set(&field->edit, text);
    free(text);
}

static enum err_code collect_position(void *to, const struct form_field *field, struct err *e) {
    if (edit_is_empty(&field->edit) || position_parse(to, edit_text(&field->edit)))
        return ERR_OK;
    return err_set(e, ERR_USAGE, "not a whole number such as 3 or -1");
}

static void fill_span(struct form_field *field, const void *from) {
    char *text = span_text(from);
    edit_set(&field->edit, text);
    free(text);
}

static enum err_code collect_span(void *to, const struct form_field *field, struct err *e) {
    if (edit_is_empty(&field->edit))
        return ERR_OK;
    return span_parse(to, edit_text(&field->edit), e);
}

static void fill_bytes(struct form_field *field, const void *from) {
    const int64_t bytes = *(const int64_t *)from;
    char *text = bytes > 0 ? mem_format("%.15g", (double)bytes / BUDGET_UNIT) : NULL;
    edit_set(&field->edit, text);
    free(text);
}

static enum err_code collect_bytes(void *to, const struct form_field *field, struct err *e) {
    double number = 0;
    enum err_code code = ERR_OK;
    if (!edit_is_empty(&field->edit))
        code = form_number(&number, field, true, (double)LEAST_BUDGET / BUDGET_UNIT,
                           (double)MOST_BUDGET / BUDGET_UNIT, e);
    *(int64_t *)to = (int64_t)number * BUDGET_UNIT;
    return code;
}

static const struct value value_TEXT = {fill_text, collect_text},
                          value_FLAG = {fill_flag, collect_flag},
                          value_POSITION = {fill_position, collect_position},
                          value_SPAN = {fill_span, collect_span},
                          value_BYTES = {fill_bytes, collect_bytes};
/* These have functions of their own. */
static const struct value value_ALIGNMENT, value_FOIL, value_NAMES;

static const struct row {
    int field; /* FIELD_NONE: it has none */
    const struct own_field *own;
    enum form_kind kind;
    enum form_group group;
    const char *label, *help, *placeholder;
    const struct value *value;
    size_t offset;
    bool translators; /* it means nothing to other models */
} rows[] = {
#define FIELD(row_kind, member, json, told, cli, form)                                             \
    {form, .value = &value_##row_kind, .offset = offsetof(struct attribute_request, member)},
#define PART(cli, form) {form},
#define FORM(row_group, id, form_kind, text, help_text, empty)                                     \
    .field = FIELD_##id, .kind = FORM_##form_kind, .group = GROUP_##row_group, .label = text,      \
    .help = help_text, .placeholder = empty
#define TRANSLATOR_FORM(row_group, id, form_kind, text, help_text, empty)                          \
    FORM(row_group, id, form_kind, text, help_text, empty), .translators = true
#define OWN_FORM(id) .field = FIELD_##id, .own = &own_##id
#define NO_FORM .field = FIELD_NONE
#include "methods/request/request.def"
#undef FORM
#undef TRANSLATOR_FORM
#undef OWN_FORM
#undef NO_FORM
};
#define N_ROWS (sizeof rows / sizeof *rows)

void form_rows_add(struct form *f, const struct form *before, const struct form_fields *of) {
    for (size_t i = 0; i < N_ROWS; i++) {
        if (rows[i].own && rows[i].own->add)
            rows[i].own->add(f, before, of);
        else if (rows[i].field != FIELD_NONE && !rows[i].own)
            form_add(f, rows[i].field, rows[i].kind, rows[i].group, rows[i].label, rows[i].help,
                     rows[i].placeholder)
                ->unfit = rows[i].translators && of->kind == FORM_LANGUAGE_MODEL;
    }
}

void form_rows_fill(struct form_fields *f, const struct attribute_request *r) {
    for (size_t i = 0; i < N_ROWS; i++) {
        const void *from = (const char *)r + rows[i].offset;
        if (rows[i].own)
            rows[i].own->fill(f, r);
        else if (rows[i].field != FIELD_NONE)
            rows[i].value->fill(form_find(&f->form, rows[i].field), from);
    }
}

static enum err_code collect_simple(struct attribute_request *out, struct form_fields *f,
                                    const struct row *row, struct err *e) {
    struct form_field *field = form_find(&f->form, row->field);
    struct err inner;
    if (row->value->collect((char *)out + row->offset, field, &inner) == ERR_OK)
        return ERR_OK;
    return form_fail(f, field, e, inner.message);
}

enum err_code form_rows_collect(struct attribute_request *out, struct form_fields *f,
                                struct err *e) {
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < N_ROWS && !code; i++) {
        if (rows[i].own)
            code = rows[i].own->collect(out, f, e);
        else if (rows[i].field != FIELD_NONE)
            code = collect_simple(out, f, &rows[i], e);
    }
    return code;
}
