/*
 * EncoderDecoderModel of two BERTs. Rothe et al. 2020, "Leveraging pre-trained checkpoints for
 * sequence generation tasks": a BERT reads, and another with cross-attention between its parts
 * writes. Reference: transformers 4.57, models/encoder_decoder/modeling_encoder_decoder.py,
 * models/bert/modeling_bert.py.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "{encoder.encoder/decoder.bert.encoder}.layer.{layer}."
#define CROSS "decoder.bert.encoder.layer.{layer}.crossattention."
#define EMBEDDINGS "{encoder/decoder.bert}.embeddings."
#define HEAD "decoder.cls.predictions."
#define BIASED ".{weight|bias}"

/* What the sides say of themselves alike. */
#define SIDE(sizes)                                                                                \
    {KEY("model_type", ONLY_TEXT), .text = "bert", .required = true},                              \
        {COUNT("num_hidden_layers", sizes.n_layers, 12, LAYERS)},                                  \
        {COUNT("num_attention_heads", sizes.n_heads, 12, WIDTH)},                                  \
        {FACT(COUNT, sizes.n_kv_heads), .like = AT(sizes.n_heads)},                                \
        {FACT(COUNT, sizes.n_head_width), .like = AT(n_width), .over = AT(sizes.n_heads)},         \
        {COUNT("intermediate_size", sizes.n_ffn, 3072, FFN)},                                      \
        {COUNT("type_vocab_size", sizes.n_token_types, 2, WIDTH)},                                 \
        {NUMBER("layer_norm_eps", sizes.norm_epsilon, 1e-12)},                                     \
        {KEY("hidden_act", ACTIVATION), .member = AT(sizes.activation), .text = "gelu"},           \
        {KEY("position_embedding_type", ONLY_TEXT), .text = "absolute"}, {                         \
        ONLY("is_encoder_decoder", FLAG, false)                                                    \
    }

static const struct setting decoder[] = {
    {COUNT("vocab_size", n_vocab, 30522, VOCAB)},
    {COUNT("hidden_size", n_width, 768, WIDTH)},
    {READ("max_position_embeddings", COUNT, n_positions, 512, 3, 65536)},
    SIDE(decoder_sizes),
    {ONLY("is_decoder", FLAG, true), .absent = "false"},
    {ONLY("add_cross_attention", FLAG, true), .absent = "false"},
    {FLAG("tie_word_embeddings", tied_embeddings, true)},
    {NUMBER("hidden_dropout_prob", dropout.embedding, 0.1)},
    {FACT(NUMBER, dropout.residual), .like = AT(dropout.embedding)},
    {NUMBER("attention_probs_dropout_prob", dropout.attention, 0.1)},
    {TOKEN("bos_token_id", bos_token_id, -1)},
    {TOKEN("eos_token_id", eos_token_id, -1)},
    {TOKEN("pad_token_id", pad_token_id, 0)},
    {KEY("decoder_start_token_id", ELSEWHERE)}, /* the pair says it */
};
static const struct settings settings_of_decoder = {SETTINGS(decoder),
                                                    .base = &settings_hugging_face};

static const struct setting encoder[] = {
    {COUNT("vocab_size", n_source_vocab, 30522, VOCAB)},
    {ONLY("hidden_size", NUMBER, 0), .like = AT(n_width), .absent = "768"}, /* no enc_to_dec_proj */
    {READ("max_position_embeddings", COUNT, n_source_positions, 512, 3, 65536)},
    SIDE(encoder_sizes),
    {ONLY("is_decoder", FLAG, false)},
    {KEY("tie_word_embeddings", ELSEWHERE)}, /* it has no head */
    {KEY("hidden_dropout_prob", BY), .value = 0.1, .member = AT(dropout.embedding),
     .read = read_same_dropout},
    {KEY("attention_probs_dropout_prob", BY), .value = 0.1, .member = AT(dropout.attention),
     .read = read_same_dropout},
    {KEY("bos_token_id", ELSEWHERE)}, /* it writes nothing, and texts are never padded */
    {KEY("eos_token_id", ELSEWHERE)},
    {KEY("pad_token_id", ELSEWHERE)},
    {KEY("decoder_start_token_id", ELSEWHERE)},
};
static const struct settings settings_of_encoder = {SETTINGS(encoder),
                                                    .base = &settings_hugging_face};

static const struct setting pair[] = {
    {KEY("decoder", INSIDE), .inside = &settings_of_decoder, .required = true},
    {KEY("encoder", INSIDE), .inside = &settings_of_encoder, .required = true},
    {FACT(FLAG, attention_bias), .value = true},
    {FACT(FLAG, mlp_bias), .value = true},
    {KEY("tie_word_embeddings", ELSEWHERE)}, /* the decoder's decides */
    {KEY("vocab_size", ELSEWHERE)},          /* of the loss alone */
    {TOKEN("bos_token_id", bos_token_id, -1), .like = AT(bos_token_id)},
    {TOKEN("eos_token_id", eos_token_id, -1), .like = AT(eos_token_id)},
    {TOKEN("pad_token_id", pad_token_id, -1), .like = AT(pad_token_id)},
    {TOKEN("decoder_start_token_id", decoder_start_token_id, -1)},
};
static const struct settings settings = {SETTINGS(pair), .base = &settings_hugging_face};

static const struct tensor_row tensors[] = {
    {SLOT_EMBEDDING, "encoder.embeddings.word_embeddings.weight"},
    {SLOT_DECODER_EMBEDDING, "decoder.bert.embeddings.word_embeddings.weight"},
    {SLOT_HEAD, HEAD "decoder.weight"},
    {SLOT_HEAD_BIAS, HEAD "bias"},
    {SLOT_HEAD_BIAS, HEAD "decoder.bias"},
    {SLOT_HEAD_MAP, HEAD "transform.dense" BIASED},
    {SLOT_HEAD_NORM, HEAD "transform.LayerNorm" BIASED},
    {SLOT_TOKEN_TYPES, EMBEDDINGS "token_type_embeddings.weight"},
    {SLOT_POSITIONS, EMBEDDINGS "position_embeddings.weight"},
    {SLOT_EMBEDDING_NORM, EMBEDDINGS "LayerNorm" BIASED},
    {SLOT_QUERY, BLOCK "attention.self.query" BIASED},
    {SLOT_KEY, BLOCK "attention.self.key" BIASED},
    {SLOT_VALUE, BLOCK "attention.self.value" BIASED},
    {SLOT_OUTPUT, BLOCK "attention.output.dense" BIASED},
    {SLOT_SELF_NORM, BLOCK "attention.output.LayerNorm" BIASED},
    {SLOT_CROSS_QUERY, CROSS "self.query" BIASED},
    {SLOT_CROSS_KEY, CROSS "self.key" BIASED},
    {SLOT_CROSS_VALUE, CROSS "self.value" BIASED},
    {SLOT_CROSS_OUTPUT, CROSS "output.dense" BIASED},
    {SLOT_CROSS_NORM, CROSS "output.LayerNorm" BIASED},
    {SLOT_UP, BLOCK "intermediate.dense" BIASED},
    {SLOT_DOWN, BLOCK "output.dense" BIASED},
    {SLOT_FFN_NORM, BLOCK "output.LayerNorm" BIASED},
    {SLOT_IGNORED, "encoder.pooler.*"}, /* of the first token, for tasks that are not writing */
};

const struct family family_bert2bert = {
    .encoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_AFTER_SUM,
                .positions = POSITION_LEARNED,
                .token_types = true,
                .embedding_norm = true},
    .decoder = {.parts = {PART_ATTENTION, PART_CROSS_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_AFTER_SUM,
                .positions = POSITION_LEARNED,
                .token_types = true,
                .head_map = true,
                .embedding_norm = true},
    .layouts = {
        [LAYOUT_HUGGING_FACE] = {.classes = {{"EncoderDecoderModel", "encoder-decoder",
                                              "BertTokenizer", &settings, &settings_generation}},
                                 TENSOR_ROWS(tensors)}}};
