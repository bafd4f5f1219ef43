/*
 * Ministral. Mistral AI 2024: Mistral with layers that have the window and layers that see all.
 * Reference: transformers 4.57, models/ministral/modeling_ministral.py.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "model.layers.{layer}."

static const struct setting transformers[] = {
    {COUNT("intermediate_size", n_ffn, 14336, FFN)},
    {COUNT("num_key_value_heads", n_kv_heads, 8, WIDTH), .like = AT(n_heads)},
    {COUNT("max_position_embeddings", n_positions, 131072, POSITIONS)},
    {ONLY("attention_bias", FLAG, false)},
    {ONLY("mlp_bias", FLAG, false)},
    {KEY("sliding_window", BY), .value = 4096, .read = read_window},
    {KEY("layer_types", BY), .read = read_layer_types},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_llama};

static const struct tensor_row tensors[] = {
    {SLOT_SELF_NORM, BLOCK "input_layernorm.weight"},
    {SLOT_FFN_NORM, BLOCK "post_attention_layernorm.weight"},
};

const struct family family_ministral = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .gated = true,
                .norm = NORM_RMS,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_ROTARY,
                .final_norm = true},
    .layouts = {
        [LAYOUT_HUGGING_FACE] = {.classes = {{"MinistralForCausalLM", "ministral", "LlamaTokenizer",
                                              &settings, &settings_generation}},
                                 TENSOR_ROWS(tensors),
                                 .more = &llama_rows}}};
