/*
 * Phi 3, 3.5 and 4. Abdin et al. 2024: Llama's blocks with one stored map for query, key and value,
 * and one for gate and up. Reference: transformers 4.57, models/phi3/modeling_phi3.py; llama.cpp,
 * "phi3".
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "model.layers.{layer}."

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_vocab, 32064, VOCAB)},
    {COUNT("hidden_size", n_width, 3072, WIDTH)},
    {COUNT("intermediate_size", n_ffn, 8192, FFN)},
    {COUNT("max_position_embeddings", n_positions, 4096, POSITIONS)},
    {NUMBER("rms_norm_eps", norm_epsilon, 1e-5)},
    {NUMBER("resid_pdrop", dropout.residual, 0)},
    {NUMBER("embd_pdrop", dropout.embedding, 0)},
    {KEY("partial_rotary_factor", BY), .value = 1, .read = read_rotated_share},
    {KEY("original_max_position_embeddings", ELSEWHERE)},
    {ONLY("attention_bias", FLAG, false)}, /* there is none, whatever a file says */
    {ONLY("mlp_bias", FLAG, false)},
    {KEY("sliding_window", BY), .read = read_window},
    {KEY("eos_token_id", BY), .value = 32000, .read = read_eos},
    {TOKEN("pad_token_id", pad_token_id, 32000)},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_llama};

static const struct setting gguf[] = {
    {READ("rope.dimension_count", COUNT, n_rotated, 0, 2, FIELD_MAX_WIDTH),
     .like = AT(n_head_width)},
};
static const struct settings settings_of_gguf = {SETTINGS(gguf), .base = &settings_llama_gguf};

static const struct tensor_row tensors[] = {
    {SLOT_SELF_NORM, BLOCK "input_layernorm.weight"},
    {SLOT_FFN_NORM, BLOCK "post_attention_layernorm.weight"},
};
static const struct tensor_row tensors_of_gguf[] = {
    {SLOT_GATE_UP, "blk.{layer}.ffn_up.weight"},
    {SLOT_ROPE_DIVISORS, "?rope_factors_short.weight"},
    {SLOT_ROPE_LONG_DIVISORS, "?rope_factors_long.weight"},
};

const struct family family_phi3 = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .gated = true,
                .norm = NORM_RMS,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_ROTARY,
                .rotations_restart = true,
                .final_norm = true},
    .layouts = {
        [LAYOUT_HUGGING_FACE] = {.classes = {{"Phi3ForCausalLM", "phi3", "LlamaTokenizer",
                                              &settings, &settings_generation}},
                                 TENSOR_ROWS(tensors),
                                 .more = &llama_rows,
                                 .fuse = FUSE_QKV,
                                 .fused_gate = true},
        [LAYOUT_GGUF] = {.classes = {{"Phi3ForCausalLM", "phi3", .settings = &settings_of_gguf}},
                         TENSOR_ROWS(tensors_of_gguf),
                         .more = &gguf_rows,
                         .fuse = FUSE_QKV,
                         .fused_gate = true}}};
