/*
 * Llama. Touvron et al. 2023, with grouped-query attention (Ainslie et al. 2023), rotary positions
 * (Su et al. 2021), gated linear units (Shazeer 2020) and root mean square norms (Zhang and
 * Sennrich 2019). Mistral is the same with a window. Reference: transformers 4.57,
 * models/llama/modeling_llama.py.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "model.layers.{layer}."

static const struct setting mistral[] = {
    {COUNT("intermediate_size", n_ffn, 14336, FFN)},
    {COUNT("num_key_value_heads", n_kv_heads, 8, WIDTH), .like = AT(n_heads)},
    {COUNT("max_position_embeddings", n_positions, 131072, POSITIONS)},
    {ONLY("attention_bias", FLAG, false)},
    {ONLY("mlp_bias", FLAG, false)},
    {KEY("sliding_window", BY), .value = 4096, .read = read_window},
};
static const struct settings settings_mistral = {SETTINGS(mistral), .base = &settings_llama};

static const struct tensor_row tensors[] = {
    {SLOT_SELF_NORM, BLOCK "input_layernorm.weight"},
    {SLOT_FFN_NORM, BLOCK "post_attention_layernorm.weight"},
};

const struct family family_llama = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .gated = true,
                .norm = NORM_RMS,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_ROTARY,
                .final_norm = true},
    .layouts = {
        [LAYOUT_HUGGING_FACE] = {.classes = {{"LlamaForCausalLM", "llama", "LlamaTokenizer",
                                              &settings_llama, &settings_generation},
                                             {"MistralForCausalLM", "mistral", "LlamaTokenizer",
                                              &settings_mistral, &settings_generation}},
                                 TENSOR_ROWS(tensors),
                                 .more = &llama_rows},
        [LAYOUT_GGUF] = {
            .classes = {{"LlamaForCausalLM", "llama", .settings = &settings_llama_gguf}},
            .rows = gguf_tensors,
            .n_rows = GGUF_TENSORS,
            .rope_in_pairs = true}}};
