/*
 * Granite 3. IBM 2024: Llama's blocks with four multipliers: of embeddings, of what each part adds,
 * of scores, and under logits. Reference: transformers 4.57, models/granite/modeling_granite.py;
 * llama.cpp, "granite".
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "model.layers.{layer}."

static const struct setting transformers[] = {
    {READ("embedding_multiplier", NUMBER, input_scale, 1, 1e-9, 1e9)},
    {READ("residual_multiplier", NUMBER, branch_scale, 1, 1e-9, 1e9)},
    {READ("attention_multiplier", NUMBER, attention_scale, 1, 1e-9, 1e9)},
    {KEY("logits_scaling", BY), .member = AT(logit_scale), .value = 1, .read = read_reciprocal},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_llama};

static const struct setting gguf[] = {
    {READ("embedding_scale", NUMBER, input_scale, 1, 1e-9, 1e9)},
    {READ("residual_scale", NUMBER, branch_scale, 1, 1e-9, 1e9)},
    {READ("attention.scale", NUMBER, attention_scale, 0, 0, 1e9)},
    {KEY("logit_scale", BY), .member = AT(logit_scale), .value = 1, .read = read_reciprocal},
};
static const struct settings settings_of_gguf = {SETTINGS(gguf), .base = &settings_llama_gguf};

static const struct tensor_row tensors[] = {
    {SLOT_SELF_NORM, BLOCK "input_layernorm.weight"},
    {SLOT_FFN_NORM, BLOCK "post_attention_layernorm.weight"},
};

const struct family family_granite = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .gated = true,
                .norm = NORM_RMS,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_ROTARY,
                .final_norm = true},
    .layouts = {
        [LAYOUT_HUGGING_FACE] = {.classes = {{"GraniteForCausalLM", "granite", "GPT2Tokenizer",
                                              &settings, &settings_generation}},
                                 TENSOR_ROWS(tensors),
                                 .more = &llama_rows},
        [LAYOUT_GGUF] = {
            .classes = {{"GraniteForCausalLM", "granite", .settings = &settings_of_gguf}},
            .rows = gguf_tensors,
            .n_rows = GGUF_TENSORS,
            .rope_in_pairs = true}}};
