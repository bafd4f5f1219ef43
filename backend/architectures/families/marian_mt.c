/*
 * MarianMT as in Transformers: Vaswani et al. 2017 with post-norm blocks, sinusoidal positions,
 * embeddings scaled by √D, a bias on the logits. Reference: transformers 4.57,
 * models/marian/modeling_marian.py.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)

static void read_shared_tables(void *to, struct fields *f, const struct setting *row,
                               int64_t n_vocab) {
    (void)n_vocab;
    ((struct model_config *)to)->own_tables = !field_flag(f, row->key, true);
}

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_source_vocab, 58101, VOCAB)},
    {KEY("share_encoder_decoder_embeddings", BY), .read = read_shared_tables},
    {TOKEN("bos_token_id", bos_token_id, -1)},
    {TOKEN("pad_token_id", pad_token_id, 58100)},
    {KEY("eos_token_id", BY), .value = 0, .read = read_eos},
    {TOKEN("decoder_start_token_id", decoder_start_token_id, 58100)},
    {ONLY("add_bias_logits", FLAG, false)},
    {ONLY("add_final_layer_norm", FLAG, false)},
    {ONLY("normalize_before", FLAG, false)},
    {ONLY("normalize_embedding", FLAG, false)},
    {ONLY("static_position_embeddings", FLAG, true)},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_bart};

/* MarianConfig's default differs. */
static const struct setting generation[] = {
    {KEY("forced_eos_token_id", TOKEN),
     .member = offsetof(struct generation_config, forced_eos_token_id), .value = 0},
};
static const struct settings settings_of_generation = {SETTINGS(generation),
                                                       .base = &settings_generation};

const struct family family_marian_mt = {
    .encoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_AFTER_SUM,
                .positions = POSITION_SINUSOID},
    .decoder = {.parts = {PART_ATTENTION, PART_CROSS_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_AFTER_SUM,
                .positions = POSITION_SINUSOID},
    .layouts = {[LAYOUT_HUGGING_FACE] = {.classes = {{"MarianMTModel", "marian", "MarianTokenizer",
                                                      &settings, &settings_of_generation}},
                                         .more = &bart_rows}}};
