/*
 * BERT. Devlin et al. 2019: an encoder alone, of the blocks of Vaswani et al. 2017 (post-norm),
 * with learned positions and a norm of what is embedded. Reference: transformers 4.57,
 * models/bert/modeling_bert.py.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "bert.encoder.layer.{layer}."
#define BIASED ".{weight|bias}"

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_vocab, 30522, VOCAB)},
    {COUNT("hidden_size", n_width, 768, WIDTH)},
    {COUNT("intermediate_size", encoder_sizes.n_ffn, 3072, FFN)},
    {COUNT("num_hidden_layers", encoder_sizes.n_layers, 12, LAYERS)},
    {COUNT("num_attention_heads", encoder_sizes.n_heads, 12, WIDTH)},
    {FACT(COUNT, encoder_sizes.n_kv_heads), .like = AT(encoder_sizes.n_heads)},
    {FACT(COUNT, encoder_sizes.n_head_width), .like = AT(n_width),
     .over = AT(encoder_sizes.n_heads)},
    {READ("max_position_embeddings", COUNT, n_positions, 512, 3, 65536)},
    {FACT(FLAG, attention_bias), .value = true},
    {FACT(FLAG, mlp_bias), .value = true},
    {KEY("type_vocab_size", ELSEWHERE)}, /* the tensor has its rows; only the first is read */
    {NUMBER("layer_norm_eps", encoder_sizes.norm_epsilon, 1e-12)},
    {KEY("hidden_act", ACTIVATION), .member = AT(encoder_sizes.activation), .text = "gelu"},
    {KEY("position_embedding_type", ONLY_TEXT), .text = "absolute"},
    {ONLY("is_decoder", FLAG, false)},
    {KEY("pad_token_id", ELSEWHERE)},        /* texts are never padded */
    {KEY("hidden_dropout_prob", ELSEWHERE)}, /* an encoder is never trained here */
    {KEY("attention_probs_dropout_prob", ELSEWHERE)},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_hugging_face};

static const struct tensor_row tensors[] = {
    {SLOT_WORDS, "bert.embeddings.word_embeddings.weight"},
    {SLOT_SEGMENTS, "bert.embeddings.token_type_embeddings.weight"},
    {SLOT_POSITIONS, "bert.embeddings.position_embeddings.weight"},
    {SLOT_EMBEDDING_NORM, "bert.embeddings.LayerNorm" BIASED},
    {SLOT_QUERY, BLOCK "attention.self.query" BIASED},
    {SLOT_KEY, BLOCK "attention.self.key" BIASED},
    {SLOT_VALUE, BLOCK "attention.self.value" BIASED},
    {SLOT_OUTPUT, BLOCK "attention.output.dense" BIASED},
    {SLOT_SELF_NORM, BLOCK "attention.output.LayerNorm" BIASED},
    {SLOT_UP, BLOCK "intermediate.dense" BIASED},
    {SLOT_DOWN, BLOCK "output.dense" BIASED},
    {SLOT_FFN_NORM, BLOCK "output.LayerNorm" BIASED},
    {SLOT_IGNORED, "bert.embeddings.position_ids"}, /* 0, 1, 2, … */
    /* What tasks put on top of the states that are read here. */
    {SLOT_IGNORED, "bert.pooler.*"},
    {SLOT_IGNORED, "cls.*"},
    {SLOT_IGNORED, "classifier.*"},
    {SLOT_IGNORED, "qa_outputs.*"},
};

const struct family family_bert = {
    .encoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_AFTER_SUM,
                .positions = POSITION_LEARNED,
                .embedding_norm = true},
    .layouts = {[LAYOUT_HUGGING_FACE] = {.classes = {{"BertModel", "bert", "BertTokenizer",
                                                      &settings, &settings_generation}},
                                         TENSOR_ROWS(tensors),
                                         .prefix = "bert."}}};
