/*
 * Rows that the families of a kind of file share. Defaults, here and in families/, are those of the
 * configuration classes of Transformers 4.57, of llama.cpp's loader and of Marian: files are often
 * saved without what equals them.
 */
#include "backend/settings/settings.h"

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

static const struct setting gguf[] = {
    {READ("embedding_length", COUNT, n_width, 1, 1, FIELD_MAX_WIDTH), .required = true},
    {READ("feed_forward_length", COUNT, n_ffn, 1, 1, FIELD_MAX_FFN), .required = true},
    {READ("block_count", COUNT, n_layers, 1, 1, FIELD_MAX_LAYERS), .required = true},
    {READ("attention.head_count", COUNT, n_heads, 1, 1, FIELD_MAX_WIDTH), .required = true},
    {READ("context_length", COUNT, n_positions, 1, 1, FIELD_MAX_POSITIONS), .required = true},
    {KEY("vocab_size", ELSEWHERE)}, /* the table of embeddings has it */
};
const struct settings settings_gguf = {SETTINGS(gguf)};

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
};
const struct settings settings_gguf_tokenizer = {SETTINGS(gguf_tokenizer)};
