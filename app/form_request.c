/* A request into the form's fields and out of them. */
#include "app/form_fields.h"

#include "app/request.h"
#include "backend/base/mem.h"
#include "methods/declare.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- request → fields --------------------------------------------------------------------------------------------------------------------- */

static void set_text(struct form_fields *f, int id, const char *text) {
    struct form_field *field = form_find(&f->form, id);
    if (field)
        edit_set(&field->edit, text);
}

static void set_position(struct form_fields *f, int id, int64_t position) {
    char *text = position == POSITION_UNSET ? NULL : mem_format("%lld", (long long)position);
    set_text(f, id, text);
    free(text);
}

/* A scalar as a person would type it; NULL for anything else. */
static char *scalar_text(const cJSON *item) {
    if (cJSON_IsString(item))
        return mem_text(item->valuestring);
    if (cJSON_IsBool(item))
        return mem_text(cJSON_IsTrue(item) ? "true" : "false");
    if (cJSON_IsNumber(item))
        return mem_format("%.15g", item->valuedouble);
    return NULL;
}

static bool set_option(struct form_field *field, const cJSON *item) {
    char *text = scalar_text(item);
    bool ok = text != NULL;
    if (ok && field->kind == FORM_FLAG)
        field->chosen = strcmp(text, "true") == 0;
    else if (ok && field->kind == FORM_CHOICE)
        ok = form_field_choose(field, text);
    else if (ok)
        edit_set(&field->edit, text);
    free(text);
    return ok;
}

/* What has no field of its own goes into the "More" field as JSON. */
static void set_rest(struct form_fields *f, int id, const cJSON *rest) {
    char *text = cJSON_GetArraySize(rest) > 0 ? cJSON_PrintUnformatted(rest) : NULL;
    set_text(f, id, text);
    cJSON_free(text);
}

static void fill_options(struct form_fields *f, const char *json) {
    cJSON *options = json ? cJSON_Parse(json) : NULL, *rest = cJSON_CreateObject(), *item;
    if (json && !cJSON_IsObject(options)) {
        set_text(f, FIELD_EXTRA, json); /* as given: the check on running says what is wrong */
    } else {
        cJSON_ArrayForEach(item, options) {
            struct form_field *field = form_find_option(&f->form, item->string);
            if (!field || !set_option(field, item))
                cJSON_AddItemToObject(rest, item->string, cJSON_Duplicate(item, true));
        }
        set_rest(f, FIELD_EXTRA, rest);
    }
    cJSON_Delete(rest);
    cJSON_Delete(options);
}

static const char *strategy_of(const cJSON *options) {
    const cJSON *sample = cJSON_GetObjectItemCaseSensitive(options, "do_sample"), *beams = cJSON_GetObjectItemCaseSensitive(options, "num_beams");
    if (cJSON_IsTrue(sample))
        return "sample";
    if (cJSON_IsNumber(beams) && beams->valuedouble > 1)
        return "beam";
    return cJSON_IsFalse(sample) || cJSON_IsNumber(beams) ? "greedy" : "model";
}

static void fill_generation(struct form_fields *f, const char *json) {
    cJSON *options = json ? cJSON_Parse(json) : NULL, *rest = cJSON_CreateObject(), *item;
    form_field_choose(form_find(&f->form, FIELD_STRATEGY), strategy_of(options));
    form_fields_refresh(f);
    size_t n;
    const struct generation_field *fields = form_generation_fields(&n);
    for (size_t i = 0; i < n; i++)
        set_text(f, (int)fields[i].id, NULL);
    if (json && !cJSON_IsObject(options))
        set_text(f, FIELD_GENERATION_EXTRA, json);
    cJSON_ArrayForEach(item, options) {
        struct form_field *field = NULL;
        for (size_t i = 0; i < n; i++)
            if (strcmp(item->string, fields[i].name) == 0)
                field = form_find(&f->form, (int)fields[i].id);
        bool implied = strcmp(item->string, "do_sample") == 0 || (strcmp(item->string, "num_beams") == 0 && !field);
        if (!implied && (!field || !set_option(field, item)))
            cJSON_AddItemToObject(rest, item->string, cJSON_Duplicate(item, true));
    }
    if (!json || cJSON_IsObject(options))
        set_rest(f, FIELD_GENERATION_EXTRA, rest);
    cJSON_Delete(rest);
    cJSON_Delete(options);
}

void form_fields_fill(struct form_fields *f, const char *model, const struct attribute_request *r) {
    char *kept = !model && f->form.n_fields ? mem_text(form_fields_model(f)) : mem_text(model);
    size_t focus = f->form.focus;
    form_clear(&f->form);
    form_fields_refresh(f); /* every field at its default */
    form_field_choose(form_find(&f->form, FIELD_METHOD), r->method ? r->method : "saliency");
    form_fields_refresh(f);
    if (form_find(&f->form, FIELD_FUNCTION))
        form_field_choose(form_find(&f->form, FIELD_FUNCTION), r->attributed_fn ? r->attributed_fn : "probability");
    form_fields_refresh(f);
    set_text(f, FIELD_MODEL, kept);
    set_text(f, FIELD_PROMPT, r->input_text);
    set_text(f, FIELD_FORCED, r->generated_text);
    set_text(f, FIELD_CONTRAST, r->contrast_targets);
    for (size_t i = 0; i < r->n_step_scores; i++)
        form_field_choose(form_find(&f->form, FIELD_STEP_SCORES), r->step_scores[i]);
    form_find(&f->form, FIELD_TARGET_SIDE)->chosen = r->attribute_target;
    set_position(f, FIELD_START, r->attr_pos_start);
    set_position(f, FIELD_END, r->attr_pos_end);
    f->foil_step = f->foil_id = -1;
    if (r->foil_step >= 0) {
        char *id = mem_format("id %d", r->foil_id);
        form_fields_set_foil(f, r->foil_step, r->foil_id, id);
        free(id);
    }
    f->include_eos_baseline = r->include_eos_baseline;
    f->skip_special_tokens = r->skip_special_tokens;
    fill_options(f, r->attribution_kwargs);
    fill_generation(f, r->generation_kwargs);
    f->form.focus = focus < f->form.n_fields ? focus : 0;
    free(kept);
}

/* --- fields → request --------------------------------------------------------------------------------------------------------------------- */

static enum err_code fail(struct form_fields *f, struct form_field *field, struct err *e, const char *what) {
    form_field_fail(field, what);
    f->form.focus = (size_t)(field - f->form.fields);
    const char *label = field->label;
    while (*label == ' ')
        label++;
    return err_set(e, ERR_USAGE, "%s: %s", label, what);
}

/* A number in [minimum, maximum], or what is wrong with it. */
static const char *parse_number(double *out, const char *text, bool integer, double minimum, double maximum) {
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

static const struct option_decl *find_option(const struct form_fields *f, const char *name) {
    const struct form_field *field = form_find(&f->form, FIELD_METHOD);
    const struct method_decl *method = field && form_field_chosen(field) ? method_decl_find(form_field_chosen(field)) : NULL;
    for (size_t i = 0; method && i < method->n_options; i++)
        if (strcmp(method->options[i].name, name) == 0)
            return &method->options[i];
    field = form_find(&f->form, FIELD_FUNCTION);
    const struct step_function_decl *function = field && form_field_chosen(field) ? step_function_decl_find(form_field_chosen(field)) : NULL;
    for (size_t i = 0; function && i < function->n_options; i++)
        if (strcmp(function->options[i].name, name) == 0)
            return &function->options[i];
    return NULL;
}

/* Adds an option that differs from its default. */
static enum err_code collect_option(cJSON *to, struct form_fields *f, struct form_field *field, struct err *e) {
    const struct option_decl *o = find_option(f, field->name);
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
            cJSON_AddItemToObject(to, field->name, value ? value : cJSON_CreateString(edit_text(&field->edit)));
            return ERR_OK;
        }
        const char *wrong = parse_number(&number, edit_text(&field->edit), o->type == OPTION_INT, o->minimum, o->maximum);
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
    char *text = cJSON_GetArraySize(object) > 0 ? cJSON_PrintUnformatted(object) : NULL, *copy = mem_text(text);
    cJSON_free(text);
    cJSON_Delete(object);
    return copy;
}

static enum err_code collect_options(struct attribute_request *out, struct form_fields *f, struct err *e) {
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

static enum err_code collect_generation(struct attribute_request *out, struct form_fields *f, struct err *e) {
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
        const char *wrong = parse_number(&number, edit_text(&field->edit), fields[i].integer, fields[i].minimum, fields[i].maximum);
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

static void collect_step_scores(struct attribute_request *out, const struct form_fields *f) {
    const struct form_field *field = form_find(&f->form, FIELD_STEP_SCORES);
    char **names = mem_alloc((field->n_choices + 1) * sizeof *names);
    for (size_t i = 0; i < field->n_choices; i++)
        if (field->selected[i])
            names[out->n_step_scores++] = mem_text(field->choices[i].id);
    out->step_scores = (const char *const *)names;
}

static enum err_code collect(struct attribute_request *out, struct form_fields *f, struct err *e) {
    *out = request_defaults();
    const struct form_field *method = form_find(&f->form, FIELD_METHOD), *function = form_find(&f->form, FIELD_FUNCTION);
    out->input_text = text_or_null(f, FIELD_PROMPT);
    out->generated_text = text_or_null(f, FIELD_FORCED);
    out->contrast_targets = text_or_null(f, FIELD_CONTRAST);
    out->method = mem_text(form_field_chosen(method));
    out->attributed_fn = function ? mem_text(form_field_chosen(function)) : NULL;
    out->attribute_target = form_find(&f->form, FIELD_TARGET_SIDE)->chosen != 0;
    out->foil_step = f->foil_step;
    out->foil_id = f->foil_id;
    out->include_eos_baseline = f->include_eos_baseline;
    out->skip_special_tokens = f->skip_special_tokens;
    collect_step_scores(out, f);
    enum err_code code = collect_position(&out->attr_pos_start, f, FIELD_START, e);
    if (code == ERR_OK)
        code = collect_position(&out->attr_pos_end, f, FIELD_END, e);
    if (code == ERR_OK)
        code = collect_options(out, f, e);
    if (code == ERR_OK)
        code = collect_generation(out, f, e);
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

enum err_code form_fields_collect(struct attribute_request *out, struct form_fields *f, struct err *e) {
    enum err_code code = collect(out, f, e);
    if (code == ERR_OK && !out->input_text)
        code = fail(f, form_find(&f->form, FIELD_PROMPT), e, "type a text first");
    if (code == ERR_OK && edit_is_empty(&form_find(&f->form, FIELD_MODEL)->edit))
        code = fail(f, form_find(&f->form, FIELD_MODEL), e, "choose a model first (Enter)");
    if (code != ERR_OK)
        request_dispose(out);
    return code;
}
