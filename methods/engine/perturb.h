/*
 * What perturbation methods share: the embeddings of both sides, and the attributed function of
 * every column from forwards of many perturbed variants. One forward of B variants over the whole
 * target serves every column. The worker thread only.
 */
#ifndef TINSEQ_METHODS_PERTURB_H
#define TINSEQ_METHODS_PERTURB_H

#include "methods/engine/engine.h"

#define PERTURB_MOST 256 /* variants of a batch at most */

struct perturb_side {
    enum model_stack stack;
    const int32_t *ids;
    int64_t n;      /* source: S, 0 for decoder-only models; target: rows that some column sees */
    float *x;       /* [n, E] embeddings */
    bool moves;     /* is attributed */
    bool has_start; /* begins with a decoder's start token */
};

struct perturb {
    struct method_run engine;
    int64_t width, n_vocab, n_row; /* n_row: numbers in a row of logits (method_row) */
    struct perturb_side source, target;
    int64_t work_done, work;  /* what progress is told in */
    struct forward *contrast; /* the contrast's own run of the latest perturb_forward's variants,
                                 where it follows them (engine_contrast_moves); else NULL */
    const struct forward *contrast_of;
};

/* Opens the engine and embeds both sides. Close it also after an error. */
enum err_code perturb_open(struct perturb *p, struct attribution_sequence *out,
                           const struct method_input *in, const struct run_ctl *ctl,
                           struct err *e) ERR_CHECKED;
void perturb_close(struct perturb *p);

/* How many variants of all target rows but the first n_past (and all source rows, where
 * `with_source`) one forward should hold: enough rows for fast products, within the budget. */
int64_t perturb_fit(const struct perturb *p, int64_t n_past, bool with_source);
/* Room for the embeddings of one side of any such batch. */
float *perturb_room(const struct perturb *p);

/* A forward's variants in embeddings: [n_batch, S, E] (NULL: the source as it is) and [n_batch, T
 * − n_past, E] (NULL likewise). */
struct perturb_variants {
    int64_t n;
    const float *source, *target;
    const struct forward *past;
    int64_t n_past;
    bool keep_past;
};
enum err_code perturb_forward(struct perturb *p, struct forward **out,
                              const struct perturb_variants *v, struct err *e) ERR_CHECKED;

/* A batch of variants of both sides, and its forward. */
struct perturb_batch {
    int64_t most; /* variants that go together */
    float *x[2];  /* [most, rows, E] that the method fills in, by enum model_stack; NULL: the side
                     is not attributed and stays as it is */
    struct forward *f; /* of the latest perturb_batch_run; NULL before */
};
/* Rooms for whole variants, as long as p's sides now. Dispose of it also after an error (NOMEM). */
enum err_code perturb_batch_open(struct perturb_batch *b, const struct perturb *p,
                                 struct err *e) ERR_CHECKED;
/* A forward of the first n. Errors: the model's. */
enum err_code perturb_batch_run(struct perturb_batch *b, struct perturb *p, int64_t n,
                                struct err *e) ERR_CHECKED;
void perturb_batch_dispose(struct perturb_batch *b);

/* Calls visit with the logits of each of n places: entry and column, in groups that fit the budget.
 * Polls ctl between groups. */
struct perturb_place {
    int64_t entry, column;
};
enum err_code perturb_logits(struct perturb *p, struct forward *f, const struct perturb_place *at,
                             int64_t n, engine_visit visit, void *user, struct err *e) ERR_CHECKED;

/* The attributed function of columns [c, G) at entries [0, n) of a forward: out [n, G − c]. */
enum err_code perturb_values(struct perturb *p, struct forward *f, int64_t n, int64_t c,
                             double *out, struct err *e) ERR_CHECKED;

/* The same for the input itself at entry 0, with all columns' step scores: out [G]. */
enum err_code perturb_clean(struct perturb *p, struct forward *f, double *out,
                            struct err *e) ERR_CHECKED;

/* All columns' step scores, for methods that need nothing else of the input itself. */
enum err_code perturb_scores(struct perturb *p, struct err *e) ERR_CHECKED;

/* `done` more of p->work is done: tells who watches. */
void perturb_progress(struct perturb *p, int64_t done);

/* Bytes of a batch of n variants at most: the forward, its embeddings and shared keys and
 * values. */
void perturb_cost_bytes(struct cost *c, const struct cost_input *in, double n);

enum err_code perturb_no_memory(struct err *e);

#endif
