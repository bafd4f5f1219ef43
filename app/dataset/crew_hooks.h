/* What the process that leads a crew does with what all of them make. Plain data. */
#ifndef TINSEQ_APP_CREW_HOOKS_H
#define TINSEQ_APP_CREW_HOOKS_H

#include "app/dataset/batch.h"
#include "backend/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the leader has; the others' are not called. One call at a time, from either thread. */
struct crew_hooks {
    void *user;
    int64_t (*next)(void *user); /* a batch that is to be done, −1: there is no other */
    bool (*has)(void *user, int64_t batch);
    /* A batch that is done, and what a person is told of it. An error ends the run. */
    enum err_code (*add)(void *user, const struct batch *b, const char *said, size_t n_said,
                         struct err *e);
    void (*lost)(void *user, const char *text); /* a process is given up: says so */
};

#endif
