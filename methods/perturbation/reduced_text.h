/*
 * What input reduction follows: a column's input with some of its tokens taken out, and the few
 * such texts that are at hand. Plain data, no model. Any thread.
 */
#ifndef TINSEQ_METHODS_REDUCED_TEXT_H
#define TINSEQ_METHODS_REDUCED_TEXT_H

#include "backend/model.h"

#define REDUCED_MOST_BEAM 20

struct reduced_place {
    enum model_stack stack;
    int64_t row, at;
}; /* a row, and where it stands among those left */

/* What is left of a column's input. */
struct reduced_text {
    int64_t *rows[2], n[2];                       /* by enum model_stack, in order */
    struct reduced_place *fell;                   /* [round], in order */
    struct reduced_place next[REDUCED_MOST_BEAM]; /* its least important tokens, least first */
    int64_t n_next;
    double value; /* attributed function */
    bool stays;   /* the prediction does */
};

struct reduced_column {
    struct reduced_text *kept, *tried; /* of the last round, best first; of this one */
    int64_t n_kept, n_tried;
    int64_t round; /* tokens that each text of `tried` has lost */
    int64_t rank;  /* tokens likelier than the target, at first; or whether the foil was */
    bool open;
};

/* All tokens of both sides. Dispose of it as one of several. */
struct reduced_text reduced_text_whole(int64_t n_source, int64_t n_target);
void reduced_texts_dispose(struct reduced_text **texts, int64_t *n);

/* Fills `tried` with what the texts at hand become without each of their least important tokens,
 * every text once; the next round. False: nothing can be taken out. */
bool reduced_texts_expand(struct reduced_column *col, int64_t beam);
/* Of `tried`, the texts that keep the prediction become those at hand, at most `beam`, those with
 * the largest value. False: there is none, and those at hand stay. */
bool reduced_texts_keep_best(struct reduced_column *col, int64_t beam);

#endif
