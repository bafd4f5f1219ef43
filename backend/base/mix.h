/* A number of which every bit depends on every bit of z: SplitMix64's finaliser (Steele, Lea and
 * Flood 2014). Any thread. */
#ifndef TINSEQ_BACKEND_BASE_MIX_H
#define TINSEQ_BACKEND_BASE_MIX_H

#include <stdint.h>

static inline uint64_t mix_bits(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

#endif
