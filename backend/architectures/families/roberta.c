/*
 * RoBERTa, as either side of a pair: BERT's blocks, with positions counted from behind the padding
 * token's id. Liu et al. 2019. Reference: transformers 4.57, models/roberta/modeling_roberta.py. A
 * padding token in the text has the position of its row here, as Inseq's embeddings have it.
 */
#include "backend/architectures/bert_kind.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define HEAD "lm_head."

/* The table has rows that no position of a text reads; returns how many there are others. */
static int64_t read_rows(struct fields *f, const char *key, int *offset) {
    const int64_t before = field_int(f, "pad_token_id", 1, 0, 65535) + 1;
    *offset = (int)before;
    return field_int(f, key, 512, before + 1, 131072) - before;
}

static void read_source_positions(void *to, struct fields *f, const struct setting *row,
                                  int64_t n_vocab) {
    struct model_config *c = to;
    (void)n_vocab;
    c->n_source_positions = read_rows(f, row->key, &c->encoder.position_offset);
}

static void read_positions(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    struct model_config *c = to;
    (void)n_vocab;
    c->n_positions = read_rows(f, row->key, &c->decoder.position_offset);
}

static const struct setting reads[] = {
    BERT_READS(50265, "768"),
    BERT_SIZES(encoder_sizes, 12, 12, 3072),
    BERT_ACTIVATION(encoder_sizes),
    {KEY("pad_token_id", ELSEWHERE)},
    {KEY("max_position_embeddings", BY), .read = read_source_positions},
    {COUNT("type_vocab_size", encoder_sizes.n_token_types, 2, WIDTH)},
};
static const struct settings settings_of_encoder = {SETTINGS(reads),
                                                    .base = &settings_hugging_face};

static const struct setting writes[] = {
    BERT_WRITES(50265, 768),
    BERT_SIZES(decoder_sizes, 12, 12, 3072),
    {KEY("hidden_act", ONLY_TEXT), .text = "gelu"}, /* its head has that one always */
    {FACT(ACTIVATION, activation), .text = "gelu"},
    {KEY("max_position_embeddings", BY), .read = read_positions},
    {COUNT("type_vocab_size", decoder_sizes.n_token_types, 2, WIDTH)},
    {TOKEN("bos_token_id", bos_token_id, 0)},
    {TOKEN("eos_token_id", eos_token_id, 2)},
    {TOKEN("pad_token_id", pad_token_id, 1)},
};
static const struct settings settings_of_decoder = {SETTINGS(writes),
                                                    .base = &settings_hugging_face};

static const struct tensor_row tensors[] = {
    {SLOT_EMBEDDING, "roberta.embeddings.word_embeddings.weight"},
    {SLOT_TOKEN_TYPES, "roberta.embeddings.token_type_embeddings.weight"},
    BERT_TENSORS("roberta."),
    {SLOT_HEAD, HEAD "decoder.weight"},
    {SLOT_HEAD_BIAS, HEAD "bias"},
    {SLOT_HEAD_BIAS, HEAD "decoder.bias"},
    {SLOT_HEAD_MAP, HEAD "dense" BIASED},
    {SLOT_HEAD_NORM, HEAD "layer_norm" BIASED},
    {SLOT_IGNORED, "roberta.pooler.*"}, /* of the first token, for tasks that are not writing */
};

const struct family family_roberta = {
    .sides = {[STACK_ENCODER] = {.plan = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                                          BERT_BLOCKS,
                                          .token_types = true},
                                 .layout = {.classes = {{"RobertaModel", "roberta",
                                                         "RobertaTokenizer", &settings_of_encoder}},
                                            TENSOR_ROWS(tensors),
                                            .prefix = "roberta."}},
              [STACK_DECODER] = {
                  .plan = {.parts = {PART_ATTENTION, PART_CROSS_ATTENTION, PART_FEED_FORWARD},
                           BERT_BLOCKS,
                           .token_types = true,
                           .head_map = HEAD_MAP_BENT},
                  .layout = {.classes = {{"RobertaForCausalLM", "roberta", "RobertaTokenizer",
                                          &settings_of_decoder}},
                             TENSOR_ROWS(tensors)}}}};
