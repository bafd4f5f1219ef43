/*
 * A place brought into a range. Any thread.
 */
#ifndef TINSEQ_BACKEND_BASE_CLAMP_H
#define TINSEQ_BACKEND_BASE_CLAMP_H

#include <stdint.h>

/* `at`, or the end of [least, most] that it lies beyond; `least` where the range is empty. */
static inline int64_t clamped(int64_t at, int64_t least, int64_t most) {
    if (at > most)
        at = most;
    return at < least ? least : at;
}

#endif
