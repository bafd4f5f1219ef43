/*
 * Random numbers by place rather than by order: a number depends on the seed and on what it is for
 * (sample, token, …) alone, so that results do not change with batches, and a script can draw the
 * same ones. SplitMix64's finaliser over the chain of keys. Any thread.
 */
#ifndef TINSEQ_METHODS_RANDOM_H
#define TINSEQ_METHODS_RANDOM_H

#include "backend/base/random.h"

#include <stdint.h>

static inline uint64_t random_key(uint64_t key, uint64_t next) {
    return mix_bits(key + 0x9e3779b97f4a7c15u * (next + 1));
}

/* In [0, 1), 53 bits. */
static inline double random_uniform_of(uint64_t key) {
    return (double)(random_key(key, 0) >> 11) * 0x1p-53;
}

/* Standard normal. */
static inline double random_normal_of(uint64_t key) {
    return random_normal(random_uniform_of(random_key(key, 1)),
                         random_uniform_of(random_key(key, 2)));
}

#endif
