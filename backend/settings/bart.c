/*
 * The keys of Transformers' translators and summarisers, which come of fairseq, with the defaults
 * of BART's configuration class. Some are left over from older versions and say nothing any more.
 */
#include "backend/settings/settings.h"

#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_source_vocab, 50265, VOCAB)},
    {COUNT("decoder_vocab_size", n_vocab, 0, VOCAB), .like = AT(n_source_vocab)},
    {COUNT("d_model", n_width, 1024, WIDTH)},
    {COUNT("encoder_layers", encoder_sizes.n_layers, 12, LAYERS)},
    {KEY("num_hidden_layers", ELSEWHERE)}, /* the encoder's, said again */
    {COUNT("encoder_ffn_dim", encoder_sizes.n_ffn, 4096, FFN)},
    {COUNT("encoder_attention_heads", encoder_sizes.n_heads, 16, WIDTH)},
    {FACT(COUNT, encoder_sizes.n_kv_heads), .like = AT(encoder_sizes.n_heads)},
    {FACT(COUNT, encoder_sizes.n_head_width), .like = AT(n_width),
     .over = AT(encoder_sizes.n_heads)},
    {COUNT("decoder_layers", n_layers, 12, LAYERS)},
    {COUNT("decoder_ffn_dim", n_ffn, 4096, FFN)},
    {COUNT("decoder_attention_heads", n_heads, 16, WIDTH)},
    {FACT(COUNT, n_kv_heads), .like = AT(n_heads)},
    {FACT(COUNT, n_head_width), .like = AT(n_width), .over = AT(n_heads)},
    {COUNT("max_position_embeddings", n_positions, 1024, POSITIONS)},
    {FACT(NUMBER, norm_epsilon), .value = 1e-5}, /* torch.nn.LayerNorm's */
    {FACT(NUMBER, encoder_sizes.norm_epsilon), .value = 1e-5},
    {ACTIVATION("activation_function", "gelu")},
    {FACT(ACTIVATION, encoder_sizes.activation), .like = AT(activation)},
    {FLAG("tie_word_embeddings", tied_embeddings, true)},
    {FLAG("scale_embedding", scale_embeddings, false)},
    {FACT(FLAG, attention_bias), .value = true},
    {FACT(FLAG, mlp_bias), .value = true},
    {NUMBER("dropout", dropout.embedding, 0.1)},
    {FACT(NUMBER, dropout.residual), .like = AT(dropout.embedding)},
    {NUMBER("attention_dropout", dropout.attention, 0)},
    {NUMBER("activation_dropout", dropout.activation, 0)},
    {TOKEN("bos_token_id", bos_token_id, 0)},
    {TOKEN("pad_token_id", pad_token_id, 1)},
    {KEY("eos_token_id", BY), .value = 2, .read = read_eos},
    {TOKEN("decoder_start_token_id", decoder_start_token_id, 2)},
    /* The class says these, whatever the file does. */
    {KEY("add_bias_logits", ELSEWHERE)},
    {KEY("add_final_layer_norm", ELSEWHERE)},
    {KEY("extra_pos_embeddings", ELSEWHERE)},
    {KEY("normalize_before", ELSEWHERE)},
    {KEY("normalize_embedding", ELSEWHERE)},
    {KEY("static_position_embeddings", ELSEWHERE)},
    {KEY("output_past", ELSEWHERE)},
};
const struct settings settings_bart = {SETTINGS(transformers), .base = &settings_hugging_face};
