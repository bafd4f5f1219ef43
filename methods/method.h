/*
 * What an attribution method is: declarations and one function. It sees ids, positions and a model,
 * which may be any object that answers the calls of backend/model.h (tests attribute toy models in
 * closed form), and fills a result whose shape it declares itself. The worker thread only.
 */
#ifndef TINSEQ_METHODS_METHOD_H
#define TINSEQ_METHODS_METHOD_H

#include "backend/insides.h"
#include "methods/cost.h"
#include "methods/declare/declare.h"
#include "methods/declare/options.h"
#include "methods/result/attribution.h"
#include "methods/step_functions/step_function.h"

struct step_sight;

/* A step function with its arguments. */
struct step_request {
    const struct step_function *function;
    struct option_set options;
};

/* What a method works on. All pointers are borrowed for the run. Lengths: S source tokens, T target
 * tokens, G = end − start columns, C contrast tokens, V the vocabulary. */
struct method_input {
    /* --- the model; in its place may stand one that looks further or adds noise --- */
    struct model *model;
    const struct model_config *config;
    const struct tokenizer *tokenizer; /* names the candidates; NULL: none are kept */

    /* --- the text --- */
    const int32_t *source_ids; /* [S]; encoder-decoder */
    int64_t n_source;
    const int32_t *target_ids; /* [T] */
    int64_t n_target;
    int64_t start, end; /* attr_pos_start, attr_pos_end: 1 ≤ start < end ≤ T */
    int64_t first;      /* of a run of some steps alone (apart.h), how many stand before them */
    /* Encoder-decoder: the target prefix too. Decoder-only: always its own prefix. */
    bool attribute_target;

    /* --- the functions --- */
    struct step_request target;        /* what is attributed */
    const struct step_request *scores; /* [n_scores] step scores */
    size_t n_scores;
    /* Numbers of a row of forward_logits: 0 for V, or more where a step function looks further; see
     * step_sight.h. */
    int64_t n_row;
    const struct step_layout *layouts; /* [1 + n_scores] with n_row: of `target` and of `scores` */
    const struct step_sight *sight;    /* what looks further; NULL: nothing */
    const struct option_set *options;  /* of the method */
    bool include_eos_baseline;
    const bool *columns; /* [G] those that are wanted, at least one; NULL: all. See apart_run */
    /* The columns are to be added up: magnitudes are taken afterwards, and a regression has all
     * columns see what the last does. */
    bool span;

    /* --- the contrast --- */
    const int32_t *contrast_ids; /* [C], or NULL: the input is its own contrast */
    int64_t n_contrast;
    /* [G] with a contrast: column g's foil is contrast_ids[alignment[g]], ≥ 1. */
    const int64_t *alignment;
    const int32_t *foil_ids; /* [G] foils in place of those, which no run reads; NULL: those */
    /* Several foils at the one step of `start`, each a column of its own: contrast_ids [start +
     * n_foils] has them behind the text before it. A method sees one at a time (engine/apart.h).
     * 0: it is not that. */
    int64_t n_foils;
    /* [C_s] the contrast's own source; NULL: the input's. With contrast_ids only. */
    const int32_t *contrast_source_ids;
    int64_t n_contrast_source;
    /* The attributed function too looks at the contrast's own run; see engine_attribute. */
    bool contrast_force_inputs;

    /* --- the run --- */
    int64_t memory_budget; /* bytes for chunks, > 0 */
    bool publish_early;    /* someone watches: the first column alone first */
    /* [G] of the tokens themselves, filled in as columns are scored; NULL: nobody asks. */
    double *log_probabilities;
    /* [G] set, as columns are scored, where the attributed function of the input itself is no
     * number; such a column is published as NaN. NULL: that cannot be. */
    bool *lost;
    /* Column g is finished; the result has its shape, and no numbers yet. NULL: no one watches. */
    void (*column)(void *user, const struct attribution_sequence *s, int64_t g);
    void (*shaped)(void *user, const struct attribution_sequence *s);
    void *user;
};

/* Numbers in a row of logits. */
static inline int64_t method_row(const struct method_input *in) {
    return in->n_row ? in->n_row : in->config->n_vocab;
}

/* What a span's attribution is made of; a method without attributed function averages whatever this
 * says. SPAN_LINEAR: the sum of its columns'; SPAN_MAGNITUDE: the magnitude of that of signed
 * columns (see method_input.span); SPAN_REFUSED: neither. */
enum span_rule { SPAN_REFUSED, SPAN_LINEAR, SPAN_MAGNITUDE };

/* What is done where only some columns are wanted (method_input.columns). COLUMNS_APART: a run for
 * each group of neighbours. COLUMNS_PICKED: the method leaves the others out by itself.
 * COLUMNS_TOGETHER: one run tells of them all, at hardly more than it takes for one. */
enum column_rule { COLUMNS_APART, COLUMNS_PICKED, COLUMNS_TOGETHER };

struct method {
    struct method_decl decl;
    enum span_rule span;
    enum column_rule columns;
    /* Worth computing the first column alone while the rest of the text is still being generated.
     */
    bool first_column_is_cheap;
    /* Takes logits apart: a function that looks at anything else is no target for it. */
    bool logits_only;
    /* Runs the model on fewer tokens: no target that asks for another run of the model. */
    bool shortens;
    /* Why a column may have no number, and what to do; NULL: numbers that grow too large alone. */
    const char *no_number;
    cost_function cost; /* see methods/cost.h; NULL: as is usual in its family */
    /* Fills out's scores; out has tokens and positions already. Errors: any; CANCELLED leaves
     * finished columns in place (done says which). The worker thread. */
    enum err_code (*run)(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e);
};

#endif
