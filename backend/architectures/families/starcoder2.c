/*
 * StarCoder2. Lozhkov et al. 2024: layer norms, grouped-query attention with rotations and perhaps
 * a window, biases. Reference: transformers 4.57, models/starcoder2/modeling_starcoder2.py.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "model.layers.{layer}."
#define BIASED ".{weight|bias}"

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_vocab, 49152, VOCAB)},
    {COUNT("hidden_size", n_width, 3072, WIDTH)},
    {COUNT("num_hidden_layers", n_layers, 30, LAYERS)},
    {COUNT("num_attention_heads", n_heads, 24, WIDTH)},
    {COUNT("num_key_value_heads", n_kv_heads, 2, WIDTH), .like = AT(n_heads)},
    {COUNT("head_dim", n_head_width, 0, WIDTH), .like = AT(n_width), .over = AT(n_heads)},
    {COUNT("intermediate_size", n_ffn, 12288, FFN)},
    {COUNT("max_position_embeddings", n_positions, 4096, POSITIONS)},
    {NUMBER("norm_epsilon", norm_epsilon, 1e-5)},
    {FLAG("tie_word_embeddings", tied_embeddings, true)},
    {KEY("use_bias", BY), .value = true, .read = read_biases},
    {KEY("sliding_window", BY), .read = read_window},
    {KEY("rope_scaling", BY), .read = read_rope_scaling},
    {KEY("rope_theta", ELSEWHERE)},
    {KEY("rope_parameters", ELSEWHERE)},
    {NUMBER("embedding_dropout", dropout.embedding, 0)},
    {NUMBER("attention_dropout", dropout.attention, 0)},
    {NUMBER("residual_dropout", dropout.residual, 0)},
    {ACTIVATION("hidden_act", "gelu_pytorch_tanh")},
    {TOKEN("bos_token_id", bos_token_id, 50256)},
    {KEY("eos_token_id", BY), .value = 50256, .read = read_eos},
    {TOKEN("pad_token_id", pad_token_id, -1)},
    /* Written by those who trained it; no model reads them. */
    {KEY("mlp_type", ELSEWHERE)},
    {KEY("norm_type", ELSEWHERE)},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_decoder};

static const struct setting gguf[] = {
    {FACT(ACTIVATION, activation), .text = "gelu_pytorch_tanh"},
    {KEY("attention.sliding_window", BY), .read = read_window},
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
    {SLOT_UP, BLOCK "mlp.c_fc" BIASED},
    {SLOT_DOWN, BLOCK "mlp.c_proj" BIASED},
};

const struct family family_starcoder2 = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_ROTARY,
                .final_norm = true},
    .layouts = {
        [LAYOUT_HUGGING_FACE] = {.classes = {{"Starcoder2ForCausalLM", "starcoder2",
                                              "GPT2Tokenizer", &settings, &settings_generation}},
                                 TENSOR_ROWS(tensors)},
        [LAYOUT_GGUF] = {
            .classes = {{"Starcoder2ForCausalLM", "starcoder2", .settings = &settings_of_gguf}},
            .rows = gguf_tensors,
            .n_rows = GGUF_TENSORS}}};
