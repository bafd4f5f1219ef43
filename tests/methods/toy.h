/*
 * A model small enough to differentiate on paper, behind the methods' seam. With h = Σ a_r x_r
 * over the rows a position sees (all of the source, the target up to itself),  logits[v] = u_v·h +
 * ½ (w_v·h)²,  so ∂ logits[v] / ∂ x_r = a_r (u_v + (w_v·h) w_v). Rows differ by a_r.
 */
#ifndef TINSEQ_TESTS_METHODS_TOY_H
#define TINSEQ_TESTS_METHODS_TOY_H

#include "backend/model_ops.h"
#include "methods/method.h"

#include <stdatomic.h>

enum { TOY_VOCAB = 7, TOY_WIDTH = 3, TOY_LAYERS = 2, TOY_HEADS = 2 };
enum { TOY_PAD = 0, TOY_EOS = 1, TOY_UNK = 2 }; /* decoder start: TOY_PAD */

struct model {
    struct model_head head;
    int64_t n_calls, n_open; /* calls of it so far; forwards not freed */
    int64_t n_forwards, n_sequences, most_batch,
        most_positions;         /* n_sequences: over all forwards */
    int64_t fail_at, cancel_at; /* the call that fails or during which someone cancels; 0: none */
    enum err_code fail_code;
    atomic_bool cancel;
    int64_t vjp_bytes; /* what one place takes backwards; 0: as much as its inputs and outputs */
};

extern const struct model_ops toy_ops;

void toy_embedding(double out[TOY_WIDTH], enum model_stack stack, int32_t id);
double toy_row_weight(enum model_stack stack, int64_t row);
/* h += what n rows of ids contribute. */
void toy_add_rows(double h[TOY_WIDTH], enum model_stack stack, const int32_t *ids, int64_t n);
void toy_logits(double out[TOY_VOCAB], const double h[TOY_WIDTH]);
/* u and w of a vocabulary entry. */
void toy_vectors(double u[TOY_WIDTH], double w[TOY_WIDTH], int v);
/* The attention from query to key: any numbers that tell their place. */
float toy_attention(enum attention_kind kind, int64_t layer, int64_t head, int64_t query,
                    int64_t key);

/* What blocks yield is their rows' embeddings times a factor of the site, which the rest of the
 * model divides by again. */
#define TOY_MOST_SITES 16
double toy_site_factor(const struct model_site *s);

/* --- one attribution of it --- */

#define TOY_MAX_LOG 64

struct session {
    struct model model;
    struct model_config config;
    struct method_input in;
    struct run_ctl ctl;
    struct option_set options; /* of the method; open after session_method */
    struct step_request scores[8];
    const struct method *method;
    struct attribution_sequence out;
    struct err err;
    int n_shaped, n_published;
    int64_t published[TOY_MAX_LOG];
    int64_t cancel_after_columns; /* 0: never */
    bool cancel_when_shaped;
};

/* Decoder-only: 6 tokens, 4 of them attributed. Encoder-decoder: 3 source tokens, 5 target tokens
 * with start, all 4 attributed. */
void session_init(struct session *s, bool encoder_decoder, const char *method,
                  const char *function);
void session_option(struct session *s, const char *key, const char *json);
void session_score(struct session *s, const char *function);
void session_contrast(struct session *s, const int32_t *ids, int64_t n, const int64_t *alignment);
/* Runs the method into a fresh s->out; checks that it freed its forwards and that done, n_done and
 * what was published agree. */
enum err_code session_run(struct session *s);
void session_dispose(struct session *s);

/* h at the logits that generated column c, of the input itself. */
void session_state(const struct session *s, int64_t c, double h[TOY_WIDTH]);
/* Element of [rows, G, D]. */
float session_at(const struct session *s, const struct scores *scores, int64_t row, int64_t c,
                 int64_t k);
/* Expects exactly the rows that a causal column cannot see to be NaN, and no other element. */
void session_check_nan(const struct session *s);

#endif
