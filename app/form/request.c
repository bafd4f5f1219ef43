/* A request out of the form's fields, every number checked. */
#include "app/form/fields.h"

#include "app/files/request.h"
#include "backend/base/mem.h"
#include "methods/declare/declare.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum err_code fail(struct form_fields *f, struct form_field *field, struct err *e,
                          const char *what) {
    form_field_fail(field, what);
    f->form.focus = (size_t)(field - f->form.fields);
    const char *label = field->label;
    while (*label == ' ')
        label++;
    return err_set(e, ERR_USAGE, "%s: %s", label, what);
}

/* A number in [minimum, maximum], or what is wrong with it. */
static const char *parse_number(double *out, const char *text, bool integer, double minimum,
                                double maximum) {
    static char message[96]; /* the interface thread's alone */
    char *end;
    errno = 0;
    *out = strtod(text, &end);
    while (*end == ' ')
        end++;
    if (end == text || *end || !isfinite(*out) || (integer && *out != floor(*out)))
        return integer ? "not a whole number" : "not a number";
    if (*out < minimum || *out > maximum) {
        snprintf(message, sizeof message, "must lie between %.15g and %.15g", minimum, maximum);
        return message;
    }
    return NULL;
}

static char *text_or_null(const struct form_fields *f, int id) {
    const struct form_field *field = form_find(&f->form, id);
    return field && !edit_is_empty(&field->edit) ? mem_text(edit_text(&field->edit)) : NULL;
}

static enum err_code collect_position(int64_t *out, struct form_fields *f, int id, struct err *e) {
    struct form_field *field = form_find(&f->form, id);
    double number;
    *out = POSITION_UNSET;
    if (edit_is_empty(&field->edit))
        return ERR_OK;
    const char *wrong = parse_number(&number, edit_text(&field->edit), true, -1e6, 1e6);
    if (wrong)
        return fail(f, field, e, wrong);
    *out = (int64_t)number;
    return ERR_OK;
}

/* Adds an option that differs from its default. */
static enum err_code collect_option(cJSON *to, struct form_fields *f, struct form_field *field,
                                    struct err *e) {
    const struct option_decl *o = form_fields_option(&f->form, field->name);
    double number;
    if (!o)
        return ERR_OK;
    if (field->kind == FORM_FLAG) {
        if (field->chosen != (o->default_value && strcmp(o->default_value, "true") == 0))
            cJSON_AddBoolToObject(to, field->name, (int)field->chosen);
    } else if (field->kind == FORM_CHOICE) {
        const char *chosen = form_field_chosen(field);
        if (chosen && (!o->default_value || strcmp(chosen, o->default_value) != 0))
            cJSON_AddStringToObject(to, field->name, chosen);
    } else if (!edit_is_empty(&field->edit)) {
        if (o->type == OPTION_TEXT) {
            cJSON_AddStringToObject(to, field->name, edit_text(&field->edit));
            return ERR_OK;
        }
        if (o->type == OPTION_JSON) { /* what is no JSON is a text: 2:6 */
            cJSON *value = cJSON_ParseWithOpts(edit_text(&field->edit), NULL, true);
            cJSON_AddItemToObject(to, field->name,
                                  value ? value : cJSON_CreateString(edit_text(&field->edit)));
            return ERR_OK;
        }
        const char *wrong = parse_number(&number, edit_text(&field->edit), o->type == OPTION_INT,
                                         o->minimum, o->maximum);
        if (wrong)
            return fail(f, field, e, wrong);
        cJSON_AddNumberToObject(to, field->name, number);
    }
    return ERR_OK;
}

/* Adds the members of a "More (JSON)" field. */
static enum err_code collect_extra(cJSON *to, struct form_fields *f, int id, struct err *e) {
    struct form_field *field = form_find(&f->form, id);
    if (edit_is_empty(&field->edit))
        return ERR_OK;
    cJSON *extra = cJSON_Parse(edit_text(&field->edit)), *item;
    if (!cJSON_IsObject(extra)) {
        cJSON_Delete(extra);
        return fail(f, field, e, "not a JSON object, such as {\"name\": 1}");
    }
    while ((item = extra->child)) {
        cJSON_DetachItemViaPointer(extra, item);
        cJSON_DeleteItemFromObjectCaseSensitive(to, item->string);
        char *name = mem_text(item->string);
        cJSON_AddItemToObject(to, name, item);
        free(name);
    }
    cJSON_Delete(extra);
    return ERR_OK;
}

/* JSON text of a non-empty object, else NULL; the object is consumed. */
static char *print_options(cJSON *object) {
    char *text = cJSON_GetArraySize(object) > 0 ? cJSON_PrintUnformatted(object) : NULL,
         *copy = mem_text(text);
    cJSON_free(text);
    cJSON_Delete(object);
    return copy;
}

static enum err_code collect_options(struct attribute_request *out, struct form_fields *f,
                                     struct err *e) {
    cJSON *options = cJSON_CreateObject();
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < f->form.n_fields && code == ERR_OK; i++)
        if (f->form.fields[i].name)
            code = collect_option(options, f, &f->form.fields[i], e);
    if (code == ERR_OK)
        code = collect_extra(options, f, FIELD_EXTRA, e);
    out->attribution_kwargs = print_options(options);
    return code;
}

static enum err_code collect_generation(struct attribute_request *out, struct form_fields *f,
                                        struct err *e) {
    size_t n;
    const struct generation_field *fields = form_generation_fields(&n);
    cJSON *options = cJSON_CreateObject();
    const char *strategy = form_field_chosen(form_find(&f->form, FIELD_STRATEGY));
    enum err_code code = ERR_OK;
    if (strcmp(strategy, "greedy") == 0 || strcmp(strategy, "sample") == 0) {
        cJSON_AddNumberToObject(options, "num_beams", 1);
        cJSON_AddBoolToObject(options, "do_sample", strcmp(strategy, "sample") == 0);
    } else if (strcmp(strategy, "beam") == 0) {
        cJSON_AddNumberToObject(options, "num_beams", 4);
        cJSON_AddFalseToObject(options, "do_sample");
    }
    for (size_t i = 0; i < n && code == ERR_OK; i++) {
        struct form_field *field = form_find(&f->form, (int)fields[i].id);
        double number;
        if (!field || edit_is_empty(&field->edit))
            continue;
        const char *wrong = parse_number(&number, edit_text(&field->edit), fields[i].integer,
                                         fields[i].minimum, fields[i].maximum);
        if (wrong) {
            code = fail(f, field, e, wrong);
        } else {
            cJSON_DeleteItemFromObjectCaseSensitive(options, fields[i].name);
            cJSON_AddNumberToObject(options, fields[i].name, number);
        }
    }
    if (code == ERR_OK)
        code = collect_extra(options, f, FIELD_GENERATION_EXTRA, e);
    out->generation_kwargs = print_options(options);
    return code;
}

/* The chosen ones, then the formulas between semicolons. */
static void collect_step_scores(struct attribute_request *out, const struct form_fields *f) {
    const struct form_field *field = form_find(&f->form, FIELD_STEP_SCORES),
                            *formulas = form_find(&f->form, FIELD_FORMULAS);
    const char *at = edit_text(&formulas->edit);
    size_t most = field->n_choices + 1;
    for (const char *s = at; *s; s++)
        most += *s == ';';
    char **names = mem_alloc(most * sizeof *names);
    for (size_t i = 0; i < field->n_choices; i++)
        if (field->selected[i])
            names[out->n_step_scores++] = mem_text(field->choices[i].id);
    while (*at) {
        size_t n = strcspn(at, ";"), from = strspn(at, " "), to = n;
        while (to > from && at[to - 1] == ' ')
            to--;
        if (to > from)
            names[out->n_step_scores++] = mem_text_n(at + from, to - from);
        at += n + (at[n] == ';');
    }
    out->step_scores = (const char *const *)names;
}

static enum err_code collect_function(struct attribute_request *out, struct form_fields *f,
                                      struct err *e) {
    const struct form_field *function = form_find(&f->form, FIELD_FUNCTION);
    struct form_field *formula = form_find(&f->form, FIELD_FORMULA);
    if (!formula) {
        out->attributed_fn = function ? mem_text(form_field_chosen(function)) : NULL;
        return ERR_OK;
    }
    if (edit_is_empty(&formula->edit))
        return fail(f, formula, e, "type one, such as logit(y) - logit(foil)");
    out->attributed_fn = mem_text(edit_text(&formula->edit));
    return ERR_OK;
}

static enum err_code collect_alignment(struct attribute_request *out, struct form_fields *f,
                                       struct err *e) {
    const char *rule = form_field_chosen(form_find(&f->form, FIELD_ALIGNMENT));
    struct form_field *pairs = form_find(&f->form, FIELD_PAIRS);
    if (!pairs) {
        out->contrast_alignment = strcmp(rule, CHOICE_ALIGN_END) == 0 ? NULL : mem_text(rule);
        return ERR_OK;
    }
    cJSON *list = cJSON_ParseWithOpts(edit_text(&pairs->edit), NULL, true);
    bool good = cJSON_IsArray(list);
    cJSON_Delete(list);
    if (!good)
        return fail(f, pairs, e, "not a list of pairs such as [[6, 6], [7, 8]]");
    out->contrast_alignment = mem_text(edit_text(&pairs->edit));
    return ERR_OK;
}

/* "6:9". */
static enum err_code collect_span(struct attribute_request *out, struct form_fields *f,
                                  struct err *e) {
    struct form_field *field = form_find(&f->form, FIELD_SPAN);
    const char *text = edit_text(&field->edit);
    int start, end, length = -1;
    if (edit_is_empty(&field->edit))
        return ERR_OK;
    if (strlen(text) > 24 || sscanf(text, "%d :%d %n", &start, &end, &length) != 2 || length < 0 ||
        text[length] || (!start && !end))
        return fail(f, field, e,
                    "not two positions such as 6:9; the second is the one after the last");
    out->span_start = start;
    out->span_end = end;
    out->span_reduce = mem_text(form_field_chosen(form_find(&f->form, FIELD_SPAN_REDUCE)));
    return ERR_OK;
}

static enum err_code collect_budget(struct attribute_request *out, struct form_fields *f,
                                    struct err *e) {
    struct form_field *field = form_find(&f->form, FIELD_BUDGET);
    double number;
    if (edit_is_empty(&field->edit))
        return ERR_OK;
    const char *wrong = parse_number(&number, edit_text(&field->edit), true, 16, 1e6);
    if (wrong)
        return fail(f, field, e, wrong);
    out->memory_budget = (int64_t)number * BUDGET_UNIT;
    return ERR_OK;
}

static enum err_code collect(struct attribute_request *out, struct form_fields *f, struct err *e) {
    static enum err_code (*const parts[])(struct attribute_request *, struct form_fields *,
                                          struct err *) = {collect_function, collect_alignment,
                                                           collect_span,     collect_budget,
                                                           collect_options,  collect_generation};
    *out = request_defaults();
    out->input_text = text_or_null(f, FIELD_PROMPT);
    out->generated_text = text_or_null(f, FIELD_FORCED);
    out->contrast_targets = text_or_null(f, FIELD_CONTRAST);
    out->contrast_sources = text_or_null(f, FIELD_CONTRAST_SOURCE);
    out->contrast_force_inputs = form_find(&f->form, FIELD_FORCE_INPUTS)->chosen != 0;
    out->method = mem_text(form_field_chosen(form_find(&f->form, FIELD_METHOD)));
    out->attribute_target = form_find(&f->form, FIELD_TARGET_SIDE)->chosen != 0;
    out->foil_step = f->foil_step;
    out->foil_id = f->foil_id;
    out->foil_rank = f->foil_rank;
    out->foil_text = mem_text(f->foil_text);
    out->include_eos_baseline = f->include_eos_baseline;
    out->skip_special_tokens = f->skip_special_tokens;
    collect_step_scores(out, f);
    enum err_code code = collect_position(&out->attr_pos_start, f, FIELD_START, e);
    if (code == ERR_OK)
        code = collect_position(&out->attr_pos_end, f, FIELD_END, e);
    for (size_t i = 0; i < sizeof parts / sizeof *parts && code == ERR_OK; i++)
        code = parts[i](out, f, e);
    return code;
}

bool form_fields_read(struct attribute_request *out, struct form_fields *f) {
    struct err e;
    size_t focus = f->form.focus;
    bool ok = collect(out, f, &e) == ERR_OK;
    f->form.focus = focus;
    if (!ok)
        request_dispose(out);
    return ok;
}

enum err_code form_fields_collect(struct attribute_request *out, struct form_fields *f,
                                  struct err *e) {
    enum err_code code = collect(out, f, e);
    if (code == ERR_OK && !out->input_text)
        code = fail(f, form_find(&f->form, FIELD_PROMPT), e, "type a text first");
    if (code == ERR_OK && edit_is_empty(&form_find(&f->form, FIELD_MODEL)->edit))
        code = fail(f, form_find(&f->form, FIELD_MODEL), e, "choose a model first");
    if (code != ERR_OK)
        request_dispose(out);
    return code;
}
