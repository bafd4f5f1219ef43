/*
 * Nemotron and Minitron. Parmar et al. 2024: layer norms with 1 + scale, ReLU squared, a share of
 * each head rotated. Reference: transformers 4.57, models/nemotron/modeling_nemotron.py; llama.cpp,
 * "nemotron".
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "model.layers.{layer}."
#define BIASED ".{weight|bias}"

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_vocab, 256000, VOCAB)},
    {COUNT("hidden_size", n_width, 6144, WIDTH)},
    {COUNT("num_hidden_layers", n_layers, 32, LAYERS)},
    {COUNT("num_attention_heads", n_heads, 48, WIDTH)},
    {COUNT("num_key_value_heads", n_kv_heads, 0, WIDTH), .like = AT(n_heads)},
    {COUNT("head_dim", n_head_width, 0, WIDTH), .like = AT(n_width), .over = AT(n_heads)},
    {COUNT("intermediate_size", n_ffn, 24576, FFN)},
    {COUNT("max_position_embeddings", n_positions, 4096, POSITIONS)},
    {NUMBER("norm_eps", norm_epsilon, 1e-5)},
    {FLAG("tie_word_embeddings", tied_embeddings, false)},
    {FLAG("attention_bias", attention_bias, false)},
    {FLAG("mlp_bias", mlp_bias, false)},
    {KEY("partial_rotary_factor", BY), .value = 0.5, .read = read_rotated_share},
    {KEY("rope_scaling", BY), .read = read_rope_scaling},
    {KEY("rope_theta", ELSEWHERE)},
    {KEY("rope_parameters", ELSEWHERE)},
    {NUMBER("attention_dropout", dropout.attention, 0)},
    {ACTIVATION("hidden_act", "relu2")},
    {TOKEN("bos_token_id", bos_token_id, 2)},
    {KEY("eos_token_id", BY), .value = 3, .read = read_eos},
    {TOKEN("pad_token_id", pad_token_id, -1)},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_decoder};

static const struct setting gguf[] = {
    {FACT(ACTIVATION, activation), .text = "relu2"},
};
static const struct settings settings_of_gguf = {SETTINGS(gguf), .base = &settings_decoder_gguf};

static const struct tensor_row tensors[] = {
    {SLOT_EMBEDDING, "model.embed_tokens.weight"},
    {SLOT_HEAD, "lm_head.weight"},
    {SLOT_FINAL_NORM, "model.norm" BIASED},
    {SLOT_SELF_NORM, BLOCK "input_layernorm" BIASED},
    {SLOT_FFN_NORM, BLOCK "post_attention_layernorm" BIASED},
    {SLOT_QUERY, BLOCK "self_attn.q_proj" BIASED},
    {SLOT_KEY, BLOCK "self_attn.k_proj" BIASED},
    {SLOT_VALUE, BLOCK "self_attn.v_proj" BIASED},
    {SLOT_OUTPUT, BLOCK "self_attn.o_proj" BIASED},
    {SLOT_UP, BLOCK "mlp.up_proj" BIASED},
    {SLOT_DOWN, BLOCK "mlp.down_proj" BIASED},
};

const struct family family_nemotron = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER_PLUS_ONE,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_ROTARY,
                .final_norm = true},
    .layouts = {[LAYOUT_HUGGING_FACE] = {.classes = {{"NemotronForCausalLM", "nemotron",
                                                      "PreTrainedTokenizer", &settings,
                                                      &settings_generation}},
                                         TENSOR_ROWS(tensors)},
                [LAYOUT_GGUF] = {
                    .classes = {{"NemotronForCausalLM", "nemotron", .settings = &settings_of_gguf}},
                    .rows = gguf_tensors,
                    .n_rows = GGUF_TENSORS,
                    .ones_added = true}}};
