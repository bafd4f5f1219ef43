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
    int64_t n_runs;         /* of the method, where one run does not serve all steps; else 1 */
    double operations;      /* floating-point, of products */
    double seconds;         /* negative: not known (yet: app/jobs/engine.h fills it in) */
    double least, most;     /* seconds that a run takes at least and at most, with seconds */
    double worst;           /* seconds: the same, where the text may ask for much more; ≥ most */
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

/* Operations a second that a run may make. */
struct cost_rates {
    double slowest, fastest;
};
/* What a run makes where only the rate of products is known: what is between them, and products of
 * other sizes, decide on how near it comes. */
struct cost_rates cost_rates_of(double rate);
/* The seconds, with these rates. */
void cost_time(struct cost_estimate *c, const struct cost_rates *rates);
/* The same once a part of the work is done, in (0, 1]: the rest as the part went, or, where the
 * text decides on the work, no longer than as foreseen. */
void cost_refine(struct cost_estimate *c, double elapsed, double part);
/* "8 to 20 s", "40 s to 3 min (at worst 50 min)", owned by the caller; NULL: not known. */
char *cost_time_text(const struct cost_estimate *c);

/* "240 MB", owned by the caller. */
char *cost_bytes_text(int64_t bytes);

/* "8 to 20 s and 240 MB", and how many runs where there are several; owned by the caller. */
char *cost_text(const struct cost_estimate *c);
/* One sentence when it does not fit, saying what would; NULL when it fits. Owned by the caller. */
char *cost_warning(const struct cost_estimate *c);

#endif
