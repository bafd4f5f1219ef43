/*
 * XGLM. Lin et al. 2022: pre-norm blocks, sinusoids that begin at position 2, embeddings times √D.
 * Reference: transformers 4.57, models/xglm/modeling_xglm.py.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "model.layers.{layer}."
#define BIASED ".{weight|bias}"

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_vocab, 256008, VOCAB)},
    {COUNT("d_model", n_width, 1024, WIDTH)},
    {COUNT("num_layers", n_layers, 24, LAYERS)},
    {COUNT("attention_heads", n_heads, 16, WIDTH)},
    {COUNT("ffn_dim", n_ffn, 4096, FFN)},
    {COUNT("max_position_embeddings", n_positions, 2048, POSITIONS)},
    {FACT(COUNT, n_kv_heads), .like = AT(n_heads)},
    {FACT(COUNT, n_head_width), .like = AT(n_width), .over = AT(n_heads)},
    {FACT(FLAG, attention_bias), .value = true},
    {FACT(FLAG, mlp_bias), .value = true},
    {FACT(NUMBER, norm_epsilon), .value = 1e-5},
    {FLAG("scale_embedding", scale_embeddings, true)},
    {FLAG("tie_word_embeddings", tied_embeddings, true)},
    {NUMBER("dropout", dropout.residual, 0.1)},
    {FACT(NUMBER, dropout.embedding), .like = AT(dropout.residual)},
    {NUMBER("attention_dropout", dropout.attention, 0.1)},
    {NUMBER("activation_dropout", dropout.activation, 0)},
    {ACTIVATION("activation_function", "gelu")},
    {KEY("decoder_start_token_id", ELSEWHERE)}, /* texts begin with what the tokenizer says */
    {TOKEN("bos_token_id", bos_token_id, 0)},
    {KEY("eos_token_id", BY), .value = 2, .read = read_eos},
    {TOKEN("pad_token_id", pad_token_id, 1)},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_hugging_face};

static const struct tensor_row tensors[] = {
    {SLOT_EMBEDDING, "model.embed_tokens.weight"},
    {SLOT_HEAD, "lm_head.weight"},
    {SLOT_FINAL_NORM, "model.layer_norm" BIASED},
    {SLOT_SELF_NORM, BLOCK "self_attn_layer_norm" BIASED},
    {SLOT_FFN_NORM, BLOCK "final_layer_norm" BIASED},
    {SLOT_QUERY, BLOCK "self_attn.q_proj" BIASED},
    {SLOT_KEY, BLOCK "self_attn.k_proj" BIASED},
    {SLOT_VALUE, BLOCK "self_attn.v_proj" BIASED},
    {SLOT_OUTPUT, BLOCK "self_attn.out_proj" BIASED},
    {SLOT_UP, BLOCK "fc1" BIASED},
    {SLOT_DOWN, BLOCK "fc2" BIASED},
    {SLOT_IGNORED, "model.embed_positions.weights"}, /* computed */
};

const struct family family_xglm = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_SINUSOID,
                .sinusoid_inclusive = true,
                .padding_unmoved = true,
                .position_offset = 2,
                .final_norm = true},
    .layouts = {[LAYOUT_HUGGING_FACE] = {.classes = {{"XGLMForCausalLM", "xglm", "XGLMTokenizer",
                                                      &settings, &settings_generation}},
                                         TENSOR_ROWS(tensors),
                                         .prefix = "model."}}};
