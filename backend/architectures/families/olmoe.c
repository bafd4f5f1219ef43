/*
 * OLMoE. Muennighoff et al. 2024: Llama's blocks with experts in every layer, weighed by a softmax
 * over all of them, and norms of queries and keys over all heads together. Reference: transformers
 * 4.57, models/olmoe/modeling_olmoe.py; llama.cpp, "olmoe".
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "model.layers.{layer}."

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_vocab, 50304, VOCAB)},
    {COUNT("hidden_size", n_width, 2048, WIDTH)},
    {COUNT("intermediate_size", n_ffn, 2048, FFN)},
    {COUNT("num_hidden_layers", n_layers, 16, LAYERS)},
    {COUNT("num_attention_heads", n_heads, 16, WIDTH)},
    {COUNT("max_position_embeddings", n_positions, 4096, POSITIONS)},
    {NUMBER("rms_norm_eps", norm_epsilon, 1e-5)},
    {READ("clip_qkv", NUMBER, attention_clip, 0, 1e-9, 1e9)},
    {ONLY("mlp_bias", FLAG, false)},
    {TOKEN("bos_token_id", bos_token_id, -1)},
    {KEY("eos_token_id", BY), .value = 50279, .read = read_eos},
    {TOKEN("pad_token_id", pad_token_id, 1)},
    {COUNT("num_experts", experts.n, 64, EXPERTS)},
    {KEY("num_experts_per_tok", BY), .value = 8, .read = read_experts_used},
    {FACT(COUNT, experts.n_ffn), .like = AT(n_ffn)},
    {FLAG("norm_topk_prob", experts.shares_one, false)},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_llama};

static const struct setting gguf[] = {
    {READ("expert_feed_forward_length", COUNT, experts.n_ffn, 0, 1, FIELD_MAX_FFN),
     .like = AT(n_ffn)},
    {FACT(FLAG, experts.shares_one), .value = false},
};
static const struct settings settings_of_gguf = {SETTINGS(gguf), .base = &settings_llama_gguf};

static const struct tensor_row tensors[] = {
    {SLOT_SELF_NORM, BLOCK "input_layernorm.weight"},
    {SLOT_FFN_NORM, BLOCK "post_attention_layernorm.weight"},
};

const struct family family_olmoe = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .gated = true,
                .norm = NORM_RMS,
                .norm_place = NORM_BEFORE,
                .query_norm = QUERY_NORM_WHOLE,
                .positions = POSITION_ROTARY,
                .final_norm = true},
    .layouts = {
        [LAYOUT_HUGGING_FACE] = {.classes = {{"OlmoeForCausalLM", "olmoe", "GPTNeoXTokenizer",
                                              &settings, &settings_generation}},
                                 TENSOR_ROWS(tensors),
                                 .more = &llama_rows},
        [LAYOUT_GGUF] = {.classes = {{"OlmoeForCausalLM", "olmoe", .settings = &settings_of_gguf}},
                         .rows = gguf_tensors,
                         .n_rows = GGUF_TENSORS}}};
