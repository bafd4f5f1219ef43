#include "backend/weights/quantization.h"

#include "backend/weights/quantization_decoders.h"

#include <assert.h>
#include <math.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "files are read in the machine's own byte order, which must be theirs");

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
        [WEIGHT_Q2_K] = {"Q2_K", 256, 84, decode_q2_k},
        [WEIGHT_Q3_K] = {"Q3_K", 256, 110, decode_q3_k},
        [WEIGHT_IQ1_S] = {"IQ1_S", 256, 50, decode_iq1_s},
        [WEIGHT_IQ1_M] = {"IQ1_M", 256, 56, decode_iq1_m},
        [WEIGHT_IQ2_XXS] = {"IQ2_XXS", 256, 66, decode_iq2_xxs},
        [WEIGHT_IQ2_XS] = {"IQ2_XS", 256, 74, decode_iq2_xs},
        [WEIGHT_IQ2_S] = {"IQ2_S", 256, 82, decode_iq2_s},
        [WEIGHT_IQ3_XXS] = {"IQ3_XXS", 256, 98, decode_iq3_xxs},
        [WEIGHT_IQ3_S] = {"IQ3_S", 256, 110, decode_iq3_s},
        [WEIGHT_IQ4_NL] = {"IQ4_NL", 32, 18, decode_iq4_nl},
        [WEIGHT_IQ4_XS] = {"IQ4_XS", 256, 136, decode_iq4_xs},
        [WEIGHT_TQ1_0] = {"TQ1_0", 256, 54, decode_tq1_0},
        [WEIGHT_TQ2_0] = {"TQ2_0", 256, 66, decode_tq2_0},
        [WEIGHT_MXFP4] = {"MXFP4", 32, 17, decode_mxfp4},
        [WEIGHT_NVFP4] = {"NVFP4", 64, 36, decode_nvfp4},
        [WEIGHT_MARIAN_INT8] = {"intgemm8", 1, 1, NULL},
    };
    assert((size_t)type < sizeof table / sizeof *table);
    return &table[type];
}
