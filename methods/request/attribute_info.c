/*
 * Keys and meaning: Inseq 0.7.1, attr/feat/feature_attribution.py. What Inseq has no place for
 * stands under "tinseq", which its loader passes over.
 */
#include "methods/request/attribute_info.h"
#include "methods/step_functions/expression.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

static void add_options(cJSON *to, const struct option_set *s) {
    for (size_t i = 0; i < s->n; i++) {
        const struct option_decl *d = &s->decls[i];
        if (!s->values[i].given || cJSON_HasObjectItem(to, d->name))
            continue;
        if (d->type == OPTION_BOOL)
            cJSON_AddBoolToObject(to, d->name, s->values[i].number != 0);
        else if (d->type == OPTION_TEXT || d->type == OPTION_CHOICE)
            cJSON_AddStringToObject(to, d->name, s->values[i].text);
        else if (d->type == OPTION_JSON)
            cJSON_AddRawToObject(to, d->name, s->values[i].text);
        else
            cJSON_AddNumberToObject(to, d->name, s->values[i].number);
    }
}

static void add_list(cJSON *to, const char *key, const char *text) {
    const char *one[] = {text};
    cJSON_AddItemToObject(to, key, cJSON_CreateStringArray(one, 1));
}

/* The contrast text, and which of its tokens each attributed one is held against: one list of pairs
 * for the one sentence. */
static void add_contrast(cJSON *to, const struct run_facts *f) {
    if (f->arguments->contrast_sources && !cJSON_HasObjectItem(to, "contrast_sources"))
        cJSON_AddStringToObject(to, "contrast_sources", f->arguments->contrast_sources);
    if (f->arguments->contrast_force_inputs && !cJSON_HasObjectItem(to, "contrast_force_inputs"))
        cJSON_AddTrueToObject(to, "contrast_force_inputs");
    if (!f->arguments->contrast_targets || cJSON_HasObjectItem(to, "contrast_targets"))
        return;
    cJSON_AddStringToObject(to, "contrast_targets", f->arguments->contrast_targets);
    if (!f->alignment || f->request->foil_step >= 0)
        return;
    cJSON *sentences = cJSON_AddArrayToObject(to, "contrast_targets_alignments"),
          *pairs = cJSON_CreateArray();
    cJSON_AddItemToArray(sentences, pairs);
    for (int64_t c = 0; c < f->end - f->start; c++) {
        const double pair[2] = {(double)(f->start + c), (double)f->alignment[c]};
        cJSON_AddItemToArray(pairs, cJSON_CreateDoubleArray(pair, 2));
    }
}

static void add_functions(cJSON *info, const struct run_facts *f) {
    const struct run_arguments *a = f->arguments;
    char name[80];
    const char *id = a->target.function->decl.id; /* an expression's is its text */
    snprintf(name, sizeof name, "%s_fn", id);     /* Inseq writes the name of its Python function */
    cJSON_AddStringToObject(info, "attributed_fn", expression_meant(id) ? id : name);
    cJSON *fn_args = cJSON_AddObjectToObject(info, "attributed_fn_args"),
          *method_args = cJSON_AddObjectToObject(info, "attribution_args");
    cJSON *scores = cJSON_AddArrayToObject(info, "step_scores"),
          *score_args = cJSON_AddObjectToObject(info, "step_scores_args");
    add_options(method_args, &a->method_options);
    add_options(fn_args, &a->target.options);
    if (a->target.function->decl.contrastive)
        add_contrast(fn_args, f);
    for (size_t i = 0; i < a->n_scores; i++) {
        cJSON_AddItemToArray(scores, cJSON_CreateString(a->scores[i].function->decl.id));
        add_options(score_args, &a->scores[i].options);
        if (a->scores[i].function->decl.contrastive)
            add_contrast(score_args, f);
    }
}

char *attribute_info(const struct run_facts *f) {
    const struct attribute_request *r = f->request;
    const struct run_arguments *a = f->arguments;
    const struct attribution_sequence *s = f->sequence;
    const struct model_config *c = model_config(f->model);
    cJSON *info = cJSON_CreateObject();
    cJSON_AddNumberToObject(info, "attr_pos_end", (double)s->attr_pos_end);
    cJSON_AddNumberToObject(info, "attr_pos_start", (double)s->attr_pos_start);
    cJSON_AddBoolToObject(info, "attribute_target", c->encoder_decoder && r->attribute_target);
    add_functions(info, f);
    cJSON_AddStringToObject(info, "attribution_method", a->method->decl.id);
    cJSON_AddBoolToObject(info, "constrained_decoding", r->generated_text != NULL);
    cJSON_AddNumberToObject(info, "exec_time", f->seconds);
    cJSON_AddBoolToObject(info, "generate_from_target_prefix", false);
    add_list(info, "generated_texts", f->generated_text);
    cJSON *generation = r->generation_kwargs ? cJSON_Parse(r->generation_kwargs) : NULL;
    cJSON_AddItemToObject(info, "generation_args",
                          cJSON_IsObject(generation) ? generation : cJSON_CreateObject());
    cJSON_AddBoolToObject(info, "include_eos_baseline", r->include_eos_baseline);
    add_list(info, "input_texts", f->input_text);
    cJSON_AddStringToObject(info, "model_class", c->class_name);
    cJSON_AddStringToObject(info, "model_name", model_name(f->model));
    cJSON_AddBoolToObject(info, "output_step_attributions", false);
    cJSON_AddStringToObject(info, "tokenizer_class", c->tokenizer_class);
    cJSON_AddNullToObject(info, "tokenizer_name");
    cJSON *own = cJSON_AddObjectToObject(info, "tinseq"),
          *notices = cJSON_AddArrayToObject(own, "notices");
    cJSON_AddStringToObject(own, "version", TINSEQ_VERSION);
    cJSON_AddStringToObject(
        own, "dtype", model_dtype_name(f->model)); /* as Transformers' configurations name it */
    for (size_t i = 0; i < a->n_notices; i++)
        cJSON_AddItemToArray(notices, cJSON_CreateString(a->notices[i]));
    if (f->aligner)
        cJSON_AddStringToObject(own, "aligner", f->aligner);
    if (a->span_start != POSITION_UNSET) {
        cJSON_AddNumberToObject(own, "span_start", (double)f->start);
        cJSON_AddNumberToObject(own, "span_end", (double)f->end);
        cJSON_AddStringToObject(own, "span_reduce",
                                a->span_mean || !a->method->decl.needs_attributed_fn ? "mean"
                                                                                     : "sum");
    }
    if (r->foil_step >= 0)
        cJSON_AddNumberToObject(own, "foil_id", f->foil_id);
    char *text = cJSON_PrintUnformatted(info);
    cJSON_Delete(info);
    return text;
}
