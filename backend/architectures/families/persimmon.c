/*
 * Persimmon. Elsen et al. 2023: layer norms, also of each head's queries and keys, a share of each
 * head rotated, query, key and value fused by heads, ReLU squared. Reference: transformers 4.57,
 * models/persimmon/modeling_persimmon.py.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "model.layers.{layer}."
#define BIASED ".{weight|bias}"

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_vocab, 262144, VOCAB)},
    {COUNT("hidden_size", n_width, 4096, WIDTH)},
    {COUNT("num_hidden_layers", n_layers, 36, LAYERS)},
    {COUNT("num_attention_heads", n_heads, 64, WIDTH)},
    {COUNT("intermediate_size", n_ffn, 16384, FFN)},
    {COUNT("max_position_embeddings", n_positions, 16384, POSITIONS)},
    {NUMBER("layer_norm_eps", norm_epsilon, 1e-5)},
    {FLAG("tie_word_embeddings", tied_embeddings, false)},
    {EITHER("qk_layernorm", decoder.query_norm, true, QUERY_NORM_NONE, QUERY_NORM_BY_HEAD)},
    {KEY("partial_rotary_factor", BY), .value = 0.5, .read = read_rotated_share},
    {KEY("rope_scaling", BY), .value = 25000, .read = read_rope_scaling},
    {KEY("rope_theta", ELSEWHERE)},
    {KEY("rope_parameters", ELSEWHERE)},
    {NUMBER("hidden_dropout", dropout.residual, 0)},
    {NUMBER("attention_dropout", dropout.attention, 0)},
    {ACTIVATION("hidden_act", "relu2")},
    {TOKEN("bos_token_id", bos_token_id, 1)},
    {KEY("eos_token_id", BY), .value = 2, .read = read_eos},
    {TOKEN("pad_token_id", pad_token_id, -1)},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_decoder};

static const struct tensor_row tensors[] = {
    {SLOT_EMBEDDING, "model.embed_tokens.weight"},
    {SLOT_HEAD, "lm_head.weight"},
    {SLOT_FINAL_NORM, "model.final_layernorm" BIASED},
    {SLOT_SELF_NORM, BLOCK "input_layernorm" BIASED},
    {SLOT_FFN_NORM, BLOCK "post_attention_layernorm" BIASED},
    {SLOT_QKV, BLOCK "self_attn.query_key_value" BIASED},
    {SLOT_QUERY_NORM, BLOCK "self_attn.q_layernorm" BIASED},
    {SLOT_KEY_NORM, BLOCK "self_attn.k_layernorm" BIASED},
    {SLOT_OUTPUT, BLOCK "self_attn.dense" BIASED},
    {SLOT_UP, BLOCK "mlp.dense_h_to_4h" BIASED},
    {SLOT_DOWN, BLOCK "mlp.dense_4h_to_h" BIASED},
    {SLOT_IGNORED, "model.layers.*.self_attn.rotary_emb.inv_freq"},
};

const struct family family_persimmon = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_ROTARY,
                .final_norm = true},
    .layouts = {
        [LAYOUT_HUGGING_FACE] = {.classes = {{"PersimmonForCausalLM", "persimmon", "LlamaTokenizer",
                                              &settings, &settings_generation}},
                                 TENSOR_ROWS(tensors),
                                 .fuse = FUSE_QKV_BY_GROUP}}};
