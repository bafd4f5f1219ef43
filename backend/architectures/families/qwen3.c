/*
 * Qwen 3. Yang et al. 2025: Llama's blocks, whose heads norm their queries and keys before they
 * rotate them. Reference: transformers 4.57, models/qwen3/modeling_qwen3.py; llama.cpp, "qwen3".
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "model.layers.{layer}."

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_vocab, 151936, VOCAB)},
    {COUNT("intermediate_size", n_ffn, 22016, FFN)},
    {COUNT("num_key_value_heads", n_kv_heads, 32, WIDTH), .like = AT(n_heads)},
    {COUNT("head_dim", n_head_width, 128, WIDTH), .like = AT(n_width), .over = AT(n_heads)},
    {COUNT("max_position_embeddings", n_positions, 32768, POSITIONS)},
    {KEY("use_sliding_window", BY), .read = read_optional_window, .text = "max_window_layers"},
    {KEY("sliding_window", ELSEWHERE)},
    {KEY("max_window_layers", ELSEWHERE)},
    {KEY("layer_types", BY), .read = read_layer_types},
    {ONLY("mlp_bias", FLAG, false)},
    {TOKEN("bos_token_id", bos_token_id, -1)},
    {KEY("eos_token_id", BY), .value = -1, .read = read_eos},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_llama};

static const struct tensor_row tensors[] = {
    {SLOT_SELF_NORM, BLOCK "input_layernorm.weight"},
    {SLOT_FFN_NORM, BLOCK "post_attention_layernorm.weight"},
};

const struct family family_qwen3 = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .gated = true,
                .norm = NORM_RMS,
                .norm_place = NORM_BEFORE,
                .query_norm = QUERY_NORM_BY_HEAD,
                .positions = POSITION_ROTARY,
                .final_norm = true},
    .layouts = {[LAYOUT_HUGGING_FACE] = {.classes = {{"Qwen3ForCausalLM", "qwen3", "Qwen2Tokenizer",
                                                      &settings, &settings_generation}},
                                         TENSOR_ROWS(tensors),
                                         .more = &llama_rows},
                [LAYOUT_GGUF] = {
                    .classes = {{"Qwen3ForCausalLM", "qwen3", .settings = &settings_llama_gguf}},
                    .rows = gguf_tensors,
                    .n_rows = GGUF_TENSORS}}};
