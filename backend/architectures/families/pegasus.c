/*
 * Pegasus. Zhang et al. 2020: norms before the parts and after the last block, sinusoids.
 * Reference: transformers 4.57, models/pegasus/modeling_pegasus.py.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)

static const struct setting pegasus[] = {
    {TOKEN("bos_token_id", bos_token_id, -1)},
    {TOKEN("pad_token_id", pad_token_id, 0)},
    {KEY("eos_token_id", BY), .value = 1, .read = read_eos},
    {TOKEN("decoder_start_token_id", decoder_start_token_id, 0)},
};
static const struct settings settings_of_pegasus = {SETTINGS(pegasus), .base = &settings_bart};

static const struct setting generation[] = {
    {KEY("forced_eos_token_id", TOKEN),
     .member = offsetof(struct generation_config, forced_eos_token_id), .value = 1},
};
static const struct settings settings_of_generation = {SETTINGS(generation),
                                                       .base = &settings_generation};

const struct family family_pegasus = {
    .encoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_SINUSOID,
                .final_norm = true},
    .decoder = {.parts = {PART_ATTENTION, PART_CROSS_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_SINUSOID,
                .final_norm = true},
    .layouts = {[LAYOUT_HUGGING_FACE] = {
                    .classes = {{"PegasusForConditionalGeneration", "pegasus", "PegasusTokenizer",
                                 &settings_of_pegasus, &settings_of_generation}},
                    .more = &bart_rows,
                    .prefix = "model."}}};
