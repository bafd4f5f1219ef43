/*
 * What each step of a run gave, before it was put together into sequences: Inseq's
 * output_step_attributions. A step is of all texts that ran together. Plain data. Any thread.
 */
#ifndef TINSEQ_METHODS_STEPS_H
#define TINSEQ_METHODS_STEPS_H

#include "backend/token.h"
#include "methods/result/scores.h"

/* Lists of tokens, one for each text; items NULL: not told (null in files). */
struct step_tokens {
    struct token_list *items;
    size_t n;
};

struct attribution_step {
    char *class_name; /* Inseq's class of it, for files; NULL: that of its sequences */
    struct scores source_attributions, target_attributions; /* texts, rows, then D, or L (, H) */
    struct named_scores *step_scores;                       /* each [texts] */
    size_t n_step_scores;
    struct named_scores *sequence_scores;
    size_t n_sequence_scores;
    struct step_tokens source, prefix, target; /* read, written before it, and written in it */
};

struct attribution_steps {
    struct attribution_step *items; /* NULL: they were not kept */
    size_t n;
};

/* Makes room for n steps of nothing. */
void steps_init(struct attribution_steps *s, size_t n);
void steps_dispose(struct attribution_steps *s);
/* Copies all of them. False: memory is out, and there are none. */
bool steps_copy(struct attribution_steps *to, const struct attribution_steps *from);
/* Those of `from` behind those of `to`; it has none afterwards. */
void steps_append_take(struct attribution_steps *to, struct attribution_steps *from);

#endif
