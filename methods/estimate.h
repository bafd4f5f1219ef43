/*
 * What a method's declared cost comes to: operations, seconds on this machine, bytes, and whether
 * they fit. Plain numbers, no model. Any thread.
 */
#ifndef TINSEQ_METHODS_ESTIMATE_H
#define TINSEQ_METHODS_ESTIMATE_H

#include "methods/cost.h"

struct method;

struct cost_estimate {
    struct cost cost;
    double operations;      /* floating-point, of products */
    double seconds;         /* negative: not known (yet: app/jobs/engine.h fills it in) */
    int64_t bytes;          /* beyond the weights, at the peak */
    int64_t available;      /* bytes; −1: not known */
    bool fits;              /* true when not known */
    int64_t steps_that_fit; /* the first so many attributed tokens would; 0: not even one */
    int64_t n_source, n_target, n_steps,
        memory_budget; /* what it was made from, as in struct cost_input */
};

/* Of one method. rate: operations a second that such a run makes on this machine, ≤ 0: not known;
 * available: memory_available(). */
void cost_estimate(struct cost_estimate *out, const struct method *method,
                   const struct cost_input *in, double rate, int64_t available);

/* "240 MB", owned by the caller. */
char *cost_bytes_text(int64_t bytes);

/* "about 3 s and 240 MB", owned by the caller. */
char *cost_text(const struct cost_estimate *c);
/* One sentence when it does not fit, saying what would; NULL when it fits. Owned by the caller. */
char *cost_warning(const struct cost_estimate *c);

#endif
