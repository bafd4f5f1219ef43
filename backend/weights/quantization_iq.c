/*
 * ggml's formats with codebooks: an index chooses the magnitudes of four or eight elements at once,
 * and bits beside it their signs. Layouts: ggml-common.h.
 */
#include "backend/weights/codebooks.h"
#include "backend/weights/quantization_decoders.h"

/* What a code of an entry stands for: 8, 25 or 43; 4, 12, … 52 or 62; 1, 3, … 15. */
static inline int magnitude2(int code) {
    return 8 + 17 * code + (code >> 1);
}
static inline int magnitude3_xxs(int code) {
    return 4 + 8 * code + (code + 1) / 8 * 2;
}
static inline int magnitude3_s(int code) {
    return 1 + 2 * code;
}

/* Seven signs, and the eighth which makes the number of negative ones even. */
static inline int eight_signs(uint32_t seven) {
    return (int)(seven & 127) | __builtin_parity(seven & 127) << 7;
}

static inline float signed_by(float value, int signs, int j) {
    return signs >> j & 1 ? -value : value;
}

/* Eight elements of an entry of two bits each. */
static inline void decode2(float *restrict out, uint16_t entry, int signs, float d) {
    for (int j = 0; j < 8; j++)
        out[j] = signed_by(d * (float)magnitude2(entry >> (2 * j) & 3), signs, j);
}

/* IQ2_XXS: half d; for each 32 elements four indexes of 8 bits, four times 7 signs and a scale of 4
 * bits. */
CLONES void decode_iq2_xxs(float *restrict out, const unsigned char *restrict in, size_t n_blocks) {
    for (size_t b = 0; b < n_blocks; b++, in += 66) {
        const float d = load_half(in);
        for (int g = 0; g < 8; g++, out += 32) {
            const unsigned char *q = in + 2 + 8 * g;
            const uint32_t bits = load32(q + 4);
            const float scale = d * (0.5f + (float)(bits >> 28)) * 0.25f;
            for (int k = 0; k < 4; k++)
                decode2(out + 8 * k, codebook_iq2_xxs[q[k]], eight_signs(bits >> (7 * k)), scale);
        }
    }
}

/* A scale of 4 bits for each 16 elements, two in a byte. */
static inline float scale2(float d, const unsigned char *scales, int s) {
    return d * (0.5f + (float)(scales[s / 2] >> (s % 2 * 4) & 15)) * 0.25f;
}

/* IQ2_XS: half d; 32 numbers of a 9 bit index and 7 signs; 16 scales. */
CLONES void decode_iq2_xs(float *restrict out, const unsigned char *restrict in, size_t n_blocks) {
    for (size_t b = 0; b < n_blocks; b++, in += 74) {
        const float d = load_half(in);
        for (int k = 0; k < 32; k++, out += 8) {
            const uint16_t q = load16(in + 2 + 2 * k);
            decode2(out, codebook_iq2_xs[q & 511], eight_signs(q >> 9), scale2(d, in + 66, k / 2));
        }
    }
}

/* IQ2_S: half d; the low bytes of 32 indexes, 32 times 8 signs, the top pairs of the indexes, 16
 * scales. */
CLONES void decode_iq2_s(float *restrict out, const unsigned char *restrict in, size_t n_blocks) {
    for (size_t b = 0; b < n_blocks; b++, in += 82) {
        const float d = load_half(in);
        for (int k = 0; k < 32; k++, out += 8) {
            const int high = in[66 + k / 4] >> (k % 4 * 2) & 3;
            decode2(out, codebook_iq2_s[in[2 + k] | high << 8], in[34 + k],
                    scale2(d, in + 74, k / 2));
        }
    }
}

/* IQ3_XXS: half d; 64 indexes; for each 32 elements four times 7 signs and a scale of 4 bits. */
CLONES void decode_iq3_xxs(float *restrict out, const unsigned char *restrict in, size_t n_blocks) {
    for (size_t b = 0; b < n_blocks; b++, in += 98) {
        const float d = load_half(in);
        for (int k = 0; k < 64; k++, out += 4) {
            const uint32_t bits = load32(in + 66 + k / 8 * 4);
            const float scale = d * (0.5f + (float)(bits >> 28)) * 0.5f;
            const int signs = eight_signs(bits >> (7 * (k / 2 % 4))) >> (k % 2 * 4),
                      entry = codebook_iq3_xxs[in[2 + k]];
            for (int j = 0; j < 4; j++)
                out[j] = signed_by(scale * (float)magnitude3_xxs(entry >> (4 * j) & 7), signs, j);
        }
    }
}

/* IQ3_S: half d; the low bytes of 64 indexes and their ninth bits; 32 times 8 signs; a scale of 4
 * bits for each 32 elements, two in a byte. */
CLONES void decode_iq3_s(float *restrict out, const unsigned char *restrict in, size_t n_blocks) {
    for (size_t b = 0; b < n_blocks; b++, in += 110) {
        const float d = load_half(in);
        for (int k = 0; k < 64; k++, out += 4) {
            const int index = in[2 + k] | (in[66 + k / 8] >> k % 8 & 1) << 8,
                      signs = in[74 + k / 2] >> (k % 2 * 4), entry = codebook_iq3_s[index];
            const float scale = d * (float)(1 + 2 * (in[106 + k / 16] >> (k / 8 % 2 * 4) & 15));
            for (int j = 0; j < 4; j++)
                out[j] = signed_by(scale * (float)magnitude3_s(entry >> (4 * j) & 7), signs, j);
        }
    }
}

/* Eight elements of −1, 0 or 1, all moved by an eighth. */
static inline void decode1(float *restrict out, uint16_t entry, bool less, float d) {
    const float delta = less ? -0.125f : 0.125f;
    for (int j = 0; j < 8; j++)
        out[j] = d * ((float)((entry >> (2 * j) & 3) - 1) + delta);
}

/* IQ1_S: half d; the low bytes of 32 indexes; for each 32 elements four times 3 bits of an index, a
 * scale of 3 bits and which way they are moved. */
CLONES void decode_iq1_s(float *restrict out, const unsigned char *restrict in, size_t n_blocks) {
    for (size_t b = 0; b < n_blocks; b++, in += 50) {
        const float d = load_half(in);
        for (int k = 0; k < 32; k++, out += 8) {
            const int bits = load16(in + 34 + k / 4 * 2), high = bits >> (k % 4 * 3) & 7;
            decode1(out, codebook_iq1[in[2 + k] | high << 8], bits >> 15,
                    d * (float)(2 * (bits >> 12 & 7) + 1));
        }
    }
}

/* IQ1_M: the low bytes of 32 indexes; 32 nibbles of 3 bits of an index and which way; four times
 * four scales of 3 bits, whose top nibbles together are half d. */
CLONES void decode_iq1_m(float *restrict out, const unsigned char *restrict in, size_t n_blocks) {
    for (size_t b = 0; b < n_blocks; b++, in += 56) {
        const unsigned char *s = in + 48;
        const int half = load16(s) >> 12 | load16(s + 2) >> 12 << 4 | load16(s + 4) >> 12 << 8 |
                         load16(s + 6) >> 12 << 12;
        const float d = half_to_float((uint16_t)half);
        for (int k = 0; k < 32; k++, out += 8) {
            const int nibble = in[32 + k / 2] >> (k % 2 * 4) & 15,
                      scale = load16(s + k / 8 * 2) >> (k / 2 % 4 * 3) & 7;
            decode1(out, codebook_iq1[in[k] | (nibble & 7) << 8], nibble >> 3,
                    d * (float)(2 * scale + 1));
        }
    }
}
