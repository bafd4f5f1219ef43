/*
 * Mixtral. Jiang et al. 2024: Mistral's blocks with experts, two for every row, whose weights are a
 * softmax over those two. Reference: transformers 4.57, models/mixtral/modeling_mixtral.py. A GGUF
 * file of it calls itself a Llama.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "model.layers.{layer}."

static const struct setting transformers[] = {
    {COUNT("intermediate_size", n_ffn, 14336, FFN)},
    {COUNT("num_key_value_heads", n_kv_heads, 8, WIDTH), .like = AT(n_heads)},
    {COUNT("max_position_embeddings", n_positions, 131072, POSITIONS)},
    {NUMBER("rms_norm_eps", norm_epsilon, 1e-5)},
    {KEY("rope_scaling", BY), .value = 1e6, .read = read_rope_scaling},
    {KEY("sliding_window", BY), .read = read_window},
    {ONLY("attention_bias", FLAG, false)},
    {ONLY("mlp_bias", FLAG, false)},
    {COUNT("num_local_experts", experts.n, 8, EXPERTS)},
    {KEY("num_experts_per_tok", BY), .value = 2, .read = read_experts_used},
    {FACT(COUNT, experts.n_ffn), .like = AT(n_ffn)},
    {FACT(FLAG, experts.shares_one), .value = true},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_llama};

static const struct tensor_row tensors[] = {
    {SLOT_SELF_NORM, BLOCK "input_layernorm.weight"},
    {SLOT_FFN_NORM, BLOCK "post_attention_layernorm.weight"},
    {SLOT_ROUTER, BLOCK "block_sparse_moe.gate.weight"},
    {SLOT_EXPERT_GATE, BLOCK "block_sparse_moe.experts.{expert}.w1.weight"},
    {SLOT_EXPERT_UP, BLOCK "block_sparse_moe.experts.{expert}.w3.weight"},
    {SLOT_EXPERT_DOWN, BLOCK "block_sparse_moe.experts.{expert}.w2.weight"},
};

const struct family family_mixtral = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .gated = true,
                .norm = NORM_RMS,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_ROTARY,
                .final_norm = true},
    .layouts = {
        [LAYOUT_HUGGING_FACE] = {.classes = {{"MixtralForCausalLM", "mixtral", "LlamaTokenizer",
                                              &settings, &settings_generation}},
                                 TENSOR_ROWS(tensors),
                                 .more = &llama_rows}}};
