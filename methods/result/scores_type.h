/*
 * How the numbers of an array are stored in files: safetensors' types that results have. Any
 * thread.
 */
#ifndef TINSEQ_METHODS_SCORES_TYPE_H
#define TINSEQ_METHODS_SCORES_TYPE_H

#include "backend/base/json.h"
#include "methods/result/attribution.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* X(id, safetensors' name, bytes of a number, what a person calls it) */
/* clang-format off */
#define SCORES_TYPES(X) \
    X(F32, "F32",     4, "float32") \
    X(F16, "F16",     2, "float16") \
    X(F8,  "F8_E4M3", 1, "float8") \
    X(I64, "I64",     8, "int64")
/* clang-format on */
enum scores_type {
#define X(id, name, size, word) SCORES_##id,
    SCORES_TYPES(X)
#undef X
        SCORES_TYPE_COUNT
};

struct scores_type_about {
    const char *name, *word;
    size_t size;
};
const struct scores_type_about *scores_type_about(enum scores_type type);

/* A type by safetensors' name in a JSON string; false: it is none of these. */
bool scores_type_read(enum scores_type *out, const struct json_value *name);
/* The type in which an array is stored where floats have `precision`: whole numbers stay whole. */
enum scores_type scores_type_of(const struct scores *s, enum scores_type precision);

/* n numbers to little-endian bytes and back. Rounding is to nearest, ties to even, as PyTorch's:
 * what is too large becomes infinite in F16 and NaN in F8, which has no infinity. */
void scores_encode(unsigned char *out, const float *in, int64_t n, enum scores_type type);
void scores_decode(float *out, const unsigned char *in, int64_t n, enum scores_type type);

#endif
