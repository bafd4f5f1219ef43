#include "methods/result/scores_type.h"

#include <math.h>
#include <string.h>

static const struct scores_type_about about[] = {
#define X(id, type_name, type_size, type_word)                                                     \
    [SCORES_##id] = {.name = type_name, .word = type_word, .size = type_size},
    SCORES_TYPES(X)
#undef X
};

const struct scores_type_about *scores_type_about(enum scores_type type) {
    return &about[type];
}

bool scores_type_read(enum scores_type *out, const struct json_value *name) {
    for (int i = 0; i < SCORES_TYPE_COUNT; i++)
        if (json_is(name, about[i].name)) {
            *out = (enum scores_type)i;
            return true;
        }
    return false;
}

enum scores_type scores_type_of(const struct scores *s, enum scores_type precision) {
    return s->integer ? SCORES_I64 : precision;
}

/* --- binary floating point of a sign, an exponent with the usual bias and a mantissa --- */

struct small_float {
    int n_exponent, n_mantissa;
    uint32_t over, none; /* bits of what is too large, and of NaN; the sign apart */
};
static const struct small_float half = {5, 10, 0x7C00, 0x7E00},
                                eighth = {4, 3, 0x7F, 0x7F}; /* E4M3 "fn" */

static int bias_of(const struct small_float *k) {
    return (1 << (k->n_exponent - 1)) - 1;
}

static uint32_t to_bits(float value, const struct small_float *k) {
    const uint32_t sign = signbit(value) ? 1u << (k->n_exponent + k->n_mantissa) : 0;
    const int least = 1 - bias_of(k);
    if (isnan(value))
        return sign | k->none;
    if (isinf(value))
        return sign | k->over;
    if (value == 0)
        return sign;
    const int own = ilogbf(value), exponent = own < least ? least : own;
    if (exponent > bias_of(k) + 1)
        return sign | k->over;
    /* A mantissa that rounds up to the next power of two carries into the exponent. */
    const double mantissa = rint(ldexp(fabs((double)value), k->n_mantissa - exponent));
    const uint32_t bits = ((uint32_t)(exponent - least) << k->n_mantissa) + (uint32_t)mantissa;
    return sign | (bits < k->over ? bits : k->over);
}

static float from_bits(uint32_t bits, const struct small_float *k) {
    const uint32_t mantissa = bits & ((1u << k->n_mantissa) - 1),
                   exponent = bits >> k->n_mantissa & ((1u << k->n_exponent) - 1);
    const float sign = bits >> (k->n_exponent + k->n_mantissa) & 1 ? -1.0f : 1.0f;
    const int least = 1 - bias_of(k) - k->n_mantissa;
    if (exponent == 0)
        return sign * ldexpf((float)mantissa, least);
    return sign * ldexpf((float)(mantissa + (1u << k->n_mantissa)), (int)exponent - 1 + least);
}

static float half_value(uint32_t bits) {
    if ((bits & 0x7C00) != 0x7C00)
        return from_bits(bits, &half);
    if (bits & 0x3FF)
        return NAN;
    return bits >> 15 ? -INFINITY : INFINITY;
}

static float eighth_value(uint32_t bits) {
    return (bits & 0x7F) == 0x7F ? NAN : from_bits(bits, &eighth);
}

static int64_t whole(float value) {
    return isfinite(value) && fabsf(value) < 9e18f ? (int64_t)value : 0;
}

void scores_encode(unsigned char *out, const float *in, int64_t n, enum scores_type type) {
    if (type == SCORES_F32) {
        memcpy(out, in, (size_t)n * sizeof *in); /* every machine this runs on is little-endian */
        return;
    }
    for (int64_t i = 0; i < n; i++) {
        uint64_t bits;
        if (type == SCORES_I64)
            bits = (uint64_t)whole(in[i]);
        else
            bits = to_bits(in[i], type == SCORES_F16 ? &half : &eighth);
        for (size_t k = 0; k < about[type].size; k++)
            *out++ = (unsigned char)(bits >> 8 * k);
    }
}

void scores_decode(float *out, const unsigned char *in, int64_t n, enum scores_type type) {
    const size_t size = about[type].size;
    if (type == SCORES_F32)
        memcpy(out, in, (size_t)n * sizeof *out);
    for (int64_t i = 0; i < n && type != SCORES_F32; i++, in += size) {
        uint64_t bits = 0;
        for (size_t k = 0; k < size; k++)
            bits |= (uint64_t)in[k] << 8 * k;
        if (type == SCORES_I64)
            out[i] = (float)(int64_t)bits;
        else
            out[i] = type == SCORES_F16 ? half_value((uint32_t)bits) : eighth_value((uint32_t)bits);
    }
}
