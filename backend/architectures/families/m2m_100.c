/*
 * M2M-100 and NLLB. Fan et al. 2021, NLLB Team 2022: norms before the parts and after the last
 * block, sinusoids that begin after the padding token's. Reference: transformers 4.57,
 * models/m2m_100/modeling_m2m_100.py.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)

static const struct setting m2m_100[] = {
    {COUNT("vocab_size", n_source_vocab, 128112, VOCAB)},
    {ACTIVATION("activation_function", "relu")},
    {FLAG("scale_embedding", scale_embeddings, true)},
    {NUMBER("attention_dropout", dropout.attention, 0.1)},
    {.kind = SETTING_BY, .read = read_padded_offset},
};
static const struct settings settings_of_m2m_100 = {SETTINGS(m2m_100), .base = &settings_bart};

const struct family family_m2m_100 = {
    .encoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_SINUSOID,
                .sinusoid_inclusive = true,
                .sinusoid_endless = true,
                .final_norm = true},
    .decoder = {.parts = {PART_ATTENTION, PART_CROSS_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_SINUSOID,
                .sinusoid_inclusive = true,
                .sinusoid_endless = true,
                .final_norm = true},
    .layouts = {[LAYOUT_HUGGING_FACE] = {
                    .classes = {{"M2M100ForConditionalGeneration", "m2m_100", "M2M100Tokenizer",
                                 &settings_of_m2m_100, &settings_generation}},
                    .more = &bart_rows,
                    .prefix = "model."}}};
