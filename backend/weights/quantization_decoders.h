/*
 * The decoders of blocks, and what they are made of. Each: out [n_blocks · elements of a block],
 * `in` unaligned. Internal to quantization*.c.
 */
#ifndef TINSEQ_BACKEND_WEIGHTS_QUANTIZATION_DECODERS_H
#define TINSEQ_BACKEND_WEIGHTS_QUANTIZATION_DECODERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* One copy of each loop per instruction set, chosen when the program starts. The sanitizers cannot
 * run before the choosers do. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) &&                             \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define CLONES
#endif

/* IEEE half to single, exactly; without branches, so that loops over it vectorise. A NaN keeps its
 * payload. */
static inline float half_to_float(uint16_t half) {
    uint32_t magnitude = half & 0x7FFFu, sign = (uint32_t)(half & 0x8000u) << 16, bits;
    float small = (float)(int32_t)magnitude * 0x1p-24f; /* subnormal: mantissa · 2⁻²⁴ */
    uint32_t small_bits;
    memcpy(&small_bits, &small, sizeof small);
    bits = (magnitude << 13) + (magnitude >= 0x7C00u
                                    ? 224u << 23
                                    : 112u << 23); /* bias 15 → 127; infinity and NaN → 255 */
    bits = (magnitude < 0x400u ? small_bits : bits) | sign;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint16_t load16(const unsigned char *in) {
    uint16_t v;
    memcpy(&v, in, sizeof v);
    return v;
}

static inline float load_half(const unsigned char *in) {
    return half_to_float(load16(in));
}

static inline uint32_t load32(const unsigned char *in) {
    uint32_t v;
    memcpy(&v, in, sizeof v);
    return v;
}

/* What a nibble of IQ4_NL and IQ4_XS stands for; of MXFP4 and NVFP4, twice. */
static const signed char levels_iq4[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                           1,    13,   25,  38,  53,  69,  89,  113};
static const signed char levels_fp4[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

#define DECODER(name)                                                                              \
    void decode_##name(float *restrict out, const unsigned char *restrict in, size_t n_blocks)
DECODER(q4_0);
DECODER(q4_1);
DECODER(q5_0);
DECODER(q5_1);
DECODER(q8_0);
DECODER(mxfp4);
DECODER(nvfp4);
DECODER(iq4_nl);
DECODER(tq1_0);
DECODER(tq2_0);
DECODER(q2_k);
DECODER(q3_k);
DECODER(q4_k);
DECODER(q5_k);
DECODER(q6_k);
DECODER(iq4_xs);
DECODER(iq1_s);
DECODER(iq1_m);
DECODER(iq2_xxs);
DECODER(iq2_xs);
DECODER(iq2_s);
DECODER(iq3_xxs);
DECODER(iq3_s);

#endif
