#include "app/form/fields.h"

#include "app/form/own.h"
#include "backend/base/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void form_fields_init(struct form_fields *f) {
    const struct attribute_request empty = {0};
    *f = (struct form_fields){0};
    form_fields_fill(f, "", &empty);
}

void form_fields_dispose(struct form_fields *f) {
    form_dispose(&f->form);
    foil_dispose(&f->foil);
    free(f->foil_for);
    free(f->span_for);
    free(f->function_before);
    free(f->languages);
    for (int i = 0; i < 2; i++) {
        free(f->own_language[i]);
        free(f->language[i]);
        f->own_language[i] = f->language[i] = NULL;
    }
    f->languages = NULL;
    f->foil_for = f->span_for = f->function_before = NULL;
}

const char *form_fields_model(const struct form_fields *f) {
    return edit_text(&form_find(&f->form, FIELD_MODEL)->edit);
}

/* --- making --- */

/* What a field had before it was made anew. Choices are matched by id: another method may have
 * others. */
static void keep_value(struct form_field *to, struct form_field *from) {
    struct edit edit = to->edit;
    to->edit = from->edit;
    from->edit = edit;
    if (to->kind == FORM_FLAG)
        to->chosen = from->chosen;
    else if (to->kind == FORM_CHOICE)
        form_field_choose(to, form_field_chosen(from));
    else if (to->kind == FORM_SET && to->n_choices == from->n_choices) {
        memcpy(to->selected, from->selected, to->n_choices * sizeof *to->selected);
        to->chosen = from->chosen;
    }
}

void form_keep(struct form *to, const struct form *from, int id) {
    struct form_field *old = form_find(from, id), *new = form_find(to, id);
    if (old && new)
        keep_value(new, old);
}

/* An option that stands at its default: the next method's may be another. */
static bool at_default(const struct form_field *field) {
    const char *value = field->chosen ? "true" : "false";
    if (field->kind == FORM_CHOICE)
        value = form_field_chosen(field);
    return field->name && (field->kind == FORM_CHOICE || field->kind == FORM_FLAG) &&
           field->placeholder && value && strcmp(value, field->placeholder) == 0;
}

void form_fields_refresh(struct form_fields *f) {
    struct form before = f->form;
    const struct form_field *focus = form_focused(&before);
    int focus_id = focus ? focus->id : FIELD_PROMPT;
    char *focus_name = focus ? mem_text(focus->name) : NULL;
    form_note_open(f);
    f->form = (struct form){
        .top = before.top, .commands = before.commands, .n_commands = before.n_commands};
    form_add(&f->form, FIELD_MODEL, FORM_PICK, GROUP_MAIN, "Model",
             "{CHOOSE}: choose among the models found, or type a path.",
             "none: {CHOOSE} to choose");
    form_rows_add(&f->form, &before, f);
    form_arrange(&f->form);
    form_set_open(f);
    f->method = form_method(&f->form);
    for (size_t i = 0; i < f->form.n_fields; i++) {
        struct form_field *field = &f->form.fields[i],
                          *old = field->name ? form_find_option(&before, field->name)
                                             : form_find(&before, field->id);
        /* Settled already, as the method wants it. */
        if (old && field->id != FIELD_FUNCTION && !at_default(old))
            keep_value(field, old);
    }
    for (size_t i = 0; i < f->form.n_fields; i++) {
        const struct form_field *field = &f->form.fields[i];
        if (field->id == focus_id &&
            (!focus_name || (field->name && strcmp(field->name, focus_name) == 0)))
            f->form.focus = i;
    }
    free(focus_name);
    const bool function_is_back = before.n_fields > 0 && !form_find(&before, FIELD_FUNCTION) &&
                                  form_find(&f->form, FIELD_FUNCTION);
    form_dispose(&before);
    /* A method without function has left the foil alone. */
    if (function_is_back && foil_given(&f->foil))
        form_fields_want_contrast(f);
}

void form_fields_set_kind(struct form_fields *f, enum form_model kind) {
    f->kind = kind;
    form_fields_refresh(f);
}

/* --- filling --- */

void form_set_text(struct form_fields *f, int id, const char *text) {
    struct form_field *field = form_find(&f->form, id);
    if (field)
        edit_set(&field->edit, text);
}

void form_fields_fill(struct form_fields *f, const char *model, const struct attribute_request *r) {
    char *kept = !model && f->form.n_fields ? mem_text(form_fields_model(f)) : mem_text(model);
    const struct form_field *focused = form_focused(&f->form);
    const int focus = focused && !focused->name ? focused->id : FIELD_MODEL;
    form_note_open(f);
    form_clear(&f->form);
    free(f->function_before);
    f->function_before = NULL;
    f->method = NULL;
    form_fields_refresh(f); /* every field at its default */
    form_set_text(f, FIELD_MODEL, kept);
    form_rows_fill(f, r);
    form_bind_span(f);
    f->include_eos_baseline = r->include_eos_baseline;
    f->skip_special_tokens = r->skip_special_tokens;
    f->step_attributions = r->step_attributions;
    const struct form_field *field = form_find(&f->form, focus);
    f->form.focus = field ? (size_t)(field - f->form.fields) : 0;
    free(kept);
}

/* --- reading --- */

enum err_code form_fail(struct form_fields *f, struct form_field *field, struct err *e,
                        const char *what) {
    form_field_fail(field, what);
    form_go(&f->form, (size_t)(field - f->form.fields));
    const char *label = field->label + strspn(field->label, " ");
    return err_set(e, ERR_USAGE, "%s: %s", label, what);
}

enum err_code form_number(double *out, const struct form_field *field, bool integer, double minimum,
                          double maximum, struct err *e) {
    const char *text = edit_text(&field->edit);
    char *end;
    *out = strtod(text, &end);
    if (end == text || end[strspn(end, " ")] || !isfinite(*out) || (integer && *out != floor(*out)))
        return err_set(e, ERR_USAGE, integer ? "not a whole number" : "not a number");
    if (*out < minimum || *out > maximum)
        return err_set(e, ERR_USAGE, "must lie between %.15g and %.15g", minimum, maximum);
    return ERR_OK;
}

char *form_text(const struct form_fields *f, int id) {
    const struct form_field *field = form_find(&f->form, id);
    return field && !edit_is_empty(&field->edit) ? mem_text(edit_text(&field->edit)) : NULL;
}

enum err_code form_object_open(struct form_object *o, struct form_fields *f, int extra,
                               struct err *e) {
    struct form_field *field = form_find(&f->form, extra);
    struct err ignored;
    *o = (struct form_object){.text = form_text(f, extra)};
    if (!o->text || (json_parse(&o->extra, o->text, strlen(o->text), &ignored) == ERR_OK &&
                     json_root(o->extra)->type == JSON_OBJECT))
        return ERR_OK;
    return form_fail(f, field, e, "not a JSON object, such as {\"name\": 1}");
}

static bool is_extra(const struct form_object *o, const char *key) {
    return o->extra && json_get(json_root(o->extra), key);
}

void form_object_put(struct form_object *o, const char *key, const char *json) {
    if (!is_extra(o, key))
        json_put_value(&o->members, key, json);
}

void form_object_put_number(struct form_object *o, const char *key, double number) {
    if (!is_extra(o, key))
        json_put_number(&o->members, key, number);
}

void form_object_put_string(struct form_object *o, const char *key, const char *text) {
    if (!is_extra(o, key))
        json_put_string(&o->members, key, text);
}

char *form_object_close(struct form_object *o) {
    const struct json_value *v = o->extra ? json_root(o->extra)->first : NULL;
    for (; v; v = v->next)
        json_put_member(&o->members, v);
    char *text = o->members.n ? json_take_object(&o->members) : NULL;
    json_free(o->extra);
    free(o->text);
    return text;
}

static enum err_code collect(struct attribute_request *out, struct form_fields *f, struct err *e) {
    *out = (struct attribute_request){.include_eos_baseline = f->include_eos_baseline,
                                      .skip_special_tokens = f->skip_special_tokens,
                                      .step_attributions = f->step_attributions};
    return form_rows_collect(out, f, e);
}

/* What is kept is for the texts that there are. */
static void leave_out_stale(struct attribute_request *out, const struct form_fields *f) {
    if (form_span_is_stale(f))
        out->span = (struct span){0};
    if (!form_foil_is_stale(f))
        return;
    foil_dispose(&out->foil);
    if (out->attributed_fn && strcmp(out->attributed_fn, FORM_CONTRAST) == 0) {
        free((char *)out->attributed_fn);
        out->attributed_fn = mem_text(form_function_before(f));
    }
}

bool form_fields_read(struct attribute_request *out, struct form_fields *f) {
    struct err e;
    size_t focus = f->form.focus;
    form_note_open(f);
    bool ok = collect(out, f, &e) == ERR_OK;
    f->form.focus = focus;
    form_set_open(f);
    if (ok)
        leave_out_stale(out, f);
    else
        request_dispose(out);
    return ok;
}

enum err_code form_fields_collect(struct attribute_request *out, struct form_fields *f,
                                  struct err *e) {
    enum err_code code = collect(out, f, e);
    if (code)
        goto out;
    code = form_check_context(out, f, e);
    if (code)
        goto out;
    if (!out->input_text)
        code = form_fail(f, form_find(&f->form, FIELD_PROMPT), e, "type a text first");
    else if (edit_is_empty(&form_find(&f->form, FIELD_MODEL)->edit))
        code = form_fail(f, form_find(&f->form, FIELD_MODEL), e, "choose a model first");
out:
    if (code)
        request_dispose(out);
    return code;
}
