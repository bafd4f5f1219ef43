/*
 * The small students of Bergamot and Firefox Translations: a transformer encoder (Vaswani et al.
 * 2017, post-norm) and a recurrent decoder of simpler simple recurrent units (Kim et al. 2019,
 * "From research to production and back"). Reference: marian-dev, src/models/transformer.h and
 * src/rnn/cells.h (SSRU). Marian multiplies x · W: its matrices are [I, O]. The decoder's input is
 * the embedding of the token before, zero at the first position.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)

/* Its ids are Marian's own. */
static const struct setting model_yml[] = {
    {FACT(TOKEN, bos_token_id), .value = -1},
    {FACT(TOKEN, eos_token_id), .value = 0},
    {FACT(TOKEN, unk_token_id), .value = 1},
    {FACT(TOKEN, pad_token_id), .value = -1},
    {FACT(TOKEN, decoder_start_token_id), .value = 0}, /* stands for the zero vector */
    {KEY("type", ONLY_TEXT), .text = "transformer"},
    {KEY("transformer-decoder-autoreg", ONLY_TEXT), .text = "rnn", .absent = "self-attention"},
    {KEY("dec-cell", ONLY_TEXT), .text = "ssru", .absent = "gru"},
    {KEY("transformer-preprocess", ONLY_TEXT), .text = ""},
    {KEY("transformer-postprocess", ONLY_TEXT), .text = "dan"},
    {KEY("transformer-postprocess-emb", ONLY_TEXT), .text = "d"},
    {KEY("transformer-postprocess-top", ONLY_TEXT), .text = ""},
    {KEY("tied-embeddings-all", ONLY_FLAG), .value = true, .absent = "false"},
    {ONLY("transformer-train-position-embeddings", FLAG, false)},
    {ONLY("transformer-no-projection", FLAG, false)},
    {ONLY("transformer-no-affine", FLAG, false)},
    {ONLY("transformer-rnn-projection", FLAG, false)},
    {ONLY("transformer-pool", FLAG, false)},
    {ONLY("layer-normalization", FLAG, false)},
    {ONLY("output-omit-bias", FLAG, false)},
    {ONLY("right-left", FLAG, false)},
    {ONLY("ulr", FLAG, false)},
    {ONLY("transformer-ffn-depth", NUMBER, 2)},
    {ONLY("transformer-decoder-ffn-depth", NUMBER, 0)},
    {ONLY("transformer-decoder-dim-ffn", NUMBER, 0)},
    {ONLY("lemma-dim-emb", NUMBER, 0)},
    {KEY("transformer-tied-layers", ONLY_EMPTY)},
    {KEY("input-types", ONLY_EMPTY)},
    {COUNT("dim-emb", n_width, 512, WIDTH)},
    {COUNT("transformer-dim-ffn", n_ffn, 2048, FFN)},
    {COUNT("enc-depth", encoder_sizes.n_layers, 1, LAYERS)},
    {COUNT("dec-depth", n_layers, 1, LAYERS)},
    {COUNT("transformer-heads", n_heads, 8, WIDTH)},
    {FACT(COUNT, encoder_sizes.n_heads), .like = AT(n_heads)},
    {FACT(COUNT, encoder_sizes.n_kv_heads), .like = AT(n_heads)},
    {FACT(COUNT, n_kv_heads), .like = AT(n_heads)},
    {FACT(COUNT, n_head_width), .like = AT(n_width), .over = AT(n_heads)},
    {FACT(COUNT, encoder_sizes.n_head_width), .like = AT(n_head_width)},
    {FACT(COUNT, encoder_sizes.n_ffn), .like = AT(n_ffn)},
    {KEY("transformer-ffn-activation", BY), .text = "swish", .read = read_activation_marian},
    {FACT(ACTIVATION, encoder_sizes.activation), .like = AT(activation)},
    {FACT(NUMBER, norm_epsilon), .value = 1e-6}, /* transformer.h's, not a setting */
    {FACT(NUMBER, encoder_sizes.norm_epsilon), .value = 1e-6},
    {FACT(FLAG, tied_embeddings), .value = true},
    {FACT(FLAG, scale_embeddings), .value = true},
    {FACT(FLAG, attention_bias), .value = true},
    {FACT(FLAG, mlp_bias), .value = true},
};
static const struct settings settings = {SETTINGS(model_yml)};

static const struct tensor_row tensors[] = {
    {SLOT_EMBEDDING, "Wemb"},
    {SLOT_HEAD_BIAS, "decoder_ff_logit_out_b"},
    {SLOT_QUERY, "encoder_l{layer}_self_{W|b}q"},
    {SLOT_KEY, "encoder_l{layer}_self_{W|b}k"},
    {SLOT_VALUE, "encoder_l{layer}_self_{W|b}v"},
    {SLOT_OUTPUT, "encoder_l{layer}_self_{W|b}o"},
    {SLOT_RECURRENT_INPUT, "decoder_l{layer}_rnn_W"},
    {SLOT_RECURRENT_GATE, "decoder_l{layer}_rnn_{W|b}f"},
    {SLOT_SELF_NORM, "encoder_l{layer}_self_Wo_ln_{scale|bias}"},
    {SLOT_RECURRENT_NORM, "decoder_l{layer}_rnn_ffn_ln_{scale|bias}"},
    {SLOT_CROSS_QUERY, "decoder_l{layer}_context_{W|b}q"},
    {SLOT_CROSS_KEY, "decoder_l{layer}_context_{W|b}k"},
    {SLOT_CROSS_VALUE, "decoder_l{layer}_context_{W|b}v"},
    {SLOT_CROSS_OUTPUT, "decoder_l{layer}_context_{W|b}o"},
    {SLOT_CROSS_NORM, "decoder_l{layer}_context_Wo_ln_{scale|bias}"},
    {SLOT_UP, "{stack}_l{layer}_ffn_{W|b}1"},
    {SLOT_DOWN, "{stack}_l{layer}_ffn_{W|b}2"},
    {SLOT_FFN_NORM, "{stack}_l{layer}_ffn_ffn_ln_{scale|bias}"},
};

const struct family family_marian_student = {
    .encoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_AFTER_SUM,
                .positions = POSITION_SINUSOID,
                .sinusoid_inclusive = true},
    .decoder = {.parts = {PART_RECURRENCE, PART_CROSS_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_AFTER_SUM,
                .positions = POSITION_SINUSOID,
                .sinusoid_inclusive = true},
    .zero_start = true,
    .layouts = {
        [LAYOUT_MARIAN_NATIVE] = {.classes = {{"MarianStudent", "transformer", "MarianTokenizer",
                                               &settings, &settings_marian_search}},
                                  TENSOR_ROWS(tensors),
                                  .first_layer = 1,
                                  .transposed = true}}};
