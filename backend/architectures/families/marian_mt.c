/*
 * MarianMT as in Transformers: Vaswani et al. 2017 with post-norm blocks, sinusoidal positions,
 * embeddings scaled by √D, a bias on the logits. Reference: transformers 4.57,
 * models/marian/modeling_marian.py.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "model.{stack}.layers.{layer}."
#define BIASED ".{weight|bias}"

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_vocab, 58101, VOCAB)},
    {KEY("decoder_vocab_size", ONLY_NUMBER), .like = AT(n_vocab)},
    {COUNT("d_model", n_width, 1024, WIDTH)},
    {COUNT("decoder_ffn_dim", n_ffn, 4096, FFN)},
    {COUNT("encoder_ffn_dim", encoder_sizes.n_ffn, 4096, FFN)},
    {COUNT("encoder_layers", encoder_sizes.n_layers, 12, LAYERS)},
    {KEY("num_hidden_layers", ELSEWHERE)}, /* the encoder's, said again */
    {COUNT("decoder_layers", n_layers, 12, LAYERS)},
    {COUNT("encoder_attention_heads", encoder_sizes.n_heads, 16, WIDTH)},
    {COUNT("decoder_attention_heads", n_heads, 16, WIDTH)},
    {FACT(COUNT, n_kv_heads), .like = AT(n_heads)},
    {FACT(COUNT, n_head_width), .like = AT(n_width), .over = AT(n_heads)},
    {COUNT("max_position_embeddings", n_positions, 1024, POSITIONS)},
    {FACT(COUNT, encoder_sizes.n_kv_heads), .like = AT(encoder_sizes.n_heads)},
    {FACT(COUNT, encoder_sizes.n_head_width), .like = AT(n_width),
     .over = AT(encoder_sizes.n_heads)},
    {FACT(NUMBER, norm_epsilon), .value = 1e-5}, /* torch.nn.LayerNorm's */
    {FACT(NUMBER, encoder_sizes.norm_epsilon), .value = 1e-5},
    {FLAG("tie_word_embeddings", tied_embeddings, true)},
    {FLAG("scale_embedding", scale_embeddings, false)},
    {FACT(FLAG, attention_bias), .value = true},
    {FACT(FLAG, mlp_bias), .value = true},
    {NUMBER("dropout", dropout.embedding, 0.1)},
    {FACT(NUMBER, dropout.residual), .like = AT(dropout.embedding)},
    {NUMBER("attention_dropout", dropout.attention, 0)},
    {NUMBER("activation_dropout", dropout.activation, 0)},
    {ACTIVATION("activation_function", "gelu")},
    {FACT(ACTIVATION, encoder_sizes.activation), .like = AT(activation)},
    {ONLY("share_encoder_decoder_embeddings", FLAG, true)},
    {ONLY("normalize_before", FLAG, false)},
    {ONLY("normalize_embedding", FLAG, false)},
    {ONLY("add_final_layer_norm", FLAG, false)},
    {ONLY("add_bias_logits", FLAG, false)},
    {ONLY("static_position_embeddings", FLAG, true)},
    {TOKEN("bos_token_id", bos_token_id, -1)},
    {TOKEN("pad_token_id", pad_token_id, 58100)},
    {KEY("eos_token_id", BY), .value = 0, .read = read_eos},
    {TOKEN("decoder_start_token_id", decoder_start_token_id, 58100)},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_hugging_face};

/* MarianConfig's default differs. */
static const struct setting generation[] = {
    {KEY("forced_eos_token_id", TOKEN),
     .member = offsetof(struct generation_config, forced_eos_token_id), .value = 0},
};
static const struct settings settings_of_generation = {SETTINGS(generation),
                                                       .base = &settings_generation};

static const struct tensor_row tensors[] = {
    {SLOT_EMBEDDING, "model.shared.weight"},
    {SLOT_EMBEDDING, "model.encoder.embed_tokens.weight"},
    {SLOT_EMBEDDING, "model.decoder.embed_tokens.weight"},
    {SLOT_DECODER_EMBEDDING, "model.shared.weight"},
    {SLOT_DECODER_EMBEDDING, "model.decoder.embed_tokens.weight"},
    {SLOT_DECODER_EMBEDDING, "model.encoder.embed_tokens.weight"},
    {SLOT_HEAD, "lm_head.weight"},
    {SLOT_HEAD_BIAS, "final_logits_bias"},
    {SLOT_QUERY, BLOCK "self_attn.q_proj" BIASED},
    {SLOT_KEY, BLOCK "self_attn.k_proj" BIASED},
    {SLOT_VALUE, BLOCK "self_attn.v_proj" BIASED},
    {SLOT_OUTPUT, BLOCK "self_attn.out_proj" BIASED},
    {SLOT_SELF_NORM, BLOCK "self_attn_layer_norm" BIASED},
    {SLOT_CROSS_QUERY, BLOCK "encoder_attn.q_proj" BIASED},
    {SLOT_CROSS_KEY, BLOCK "encoder_attn.k_proj" BIASED},
    {SLOT_CROSS_VALUE, BLOCK "encoder_attn.v_proj" BIASED},
    {SLOT_CROSS_OUTPUT, BLOCK "encoder_attn.out_proj" BIASED},
    {SLOT_CROSS_NORM, BLOCK "encoder_attn_layer_norm" BIASED},
    {SLOT_UP, BLOCK "fc1" BIASED},
    {SLOT_DOWN, BLOCK "fc2" BIASED},
    {SLOT_FFN_NORM, BLOCK "final_layer_norm" BIASED},
    {SLOT_IGNORED, "model.*coder.embed_positions.weight"}, /* they are computed */
};

const struct family family_marian_mt = {
    .encoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_AFTER_SUM,
                .positions = POSITION_SINUSOID},
    .decoder = {.parts = {PART_ATTENTION, PART_CROSS_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_AFTER_SUM,
                .positions = POSITION_SINUSOID},
    .layouts = {[LAYOUT_HUGGING_FACE] = {.classes = {{"MarianMTModel", "marian", "MarianTokenizer",
                                                      &settings, &settings_of_generation}},
                                         TENSOR_ROWS(tensors)}}};
