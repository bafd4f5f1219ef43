#include "app/files/request.h"

#include "backend/base/mem.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

/* The request's strings are const for those who borrow it; here they are owned. */
static void free_owned(const void *p) {
    free((void *)(uintptr_t)p);
}

struct attribute_request request_defaults(void) {
    return (struct attribute_request){.foil_step = -1,
                                      .foil_id = -1,
                                      .attr_pos_start = POSITION_UNSET,
                                      .attr_pos_end = POSITION_UNSET};
}

void request_copy(struct attribute_request *out, const struct attribute_request *in) {
    struct attribute_request r = *in;
    r.input_text = mem_text(in->input_text);
    r.generated_text = mem_text(in->generated_text);
    r.method = mem_text(in->method);
    r.attributed_fn = mem_text(in->attributed_fn);
    r.contrast_targets = mem_text(in->contrast_targets);
    r.contrast_sources = mem_text(in->contrast_sources);
    r.contrast_alignment = mem_text(in->contrast_alignment);
    r.foil_text = mem_text(in->foil_text);
    r.span_reduce = mem_text(in->span_reduce);
    r.attribution_kwargs = mem_text(in->attribution_kwargs);
    r.generation_kwargs = mem_text(in->generation_kwargs);
    r.step_scores = NULL;
    if (in->n_step_scores) {
        char **names = mem_alloc(in->n_step_scores * sizeof *names);
        for (size_t i = 0; i < in->n_step_scores; i++)
            names[i] = mem_text(in->step_scores[i]);
        r.step_scores = (const char *const *)names;
    }
    *out = r;
}

void request_dispose(struct attribute_request *r) {
    const char *owned[] = {r->input_text,         r->generated_text,     r->method,
                           r->attributed_fn,      r->contrast_targets,   r->contrast_sources,
                           r->contrast_alignment, r->attribution_kwargs, r->generation_kwargs,
                           r->span_reduce,        r->foil_text};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        free_owned(owned[i]);
    for (size_t i = 0; i < r->n_step_scores; i++)
        free_owned(r->step_scores[i]);
    free_owned(r->step_scores);
    *r = request_defaults();
}

char *request_span_text(const struct attribute_request *r) {
    if (!r->span_start && !r->span_end)
        return NULL;
    return mem_format("%lld:%lld, %s", (long long)r->span_start, (long long)r->span_end,
                      r->span_reduce ? r->span_reduce : "sum");
}

/* JSON's names and where their values lie. */
static const struct {
    const char *name;
    size_t offset;
} texts[] =
    {
        {"input_text", offsetof(struct attribute_request, input_text)},
        {"generated_text", offsetof(struct attribute_request, generated_text)},
        {"attribution_method", offsetof(struct attribute_request, method)},
        {"attributed_fn", offsetof(struct attribute_request, attributed_fn)},
        {"contrast_targets", offsetof(struct attribute_request, contrast_targets)},
        {"contrast_sources", offsetof(struct attribute_request, contrast_sources)},
        {"contrast_targets_alignments", offsetof(struct attribute_request, contrast_alignment)},
        {"foil_text", offsetof(struct attribute_request, foil_text)},
        {"span_reduce", offsetof(struct attribute_request, span_reduce)},
        {"attribution_kwargs", offsetof(struct attribute_request, attribution_kwargs)},
        {"generation_kwargs", offsetof(struct attribute_request, generation_kwargs)},
},
  flags[] = {
      {"contrast_force_inputs", offsetof(struct attribute_request, contrast_force_inputs)},
      {"attribute_target", offsetof(struct attribute_request, attribute_target)},
      {"include_eos_baseline", offsetof(struct attribute_request, include_eos_baseline)},
      {"skip_special_tokens", offsetof(struct attribute_request, skip_special_tokens)},
};
#define COUNT(a) (sizeof(a) / sizeof *(a))

struct cJSON *request_to_json(const struct attribute_request *r) {
    cJSON *json = cJSON_CreateObject();
    for (size_t i = 0; i < COUNT(texts); i++) {
        const char *text = *(const char *const *)((const char *)r + texts[i].offset);
        if (text)
            cJSON_AddStringToObject(json, texts[i].name, text);
    }
    for (size_t i = 0; i < COUNT(flags); i++)
        if (*(const bool *)((const char *)r + flags[i].offset))
            cJSON_AddTrueToObject(json, flags[i].name);
    if (r->n_step_scores)
        cJSON_AddItemToObject(json, "step_scores",
                              cJSON_CreateStringArray(r->step_scores, (int)r->n_step_scores));
    if (r->foil_step >= 0) {
        cJSON_AddNumberToObject(json, "foil_step", (double)r->foil_step);
        cJSON_AddNumberToObject(json, "foil_id", r->foil_id);
        if (r->foil_rank)
            cJSON_AddNumberToObject(json, "foil_rank", (double)r->foil_rank);
    }
    if (r->attr_pos_start != POSITION_UNSET)
        cJSON_AddNumberToObject(json, "start_pos", (double)r->attr_pos_start);
    if (r->attr_pos_end != POSITION_UNSET)
        cJSON_AddNumberToObject(json, "end_pos", (double)r->attr_pos_end);
    if (r->span_start != 0 || r->span_end != 0) {
        cJSON_AddNumberToObject(json, "span_start", (double)r->span_start);
        cJSON_AddNumberToObject(json, "span_end", (double)r->span_end);
    }
    if (r->memory_budget > 0)
        cJSON_AddNumberToObject(json, "memory_budget", (double)r->memory_budget);
    return json;
}

/* An integer field within ±2^31, else `missing`. */
static int64_t read_integer(const cJSON *json, const char *name, int64_t missing) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);
    if (!cJSON_IsNumber(item) || !(fabs(item->valuedouble) < 2147483648.0))
        return missing;
    return (int64_t)item->valuedouble;
}

void request_from_json(struct attribute_request *out, const struct cJSON *json) {
    *out = request_defaults();
    for (size_t i = 0; i < COUNT(texts); i++) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, texts[i].name);
        if (cJSON_IsString(item))
            *(const char **)((char *)out + texts[i].offset) = mem_text(item->valuestring);
    }
    for (size_t i = 0; i < COUNT(flags); i++)
        *(bool *)((char *)out + flags[i].offset) =
            cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, flags[i].name));
    const cJSON *scores = cJSON_GetObjectItemCaseSensitive(json, "step_scores"), *item;
    size_t n = cJSON_IsArray(scores) ? (size_t)cJSON_GetArraySize(scores) : 0;
    if (n > 0) {
        char **names = mem_alloc(n * sizeof *names);
        cJSON_ArrayForEach(item, scores) if (cJSON_IsString(item)) names[out->n_step_scores++] =
            mem_text(item->valuestring);
        out->step_scores = (const char *const *)names;
    }
    out->foil_step = read_integer(json, "foil_step", -1);
    out->foil_id = (int32_t)read_integer(json, "foil_id", -1);
    out->foil_rank = read_integer(json, "foil_rank", 0);
    out->attr_pos_start = read_integer(json, "start_pos", POSITION_UNSET);
    out->attr_pos_end = read_integer(json, "end_pos", POSITION_UNSET);
    out->span_start = read_integer(json, "span_start", 0);
    out->span_end = read_integer(json, "span_end", 0);
    const cJSON *budget = cJSON_GetObjectItemCaseSensitive(json, "memory_budget");
    out->memory_budget =
        cJSON_IsNumber(budget) && budget->valuedouble > 0 && budget->valuedouble < 1e15
            ? (int64_t)budget->valuedouble
            : 0;
}
