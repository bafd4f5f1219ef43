/* The time that has passed since some moment, in seconds: it never jumps. Any thread. */
#ifndef TINSEQ_BACKEND_BASE_CLOCK_H
#define TINSEQ_BACKEND_BASE_CLOCK_H

#include <time.h>

static inline double clock_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#endif
