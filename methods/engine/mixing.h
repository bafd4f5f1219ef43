/*
 * Two ways through a model that the methods on the insides share: layer by layer, each a matrix of
 * who takes from whom (mixing_layers), or all layers multiplied (mixing_rollout). Shares of a row
 * of cross-attention are those of the source's rows, then one of the residual. The worker thread
 * only.
 */
#ifndef TINSEQ_METHODS_MIXING_H
#define TINSEQ_METHODS_MIXING_H

#include "methods/engine/engine.h"
#include "methods/engine/parts.h"

/* --- layer by layer --- */

struct mixing_view {
    struct method_run *g;
    struct forward *f;
    enum attention_kind kind;
    int64_t layer;
    const struct attention_parts *parts;
    void *user;
};
/* Scores of row i, from each of its keys: out [keys, cell]. */
typedef enum err_code (*mixing_row)(const struct mixing_view *v, int64_t i, float *out,
                                    struct err *e);

struct mixing_method {
    mixing_row row;
    void *user;
    bool per_head;                   /* cell H instead of 1: shapes [rows, G, L, H] */
    bool decoder_self, encoder_self; /* encoder-decoders: sequence scores of these too */
    double future;                   /* what a sequence score is for keys that a query cannot see */
};

/* Runs a forward and fills out's attributions [rows, G, L(, H)]: targets from self-attention,
 * sources from cross-attention; and sequence scores encoder_self_scores, decoder_self_scores [key,
 * query, L(, H)]. */
enum err_code mixing_layers(struct attribution_sequence *out, const struct method_input *in,
                            const struct mixing_method *m, const struct run_ctl *ctl,
                            struct err *e) ERR_CHECKED;

/* --- all layers multiplied --- */

struct rollout_view {
    struct method_run *g;
    struct forward *f;
    enum model_stack stack;
    int64_t layer;
    const struct attention_parts *self,
        *cross; /* cross NULL: encoder, or decoder-only. Only weights and sizes where those are all
                   that is asked for */
    void *user;
};
/* How much row i of a block's output takes from each row of its stack's input, own [rows of the
 * stack], and of the encoder's output, source [S] (NULL without cross). Both are zero on entry. */
typedef enum err_code (*rollout_row)(const struct rollout_view *v, int64_t i, float *own,
                                     float *source, struct err *e);

struct rollout_method {
    rollout_row row;
    void *user;
    bool weights_only;
    bool share_columns; /* rows are no shares: each column of the product is made to sum to 1, after
                           every layer, lest it outgrow all numbers */
};

enum err_code rollout_open(struct rollout_view *v, const struct rollout_method *m,
                           struct method_run *g, struct forward *f, enum model_stack stack,
                           int64_t layer, struct attention_parts parts[2],
                           struct err *e) ERR_CHECKED;
void rollout_close(struct attention_parts parts[2]);

/* What each predicting position takes from each token, through all layers: out [rows, G]. */
enum err_code mixing_rollout(struct attribution_sequence *out, const struct method_input *in,
                             const struct rollout_method *m, const struct run_ctl *ctl,
                             struct err *e) ERR_CHECKED;

/* What methods of one number a token have around their own work: shape [rows, G], a forward that
 * keeps its states, step scores; then `fill`, then columns. */
enum err_code mixing_tokens(struct attribution_sequence *out, const struct method_input *in,
                            engine_fill fill, void *user, const struct run_ctl *ctl,
                            struct err *e) ERR_CHECKED;

/* How near a share is to y [D], max(0, ‖y‖₁ − ‖y − share‖₁); whole: ‖y‖₁. */
double mixing_nearness(const float *share, const float *y, double whole, int64_t width);
/* Shares [n, D] of y [D] → how near each is to it as shares of 1 in out [n] (Ferrando et al.
 * 2022, equations 9 and 10). */
void mixing_proximity(const float *shares, int64_t n, const float *y, int64_t width, float *out);
/* Shares of row i of a whole block's output: own [rows seen, D] and source [S, D] (NULL without
 * cross). See forward_share_rest for feed_forward. */
enum err_code mixing_block_shares(const struct rollout_view *v, int64_t i, bool feed_forward,
                                  float *own, float *source, struct err *e) ERR_CHECKED;

/* What a method costs: products of the weights alone, shares of the columns' rows, the same with
 * the feed-forward layer, or shares of every row. Adds to *c; cell: numbers a token and column. */
enum mixing_work { MIXING_WEIGHTS, MIXING_SHARES, MIXING_WITH_FEED_FORWARD, MIXING_ALL_SHARES };
void mixing_cost(struct cost *c, const struct cost_input *in, enum mixing_work work, int64_t cell);

#endif
