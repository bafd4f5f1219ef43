/* A request into the form's fields. */
#include "app/form/fields.h"

#include "app/files/request.h"
#include "backend/base/mem.h"
#include "methods/declare/declare.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static bool set_option(const struct form *f, struct form_field *field, const cJSON *item) {
    const struct option_decl *o = field->name ? form_fields_option(f, field->name) : NULL;
    char *printed =
        o && o->type == OPTION_JSON && !cJSON_IsString(item) ? cJSON_PrintUnformatted(item) : NULL;
    char *text = printed ? mem_text(printed) : scalar_text(item);
    cJSON_free(printed);
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

/* A rule's name, or pairs as JSON. */
static void fill_alignment(struct form_fields *f, const char *rule) {
    struct form_field *field = form_find(&f->form, FIELD_ALIGNMENT);
    if (!rule || strcmp(rule, CHOICE_PAIRS) == 0 || !form_field_choose(field, rule))
        form_field_choose(field, rule ? CHOICE_PAIRS : CHOICE_ALIGN_END);
    form_fields_refresh(f);
    set_text(f, FIELD_PAIRS, rule);
}

/* The contrast's arguments stand among the options in Inseq; here they have fields of their own. */
static bool fill_contrast(struct form_fields *f, const cJSON *item) {
    const bool text = cJSON_IsString(item);
    if (text && strcmp(item->string, "contrast_targets") == 0) {
        set_text(f, FIELD_CONTRAST, item->valuestring);
    } else if (text && strcmp(item->string, "contrast_sources") == 0) {
        set_text(f, FIELD_CONTRAST_SOURCE, item->valuestring);
    } else if (cJSON_IsBool(item) && strcmp(item->string, "contrast_force_inputs") == 0) {
        form_find(&f->form, FIELD_FORCE_INPUTS)->chosen = cJSON_IsTrue(item);
    } else if ((text || cJSON_IsArray(item)) &&
               strcmp(item->string, "contrast_targets_alignments") == 0) {
        char *pairs = text ? NULL : cJSON_PrintUnformatted(item);
        fill_alignment(f, text ? item->valuestring : pairs);
        cJSON_free(pairs);
    } else {
        return false;
    }
    return true;
}

/* The same of a span. What is none stays in the object. */
static void fill_span(struct form_fields *f, cJSON *options) {
    const cJSON *start = cJSON_GetObjectItemCaseSensitive(options, "span_start"),
                *end = cJSON_GetObjectItemCaseSensitive(options, "span_end");
    const cJSON *reduce = cJSON_GetObjectItemCaseSensitive(options, "span_reduce");
    const bool known =
        !reduce || (cJSON_IsString(reduce) && (strcmp(reduce->valuestring, "mean") == 0 ||
                                               strcmp(reduce->valuestring, "sum") == 0));
    const double most = 1e9;
    if (!cJSON_IsNumber(start) || !cJSON_IsNumber(end) || !known ||
        !(start->valuedouble >= -most && start->valuedouble <= most) ||
        !(end->valuedouble >= -most && end->valuedouble <= most))
        return;
    form_fields_set_span(f, (int64_t)start->valuedouble, (int64_t)end->valuedouble,
                         reduce && strcmp(reduce->valuestring, "mean") == 0);
    cJSON_DeleteItemFromObjectCaseSensitive(options, "span_start");
    cJSON_DeleteItemFromObjectCaseSensitive(options, "span_end");
    cJSON_DeleteItemFromObjectCaseSensitive(options, "span_reduce");
}

static void fill_options(struct form_fields *f, const char *json) {
    cJSON *options = json ? cJSON_Parse(json) : NULL, *rest = cJSON_CreateObject(), *item;
    if (json && !cJSON_IsObject(options)) {
        set_text(f, FIELD_EXTRA, json); /* as given: the check on running says what is wrong */
    } else {
        fill_span(f, options);
        cJSON_ArrayForEach(item, options) {
            struct form_field *field = form_find_option(&f->form, item->string);
            if (!fill_contrast(f, item) && (!field || !set_option(&f->form, field, item)))
                cJSON_AddItemToObject(rest, item->string, cJSON_Duplicate(item, true));
        }
        set_rest(f, FIELD_EXTRA, rest);
    }
    cJSON_Delete(rest);
    cJSON_Delete(options);
}

static const char *strategy_of(const cJSON *options) {
    const cJSON *sample = cJSON_GetObjectItemCaseSensitive(options, "do_sample"),
                *beams = cJSON_GetObjectItemCaseSensitive(options, "num_beams");
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
        bool implied = strcmp(item->string, "do_sample") == 0 ||
                       (strcmp(item->string, "num_beams") == 0 && !field);
        if (!implied && (!field || !set_option(&f->form, field, item)))
            cJSON_AddItemToObject(rest, item->string, cJSON_Duplicate(item, true));
    }
    if (!json || cJSON_IsObject(options))
        set_rest(f, FIELD_GENERATION_EXTRA, rest);
    cJSON_Delete(rest);
    cJSON_Delete(options);
}

/* A declared function, or a formula; without one, what the method or a foil asks for. */
static void fill_function(struct form_fields *f, const struct attribute_request *r) {
    struct form_field *field = form_find(&f->form, FIELD_FUNCTION);
    if (!field)
        return;
    if (r->attributed_fn && !form_field_choose(field, r->attributed_fn)) {
        form_field_choose(field, CHOICE_FORMULA);
        form_fields_refresh(f);
        set_text(f, FIELD_FORMULA, r->attributed_fn);
        return;
    }
    if (!r->attributed_fn && r->foil_step >= 0)
        form_field_choose(field, "contrast_logits_diff");
    form_fields_refresh(f);
}

static void fill_step_scores(struct form_fields *f, const struct attribute_request *r) {
    struct text_buffer formulas = {0};
    for (size_t i = 0; i < r->n_step_scores; i++)
        if (!form_field_choose(form_find(&f->form, FIELD_STEP_SCORES), r->step_scores[i]))
            text_buffer_format(&formulas, "%s%s", formulas.n ? "; " : "", r->step_scores[i]);
    form_fields_refresh(f); /* their options */
    set_text(f, FIELD_FORMULAS, formulas.text);
    text_buffer_dispose(&formulas);
}

static void fill_what_to_run(struct form_fields *f, const struct attribute_request *r) {
    set_text(f, FIELD_PROMPT, r->input_text);
    set_text(f, FIELD_FORCED, r->generated_text);
    set_text(f, FIELD_CONTRAST, r->contrast_targets);
    set_text(f, FIELD_CONTRAST_SOURCE, r->contrast_sources);
    fill_alignment(f, r->contrast_alignment);
    form_find(&f->form, FIELD_FORCE_INPUTS)->chosen = r->contrast_force_inputs;
    form_find(&f->form, FIELD_TARGET_SIDE)->chosen = r->attribute_target;
    set_position(f, FIELD_START, r->attr_pos_start);
    set_position(f, FIELD_END, r->attr_pos_end);
    char *budget =
        r->memory_budget > 0 ? mem_format("%.15g", (double)r->memory_budget / BUDGET_UNIT) : NULL;
    set_text(f, FIELD_BUDGET, budget);
    free(budget);
    if (r->span_start || r->span_end)
        form_fields_set_span(f, r->span_start, r->span_end,
                             r->span_reduce && strcmp(r->span_reduce, "mean") == 0);
}

static void fill_foil(struct form_fields *f, const struct attribute_request *r) {
    if (r->foil_step < 0) {
        form_fields_clear_foil(f);
    } else if (r->foil_text) {
        form_fields_set_foil_text(f, r->foil_step, r->foil_text);
    } else {
        char *name = r->foil_rank > 0
                         ? mem_format("choice %lld of the model's others", (long long)r->foil_rank)
                         : mem_format("id %d", r->foil_id);
        form_fields_set_foil(f, r->foil_step, r->foil_id, name);
        f->foil_rank = r->foil_rank;
        free(name);
    }
}

void form_fields_fill(struct form_fields *f, const char *model, const struct attribute_request *r) {
    char *kept = !model && f->form.n_fields ? mem_text(form_fields_model(f)) : mem_text(model);
    size_t focus = f->form.focus;
    form_clear(&f->form);
    free(f->function_before);
    f->function_before = NULL;
    f->method = NULL;
    form_fields_refresh(f); /* every field at its default */
    form_field_choose(form_find(&f->form, FIELD_METHOD), r->method ? r->method : "saliency");
    form_fields_refresh(f);
    fill_function(f, r);
    fill_step_scores(f, r);
    set_text(f, FIELD_MODEL, kept);
    fill_what_to_run(f, r);
    fill_foil(f, r);
    f->include_eos_baseline = r->include_eos_baseline;
    f->skip_special_tokens = r->skip_special_tokens;
    fill_options(f, r->attribution_kwargs);
    fill_generation(f, r->generation_kwargs);
    f->form.focus = focus < f->form.n_fields ? focus : 0;
    free(kept);
}
