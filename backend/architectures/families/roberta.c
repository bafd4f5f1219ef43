/*
 * RoBERTa, as the encoder of a pair: BERT's blocks, with positions counted from behind the padding
 * token's id. Liu et al. 2019. Reference: transformers 4.57, models/roberta/modeling_roberta.py.
 */
#include "backend/architectures/bert_kind.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)

/* The table has rows that no position of a text reads. */
static void read_positions(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    struct model_config *c = to;
    const int64_t offset = field_int(f, "pad_token_id", 1, 0, 65535) + 1;
    (void)n_vocab;
    c->encoder.position_offset = (int)offset;
    c->n_source_positions = field_int(f, row->key, 512, offset + 1, 131072) - offset;
}

static const struct setting reads[] = {
    BERT_READS(50265, "768"),
    BERT_SIZES(encoder_sizes, 12, 12, 3072),
    {KEY("pad_token_id", ELSEWHERE)},
    {KEY("max_position_embeddings", BY), .read = read_positions},
    {COUNT("type_vocab_size", encoder_sizes.n_token_types, 2, WIDTH)},
};
static const struct settings settings = {SETTINGS(reads), .base = &settings_hugging_face};

static const struct tensor_row tensors[] = {
    {SLOT_EMBEDDING, "roberta.embeddings.word_embeddings.weight"},
    {SLOT_TOKEN_TYPES, "roberta.embeddings.token_type_embeddings.weight"},
    BERT_TENSORS("roberta."),
    {SLOT_IGNORED, "roberta.pooler.*"}, /* of the first token, for tasks that are not writing */
};

const struct family family_roberta = {
    .sides = {[STACK_ENCODER] = {.plan = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                                          BERT_BLOCKS,
                                          .token_types = true},
                                 .layout = {.classes = {{"RobertaModel", "roberta",
                                                         "RobertaTokenizer", &settings}},
                                            TENSOR_ROWS(tensors),
                                            .prefix = "roberta."}}}};
