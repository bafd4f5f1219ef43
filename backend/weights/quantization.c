#include "backend/weights/quantization.h"

#include <assert.h>
#include <math.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "files are read in the machine's own byte order, which must be theirs");

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

static void decode_f32(float *out, const unsigned char *in, size_t n) {
    memcpy(out, in, n * sizeof *out);
}

CLONES static void decode_f64(float *out, const unsigned char *in, size_t n) {
    for (size_t i = 0; i < n; i++) {
        double v;
        memcpy(&v, in + i * sizeof v, sizeof v);
        out[i] = (float)v;
    }
}

CLONES static void decode_f16(float *out, const unsigned char *in, size_t n) {
    for (size_t i = 0; i < n; i++)
        out[i] = load_half(in + 2 * i);
}

CLONES static void decode_bf16(float *out, const unsigned char *in, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint32_t bits = (uint32_t)load16(in + 2 * i) << 16;
        memcpy(out + i, &bits, sizeof bits);
    }
}

/* Eight bits to single, exactly, by the half that has the same exponent bits or the same bias. */
CLONES static void decode_f8_e5m2(float *out, const unsigned char *in, size_t n) {
    for (size_t i = 0; i < n; i++)
        out[i] = half_to_float((uint16_t)(in[i] << 8));
}

/* Sign, 4 bits of exponent of bias 7, 3 of mantissa; all ones are not a number. */
CLONES static void decode_f8_e4m3(float *out, const unsigned char *in, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const uint16_t half = (uint16_t)((in[i] & 0x80) << 8 | (in[i] & 0x7F) << 7);
        const float value = half_to_float(half) * 256.0f;
        out[i] = (in[i] & 0x7F) == 0x7F ? NAN : value;
    }
}

#define DECODE_WHOLE(name, type)                                                                   \
    CLONES static void decode_##name(float *out, const unsigned char *in, size_t n) {              \
        for (size_t i = 0; i < n; i++) {                                                           \
            type v;                                                                                \
            memcpy(&v, in + i * sizeof v, sizeof v);                                               \
            out[i] = (float)v;                                                                     \
        }                                                                                          \
    }
DECODE_WHOLE(i8, int8_t)
DECODE_WHOLE(i16, int16_t)
DECODE_WHOLE(i32, int32_t)
DECODE_WHOLE(i64, int64_t)
DECODE_WHOLE(u8, uint8_t)
DECODE_WHOLE(u16, uint16_t)
DECODE_WHOLE(u32, uint32_t)
DECODE_WHOLE(u64, uint64_t)

CLONES void round_to_bf16(uint16_t *out, const float *in, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, in + i, sizeof bits);
        const uint32_t up = (bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16, nan = bits >> 16 | 0x40u;
        out[i] = (uint16_t)((bits & 0x7FFFFFFFu) > 0x7F800000u ? nan : up);
    }
}

/* Q4_0: half d; 16 bytes, low nibbles elements 0 … 15, high nibbles 16 … 31. value = d (q −
 * 8) */
CLONES static void decode_q4_0(float *restrict out, const unsigned char *restrict in,
                               size_t n_blocks) {
    for (size_t b = 0; b < n_blocks; b++, in += 18, out += 32) {
        float d = load_half(in);
        for (int j = 0; j < 16; j++) {
            out[j] = d * (float)((in[2 + j] & 15) - 8);
            out[j + 16] = d * (float)((in[2 + j] >> 4) - 8);
        }
    }
}

/* Q4_1: half d, half m; nibbles as Q4_0. value = d q + m */
CLONES static void decode_q4_1(float *restrict out, const unsigned char *restrict in,
                               size_t n_blocks) {
    for (size_t b = 0; b < n_blocks; b++, in += 20, out += 32) {
        float d = load_half(in), m = load_half(in + 2);
        for (int j = 0; j < 16; j++) {
            out[j] = d * (float)(in[4 + j] & 15) + m;
            out[j + 16] = d * (float)(in[4 + j] >> 4) + m;
        }
    }
}

/* Q5_0: half d; 32 fifth bits; nibbles as Q4_0. value = d (q − 16) */
CLONES static void decode_q5_0(float *restrict out, const unsigned char *restrict in,
                               size_t n_blocks) {
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
CLONES static void decode_q5_1(float *restrict out, const unsigned char *restrict in,
                               size_t n_blocks) {
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
CLONES static void decode_q8_0(float *restrict out, const unsigned char *restrict in,
                               size_t n_blocks) {
    for (size_t b = 0; b < n_blocks; b++, in += 34, out += 32) {
        float d = load_half(in);
        for (int j = 0; j < 32; j++)
            out[j] = d * (float)(signed char)in[2 + j];
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
CLONES static void decode_q4_k(float *restrict out, const unsigned char *restrict in,
                               size_t n_blocks) {
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
CLONES static void decode_q5_k(float *restrict out, const unsigned char *restrict in,
                               size_t n_blocks) {
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
CLONES static void decode_q6_k(float *restrict out, const unsigned char *restrict in,
                               size_t n_blocks) {
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

CLONES void quantization_decode_int8(float *restrict out, const signed char *restrict in, size_t n,
                                     float multiplier) {
    for (size_t i = 0; i < n; i++)
        out[i] = (float)in[i] / multiplier;
}

const struct quantization *quantization_of(enum weight_type type) {
    static const struct quantization table[] = {
        [WEIGHT_F64] = {"F64", 1, 8, decode_f64},
        [WEIGHT_F32] = {"F32", 1, 4, decode_f32},
        [WEIGHT_F16] = {"F16", 1, 2, decode_f16},
        [WEIGHT_BF16] = {"BF16", 1, 2, decode_bf16},
        [WEIGHT_F8_E4M3] = {"F8_E4M3", 1, 1, decode_f8_e4m3},
        [WEIGHT_F8_E5M2] = {"F8_E5M2", 1, 1, decode_f8_e5m2},
        [WEIGHT_I8] = {"I8", 1, 1, decode_i8},
        [WEIGHT_I16] = {"I16", 1, 2, decode_i16},
        [WEIGHT_I32] = {"I32", 1, 4, decode_i32},
        [WEIGHT_I64] = {"I64", 1, 8, decode_i64},
        [WEIGHT_U8] = {"U8", 1, 1, decode_u8},
        [WEIGHT_U16] = {"U16", 1, 2, decode_u16},
        [WEIGHT_U32] = {"U32", 1, 4, decode_u32},
        [WEIGHT_U64] = {"U64", 1, 8, decode_u64},
        [WEIGHT_Q4_0] = {"Q4_0", 32, 18, decode_q4_0},
        [WEIGHT_Q4_1] = {"Q4_1", 32, 20, decode_q4_1},
        [WEIGHT_Q5_0] = {"Q5_0", 32, 22, decode_q5_0},
        [WEIGHT_Q5_1] = {"Q5_1", 32, 24, decode_q5_1},
        [WEIGHT_Q8_0] = {"Q8_0", 32, 34, decode_q8_0},
        [WEIGHT_Q4_K] = {"Q4_K", 256, 144, decode_q4_k},
        [WEIGHT_Q5_K] = {"Q5_K", 256, 176, decode_q5_k},
        [WEIGHT_Q6_K] = {"Q6_K", 256, 210, decode_q6_k},
        [WEIGHT_MARIAN_INT8] = {"intgemm8", 1, 1, NULL},
    };
    assert((size_t)type < sizeof table / sizeof *table);
    return &table[type];
}
