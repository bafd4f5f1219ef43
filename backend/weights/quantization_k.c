/* Blocks of 256 elements with scales of their own for parts. Layouts: ggml-common.h. */
#include "backend/weights/quantization_decoders.h"

/* Q2_K: 16 bytes of a scale (low nibble) and a minimum, 64 bytes, half d, half d_min; pair k of
 * byte j of either half is element 32 k + j of its 128. value = d·scale q − d_min·min */
CLONES void decode_q2_k(float *restrict out, const unsigned char *restrict in, size_t n_blocks) {
    for (size_t b = 0; b < n_blocks; b++, in += 84) {
        const float d = load_half(in + 80), d_min = load_half(in + 82);
        for (int s = 0; s < 16; s++, out += 16) { /* 16 elements under one scale */
            const float scale = d * (float)(in[s] & 15), min = d_min * (float)(in[s] >> 4);
            const unsigned char *q = in + 16 + s / 8 * 32 + s % 2 * 16;
            const int shift = s % 8 / 2 * 2;
            for (int j = 0; j < 16; j++)
                out[j] = scale * (float)(q[j] >> shift & 3) - min;
        }
    }
}

/* The sixteen 6-bit scales of Q3_K: low nibbles in 8 bytes, the top pairs in 4. */
static inline int scale_q3_k(const unsigned char *p, int s) {
    const int low = p[s % 8] >> (s / 8 * 4) & 15, high = p[8 + s % 4] >> (s / 4 * 2) & 3;
    return (low | high << 4) - 32;
}

/* Q3_K: 32 bytes of third bits (0: four less), 64 of pairs as in Q2_K, 12 of scales, half d; bit k
 * of byte j is element 32 k + j's. value = d·scale q */
CLONES void decode_q3_k(float *restrict out, const unsigned char *restrict in, size_t n_blocks) {
    for (size_t b = 0; b < n_blocks; b++, in += 110) {
        const float d = load_half(in + 108);
        for (int s = 0; s < 16; s++, out += 16) {
            const float scale = d * (float)scale_q3_k(in + 96, s);
            const unsigned char *q = in + 32 + s / 8 * 32 + s % 2 * 16, *high = in + s % 2 * 16;
            const int shift = s % 8 / 2 * 2, bit = s / 2;
            for (int j = 0; j < 16; j++)
                out[j] = scale * (float)((q[j] >> shift & 3) - (~high[j] >> bit & 1) * 4);
        }
    }
}

/* The eight 6-bit scales and minima of a Q4_K or Q5_K block, packed in 12 bytes: the first four of
 * each in the low 6 bits of bytes 0 … 3 and 4 … 7, the last four in the nibbles of bytes 8 …
 * 11 and the top 2 bits of bytes 0 … 7. */
static inline void unpack_scales(float scale[8], float min[8], const unsigned char *p, float d,
                                 float d_min) {
    for (int i = 0; i < 4; i++) {
        scale[i] = d * (float)(p[i] & 63);
        min[i] = d_min * (float)(p[i + 4] & 63);
        scale[i + 4] = d * (float)((p[i + 8] & 15) | (p[i] >> 6 << 4));
        min[i + 4] = d_min * (float)((p[i + 8] >> 4) | (p[i + 4] >> 6 << 4));
    }
}

/* Q4_K: half d, half d_min; 12 bytes of scales; 4 groups of 32 bytes, each two sub-blocks of 32
 * (low, high nibbles). value = d·scale q − d_min·min */
CLONES void decode_q4_k(float *restrict out, const unsigned char *restrict in, size_t n_blocks) {
    for (size_t b = 0; b < n_blocks; b++, in += 144) {
        float scale[8], min[8];
        unpack_scales(scale, min, in + 4, load_half(in), load_half(in + 2));
        const unsigned char *q = in + 16;
        for (int g = 0; g < 4; g++, q += 32, out += 64) {
            float d0 = scale[2 * g], m0 = min[2 * g], d1 = scale[2 * g + 1], m1 = min[2 * g + 1];
            for (int j = 0; j < 32; j++)
                out[j] = d0 * (float)(q[j] & 15) - m0;
            for (int j = 0; j < 32; j++)
                out[j + 32] = d1 * (float)(q[j] >> 4) - m1;
        }
    }
}

/* Q5_K: as Q4_K, with 32 bytes of fifth bits between: bit s of byte j belongs to element j of
 * sub-block s. */
CLONES void decode_q5_k(float *restrict out, const unsigned char *restrict in, size_t n_blocks) {
    for (size_t b = 0; b < n_blocks; b++, in += 176) {
        float scale[8], min[8];
        unpack_scales(scale, min, in + 4, load_half(in), load_half(in + 2));
        const unsigned char *high = in + 16, *q = in + 48;
        for (int g = 0; g < 4; g++, q += 32, out += 64) {
            float d0 = scale[2 * g], m0 = min[2 * g], d1 = scale[2 * g + 1], m1 = min[2 * g + 1];
            for (int j = 0; j < 32; j++)
                out[j] = d0 * (float)((q[j] & 15) | (high[j] >> (2 * g) & 1) << 4) - m0;
            for (int j = 0; j < 32; j++)
                out[j + 32] = d1 * (float)((q[j] >> 4) | (high[j] >> (2 * g + 1) & 1) << 4) - m1;
        }
    }
}

/* Q6_K: 128 bytes of low nibbles, 64 of high pairs of bits, 16 signed scales, half d; two halves of
 * 128 elements, in each the quarters share bytes: low nibbles of bytes 0 … 31, of 32 … 63, then
 * their high nibbles; pair k of a byte of `high` belongs to quarter k. One scale per 16 elements.
 * value = d·scale (q − 32) */
CLONES void decode_q6_k(float *restrict out, const unsigned char *restrict in, size_t n_blocks) {
    for (size_t b = 0; b < n_blocks; b++, in += 210) {
        const unsigned char *low = in, *high = in + 128, *scales = in + 192;
        float d = load_half(in + 208);
        for (int h = 0; h < 2; h++, low += 64, high += 32, scales += 8, out += 128) {
            for (int s = 0; s < 8; s++) { /* 16 elements under one scale */
                float scale = d * (float)(signed char)scales[s];
                int quarter = s / 2, shift = quarter / 2 * 4;
                const unsigned char *l = low + (quarter % 2) * 32 + (s % 2) * 16,
                                    *p = high + (s % 2) * 16;
                for (int j = 0; j < 16; j++)
                    out[16 * s + j] =
                        scale *
                        (float)(((l[j] >> shift & 15) | (p[j] >> (2 * quarter) & 3) << 4) - 32);
            }
        }
    }
}

/* IQ4_XS: half d; the top pairs of eight 6-bit scales in 16 bits, their low nibbles in 4 bytes;
 * eight times 16 bytes as IQ4_NL. value = d (scale − 32) · level(q) */
CLONES void decode_iq4_xs(float *restrict out, const unsigned char *restrict in, size_t n_blocks) {
    for (size_t b = 0; b < n_blocks; b++, in += 136) {
        const int high = load16(in + 2);
        for (int g = 0; g < 8; g++, out += 32) {
            const int low = in[4 + g / 2] >> (g % 2 * 4) & 15;
            const float d = load_half(in) * (float)((low | (high >> (2 * g) & 3) << 4) - 32);
            const unsigned char *q = in + 8 + 16 * g;
            for (int j = 0; j < 16; j++) {
                out[j] = d * (float)levels_iq4[q[j] & 15];
                out[j + 16] = d * (float)levels_iq4[q[j] >> 4];
            }
        }
    }
}
