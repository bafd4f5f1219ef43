/*
 * Rows that the families of a kind of file share. Defaults, here and in families/, are those of the
 * configuration classes of Transformers 4.57, of llama.cpp's loader and of Marian: files are often
 * saved without what equals them.
 */
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)

static const struct setting hugging_face[] = {
    {KEY("architectures", ELSEWHERE)},
    {KEY("model_type", ELSEWHERE)},
    {KEY("quantization_config", ELSEWHERE)},
    {KEY("is_encoder_decoder", ONLY_FLAG), .like = AT(encoder_decoder)},
    {KEY("add_cross_attention", ONLY_FLAG), .value = false},
    {KEY("cross_attention_hidden_size", ONLY_EMPTY)},
    {KEY("tie_encoder_decoder", ONLY_FLAG), .value = false},
    {KEY("pruned_heads", ONLY_EMPTY)},
};
const struct settings settings_hugging_face = {SETTINGS(hugging_face)};

#define ALL_HEADS_AND_BIASES                                                                       \
    {FACT(COUNT, n_kv_heads), .like = AT(n_heads)},                                                \
        {FACT(COUNT, n_head_width), .like = AT(n_width), .over = AT(n_heads)},                     \
        {FACT(FLAG, attention_bias), .value = true}, {                                             \
        FACT(FLAG, mlp_bias), .value = true                                                        \
    }

static const struct setting decoder[] = {
    {COUNT("vocab_size", n_vocab, 50257, VOCAB)},
    {COUNT("hidden_size", n_width, 768, WIDTH)},
    {COUNT("num_hidden_layers", n_layers, 12, LAYERS)},
    {COUNT("num_attention_heads", n_heads, 12, WIDTH)},
    {COUNT("max_position_embeddings", n_positions, 2048, POSITIONS)},
    ALL_HEADS_AND_BIASES,
};
const struct settings settings_decoder = {SETTINGS(decoder), .base = &settings_hugging_face};

static const struct setting gpt[] = {
    {COUNT("vocab_size", n_vocab, 50257, VOCAB)},
    {COUNT("n_positions", n_positions, 1024, POSITIONS)},
    {COUNT("n_embd", n_width, 768, WIDTH)},
    {COUNT("n_layer", n_layers, 12, LAYERS)},
    {COUNT("n_head", n_heads, 12, WIDTH)},
    ALL_HEADS_AND_BIASES,
    {COUNT("n_inner", n_ffn, 0, FFN), .like = AT(n_width), .times = 4},
    {NUMBER("layer_norm_epsilon", norm_epsilon, 1e-5)},
    {FLAG("tie_word_embeddings", tied_embeddings, true)},
    {NUMBER("embd_pdrop", dropout.embedding, 0.1)},
    {NUMBER("attn_pdrop", dropout.attention, 0.1)},
    {NUMBER("resid_pdrop", dropout.residual, 0.1)},
    {ACTIVATION("activation_function", "gelu_new")},
    {TOKEN("bos_token_id", bos_token_id, 50256)},
    {KEY("eos_token_id", BY), .value = 50256, .read = read_eos},
    {TOKEN("pad_token_id", pad_token_id, -1)},
};
const struct settings settings_gpt = {SETTINGS(gpt), .base = &settings_hugging_face};

static const struct setting gguf[] = {
    {READ("embedding_length", COUNT, n_width, 1, 1, FIELD_MAX_WIDTH), .required = true},
    {READ("feed_forward_length", COUNT, n_ffn, 1, 1, FIELD_MAX_FFN), .required = true},
    {READ("block_count", COUNT, n_layers, 1, 1, FIELD_MAX_LAYERS), .required = true},
    {READ("attention.head_count", COUNT, n_heads, 1, 1, FIELD_MAX_WIDTH), .required = true},
    {READ("context_length", COUNT, n_positions, 1, 1, FIELD_MAX_POSITIONS), .required = true},
    {KEY("vocab_size", ELSEWHERE)}, /* the table of embeddings has it */
};
const struct settings settings_gguf = {SETTINGS(gguf)};

static const struct setting decoder_gguf[] = {
    {COUNT("attention.head_count_kv", n_kv_heads, 0, WIDTH), .like = AT(n_heads)},
    {COUNT("attention.key_length", n_head_width, 0, WIDTH), .like = AT(n_width),
     .over = AT(n_heads)},
    {KEY("attention.value_length", ONLY_NUMBER), .like = AT(n_head_width)},
    {NUMBER("attention.layer_norm_epsilon", norm_epsilon, 1e-5)},
    {COUNT("rope.dimension_count", n_rotated, 0, WIDTH), .like = AT(n_head_width)},
    {READ("rope.freq_base", NUMBER, rope_base, 10000, 1, 1e12)},
    {KEY("rope.scaling.type", BY), .read = read_rope_gguf},
    ROPE_SCALING_GGUF,
};
const struct settings settings_decoder_gguf = {SETTINGS(decoder_gguf), .base = &settings_gguf};

/* tokenizer.ggml.* */
static const struct setting gguf_tokenizer[] = {
    {KEY("bos_token_id", TOKEN), .member = AT(bos_token_id), .value = -1},
    {KEY("eos_token_id", TOKEN), .member = AT(eos_token_id), .value = -1},
    {KEY("padding_token_id", TOKEN), .member = AT(pad_token_id), .value = -1},
    {KEY("unknown_token_id", TOKEN), .member = AT(unk_token_id), .value = -1},
    {KEY("add_bos_token", ELSEWHERE)},
    {KEY("add_eos_token", ELSEWHERE)},
    {KEY("model", ELSEWHERE)},
    {KEY("pre", ELSEWHERE)},
    {KEY("tokens", ELSEWHERE)},
    {KEY("token_type", ELSEWHERE)},
    {KEY("merges", ELSEWHERE)},
    {KEY("precompiled_charsmap", ELSEWHERE)},
    {KEY("remove_extra_whitespaces", ELSEWHERE)},
};
const struct settings settings_gguf_tokenizer = {SETTINGS(gguf_tokenizer)};
