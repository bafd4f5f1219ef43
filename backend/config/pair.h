/*
 * The settings of a pair of models: one configuration with those of its sides inside. Reference:
 * transformers 4.57, EncoderDecoderConfig. Internal to backend/config/. Any thread.
 */
#ifndef TINSEQ_BACKEND_CONFIG_PAIR_H
#define TINSEQ_BACKEND_CONFIG_PAIR_H

#include "backend/settings/settings.h"

/* A pair's table, and in it the sides' own, by enum model_stack. */
struct pair_settings {
    struct settings whole, sides[2];
    struct setting rows[2];
};
/* Finds the sides by their types, puts their plans into c, and makes of the pair's own table that
 * with theirs: borrowed from p. FORMAT, UNSUPPORTED in f where there is no such side; then NULL. */
const struct settings *pair_settings_begin(struct pair_settings *p, struct model_config *c,
                                           struct fields *f, const struct settings *own);
/* What must hold between sides that are tied. UNSUPPORTED in f. */
void pair_check(const struct model_config *c, struct fields *f);
/* Adds to the notice what a person should know where sides of two kinds and vocabularies get one
 * tokenizer. */
void pair_note_tokenizer(struct model_config *c);

#endif
