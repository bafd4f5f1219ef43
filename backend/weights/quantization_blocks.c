/* Blocks of 16 to 64 elements, and those of ternary numbers. Layouts: ggml-common.h. */
#include "backend/weights/quantization_decoders.h"

/* Q4_0: half d; 16 bytes, low nibbles elements 0 … 15, high nibbles 16 … 31. value = d (q −
 * 8) */
CLONES void decode_q4_0(float *restrict out, const unsigned char *restrict in, size_t n_blocks) {
    for (size_t b = 0; b < n_blocks; b++, in += 18, out += 32) {
        float d = load_half(in);
        for (int j = 0; j < 16; j++) {
            out[j] = d * (float)((in[2 + j] & 15) - 8);
            out[j + 16] = d * (float)((in[2 + j] >> 4) - 8);
        }
    }
}

/* Q4_1: half d, half m; nibbles as Q4_0. value = d q + m */
CLONES void decode_q4_1(float *restrict out, const unsigned char *restrict in, size_t n_blocks) {
    for (size_t b = 0; b < n_blocks; b++, in += 20, out += 32) {
        float d = load_half(in), m = load_half(in + 2);
        for (int j = 0; j < 16; j++) {
            out[j] = d * (float)(in[4 + j] & 15) + m;
            out[j + 16] = d * (float)(in[4 + j] >> 4) + m;
        }
    }
}

/* Q5_0: half d; 32 fifth bits; nibbles as Q4_0. value = d (q − 16) */
CLONES void decode_q5_0(float *restrict out, const unsigned char *restrict in, size_t n_blocks) {
    for (size_t b = 0; b < n_blocks; b++, in += 22, out += 32) {
        float d = load_half(in);
        uint32_t high;
        memcpy(&high, in + 2, sizeof high);
        for (int j = 0; j < 16; j++) {
            out[j] = d * (float)((int)((in[6 + j] & 15) | ((high >> j & 1) << 4)) - 16);
            out[j + 16] = d * (float)((int)((in[6 + j] >> 4) | ((high >> (j + 16) & 1) << 4)) - 16);
        }
    }
}

/* Q5_1: half d, half m; then as Q5_0. value = d q + m */
CLONES void decode_q5_1(float *restrict out, const unsigned char *restrict in, size_t n_blocks) {
    for (size_t b = 0; b < n_blocks; b++, in += 24, out += 32) {
        float d = load_half(in), m = load_half(in + 2);
        uint32_t high;
        memcpy(&high, in + 4, sizeof high);
        for (int j = 0; j < 16; j++) {
            out[j] = d * (float)(int)((in[8 + j] & 15) | ((high >> j & 1) << 4)) + m;
            out[j + 16] = d * (float)(int)((in[8 + j] >> 4) | ((high >> (j + 16) & 1) << 4)) + m;
        }
    }
}

/* Q8_0: half d; 32 signed bytes. value = d q */
CLONES void decode_q8_0(float *restrict out, const unsigned char *restrict in, size_t n_blocks) {
    for (size_t b = 0; b < n_blocks; b++, in += 34, out += 32) {
        float d = load_half(in);
        for (int j = 0; j < 32; j++)
            out[j] = d * (float)(signed char)in[2 + j];
    }
}

/* Sixteen bytes: the levels of low nibbles, then of high ones. */
static inline void decode_levels(float *restrict out, const unsigned char *restrict q, int n,
                                 const signed char levels[16], float d) {
    for (int j = 0; j < n; j++) {
        out[j] = d * (float)levels[q[j] & 15];
        out[j + n] = d * (float)levels[q[j] >> 4];
    }
}

/* IQ4_NL: half d; nibbles as Q4_0. value = d · level(q) */
CLONES void decode_iq4_nl(float *restrict out, const unsigned char *restrict in, size_t n_blocks) {
    for (size_t b = 0; b < n_blocks; b++, in += 18, out += 32)
        decode_levels(out, in + 2, 16, levels_iq4, load_half(in));
}

/* Half of 2^(e − 127): the levels are doubled. Below the least normal number, exactly. */
static inline float half_power(unsigned char e) {
    const uint32_t bits = e < 2 ? 0x00200000u << e : (uint32_t)(e - 1) << 23;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* MXFP4: exponent e; nibbles as Q4_0. value = 2^(e − 127) · level(q) / 2 (OCP MX 1.0) */
CLONES void decode_mxfp4(float *restrict out, const unsigned char *restrict in, size_t n_blocks) {
    for (size_t b = 0; b < n_blocks; b++, in += 17, out += 32)
        decode_levels(out, in + 1, 16, levels_fp4, half_power(*in));
}

/* Half of an unsigned float of 4 bits of exponent (bias 7) and 3 of mantissa. */
static inline float half_e4m3(unsigned char x) {
    const int exponent = x >> 3 & 15, mantissa = x & 7;
    const float scaled = exponent ? (float)((8 + mantissa) << (exponent - 1)) : (float)mantissa;
    return x == 0x7F ? 0.0f : scaled * 0x1p-10f;
}

/* NVFP4: four scales, then for each 8 bytes: low nibbles elements 0 … 7, high ones 8 … 15. */
CLONES void decode_nvfp4(float *restrict out, const unsigned char *restrict in, size_t n_blocks) {
    for (size_t b = 0; b < n_blocks; b++, in += 36)
        for (int s = 0; s < 4; s++, out += 16)
            decode_levels(out, in + 4 + 8 * s, 8, levels_fp4, half_e4m3(in[s]));
}

/* n bytes whose `digits` ternary digits, the highest first, belong to elements n apart. */
static inline void decode_ternary(float *restrict out, const unsigned char *restrict q, int n,
                                  int digits, float d) {
    static const unsigned char powers[] = {1, 3, 9, 27, 81};
    for (int k = 0; k < digits; k++)
        for (int j = 0; j < n; j++) {
            const unsigned char shifted = (unsigned char)(q[j] * powers[k]);
            out[k * n + j] = d * (float)((shifted * 3 >> 8) - 1);
        }
}

/* TQ1_0: 48 bytes of five digits (32 and 16 that share), 4 of four, half d. value = d (digit − 1)
 */
CLONES void decode_tq1_0(float *restrict out, const unsigned char *restrict in, size_t n_blocks) {
    for (size_t b = 0; b < n_blocks; b++, in += 54, out += 256) {
        const float d = load_half(in + 52);
        decode_ternary(out, in, 32, 5, d);
        decode_ternary(out + 160, in + 32, 16, 5, d);
        decode_ternary(out + 240, in + 48, 4, 4, d);
    }
}

/* TQ2_0: 64 bytes, half d; pair k of byte j of either half is element 32 k + j of its 128. value =
 * d (q − 1) */
CLONES void decode_tq2_0(float *restrict out, const unsigned char *restrict in, size_t n_blocks) {
    for (size_t b = 0; b < n_blocks; b++, in += 66) {
        const float d = load_half(in + 64);
        for (int k = 0; k < 8; k++, out += 32)
            for (int j = 0; j < 32; j++)
                out[j] = d * (float)((in[k / 4 * 32 + j] >> (k % 4 * 2) & 3) - 1);
    }
}
