/*
 * BLOOM. Le Scao et al. 2022: scores of attention fall with the distance (ALiBi, Press et al.
 * 2022), embeddings are normed, query, key and value fused by heads. The modules self_attention and
 * mlp there add the residual themselves; outputs of layers are without it here. Reference:
 * transformers 4.57, models/bloom/modeling_bloom.py.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "transformer.h.{layer}."
#define BIASED ".{weight|bias}"

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_vocab, 250880, VOCAB)},
    {COUNT("hidden_size", n_width, 64, WIDTH)},
    {COUNT("n_embed", n_width, 0, WIDTH), .like = AT(n_width)}, /* the same, stronger */
    {COUNT("n_layer", n_layers, 2, LAYERS)},
    {COUNT("num_hidden_layers", n_layers, 0, LAYERS), .like = AT(n_layers)},
    {COUNT("n_head", n_heads, 8, WIDTH)},
    {COUNT("num_attention_heads", n_heads, 0, WIDTH), .like = AT(n_heads)},
    {FACT(COUNT, n_kv_heads), .like = AT(n_heads)},
    {FACT(COUNT, n_head_width), .like = AT(n_width), .over = AT(n_heads)},
    {FACT(COUNT, n_ffn), .like = AT(n_width), .times = 4},
    {FACT(FLAG, attention_bias), .value = true},
    {FACT(FLAG, mlp_bias), .value = true},
    {FACT(ACTIVATION, activation), .text = "gelu_new"},
    {NUMBER("layer_norm_epsilon", norm_epsilon, 1e-5)},
    {EITHER("apply_residual_connection_post_layernorm", decoder.norm_place, false, NORM_BEFORE,
            NORM_BEFORE_BOTH)},
    {FLAG("tie_word_embeddings", tied_embeddings, true)},
    {NUMBER("hidden_dropout", dropout.residual, 0)},
    {NUMBER("attention_dropout", dropout.attention, 0)},
    {TOKEN("bos_token_id", bos_token_id, 1)},
    {KEY("eos_token_id", BY), .value = 2, .read = read_eos},
    {TOKEN("pad_token_id", pad_token_id, -1)},
    /* How it was trained; no model reads them. */
    {KEY("slow_but_exact", ELSEWHERE)},
    {KEY("seq_length", ELSEWHERE)},
    {KEY("n_inner", ELSEWHERE)},
    {KEY("offset_alibi", ELSEWHERE)},
    {KEY("skip_bias_add", ELSEWHERE)},
    {KEY("skip_bias_add_qkv", ELSEWHERE)},
    {KEY("bias_dropout_fusion", ELSEWHERE)},
    {KEY("masked_softmax_fusion", ELSEWHERE)},
    {KEY("attention_softmax_in_fp32", ELSEWHERE)},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_hugging_face};

static const struct setting gguf[] = {
    {FACT(ACTIVATION, activation), .text = "gelu_new"},
    {KEY("context_length", ELSEWHERE)}, /* slopes have no end; often it is the width */
};
static const struct settings settings_of_gguf = {SETTINGS(gguf), .base = &settings_decoder_gguf};

static const struct tensor_row tensors[] = {
    {SLOT_EMBEDDING, "transformer.word_embeddings.weight"},
    {SLOT_HEAD, "lm_head.weight"},
    {SLOT_EMBEDDING_NORM, "transformer.word_embeddings_layernorm" BIASED},
    {SLOT_FINAL_NORM, "transformer.ln_f" BIASED},
    {SLOT_SELF_NORM, BLOCK "input_layernorm" BIASED},
    {SLOT_FFN_NORM, BLOCK "post_attention_layernorm" BIASED},
    {SLOT_QKV, BLOCK "self_attention.query_key_value" BIASED},
    {SLOT_OUTPUT, BLOCK "self_attention.dense" BIASED},
    {SLOT_UP, BLOCK "mlp.dense_h_to_4h" BIASED},
    {SLOT_DOWN, BLOCK "mlp.dense_4h_to_h" BIASED},
};

static const struct tensor_row tensors_of_gguf[] = {
    {SLOT_EMBEDDING_NORM, "token_embd_norm" BIASED},
};

const struct family family_bloom = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .positions = POSITION_SLOPES,
                .embedding_norm = true,
                .final_norm = true},
    .layouts = {
        [LAYOUT_HUGGING_FACE] = {.classes = {{"BloomForCausalLM", "bloom", "BloomTokenizer",
                                              &settings, &settings_generation}},
                                 TENSOR_ROWS(tensors),
                                 .prefix = "transformer.",
                                 .fuse = FUSE_QKV_BY_GROUP},
        [LAYOUT_GGUF] = {.classes = {{"BloomForCausalLM", "bloom", .settings = &settings_of_gguf}},
                         TENSOR_ROWS(tensors_of_gguf),
                         .more = &gguf_rows,
                         .fuse = FUSE_QKV}}};
