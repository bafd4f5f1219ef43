/* What the parts of step_sight.h share: runs (step_sight_run.c), rows and gradients
 * (step_sight_rows.c), forwards (step_sight_forward.c), opening (step_sight.c). The worker thread
 * only. */
#ifndef TINSEQ_METHODS_STEP_SIGHT_INTERNAL_H
#define TINSEQ_METHODS_STEP_SIGHT_INTERNAL_H

#include "backend/model_ops.h"
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
/* The rows of it that the steps of a forward of n_target rows look at: 0 … this many. */
int64_t other_run_rows(const struct other_run *r, const struct method_input *in, int64_t n_target);

/* A model whose forwards have other runs beside them. */
struct step_sight {
    struct model_head head;
    const struct method_input *in; /* as the method has it: its model is this one */
    bool all, target_all;          /* states of all layers: anyone's, the attributed function's */
    int64_t n_states;
    struct step_layout *layouts;
    struct other_run *runs;
    size_t n_runs;
};

/* A forward of a method's, before the model's own, and what runs beside it. */
struct sight_forward {
    struct forward_head head;
    const struct step_sight *sight;
    struct forward **runs; /* [n_runs]; NULL where it shows no step */
    bool all, varies;      /* has the states of all layers; other runs have as many entries */
    int64_t n_target;
    int64_t sites[2]; /* which of its sites are the embeddings, by stack; −1 */
    float *x[2]; /* embeddings of all its rows [B, n, E], when others may share its past; NULL: the
                    ids' own */
};

/* What takes the place of the model's own calls; see backend/model_ops.h. */
enum err_code step_sight_forward(struct forward **out, struct model *m,
                                 const struct forward_input *given, const struct run_ctl *ctl,
                                 struct err *e) ERR_CHECKED;
enum err_code step_sight_logits(struct forward *f, const struct position *at, int64_t n, float *out,
                                struct err *e) ERR_CHECKED;
enum err_code step_sight_vjp(struct forward *f, const struct vjp_request *r,
                             const struct run_ctl *ctl, struct err *e) ERR_CHECKED;
int64_t step_sight_vjp_bytes(const struct forward *f, const struct position *at, int64_t n);

enum err_code step_sight_no_memory(struct err *e);

#endif
