/*
 * Blenderbot. Roller et al. 2021: few layers that read and many that write, norms before the parts
 * and after the last block. Reference: transformers 4.57,
 * models/blenderbot/modeling_blenderbot.py.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)

static const struct setting blenderbot[] = {
    {COUNT("vocab_size", n_source_vocab, 8008, VOCAB)},
    {COUNT("d_model", n_width, 2560, WIDTH)},
    {COUNT("encoder_layers", encoder_sizes.n_layers, 2, LAYERS)},
    {COUNT("encoder_ffn_dim", encoder_sizes.n_ffn, 10240, FFN)},
    {COUNT("encoder_attention_heads", encoder_sizes.n_heads, 32, WIDTH)},
    {COUNT("decoder_layers", n_layers, 24, LAYERS)},
    {COUNT("decoder_ffn_dim", n_ffn, 10240, FFN)},
    {COUNT("decoder_attention_heads", n_heads, 32, WIDTH)},
    {COUNT("max_position_embeddings", n_positions, 128, POSITIONS)},
    {TOKEN("bos_token_id", bos_token_id, 1)},
    {TOKEN("pad_token_id", pad_token_id, 0)},
    {TOKEN("decoder_start_token_id", decoder_start_token_id, 1)},
    {KEY("layernorm_variant", ELSEWHERE)},
    {KEY("do_blenderbot_90_layernorm", ELSEWHERE)},
    {KEY("unk_token_id", ELSEWHERE)},
};
static const struct settings settings_of_blenderbot = {SETTINGS(blenderbot),
                                                       .base = &settings_bart};

static const struct setting generation[] = {
    {KEY("forced_eos_token_id", TOKEN),
     .member = offsetof(struct generation_config, forced_eos_token_id), .value = 2},
    {KEY("encoder_no_repeat_ngram_size", COUNT),
     .member = offsetof(struct generation_config, encoder_no_repeat_ngram_size), .value = 3,
     .max = FIELD_MAX_POSITIONS},
};
static const struct settings settings_of_generation = {SETTINGS(generation),
                                                       .base = &settings_generation};

const struct family family_blenderbot = {
    .encoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_LEARNED,
                .final_norm = true},
    .decoder = {.parts = {PART_ATTENTION, PART_CROSS_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_LEARNED,
                .final_norm = true},
    .layouts = {
        [LAYOUT_HUGGING_FACE] = {
            .classes = {{"BlenderbotForConditionalGeneration", "blenderbot", "BlenderbotTokenizer",
                         &settings_of_blenderbot, &settings_of_generation}},
            .more = &bart_rows,
            .prefix = "model."}}};
