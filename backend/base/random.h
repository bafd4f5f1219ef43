/* Random numbers whose every bit depends on every bit of where they come from. Any thread. */
#ifndef TINSEQ_BACKEND_BASE_RANDOM_H
#define TINSEQ_BACKEND_BASE_RANDOM_H

#include <math.h>
#include <stdint.h>

/* SplitMix64's finaliser (Steele, Lea and Flood 2014). */
static inline uint64_t mix_bits(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* SplitMix64: the same seed gives the same numbers on every machine. */
struct random_state {
    uint64_t state;
};

/* In (0, 1). */
static inline double random_uniform(struct random_state *r) {
    r->state += 0x9E3779B97F4A7C15u;
    return ((double)(mix_bits(r->state) >> 11) + 0.5) * 0x1p-53;
}

/* Standard normal from two uniform numbers in [0, 1), by Box and Muller 1958. */
static inline double random_normal(double u, double v) {
    return sqrt(-2 * log(1 - u)) * cos(2 * M_PI * v);
}

#endif
