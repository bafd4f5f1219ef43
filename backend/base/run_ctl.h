/*
 * How a long computation is watched and stopped. The owner (a worker thread, or the command line's
 * main thread) passes one struct run_ctl down every long call. The callee polls `cancel` at least
 * every 50 ms of work and reports progress; on cancel it returns ERR_CANCELLED and leaves its
 * outputs empty. `cancel` may be set from any thread.
 */
#ifndef TINSEQ_BACKEND_BASE_RUN_CTL_H
#define TINSEQ_BACKEND_BASE_RUN_CTL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct run_ctl {
    atomic_bool *cancel; /* NULL: cannot be cancelled */
    /* Called on the computing thread with work done and total in units of the phase's own choice;
     * `phase` is a short lower-case text ("loading weights", "generating", "attributing"), a
     * literal. NULL: no one watches. */
    void (*progress)(void *user, const char *phase, int64_t done, int64_t total);
    void *user;
};

static inline bool run_cancelled(const struct run_ctl *ctl) {
    return ctl && ctl->cancel && atomic_load_explicit(ctl->cancel, memory_order_relaxed);
}

static inline void run_progress(const struct run_ctl *ctl, const char *phase, int64_t done,
                                int64_t total) {
    if (ctl && ctl->progress)
        ctl->progress(ctl->user, phase, done, total);
}

#endif
