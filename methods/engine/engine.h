/*
 * What all methods share: step scores and candidates from logits, the foil of every column, shapes
 * with NaN where a step cannot see, publishing finished columns. See the idea in one sentence at
 * backend/model.h: one forward serves every step. The worker thread only.
 */
#ifndef TINSEQ_METHODS_ENGINE_H
#define TINSEQ_METHODS_ENGINE_H

#include "methods/method.h"

struct method_run {
    const struct method_input *in;
    struct attribution_sequence *out;
    const struct run_ctl *ctl;
    int64_t n_steps; /* G */
    /* the contrast text's own forward; NULL without one or when no score needs it. Of columns whose
     * contrasts' runs are alike up to contrast_until tokens: see model_config_alike_until */
    struct forward *contrast;
    int64_t contrast_until;
    float *contrast_logits; /* [V] scratch */
    float *forced;     /* [G, V] its logits for the attributed function, with contrast_force_inputs;
                          else NULL */
    double **noisy;    /* [1 + n_scores] of the attributed function and the scores: [G, passes] log
                          p[y] under dropout; NULL: not asked for */
    bool own_progress; /* the method tells its progress itself; else it is the columns published */
};

/* Prepares scores, candidates and done flags of `out`; runs the contrast text when a step score
 * asks for it. */
enum err_code engine_open(struct method_run *g, struct attribution_sequence *out,
                          const struct method_input *in, const struct run_ctl *ctl,
                          struct err *e) ERR_CHECKED;
void engine_close(struct method_run *g);

/* The target's position whose logits generated column c: the row before its token. */
static inline int64_t engine_row(const struct method_run *g, int64_t c) {
    return g->in->start + c - 1;
}
/* Whether anyone wants column c: methods that pick their columns ask. */
static inline bool engine_wants(const struct method_run *g, int64_t c) {
    return !g->in->columns || g->in->columns[c];
}
/* y and y′ of column c. */
int32_t engine_target(const struct method_run *g, int64_t c);
int32_t engine_foil(const struct method_run *g, int64_t c);

/* The tokens that stand for absence, out [n]: the unknown token everywhere, except that the end
 * token stays unless asked otherwise and so does a decoder's start (has_start: ids begin with it).
 * ERR_UNSUPPORTED: the tokenizer has no token for it. */
enum err_code engine_baseline(const struct method_input *in, const int32_t *ids, int64_t n,
                              bool has_start, int32_t *out, struct err *e) ERR_CHECKED;

/* From column c's logits [V] (of the original input): all step scores, the candidates, and the
 * token's own probability where it is asked for. */
enum err_code engine_score(struct method_run *g, int64_t c, const float *logits,
                           struct err *e) ERR_CHECKED;
/* Value of the attributed function at column c's logits; derivative [V] when out is not NULL. With
 * contrast_force_inputs the contrast's run is a constant, but where an encoder-decoder's contrast
 * is the very input: there it is the same variable, as in Inseq. */
double engine_attribute(const struct method_run *g, int64_t c, const float *logits,
                        float *derivative);

/* Whether the contrast's own run follows what becomes of a stack's embeddings: an encoder-decoder's
 * does, with contrast_force_inputs, where the contrast does not replace that side. Methods that
 * vary the input then run the contrast beside every variant (engine_contrast_input, for these
 * columns) and give its logits at in->alignment[c] − 1 to engine_attribute_against; others leave
 * the contrast at the input's own. */
bool engine_contrast_moves(const struct method_run *g, enum model_stack stack);
struct forward_input engine_contrast_input(const struct method_run *g, int64_t n_batch,
                                           const int64_t *columns, int64_t n);
/* As engine_attribute; contrast_derivative [V] with respect to contrast_logits, or NULL. */
double engine_attribute_against(const struct method_run *g, int64_t c, const float *logits,
                                const float *contrast_logits, float *derivative,
                                float *contrast_derivative);

/* Looks at the i-th of several rows of logits [n_row]. */
typedef enum err_code (*engine_visit)(void *user, int64_t i, const float *logits, struct err *e);
/* Calls visit with the logits of n places in their order; they are fetched in groups that fit the
 * budget, and a cancel takes effect between these. Errors: those of visit, NOMEM, CANCELLED, the
 * model's. */
enum err_code engine_logits(const struct method_run *g, struct forward *f,
                            const struct position *at, int64_t n, engine_visit visit, void *user,
                            struct err *e) ERR_CHECKED;
/* Bytes of such a group. */
void engine_logits_cost(struct cost *c, const struct cost_input *in);

/* Whether a run goes on: CANCELLED, and what to say, where it does not. */
enum err_code engine_go_on(const struct run_ctl *ctl, struct err *e) ERR_CHECKED;

/* What a method does with the inside of a forward of the whole input; it may publish columns. */
typedef enum err_code (*engine_fill)(struct method_run *g, struct forward *f, void *user,
                                     struct err *e);
/* What methods that look inside one forward have around their own work, from a result in its shape:
 * the forward, which keeps what `keep` says (its other members are filled in here), all step
 * scores, `fill` (or NULL), and the columns. */
enum err_code engine_look(struct method_run *g, const struct forward_input *keep, engine_fill fill,
                          void *user, struct err *e) ERR_CHECKED;

/* Column c is finished: marks and publishes it. */
void engine_publish(struct method_run *g, int64_t c);
/* The result has its shape: tells who watches. */
void engine_shaped(struct method_run *g);

/* Scores of these dims, all NaN. At every layer of a long text they are gigabytes: a cancel ends
 * that too. Errors: NOMEM, CANCELLED. */
enum err_code engine_scores(struct method_run *g, struct scores *s, int n_dims, const int64_t *dims,
                            struct err *e) ERR_CHECKED;
/* Allocates source and target attributions with trailing dims; target rows from the column's own
 * position on stay NaN. Source only for encoder-decoders; target for decoder-only models or when
 * asked for. Errors: as engine_scores. */
enum err_code engine_shape(struct method_run *g, int n_trailing, const int64_t *trailing,
                           struct err *e) ERR_CHECKED;

#endif
