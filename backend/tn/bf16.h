/*
 * Products with weights in bfloat16: both factors rounded to bfloat16 (eight bits of precision),
 * products summed in float32. The weights stay as a checkpoint stores them, row by row; a panel of
 * them at a time is laid out in pairs along the summed dimension, as the processor's instruction
 * (VDPBF16PS, two multiply-adds per lane) wants them. Where the processor has none, the same sums
 * are made of float32 multiply-adds.
 *
 * The same source (bf16.inc) is compiled for several instruction sets; pick_bf16 chooses once. It
 * includes nothing with inline functions that the linker could keep.
 */
#ifndef TINSEQ_BACKEND_TN_BF16_H
#define TINSEQ_BACKEND_TN_BF16_H

#include <stdint.h>

namespace tn {

static const int64_t BF16_DEPTH = 256,
                     BF16_PANEL = 64; /* most inputs and outputs that a panel has */
/* What `multiply` needs beside its arguments, in 32-bit words: one panel. */
static const int64_t BF16_SCRATCH = BF16_DEPTH / 2 * BF16_PANEL;

/* y [n_rows, n_columns] (+)= x · w for rows [first_row, last_row) and columns [first_column,
 * last_column). x is padded with a zero where n_in is odd, its rows `x_stride` (even) apart.
 * Element (i, o) of w is w[i · w_row + o · w_column]; one of the two is 1. */
struct bf16_product {
    float *y;
    int64_t y_stride;
    const uint16_t *x;
    int64_t x_stride;
    const uint16_t *w;
    int64_t w_row, w_column, n_in;
    bool accumulate;
};

struct bf16_kernels {
    bool fast; /* the processor multiplies bfloat16 itself, faster than float32 */
    /* Rounds rows [begin, end) of x [.., n], `stride` apart, to nearest, ties to even; rows of the
     * result are `out_stride` apart, zero after n. */
    void (*round)(uint16_t *out, int64_t out_stride, const float *x, int64_t stride, int64_t n,
                  int64_t begin, int64_t end);
    void (*widen)(float *out, const uint16_t *x, int64_t n);
    void (*multiply)(const bf16_product *p, int64_t first_row, int64_t last_row,
                     int64_t first_column, int64_t last_column, uint32_t *scratch);
    /* For few rows: outputs [begin, end) of y[r, o] (+)= x[r] · w[o], reading the weights once, at
     * the memory's speed; w_row is 1. */
    void (*few_rows)(const bf16_product *p, int64_t n_rows, int64_t begin, int64_t end);
};

/* The table for this processor. */
const bf16_kernels &pick_bf16();
/* From now on that of a processor with at most this instruction set: 0 any, 1 AVX2, 2 AVX-512, 3
 * AVX-512 with bfloat16. The one that is used. */
int limit_bf16(int most);

} // namespace tn

#endif
