/*
 * A mixture of experts in the place of a feed-forward layer: a router chooses a few for every row,
 * and their outputs are summed with its weights. Shazeer et al. 2017; the router's softmax over all
 * experts or over those that are chosen as in transformers 4.57 (modeling_mixtral.py,
 * modeling_qwen2_moe.py). Internal to backend/. The worker thread.
 */
#ifndef TINSEQ_BACKEND_TAPE_EXPERTS_H
#define TINSEQ_BACKEND_TAPE_EXPERTS_H

#include "backend/tape/tape.h"

struct expert {
    struct weight gate, up, down; /* [F, D], [F, D], [D, F] */
};
struct experts {
    struct weight router;        /* [n, D] */
    struct expert *each;         /* [n], owned by who has the experts, and one more: the shared */
    struct weight shared_router; /* [1, D]: its sigmoid weighs the expert that every row has */
    int64_t n, n_used;           /* n 0: there are none */
    bool shares_one;             /* the weights of those that are chosen sum to one */
    bool has_shared;
    enum activation activation;
};

/* Weights of one row's experts, from the router's logits [n]: probability [n] of all, weight [n],
 * zero of those that are not chosen. Of equal logits the first are chosen. */
void experts_route(const struct experts *w, const double *logits, double *probability,
                   double *weight);

/* x [R, D] → Σ_e weight_e(x) · down_e(activation(gate_e(x)) · up_e(x)), [R, D]. Only experts that
 * are chosen compute, each for its rows. Its derivative follows the weights through the router; the
 * choice itself is a constant, as in Transformers. Under a rescale rule the activations' slopes are
 * those against the reference in the same expert. */
struct value *tape_experts(struct tape *t, struct value *x, const struct experts *w);

#endif
