/*
 * mBART. Liu et al. 2020: BART with norms before the parts and after the last block. Texts begin
 * with the token of their language. Reference: transformers 4.57, models/mbart/modeling_mbart.py.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)

static const struct setting mbart[] = {
    {TOKEN("decoder_start_token_id", decoder_start_token_id, -1)},
};
static const struct settings settings_of_mbart = {SETTINGS(mbart), .base = &settings_bart};

static const struct setting generation[] = {
    {KEY("forced_eos_token_id", TOKEN),
     .member = offsetof(struct generation_config, forced_eos_token_id), .value = 2},
};
static const struct settings settings_of_generation = {SETTINGS(generation),
                                                       .base = &settings_generation};

const struct family family_mbart = {
    .encoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_LEARNED,
                .position_offset = 2,
                .embedding_norm = true,
                .final_norm = true},
    .decoder = {.parts = {PART_ATTENTION, PART_CROSS_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_LEARNED,
                .position_offset = 2,
                .embedding_norm = true,
                .final_norm = true},
    .layouts = {[LAYOUT_HUGGING_FACE] = {
                    .classes = {{"MBartForConditionalGeneration", "mbart", "MBartTokenizer",
                                 &settings_of_mbart, &settings_of_generation}},
                    .more = &bart_rows,
                    .prefix = "model."}}};
