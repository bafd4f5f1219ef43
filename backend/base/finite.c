#include "backend/base/finite.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define TOGETHER 1024
#define EXPONENT 0x7F800000u /* all of its bits are set in what is not finite */

/* Without a branch: this becomes vector code. */
static bool all_finite(const float *x, int64_t n) {
    uint32_t found = 0;
#pragma omp simd reduction(| : found)
    for (int64_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, x + i, sizeof bits);
        found |= (bits & EXPONENT) == EXPONENT;
    }
    return !found;
}

int64_t finite_first_not(const float *x, int64_t n) {
    for (int64_t from = 0; from < n; from += TOGETHER) {
        const int64_t end = n - from < TOGETHER ? n : from + TOGETHER;
        if (all_finite(x + from, end - from))
            continue;
        while (from < end && isfinite(x[from]))
            from++;
        return from;
    }
    return -1;
}
