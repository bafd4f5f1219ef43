/* The rows of a request in the form: simple ones by their kind, others by functions of their
 * own. */
#include "app/form/own.h"

#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define MOST_NUMBER 1e6 /* of standard deviations */

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

static void fill_number(struct form_field *field, const void *from) {
    const struct optional_number *number = from;
    char *text = number->given ? mem_format("%.15g", number->value) : NULL;
    edit_set(&field->edit, text);
    free(text);
}

static enum err_code collect_number(void *to, const struct form_field *field, struct err *e) {
    struct optional_number *out = to;
    if (edit_is_empty(&field->edit))
        return ERR_OK;
    out->given = true;
    return form_number(&out->value, field, false, -MOST_NUMBER, MOST_NUMBER, e);
}

static void fill_count(struct form_field *field, const void *from) {
    const int64_t count = *(const int64_t *)from;
    char *text = count ? mem_format("%lld", (long long)count) : NULL;
    edit_set(&field->edit, text);
    free(text);
}

static enum err_code collect_count(void *to, const struct form_field *field, struct err *e) {
    double number = 0;
    enum err_code code = ERR_OK;
    if (!edit_is_empty(&field->edit))
        code = form_number(&number, field, true, 1, MOST_POSITION, e);
    *(int64_t *)to = (int64_t)number;
    return code;
}

/* One a line where there are several lines, else with bars between. */
static void fill_names(struct form_field *field, const void *from) {
    const struct names *names = from;
    const char *between = field->kind == FORM_LINES ? "\n" : " | ";
    struct text_buffer b = {0};
    for (size_t i = 0; i < names->n; i++)
        text_buffer_format(&b, "%s%s", i ? between : "", names->items[i]);
    edit_set(&field->edit, b.text);
    text_buffer_dispose(&b);
}

/* The next name before what parts them, without blanks around it; owned, NULL: there is nothing.
 * Where the one after it begins. */
static const char *next_name(char **out, const char *at, const char *parts) {
    const size_t n = strcspn(at, parts);
    size_t from = strspn(at, " "), to = n;
    while (to > from && at[to - 1] == ' ')
        to--;
    *out = from < to ? mem_text_n(at + from, to - from) : NULL;
    return at + n + (at[n] != '\0');
}

static enum err_code collect_names(void *to, const struct form_field *field, struct err *e) {
    const char *at = edit_text(&field->edit);
    char **items = mem_alloc((strlen(at) + 1) * sizeof *items);
    size_t n = 0;
    (void)e;
    while (*at) {
        at = next_name(&items[n], at, field->kind == FORM_LINES ? "\n" : "|");
        n += items[n] != NULL;
    }
    *(struct names *)to = (struct names){(const char *const *)items, n};
    return ERR_OK;
}

static const struct value value_TEXT = {fill_text, collect_text},
                          value_FLAG = {fill_flag, collect_flag},
                          value_POSITION = {fill_position, collect_position},
                          value_SPAN = {fill_span, collect_span},
                          value_BYTES = {fill_bytes, collect_bytes},
                          value_NUMBER = {fill_number, collect_number},
                          value_COUNT = {fill_count, collect_count},
                          value_NAMES = {fill_names, collect_names};
/* These have functions of their own. */
static const struct value value_ALIGNMENT, value_FOIL;

static const struct row {
    const char *name; /* in saved runs */
    int field;        /* FIELD_NONE: it has none */
    const struct own_field *own;
    enum form_kind kind;
    enum form_group group;
    const char *label, *help, *placeholder;
    const struct value *value;
    size_t offset;
    bool translators; /* it means nothing to other models */
} rows[] = {
#define FIELD(row_kind, member, json, told, cli, form)                                             \
    {json, form, .value = &value_##row_kind, .offset = offsetof(struct attribute_request, member)},
#define PART(cli, form) {NULL, form},
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

struct form_field *form_row_named(const struct form_fields *f, const char *name, size_t n) {
    for (size_t i = 0; i < N_ROWS; i++)
        if (rows[i].name && rows[i].field != FIELD_NONE && strncmp(rows[i].name, name, n) == 0 &&
            (!rows[i].name[n] || strcmp(rows[i].name + n, "s") == 0))
            return form_find(&f->form, rows[i].field);
    return NULL;
}

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
