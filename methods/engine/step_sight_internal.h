/* What the parts of step_sight.h share: runs (step_sight_run.c), forwards (step_sight_forward.c),
 * rows and gradients (step_sight.c). The worker thread only. */
#ifndef TINSEQ_METHODS_STEP_SIGHT_INTERNAL_H
#define TINSEQ_METHODS_STEP_SIGHT_INTERNAL_H

#include "methods/engine/step_sight.h"

/* Another run, checked: all steps of one function. */
struct other_run {
    int32_t *source_ids, *target_ids;
    int64_t *source_from, *target_from, *rows; /* see tinseq_step_run */
    int64_t n_source, n_target, at;            /* at: where it begins in a row */
};

/* Asks a function for its run of `in`. ERR_USAGE. */
enum err_code other_run_make(struct other_run *out, const struct method_input *in,
                             const struct step_request *r, struct err *e) ERR_CHECKED;
void other_run_dispose(struct other_run *r);

/* One forward of a method's and what runs beside it. */
struct beside {
    struct forward *f;
    struct forward **runs; /* [n_runs]; NULL where it shows no step */
    bool all, varies;      /* has the states of all layers; other runs have as many entries as f */
    int64_t n_target;
    int64_t sites[2]; /* which of its sites are the embeddings, by stack; −1 */
    float *x[2]; /* embeddings of all its rows [B, n, D], when others may share its past; NULL: the
                    ids' own */
    struct beside *next;
};

struct step_sight {
    const struct method_input *in; /* as the method has it */
    struct model_ops ops, real;
    bool all, target_all;
    int64_t n_states;
    struct step_layout *layouts;
    struct other_run *runs;
    size_t n_runs;
    struct beside *open;
    struct step_sight *outer;
};

extern struct step_sight *step_sight_now; /* of the worker thread; NULL: none is open */

/* What runs beside a forward. */
struct beside *step_sight_beside(const struct forward *f);
/* The rows of another run that the steps of a forward of n_target rows look at: 0 … this many. */
int64_t step_sight_rows(const struct other_run *r, int64_t n_target);
/* Operations that take a method's place. */
enum err_code step_sight_forward(struct forward **out, struct model *m,
                                 const struct forward_input *given, const struct run_ctl *ctl,
                                 struct err *e) ERR_CHECKED;
void step_sight_forward_free(struct forward *f);
enum err_code step_sight_no_memory(struct err *e);

#endif
