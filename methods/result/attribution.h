/*
 * The result of an attribution as plain data: what methods fill, aggregators reduce, screens draw
 * and files keep. Mirrors Inseq's FeatureAttributionOutput. No tensors, no models. A finished
 * result is immutable; who shares it between threads uses attribution_retain.
 */
#ifndef TINSEQ_METHODS_ATTRIBUTION_H
#define TINSEQ_METHODS_ATTRIBUTION_H

#include "backend/token.h"
#include "methods/result/result_info.h"
#include "methods/result/scores.h"
#include "methods/result/steps.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How the trailing dimensions are meant, and so how it is aggregated by default (Inseq's
 * classes). */
enum attribution_class {
    ATTRIBUTION_COARSE,            /* [rows, G]: CoarseFeatureAttributionSequenceOutput */
    ATTRIBUTION_GRANULAR,          /* [rows, G, E or D]: GranularFeatureAttributionSequenceOutput */
    ATTRIBUTION_MULTI_DIMENSIONAL, /* [rows, G, L] or [rows, G, L, H]:
                                      MultiDimensionalFeatureAttributionSequenceOutput */
    ATTRIBUTION_PLAIN              /* FeatureAttributionSequenceOutput, no default aggregation */
};

struct step_candidate {
    int32_t id;
    char *piece, *printable;
    float probability;
};
struct step_candidates {
    struct step_candidate *items;
    size_t n;
};

struct attribution_sequence {
    enum attribution_class class;
    char *class_name;       /* Inseq's class of this sequence, for files */
    char *heading, *map_of; /* over a map that is of no text: "false → true", "layer × role"; NULL:
                               what is usual. In no file. */
    struct token_list source; /* decoder-only: the first attr_pos_start tokens of target */
    struct token_list target; /* all T tokens, prompt included */
    int64_t attr_pos_start, attr_pos_end;
    bool one_step; /* all columns are of one step, each held against another token: none of them
                      sees another's */
    struct scores source_attributions, target_attributions;
    struct named_scores *step_scores; /* each [G] */
    size_t n_step_scores;
    struct named_scores *sequence_scores; /* e.g. encoder_self_attentions [S, S, L, H] */
    size_t n_sequence_scores;
    struct step_candidates *candidates; /* [G], the model's own top tokens at each step; NULL when
                                           unknown (a file of Inseq's) */
    /* columns finished; G when complete. Columns may finish in any order: see done */
    int64_t n_done;
    bool *done; /* [G]; NULL: all */
};

struct attribution {
    int n_references; /* atomic; use retain and release */
    struct result_info info;
    struct attribution_sequence *sequences;
    size_t n_sequences;
    struct attribution_steps steps;
};

static inline int64_t attribution_steps(const struct attribution_sequence *s) {
    return s->attr_pos_end - s->attr_pos_start;
}

static inline bool attribution_done(const struct attribution_sequence *s, int64_t g) {
    return !s->done || s->done[g];
}

/* Whether step g is finished and sees a row of a side: NaN there is a number that could not be
 * computed. (In a map that is of no text NaN is where there is nothing.) */
bool attribution_sees(const struct attribution_sequence *s, bool target, int64_t row, int64_t g);

/* What rows and columns of a side are: "source × generated". Borrowed. */
const char *attribution_map_of(const struct attribution_sequence *s, bool target);
/* "Text 2 of 7", and what it is headed; owned by the caller. */
char *attribution_heading(const struct attribution_sequence *s, size_t i, size_t n);

/* Rows of a side of scores [rows, G] that some step can see: the target's own end before the last
 * position that is attributed, unless that one is several tokens, of which one saw another. 0 where
 * there are none such. */
int64_t attribution_visible_rows(const struct attribution_sequence *s, bool target);

struct attribution *attribution_new(size_t n_sequences); /* one reference; nothing is known of it */
struct attribution *attribution_retain(struct attribution *a);
void attribution_release(struct attribution *a); /* NULL is legal */
/* What a person was told during the run that made it, not sanitised, joined by `between`; owned by
 * the caller, NULL if nothing. */
char *attribution_notices(const struct attribution *a, const char *between);

/* Adds step scores [G] filled with NaN under `name`; returns them, borrowed until the next call.
 * NULL when memory is out. */
struct scores *attribution_add_step_scores(struct attribution_sequence *s, const char *name);
const struct scores *attribution_find_step_scores(const struct attribution_sequence *s,
                                                  const char *name);

/* Columns without a single number were never computed: the run was cut short. done says so, and is
 * NULL where all have some. */
void attribution_find_done(struct attribution_sequence *s);

/* Of columns that are not done nothing is left, nor of scores of the whole sequence: they may be
 * half computed. */
void attribution_void_unfinished(struct attribution_sequence *s);

/* Tokens of the prompt that a file of Inseq's has no names for, though their rows are there: it
 * leaves out those that equal the padding token, and the rows behind them stand at the tokens after
 * theirs. Known by numbers where the first step cannot see, in a language model's sequence i. */
int64_t attribution_left_out(const struct attribution *a, size_t i);

/* Deep copies of one sequence (aggregators return new ones) and its disposal. */
bool attribution_sequence_copy(struct attribution_sequence *to,
                               const struct attribution_sequence *from, bool with_scores);
void attribution_sequence_dispose(struct attribution_sequence *s);
struct step_candidates step_candidates_copy(const struct step_candidates *from);
void step_candidates_dispose(struct step_candidates *c);
/* No step's candidates are known afterwards. */
void attribution_drop_candidates(struct attribution_sequence *s);

#endif
