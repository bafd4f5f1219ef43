/*
 * Models with eyes or ears around a language model: text_config says what the language model is,
 * and its tensors lie under a prefix (backend/weights/unwrap.c). Without a picture the whole
 * computes what the language model alone does. Reference: transformers 4.57, configuration_*.py.
 */
#include "backend/config/files.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *class, *type;
    const char *text; /* type of the language model where text_config does not say it */
} wrappers[] = {
    {"LlavaForConditionalGeneration", "llava", "llama"},
    {"LlavaNextForConditionalGeneration", "llava_next", "llama"},
    {"Mistral3ForConditionalGeneration", "mistral3", "mistral"},
    {"Gemma3ForConditionalGeneration", "gemma3", "gemma3_text"},
    {"Qwen2VLForConditionalGeneration", "qwen2_vl", "qwen2_vl_text"},
    {"Qwen2_5_VLForConditionalGeneration", "qwen2_5_vl", "qwen2_5_vl_text"},
    {"Qwen3VLForConditionalGeneration", "qwen3_vl", "qwen3_vl_text"},
    {"SmolVLMForConditionalGeneration", "smolvlm", "llama"},
    {"Idefics3ForConditionalGeneration", "idefics3", "llama"},
    {"AyaVisionForConditionalGeneration", "aya_vision", "cohere2"},
    {"InternVLForConditionalGeneration", "internvl", "qwen2"},
};

/* Language models that differ from a family only by where a picture's tokens stand. */
static const char *const same[][2] = {{"qwen2_vl_text", "qwen2"},
                                      {"qwen2_vl", "qwen2"},
                                      {"qwen2_5_vl_text", "qwen2"},
                                      {"qwen2_5_vl", "qwen2"},
                                      {"qwen3_vl_text", "qwen3"}};

bool wrapper_open(struct fields *f, const char *class, char *type, size_t n_type) {
    size_t i = 0;
    while (i < sizeof wrappers / sizeof *wrappers &&
           strcmp(class ? class : type, class ? wrappers[i].class : wrappers[i].type) != 0)
        i++;
    if (i == sizeof wrappers / sizeof *wrappers)
        return false;
    const cJSON *text = cJSON_GetObjectItemCaseSensitive(f->json, "text_config");
    if (text && !cJSON_IsObject(text))
        field_fail(f, ERR_FORMAT, "text_config is no object");
    if (cJSON_IsObject(text)) /* else, as Qwen2-VL wrote it, all stands in one object */
        f->json = text;
    field_text(f, "model_type", wrappers[i].text, type, n_type);
    for (size_t k = 0; k < sizeof same / sizeof *same; k++)
        if (strcmp(type, same[k][0]) == 0)
            snprintf(type, n_type, "%s", same[k][1]);
    return true;
}
