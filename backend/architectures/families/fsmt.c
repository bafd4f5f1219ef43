/*
 * FSMT: fairseq's translators of WMT 19. Ng et al. 2019: Vaswani et al. 2017 with a vocabulary of
 * each language, and sinusoids that begin after the padding token's. Reference: transformers 4.57,
 * models/fsmt/modeling_fsmt.py.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)

/* In the place where ids begin to be checked. */
static void read_vocabularies(void *to, struct fields *f, const struct setting *row,
                              int64_t n_vocab) {
    struct model_config *c = to;
    (void)row, (void)n_vocab;
    c->n_source_vocab = field_int(f, "src_vocab_size", 42024, 1, FIELD_MAX_VOCAB);
    c->n_vocab = field_int(f, "tgt_vocab_size", 42024, 1, FIELD_MAX_VOCAB);
}

/* Where they are tied, the decoder's are the encoder's too. */
static void read_tables(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    struct model_config *c = to;
    (void)f, (void)row, (void)n_vocab;
    c->own_tables = !c->tied_embeddings;
}

static const struct setting fsmt[] = {
    {KEY("vocab_size", BY), .read = read_vocabularies},
    {KEY("decoder_vocab_size", ELSEWHERE)},
    {KEY("src_vocab_size", ELSEWHERE)},
    {KEY("tgt_vocab_size", ELSEWHERE)},
    {KEY("langs", ELSEWHERE)},
    {KEY("decoder", ELSEWHERE)}, /* the target's vocabulary, said again */
    {ACTIVATION("activation_function", "relu")},
    {FLAG("scale_embedding", scale_embeddings, true)},
    {FLAG("tie_word_embeddings", tied_embeddings, false)},
    {.kind = SETTING_BY, .read = read_tables},
    {.kind = SETTING_BY, .read = read_padded_offset},
};
static const struct settings settings_of_fsmt = {SETTINGS(fsmt), .base = &settings_bart};

#define OF_GENERATION(member) offsetof(struct generation_config, member)
static const struct setting generation[] = {
    {KEY("forced_eos_token_id", TOKEN), .member = OF_GENERATION(forced_eos_token_id), .value = 2},
    {KEY("num_beams", INT), .member = OF_GENERATION(num_beams), .value = 5, .min = 1, .max = 1024},
    {KEY("max_length", COUNT), .member = OF_GENERATION(max_length), .value = 200, .min = 1,
     .max = FIELD_MAX_POSITIONS},
};
static const struct settings settings_of_generation = {SETTINGS(generation),
                                                       .base = &settings_generation};

static const struct tensor_row tensors[] = {
    {SLOT_EMBEDDING, "model.encoder.embed_tokens.weight"},
    {SLOT_DECODER_EMBEDDING, "model.decoder.embed_tokens.weight"},
    {SLOT_DECODER_EMBEDDING, "model.decoder.output_projection.weight"},
    {SLOT_HEAD, "model.decoder.output_projection.weight"},
    {SLOT_HEAD, "model.decoder.embed_tokens.weight"},
};

const struct family family_fsmt = {
    .encoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_AFTER_SUM,
                .positions = POSITION_SINUSOID,
                .sinusoid_inclusive = true,
                .sinusoid_endless = true},
    .decoder = {.parts = {PART_ATTENTION, PART_CROSS_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_AFTER_SUM,
                .positions = POSITION_SINUSOID,
                .sinusoid_inclusive = true,
                .sinusoid_endless = true},
    .layouts = {[LAYOUT_HUGGING_FACE] = {
                    .classes = {{"FSMTForConditionalGeneration", "fsmt", "FSMTTokenizer",
                                 &settings_of_fsmt, &settings_of_generation}},
                    TENSOR_ROWS(tensors),
                    .more = &bart_rows,
                    .prefix = "model."}}};
