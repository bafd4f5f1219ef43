/*
 * BART. Lewis et al. 2020: Vaswani et al. 2017 with learned positions, which begin at the table's
 * third row, and a norm of what is embedded. Reference: transformers 4.57,
 * models/bart/modeling_bart.py.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)

static const struct setting generation[] = {
    {KEY("forced_eos_token_id", TOKEN),
     .member = offsetof(struct generation_config, forced_eos_token_id), .value = 2},
};
static const struct settings settings_of_generation = {SETTINGS(generation),
                                                       .base = &settings_generation};

const struct family family_bart = {
    .encoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_AFTER_SUM,
                .positions = POSITION_LEARNED,
                .position_offset = 2,
                .embedding_norm = true},
    .decoder = {.parts = {PART_ATTENTION, PART_CROSS_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_AFTER_SUM,
                .positions = POSITION_LEARNED,
                .position_offset = 2,
                .embedding_norm = true},
    .layouts = {[LAYOUT_HUGGING_FACE] = {
                    .classes = {{"BartForConditionalGeneration", "bart", "BartTokenizer",
                                 &settings_bart, &settings_of_generation}},
                    .more = &bart_rows,
                    .prefix = "model."}}};
