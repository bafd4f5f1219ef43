/*
 * How elements lie in a file and how they become float32. Every stored form is a run of blocks of
 * equal size; a plain form's block is one element. The block layouts are ggml's (ggml-common.h);
 * the arithmetic follows its reference decoders operation by operation, so that results agree to
 * the last bit. Plain loops on purpose: the compiler vectorises them. Any thread.
 */
#ifndef TINSEQ_BACKEND_WEIGHTS_QUANTIZATION_H
#define TINSEQ_BACKEND_WEIGHTS_QUANTIZATION_H

#include "backend/weights.h"

#define QUANTIZATION_MAX_BLOCK 256 /* elements */

struct quantization {
    const char *name;
    size_t n_elements, n_bytes; /* of one block */
    /* Decodes n_blocks blocks from `in` (unaligned) into n_blocks · n_elements floats. */
    void (*decode)(float *out, const unsigned char *in, size_t n_blocks);
};

/* The entry of a type; Marian's int8 has no decoder here, its scale lies outside the elements.
 * Borrowed for ever. */
const struct quantization *quantization_of(enum weight_type type);

/* Marian's int8: out[i] = in[i] / multiplier. */
void quantization_decode_int8(float *out, const signed char *in, size_t n, float multiplier);

/* To bfloat16's nearest, ties to even; a NaN stays one. */
void round_to_bf16(uint16_t *out, const float *in, size_t n);

#endif
