/*
 * Qwen 3 with experts. Yang et al. 2025: Qwen 3's blocks, in which most layers have experts,
 * weighed by a softmax over all of them or over those that are chosen. Reference:
 * transformers 4.57, models/qwen3_moe/modeling_qwen3_moe.py; llama.cpp, "qwen3moe".
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "model.layers.{layer}."

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_vocab, 151936, VOCAB)},
    {COUNT("hidden_size", n_width, 2048, WIDTH)},
    {COUNT("intermediate_size", n_ffn, 6144, FFN)},
    {COUNT("num_hidden_layers", n_layers, 24, LAYERS)},
    {COUNT("num_attention_heads", n_heads, 32, WIDTH)},
    {COUNT("num_key_value_heads", n_kv_heads, 4, WIDTH), .like = AT(n_heads)},
    {COUNT("max_position_embeddings", n_positions, 32768, POSITIONS)},
    {KEY("use_sliding_window", BY), .read = read_optional_window},
    {KEY("sliding_window", ELSEWHERE)},
    {KEY("max_window_layers", ELSEWHERE)}, /* layers are masked alike */
    {ONLY("mlp_bias", FLAG, false)},
    {TOKEN("bos_token_id", bos_token_id, -1)},
    {KEY("eos_token_id", BY), .value = -1, .read = read_eos},
    {COUNT("num_experts", experts.n, 128, EXPERTS)},
    {KEY("num_experts_per_tok", BY), .value = 8, .read = read_experts_used},
    {KEY("decoder_sparse_step", BY), .value = 1, .read = read_sparse_layers},
    {KEY("mlp_only_layers", ELSEWHERE)},
    {COUNT("moe_intermediate_size", experts.n_ffn, 768, FFN)},
    {FLAG("norm_topk_prob", experts.shares_one, false)},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_llama};

static const struct setting gguf[] = {
    {READ("expert_feed_forward_length", COUNT, experts.n_ffn, 0, 1, FIELD_MAX_FFN),
     .like = AT(n_ffn)},
    {FACT(FLAG, experts.shares_one), .value = true},
};
static const struct settings settings_of_gguf = {SETTINGS(gguf), .base = &settings_llama_gguf};

static const struct tensor_row tensors[] = {
    {SLOT_SELF_NORM, BLOCK "input_layernorm.weight"},
    {SLOT_FFN_NORM, BLOCK "post_attention_layernorm.weight"},
};

const struct family family_qwen3_moe = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .gated = true,
                .norm = NORM_RMS,
                .norm_place = NORM_BEFORE,
                .query_norm = QUERY_NORM_BY_HEAD,
                .positions = POSITION_ROTARY,
                .final_norm = true},
    .layouts = {
        [LAYOUT_HUGGING_FACE] = {.classes = {{"Qwen3MoeForCausalLM", "qwen3_moe", "Qwen2Tokenizer",
                                              &settings, &settings_generation}},
                                 TENSOR_ROWS(tensors),
                                 .more = &llama_rows},
        [LAYOUT_GGUF] = {
            .classes = {{"Qwen3MoeForCausalLM", "qwen3moe", .settings = &settings_of_gguf}},
            .rows = gguf_tensors,
            .n_rows = GGUF_TENSORS}}};
