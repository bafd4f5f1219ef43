/*
 * Qwen 1.5 and 2 with experts. Yang et al. 2024: Qwen 2's blocks, in which most layers have
 * experts, weighed by a softmax over all of them, and one more for every row, weighed by a sigmoid.
 * Reference: transformers 4.57, models/qwen2_moe/modeling_qwen2_moe.py; llama.cpp, "qwen2moe".
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "model.layers.{layer}."

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_vocab, 151936, VOCAB)},
    {COUNT("hidden_size", n_width, 2048, WIDTH)},
    {COUNT("intermediate_size", n_ffn, 5632, FFN)},
    {COUNT("num_hidden_layers", n_layers, 24, LAYERS)},
    {COUNT("num_attention_heads", n_heads, 16, WIDTH)},
    {COUNT("num_key_value_heads", n_kv_heads, 16, WIDTH), .like = AT(n_heads)},
    {COUNT("max_position_embeddings", n_positions, 32768, POSITIONS)},
    {FLAG("qkv_bias", attention_bias, true)},
    {KEY("use_sliding_window", BY), .read = read_optional_window},
    {KEY("sliding_window", ELSEWHERE)},
    {KEY("max_window_layers", ELSEWHERE)}, /* layers are masked alike */
    {KEY("layer_types", BY), .read = read_layer_types},
    {ONLY("attention_bias", FLAG, true)},
    {ONLY("mlp_bias", FLAG, false)},
    {TOKEN("bos_token_id", bos_token_id, -1)},
    {KEY("eos_token_id", BY), .value = -1, .read = read_eos},
    {COUNT("num_experts", experts.n, 60, EXPERTS)},
    {KEY("num_experts_per_tok", BY), .value = 4, .read = read_experts_used},
    {KEY("decoder_sparse_step", BY), .value = 1, .read = read_sparse_layers},
    {KEY("mlp_only_layers", ELSEWHERE)},
    {COUNT("moe_intermediate_size", experts.n_ffn, 1408, FFN)},
    {COUNT("shared_expert_intermediate_size", experts.n_shared_ffn, 5632, FFN)},
    {FLAG("norm_topk_prob", experts.shares_one, false)},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_llama};

static const struct setting gguf[] = {
    {READ("expert_feed_forward_length", COUNT, experts.n_ffn, 0, 1, FIELD_MAX_FFN),
     .like = AT(n_ffn)},
    {READ("expert_shared_feed_forward_length", COUNT, experts.n_shared_ffn, 0, 1, FIELD_MAX_FFN),
     .like = AT(n_ffn)},
    {FACT(FLAG, attention_bias), .value = true},
    {FACT(FLAG, experts.shares_one), .value = false},
};
static const struct settings settings_of_gguf = {SETTINGS(gguf), .base = &settings_llama_gguf};

static const struct tensor_row tensors[] = {
    {SLOT_SELF_NORM, BLOCK "input_layernorm.weight"},
    {SLOT_FFN_NORM, BLOCK "post_attention_layernorm.weight"},
    {SLOT_OUTPUT, BLOCK "self_attn.o_proj.weight"},
};
static const struct tensor_row tensors_of_gguf[] = {
    {SLOT_OUTPUT, "blk.{layer}.attn_output.weight"},
};

const struct family family_qwen2_moe = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .gated = true,
                .norm = NORM_RMS,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_ROTARY,
                .shared_expert = true,
                .final_norm = true},
    .layouts = {
        [LAYOUT_HUGGING_FACE] = {.classes = {{"Qwen2MoeForCausalLM", "qwen2_moe", "Qwen2Tokenizer",
                                              &settings, &settings_generation}},
                                 TENSOR_ROWS(tensors),
                                 .more = &llama_rows},
        [LAYOUT_GGUF] = {
            .classes = {{"Qwen2MoeForCausalLM", "qwen2moe", .settings = &settings_of_gguf}},
            TENSOR_ROWS(tensors_of_gguf),
            .more = &gguf_rows}}};
