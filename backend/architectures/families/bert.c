/*
 * BERT. Devlin et al. 2019: an encoder alone, of the blocks of Vaswani et al. 2017 (post-norm),
 * with learned positions and a norm of what is embedded. Reference: transformers 4.57,
 * models/bert/modeling_bert.py.
 */
#include "backend/architectures/family.h"

#define BLOCK "bert.encoder.layer.{layer}."
#define BIASED ".{weight|bias}"

static const struct tensor_row hugging_face[] = {
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
    .layouts = {[LAYOUT_HUGGING_FACE] = {TENSOR_ROWS(hugging_face), .prefix = "bert."}}};
