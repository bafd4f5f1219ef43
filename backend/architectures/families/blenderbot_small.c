/*
 * BlenderbotSmall. Roller et al. 2021: norms after the sums, and of what is embedded, which in the
 * decoder is normed before positions are added. Reference: transformers 4.57,
 * models/blenderbot_small/modeling_blenderbot_small.py.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)

static const struct setting blenderbot_small[] = {
    {COUNT("d_model", n_width, 512, WIDTH)},
    {COUNT("encoder_layers", encoder_sizes.n_layers, 8, LAYERS)},
    {COUNT("encoder_ffn_dim", encoder_sizes.n_ffn, 2048, FFN)},
    {COUNT("decoder_layers", n_layers, 8, LAYERS)},
    {COUNT("decoder_ffn_dim", n_ffn, 2048, FFN)},
    {COUNT("max_position_embeddings", n_positions, 512, POSITIONS)},
    {TOKEN("bos_token_id", bos_token_id, 1)},
    {TOKEN("pad_token_id", pad_token_id, 0)},
    {TOKEN("decoder_start_token_id", decoder_start_token_id, 1)},
    {KEY("layernorm_variant", ELSEWHERE)},
    {KEY("do_blenderbot_90_layernorm", ELSEWHERE)},
};
static const struct settings settings_of_blenderbot_small = {SETTINGS(blenderbot_small),
                                                             .base = &settings_bart};

static const struct setting generation[] = {
    {KEY("forced_eos_token_id", TOKEN),
     .member = offsetof(struct generation_config, forced_eos_token_id), .value = 2},
};
static const struct settings settings_of_generation = {SETTINGS(generation),
                                                       .base = &settings_generation};

const struct family family_blenderbot_small = {
    .encoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_AFTER_SUM,
                .positions = POSITION_LEARNED,
                .embedding_norm = true},
    .decoder = {.parts = {PART_ATTENTION, PART_CROSS_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_AFTER_SUM,
                .positions = POSITION_LEARNED,
                .embedding_norm = true,
                .norm_before_positions = true},
    .layouts = {[LAYOUT_HUGGING_FACE] = {
                    .classes = {{"BlenderbotSmallForConditionalGeneration", "blenderbot-small",
                                 "BlenderbotSmallTokenizer", &settings_of_blenderbot_small,
                                 &settings_of_generation}},
                    .more = &bart_rows,
                    .prefix = "model."}}};
