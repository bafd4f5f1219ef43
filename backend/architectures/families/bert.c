/*
 * BERT. Devlin et al. 2019: an encoder alone, of the blocks of Vaswani et al. 2017 (post-norm),
 * with learned positions and a norm of what is embedded; or either side of a pair (Rothe et al.
 * 2020), as its decoder with cross-attention between its parts. Reference: transformers 4.57,
 * models/bert/modeling_bert.py.
 */
#include "backend/architectures/bert_kind.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define HEAD "cls.predictions."

static const struct setting alone[] = {
    {COUNT("vocab_size", n_vocab, 30522, VOCAB)},
    {COUNT("hidden_size", n_width, 768, WIDTH)},
    BERT_SIZES(encoder_sizes, 12, 12, 3072),
    BERT_ACTIVATION(encoder_sizes),
    {READ("max_position_embeddings", COUNT, n_positions, 512, 3, 65536)},
    {KEY("type_vocab_size", ELSEWHERE)}, /* the tensor has its rows; only the first is read */
    {ONLY("is_decoder", FLAG, false)},
    {KEY("pad_token_id", ELSEWHERE)},        /* texts are never padded */
    {KEY("hidden_dropout_prob", ELSEWHERE)}, /* an encoder is never trained here */
    {KEY("attention_probs_dropout_prob", ELSEWHERE)},
};
static const struct settings settings = {SETTINGS(alone), .base = &settings_hugging_face};

static const struct setting reads[] = {
    BERT_READS(30522, "768"),
    BERT_SIZES(encoder_sizes, 12, 12, 3072),
    BERT_ACTIVATION(encoder_sizes),
    {READ("max_position_embeddings", COUNT, n_source_positions, 512, 3, 65536)},
    {COUNT("type_vocab_size", encoder_sizes.n_token_types, 2, WIDTH)},
    {KEY("pad_token_id", ELSEWHERE)}, /* texts are never padded */
};
static const struct settings settings_of_encoder = {SETTINGS(reads),
                                                    .base = &settings_hugging_face};

static const struct setting writes[] = {
    BERT_WRITES(30522, 768),
    BERT_SIZES(decoder_sizes, 12, 12, 3072),
    BERT_ACTIVATION(decoder_sizes),
    {READ("max_position_embeddings", COUNT, n_positions, 512, 3, 65536)},
    {COUNT("type_vocab_size", decoder_sizes.n_token_types, 2, WIDTH)},
    {TOKEN("bos_token_id", bos_token_id, -1)},
    {TOKEN("eos_token_id", eos_token_id, -1)},
    {TOKEN("pad_token_id", pad_token_id, 0)},
};
static const struct settings settings_of_decoder = {SETTINGS(writes),
                                                    .base = &settings_hugging_face};

static const struct tensor_row tensors[] = {
    {SLOT_WORDS, "bert.embeddings.word_embeddings.weight"},
    {SLOT_SEGMENTS, "bert.embeddings.token_type_embeddings.weight"},
    BERT_TENSORS("bert."),
    {SLOT_IGNORED, "bert.embeddings.position_ids"}, /* 0, 1, 2, … */
    /* What tasks put on top of the states that are read here. */
    {SLOT_IGNORED, "bert.pooler.*"},
    {SLOT_IGNORED, "cls.*"},
    {SLOT_IGNORED, "classifier.*"},
    {SLOT_IGNORED, "qa_outputs.*"},
};

static const struct tensor_row tensors_of_side[] = {
    {SLOT_EMBEDDING, "bert.embeddings.word_embeddings.weight"},
    {SLOT_TOKEN_TYPES, "bert.embeddings.token_type_embeddings.weight"},
    BERT_TENSORS("bert."),
    {SLOT_HEAD, HEAD "decoder.weight"},
    {SLOT_HEAD_BIAS, HEAD "bias"},
    {SLOT_HEAD_BIAS, HEAD "decoder.bias"},
    {SLOT_HEAD_MAP, HEAD "transform.dense" BIASED},
    {SLOT_HEAD_NORM, HEAD "transform.LayerNorm" BIASED},
    {SLOT_IGNORED, "bert.pooler.*"}, /* of the first token, for tasks that are not writing */
};

const struct family family_bert = {
    .encoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD}, BERT_BLOCKS},
    .layouts = {[LAYOUT_HUGGING_FACE] = {.classes = {{"BertModel", "bert", "BertTokenizer",
                                                      &settings, &settings_generation}},
                                         TENSOR_ROWS(tensors),
                                         .prefix = "bert."}},
    .sides = {[STACK_ENCODER] = {.plan = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                                          BERT_BLOCKS,
                                          .token_types = true},
                                 .layout = {.classes = {{"BertModel", "bert", "BertTokenizer",
                                                         &settings_of_encoder}},
                                            TENSOR_ROWS(tensors_of_side),
                                            .prefix = "bert."}},
              [STACK_DECODER] = {
                  .plan = {.parts = {PART_ATTENTION, PART_CROSS_ATTENTION, PART_FEED_FORWARD},
                           BERT_BLOCKS,
                           .token_types = true,
                           .head_map = HEAD_MAP_BENT},
                  .layout = {.classes = {{"BertLMHeadModel", "bert", "BertTokenizer",
                                          &settings_of_decoder}},
                             TENSOR_ROWS(tensors_of_side)}}}};
