/* What the parts of together.h share: runs and their stacks (together.c), what they ask for
 * (together_forward.c, together_gradient.c). The worker thread only. */
#ifndef TINSEQ_METHODS_TOGETHER_INTERNAL_H
#define TINSEQ_METHODS_TOGETHER_INTERNAL_H

#include "backend/model_ops.h"
#include "methods/engine/together.h"

#include <ucontext.h>

enum asks { ASKS_NOTHING, ASKS_FORWARD, ASKS_LOGITS, ASKS_GRADIENT, ASKS_NO_MORE };

/* A forward of several runs. */
struct joint {
    struct forward *forward;
    int64_t n_target;
    int n_references;
};

/* A run's part of it: entries from `first` on. */
struct part_forward {
    struct forward_head head;
    struct joint *joint;
    struct lane *lane;
    int64_t first, n_source, n_target;
};

/* A run. */
struct lane {
    struct model_head head; /* the model that it has */
    struct together *t;
    size_t i;
    ucontext_t context;
    void *stack;
    void *fake_stack; /* AddressSanitizer's */
    enum asks asks;

    /* What it asks for, and the answer. */
    struct forward **out;
    const struct forward_input *input;
    const struct part_forward *forward;
    const struct position *at;
    int64_t n;
    float *logits;
    const struct vjp_request *gradient;
    const struct run_ctl *ctl;
    enum err_code code;
    struct err *e;
};

struct together {
    struct model *behind;
    const struct model_config *config;
    int64_t room;
    together_task task;
    void *user;
    struct lane *lanes; /* [n] */
    struct lane **some; /* [n] room for those that go together */
    size_t n;
    ucontext_t context;
    void *fake_stack;
    const void *stack; /* of who called, for AddressSanitizer */
    size_t n_stack;
};

/* Waits until what the lane asks for is answered. */
enum err_code lane_ask(struct lane *l, enum asks asks);

/* together_forward.c: the table of a lane's model, and answers to all that ask for a forward. */
extern const struct model_ops lane_ops;
void together_forwards(struct together *t);
/* together_gradient.c: the table of a lane's forward, and answers to all that ask for logits or
 * gradients of one. */
extern const struct forward_ops part_ops;
void together_logits(struct together *t);
void together_gradients(struct together *t);

#endif
