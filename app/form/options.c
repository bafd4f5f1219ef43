/* Fields of declared options, of the method and of step functions, and what has no field of its
 * own: a JSON object. */
#include "app/form/own.h"
#include "backend/base/mem.h"
#include "methods/declare/declare.h"

#include <stdlib.h>
#include <string.h>

#define LONG_NAME 16 /* letters of an option's name that a narrow form shows */

/* --- making --- */

/* NULL: there is none, or it says so. */
static const char *default_of(const struct option_decl *o) {
    return o->default_value && *o->default_value && strcmp(o->default_value, "null") != 0
               ? o->default_value
               : NULL;
}

static bool is_number(const struct option_decl *o) {
    return o->type == OPTION_INT || o->type == OPTION_FLOAT;
}

static bool on_by_default(const struct option_decl *o) {
    return o->default_value && strcmp(o->default_value, "true") == 0;
}

static size_t count_choices(const struct option_decl *o) {
    size_t n = 0;
    while (o->choices && o->choices[n])
        n++;
    return n;
}

static void add_values(struct text_buffer *b, const struct option_decl *o) {
    if (is_number(o))
        text_buffer_format(b, " %.15g to %.15g", o->minimum, o->maximum);
    if (is_number(o) && o->unit)
        text_buffer_format(b, " %s", o->unit);
    const size_t n = o->type == OPTION_CHOICE ? count_choices(o) : 0;
    for (size_t i = 0; i < n; i++)
        text_buffer_format(b, "%s%s", i ? ", " : " One of ", o->choices[i]);
    if (is_number(o) || n)
        text_buffer_puts(b, ";");
}

static void add_default(struct text_buffer *b, const struct option_decl *o) {
    const char *value = default_of(o), *word = "Default";
    if (o->type == OPTION_BOOL)
        value = on_by_default(o) ? "on" : "off";
    if (is_number(o) || o->type == OPTION_CHOICE)
        word = "default"; /* after a semicolon */
    if (value)
        text_buffer_format(b, " %s %s.", word, value);
    else
        text_buffer_puts(b, is_number(o) ? " must be given." : " Default: none.");
}

/* What an option is, its range and its default. The name too where the label may cut it. */
static char *option_help(const struct option_decl *o) {
    struct text_buffer b = {0};
    if (strlen(o->name) > LONG_NAME)
        text_buffer_format(&b, "%s: ", o->name);
    text_buffer_puts(&b, o->help ? o->help : "");
    add_values(&b, o);
    add_default(&b, o);
    return text_buffer_take(&b);
}

static void offer_choices(struct form_field *field, const struct option_decl *o) {
    const size_t n = count_choices(o);
    struct form_choice *choices = mem_alloc(n * sizeof *choices);
    for (size_t i = 0; i < n; i++)
        choices[i] = (struct form_choice){o->choices[i], o->choices[i]};
    form_field_choices(field, choices, n);
    form_field_choose(field, o->default_value);
    free(choices);
}

/* One field of a method's or a function's option. */
static void add_option(struct form *f, const struct option_decl *o, enum form_group group,
                       bool below) {
    static const enum form_kind kinds[] = {
        [OPTION_BOOL] = FORM_FLAG, [OPTION_INT] = FORM_TEXT,      [OPTION_FLOAT] = FORM_TEXT,
        [OPTION_TEXT] = FORM_TEXT, [OPTION_CHOICE] = FORM_CHOICE, [OPTION_JSON] = FORM_TEXT};
    if (form_find_option(f, o->name)) /* one value serves all that have it */
        return;
    const char *none = is_number(o) ? "needed" : "none", *value = default_of(o);
    char *label = mem_format("%s%s", below ? "  " : "", o->name), *help = option_help(o);
    struct form_field *field =
        form_add(f, FIELD_OPTION, kinds[o->type], group, label, help, value ? value : none);
    field->name = mem_text(o->name);
    if (o->type == OPTION_BOOL)
        field->chosen = on_by_default(o);
    if (o->type == OPTION_CHOICE)
        offer_choices(field, o);
    form_field_usual(field);
    free(label);
    free(help);
}

void form_add_options(struct form *f, const struct option_decl *options, size_t n,
                      enum form_group group, bool below) {
    for (size_t i = 0; i < n; i++)
        add_option(f, &options[i], group, below);
}

static const struct option_decl *find_option(const struct option_decl *options, size_t n,
                                             const char *name) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(options[i].name, name) == 0)
            return &options[i];
    return NULL;
}

const struct option_decl *form_fields_option(const struct form *f, const char *name) {
    const struct method_decl *method = form_method(f);
    const struct step_function_decl *function = form_function(f);
    const struct form_field *scores = form_find(f, FIELD_STEP_SCORES);
    const struct option_decl *o =
        method ? find_option(method->options, method->n_options, name) : NULL;
    if (!o && function)
        o = find_option(function->options, function->n_options, name);
    for (size_t i = 0; !o && scores && i < scores->n_choices; i++) {
        const struct step_function_decl *score =
            scores->selected[i] ? step_function_decl_find(scores->choices[i].id) : NULL;
        o = score ? find_option(score->options, score->n_options, name) : NULL;
    }
    return o;
}

/* --- filling --- */

/* A scalar as a person would type it, any JSON for an option that takes it; owned by the caller.
 * NULL: it is neither. */
static char *typed_text(const struct form *f, const struct form_field *field,
                        const struct json_value *v) {
    const struct option_decl *o = field->name ? form_fields_option(f, field->name) : NULL;
    const bool any = o && o->type == OPTION_JSON;
    struct text_buffer b = {0};
    double number;
    if (v->type == JSON_STRING)
        return mem_text_n(v->text, v->n_text);
    if (!any && (v->type == JSON_ARRAY || v->type == JSON_OBJECT || v->type == JSON_NULL))
        return NULL;
    if (!any && json_number(&number, v))
        json_write_number(&b, number);
    else
        json_write_flat(&b, v);
    return text_buffer_take(&b);
}

bool form_set_value(const struct form *f, struct form_field *field, const struct json_value *v) {
    char *text = typed_text(f, field, v);
    bool good = text != NULL;
    if (good && field->kind == FORM_FLAG)
        field->chosen = strcmp(text, "true") == 0;
    else if (good && field->kind == FORM_CHOICE)
        good = form_field_choose(field, text);
    else if (good)
        edit_set(&field->edit, text);
    free(text);
    return good;
}

/* The contrast's arguments and a span stand among the options in Inseq; here they have fields of
 * their own. */
static bool take_contrast(struct attribute_request *found, struct form_fields *f,
                          const struct json_value *v) {
    struct err ignored;
    if (v->type == JSON_STRING && json_named(v, "contrast_targets"))
        return form_set_value(&f->form, form_find(&f->form, FIELD_CONTRAST), v);
    if (v->type == JSON_STRING && json_named(v, "contrast_sources"))
        return form_set_value(&f->form, form_find(&f->form, FIELD_CONTRAST_SOURCE), v);
    if ((v->type == JSON_TRUE || v->type == JSON_FALSE) && json_named(v, "contrast_force_inputs"))
        return form_set_value(&f->form, form_find(&f->form, FIELD_FORCE_INPUTS), v);
    if (!json_named(v, "contrast_targets_alignments"))
        return false;
    alignment_dispose(&found->contrast_alignment);
    return alignment_read(&found->contrast_alignment, v, &ignored) == ERR_OK;
}

/* False: they make no whole span, and stay in the object. */
static bool take_span(struct form_fields *f, const struct json_value *object) {
    struct span span = {0};
    struct err ignored;
    bool known, good = true;
    for (const struct json_value *v = object->first; v; v = v->next)
        good = span_read(&span, v, &known, &ignored) == ERR_OK && good;
    good = good && span.start.given && span.end.given;
    if (good)
        form_fields_set_span(f, &span);
    return good;
}

static bool of_span(const struct json_value *v) {
    struct span ignored = {0};
    struct err e;
    bool known;
    return span_read(&ignored, v, &known, &e) != ERR_OK || known;
}

static void fill_members(struct form_fields *f, const struct json_value *object) {
    struct attribute_request found = {0};
    struct text_buffer rest = {0};
    const bool span = take_span(f, object);
    for (const struct json_value *v = object->first; v; v = v->next) {
        char *key = mem_text_n(v->key, v->n_key);
        struct form_field *field = form_find_option(&f->form, key);
        free(key);
        if (!(span && of_span(v)) && !take_contrast(&found, f, v) &&
            (!field || !form_set_value(&f->form, field, v)))
            json_put_member(&rest, v);
    }
    if (found.contrast_alignment.rule != ALIGN_END)
        own_ALIGNMENT.fill(f, &found);
    alignment_dispose(&found.contrast_alignment);
    char *text = rest.n ? json_take_object(&rest) : NULL;
    form_set_text(f, FIELD_EXTRA, text);
    free(text);
}

static void fill_extra(struct form_fields *f, const struct attribute_request *r) {
    const char *json = r->attribution_kwargs;
    struct json_document *d = NULL;
    struct err ignored;
    form_set_text(f, FIELD_EXTRA, json); /* as given: the check on running says what is wrong */
    if (json && json_parse(&d, json, strlen(json), &ignored) == ERR_OK &&
        json_root(d)->type == JSON_OBJECT)
        fill_members(f, json_root(d));
    json_free(d);
}

/* --- reading --- */

static bool is_default(const struct option_decl *o, const char *text) {
    return o->default_value && strcmp(text, o->default_value) == 0;
}

/* What is no JSON is a text: 2:6. */
static void put_json(struct form_object *to, const char *name, const char *text) {
    struct json_document *d;
    struct err ignored;
    if (json_parse(&d, text, strlen(text), &ignored) != ERR_OK) {
        form_object_put_string(to, name, text);
        return;
    }
    struct text_buffer b = {0};
    json_write_flat(&b, json_root(d));
    form_object_put(to, name, b.text);
    text_buffer_dispose(&b);
    json_free(d);
}

static enum err_code collect_typed(struct form_object *to, struct form_fields *f,
                                   struct form_field *field, const struct option_decl *o,
                                   struct err *e) {
    double number;
    struct err inner;
    if (edit_is_empty(&field->edit))
        return ERR_OK;
    if (o->type == OPTION_TEXT) {
        form_object_put_string(to, field->name, edit_text(&field->edit));
    } else if (o->type == OPTION_JSON) {
        put_json(to, field->name, edit_text(&field->edit));
    } else if (form_number(&number, field, o->type == OPTION_INT, o->minimum, o->maximum, &inner) ==
               ERR_OK) {
        form_object_put_number(to, field->name, number);
    } else {
        return form_fail(f, field, e, inner.message);
    }
    return ERR_OK;
}

/* Adds an option that differs from its default. */
static enum err_code collect_option(struct form_object *to, struct form_fields *f,
                                    struct form_field *field, struct err *e) {
    const struct option_decl *o = form_fields_option(&f->form, field->name);
    const char *chosen = field->kind == FORM_CHOICE ? form_field_chosen(field) : NULL;
    if (!o)
        return ERR_OK;
    if (field->kind != FORM_FLAG && field->kind != FORM_CHOICE)
        return collect_typed(to, f, field, o, e);
    if (field->kind == FORM_FLAG && field->chosen != on_by_default(o))
        form_object_put(to, field->name, field->chosen ? "true" : "false");
    if (chosen && !is_default(o, chosen))
        form_object_put_string(to, field->name, chosen);
    return ERR_OK;
}

static enum err_code collect_options(struct attribute_request *out, struct form_fields *f,
                                     struct err *e) {
    struct form_object options;
    enum err_code code = form_object_open(&options, f, FIELD_EXTRA, e);
    for (size_t i = 0; i < f->form.n_fields && !code; i++)
        if (f->form.fields[i].name)
            code = collect_option(&options, f, &f->form.fields[i], e);
    out->attribution_kwargs = form_object_close(&options);
    return code;
}

static void add_extra(struct form *f, const struct form *before, const struct form_fields *of) {
    (void)before, (void)of;
    form_add(f, FIELD_EXTRA, FORM_TEXT, GROUP_MORE, "More (JSON)",
             "Other options of method and functions as a JSON object, as --attribution_kwargs "
             "takes them.",
             "{}");
}

const struct own_field own_EXTRA = {add_extra, fill_extra, collect_options};
