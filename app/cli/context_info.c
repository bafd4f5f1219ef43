#include "app/cli/context_info.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

enum form { AS_TEXT, AS_NUMBER, AS_FLAG, AS_LIST, AS_INTEGERS, AS_JSON };

/* Inseq's name of an option, what its value is in JSON, and its default there. */
static const struct row {
    enum cli_option_id id;
    const char *name;
    enum form form;
    const char *otherwise;
} rows[] = {
    {CLI_OPT_MODEL, "model_name_or_path", AS_TEXT, "null"},
    {CLI_OPT_METHOD, "attribution_method", AS_TEXT, "\"saliency\""},
    {CLI_OPT_DEVICE, "device", AS_TEXT, "\"cpu\""},
    {CLI_OPT_FUNCTION, "attributed_fn", AS_TEXT, "null"},
    {CLI_OPT_SELECTORS, "attribution_selectors", AS_INTEGERS, "null"},
    {CLI_OPT_AGGREGATORS, "attribution_aggregators", AS_LIST, "null"},
    {CLI_OPT_NORMALIZE, "normalize_attributions", AS_FLAG, "false"},
    {CLI_OPT_RESCALE, "rescale_attributions", AS_FLAG, "false"},
    {CLI_OPT_MODEL_KWARGS, "model_kwargs", AS_JSON, "{}"},
    {CLI_OPT_TOKENIZER_KWARGS, "tokenizer_kwargs", AS_JSON, "{}"},
    {CLI_OPT_GENERATION_KWARGS, "generation_kwargs", AS_JSON, "{}"},
    {CLI_OPT_ATTRIBUTION_KWARGS, "attribution_kwargs", AS_JSON, "{}"},
    {CLI_OPT_INPUT_CURRENT, "input_current_text", AS_TEXT, "\"\""},
    {CLI_OPT_INPUT_CONTEXT, "input_context_text", AS_TEXT, "null"},
    {CLI_OPT_INPUT_TEMPLATE, "input_template", AS_TEXT, "null"},
    {CLI_OPT_OUTPUT_CONTEXT, "output_context_text", AS_TEXT, "null"},
    {CLI_OPT_OUTPUT_CURRENT, "output_current_text", AS_TEXT, "null"},
    {CLI_OPT_OUTPUT_TEMPLATE, "output_template", AS_TEXT, "null"},
    {CLI_OPT_CONTEXTLESS_INPUT, "contextless_input_current_text", AS_TEXT, "\"{current}\""},
    {CLI_OPT_CONTEXTLESS_OUTPUT, "contextless_output_current_text", AS_TEXT, "\"{current}\""},
    {CLI_OPT_METRIC, "context_sensitivity_metric", AS_TEXT, "\"kl_divergence\""},
    {CLI_OPT_STRATEGY, "handle_output_context_strategy", AS_TEXT, "\"manual\""},
    {CLI_OPT_FOILS, "contextless_output_next_tokens", AS_LIST, "[]"},
    {CLI_OPT_ASK_FOILS, "prompt_user_for_contextless_output_next_tokens", AS_FLAG, "false"},
    {CLI_OPT_KEEP_SPECIAL, "special_tokens_to_keep", AS_LIST, "[]"},
    {CLI_OPT_SEPARATOR, "decoder_input_output_separator", AS_TEXT, "\" \""},
    {CLI_OPT_CONTEXT_THRESHOLD, "context_sensitivity_std_threshold", AS_NUMBER, "1.0"},
    {CLI_OPT_CONTEXT_MOST, "context_sensitivity_topk", AS_NUMBER, "null"},
    {CLI_OPT_CUE_THRESHOLD, "attribution_std_threshold", AS_NUMBER, "1.0"},
    {CLI_OPT_CUE_MOST, "attribution_topk", AS_NUMBER, "null"},
    {CLI_OPT_INTERMEDIATE, "show_intermediate_outputs", AS_FLAG, "false"},
    {CLI_OPT_SAVE, "save_path", AS_TEXT, "null"},
    {CLI_OPT_ADD_INFO, "add_output_info", AS_FLAG, "true"},
    {CLI_OPT_VIZ, "viz_path", AS_TEXT, "null"},
    {CLI_OPT_SHOW_VIZ, "show_viz", AS_FLAG, "true"},
};

static cJSON *list_of(const struct cli_value *v, bool integers) {
    cJSON *out = cJSON_CreateArray();
    for (size_t i = 0; i < v->n; i++)
        cJSON_AddItemToArray(out, integers ? cJSON_CreateNumber((double)v->integers[i])
                                           : cJSON_CreateString(v->texts[i]));
    return out;
}

static cJSON *value_of(const struct cli_arguments *a, const struct row *row) {
    const struct cli_value *v = &a->values[row->id];
    const char *text = v->texts && v->n ? v->texts[v->n - 1] : NULL;
    cJSON *json = NULL;
    if (v->given && row->form == AS_FLAG)
        return cJSON_CreateBool(v->flag);
    if (v->given && (row->form == AS_LIST || row->form == AS_INTEGERS))
        return list_of(v, row->form == AS_INTEGERS);
    if (text && row->form == AS_NUMBER)
        return cJSON_CreateNumber(strtod(text, NULL));
    if (text && row->form == AS_JSON)
        json = cJSON_Parse(text);
    else if (text)
        json = cJSON_CreateString(text);
    return json ? json : cJSON_Parse(row->otherwise);
}

/* Templates depend on which contexts there are. */
static void set_template(cJSON *out, const char *name, const char *given, const char *context) {
    const char *usual = context ? "{context} {current}" : "{current}";
    cJSON_ReplaceItemInObject(out, name, cJSON_CreateString(given ? given : usual));
}

/* The context that they make; and what is cited, where Inseq's loader looks for nothing. */
static void set_documents(cJSON *out, const struct context_told *told) {
    const struct context_request *r = told->request;
    cJSON *own = cJSON_AddObjectToObject(out, "tinseq");
    char *citations = citations_json(told->citations, &told->result->attribution->sequences[0]);
    cJSON_ReplaceItemInObject(out, "input_context_text", cJSON_CreateString(r->input_context));
    cJSON_ReplaceItemInObject(out, "contextless_input_current_text",
                              cJSON_CreateString(r->contextless_input));
    cJSON_AddItemToObject(own, "citations", cJSON_Parse(citations));
    free(citations);
}

cJSON *context_info(const struct cli_arguments *a, const struct context_told *told) {
    const struct context_request *r = told->request;
    cJSON *out = cJSON_CreateObject();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cJSON_AddItemToObject(out, rows[i].name, value_of(a, &rows[i]));
    set_template(out, "input_template", r->input_template, r->input_context);
    set_template(out, "output_template", r->output_template, r->output_context);
    cJSON_ReplaceItemInObject(out, "output_current_text",
                              cJSON_CreateString(told->result->output_current));
    if (told->result->output_context)
        cJSON_ReplaceItemInObject(out, "output_context_text",
                                  cJSON_CreateString(told->result->output_context));
    if (r->n_documents)
        set_documents(out, told);
    cJSON_AddBoolToObject(out, "has_input_context", told->result->input_context_tokens.given);
    cJSON_AddBoolToObject(out, "has_output_context", told->result->output_context_tokens.given);
    return out;
}
