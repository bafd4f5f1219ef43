/*
 * Qwen 2 and 2.5. Yang et al. 2024: Llama's blocks with biases of query, key and value, and where
 * the configuration says so a window from some layer on. Reference: transformers 4.57,
 * models/qwen2/modeling_qwen2.py; llama.cpp, "qwen2".
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "model.layers.{layer}."

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_vocab, 151936, VOCAB)},
    {COUNT("intermediate_size", n_ffn, 22016, FFN)},
    {COUNT("num_key_value_heads", n_kv_heads, 32, WIDTH), .like = AT(n_heads)},
    {COUNT("max_position_embeddings", n_positions, 32768, POSITIONS)},
    {FACT(FLAG, attention_bias), .value = true},
    {KEY("use_sliding_window", BY), .read = read_optional_window, .text = "max_window_layers"},
    {KEY("sliding_window", ELSEWHERE)},
    {KEY("max_window_layers", ELSEWHERE)},
    {KEY("layer_types", BY), .read = read_layer_types},
    {KEY("attention_bias", ELSEWHERE)}, /* Transformers does not look at it */
    {ONLY("mlp_bias", FLAG, false)},
    {TOKEN("bos_token_id", bos_token_id, -1)},
    {KEY("eos_token_id", BY), .value = -1, .read = read_eos},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_llama};

static const struct tensor_row tensors[] = {
    {SLOT_SELF_NORM, BLOCK "input_layernorm.weight"},
    {SLOT_FFN_NORM, BLOCK "post_attention_layernorm.weight"},
    {SLOT_OUTPUT, BLOCK "self_attn.o_proj.weight"},
};
static const struct tensor_row tensors_of_gguf[] = {
    {SLOT_OUTPUT, "blk.{layer}.attn_output.weight"},
};

const struct family family_qwen2 = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .gated = true,
                .norm = NORM_RMS,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_ROTARY,
                .final_norm = true},
    .layouts = {[LAYOUT_HUGGING_FACE] = {.classes = {{"Qwen2ForCausalLM", "qwen2", "Qwen2Tokenizer",
                                                      &settings, &settings_generation}},
                                         TENSOR_ROWS(tensors),
                                         .more = &llama_rows},
                [LAYOUT_GGUF] = {
                    .classes = {{"Qwen2ForCausalLM", "qwen2", .settings = &settings_llama_gguf}},
                    TENSOR_ROWS(tensors_of_gguf),
                    .more = &gguf_rows}}};
