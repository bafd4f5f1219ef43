/*
 * What libtorch has no single pass for, as loops over plain arrays: norms and their derivatives,
 * gated activations, rotary positions, attention, the recurrence, and products with few rows. Every
 * function works on a range [begin, end) of independent items, so that callers may share the range
 * among threads without changing a bit of the result.
 *
 * The same source (kernels.inc) is compiled for several instruction sets; pick_kernels chooses
 * once. It must not include anything with inline functions: the linker could keep the copy that
 * needs the newer processor.
 */
#ifndef TINSEQ_BACKEND_TN_KERNELS_H
#define TINSEQ_BACKEND_TN_KERNELS_H

#include "backend/tn.h"

namespace tn {

/* Rows of a gradient, one below the other, whose sums go over the same rows of the other side. */
struct slopes_run {
    int64_t row, n_rows, other; /* `other`: the first of those */
};
/* dx [.., n_columns] (+)= Σ over heads and rows of slopes [.., heads · n] times (a head's part of
 * other [.., heads · width]) · (its rows of w [heads · width, n_columns], w_stride apart). */
template <typename T> struct slopes_work {
    T *dx;
    bool accumulate;
    const T *slopes, *other, *w;
    int64_t n_heads, width, n, w_stride, begin_column, end_column, n_columns;
};
const int64_t MAP_COLUMNS = 128; /* of w at a time: they and a run's product stay in the cache */

template <typename T> struct kernels {
    /* y[o] = x · w[o] + bias[o] + residual[o] for n_rows rows of x [n_rows, n_in]; the range is
     * over outputs o. */
    void (*few_rows)(T *y, const T *x, const T *w, const T *bias, const T *residual, int64_t n_rows,
                     int64_t n_in, int64_t n_out, int64_t begin, int64_t end);
    /* The same for w stored [n_in, n_out], its rows w_stride apart. */
    void (*few_rows_transposed)(T *y, const T *x, const T *w, int64_t w_stride, const T *bias,
                                const T *residual, int64_t n_rows, int64_t n_in, int64_t n_out,
                                int64_t begin, int64_t end);
    /* y (+)= tᵀ: t [n_columns, n_rows], y [n_rows, n_columns] with rows ldy apart. */
    void (*turn)(T *y, int64_t ldy, const T *t, int64_t n_rows, int64_t n_columns, bool accumulate);
    /* Norms: the range is over rows of width n, `groups` of which make a whole row of x; each group
     * has its own scale and shift, w_step numbers further, or all the same (0). `rows` are whole
     * ones. */
    void (*rms_norm)(T *y, T *statistics, const T *x, const T *w, int64_t groups, int64_t w_step,
                     double epsilon, int64_t n, int64_t begin, int64_t end);
    void (*rms_norm_vjp)(T *dx, bool accumulate, const T *dy, const T *x, const T *statistics,
                         const T *w, int64_t groups, int64_t w_step, const int64_t *rows, int64_t n,
                         int64_t begin, int64_t end);
    void (*layer_norm)(T *y, T *statistics, const T *x, const T *w, const T *b, int64_t groups,
                       int64_t w_step, double epsilon, int64_t n, int64_t begin, int64_t end);
    void (*layer_norm_vjp)(T *dx, bool accumulate, const T *dy, const T *x, const T *statistics,
                           const T *w, int64_t groups, int64_t w_step, const int64_t *rows,
                           int64_t n, int64_t begin, int64_t end);
    /* Element-wise: the range is over rows of width n. */
    void (*activation)(T *y, enum activation kind, const T *x, int64_t n, int64_t begin,
                       int64_t end);
    void (*activation_vjp)(T *dx, enum activation kind, const T *dy, const T *x,
                           const int64_t *rows, int64_t n, int64_t begin, int64_t end);
    void (*gated)(T *y, enum activation kind, const T *gate, const T *up, int64_t n, int64_t begin,
                  int64_t end);
    void (*gated_vjp)(T *d_gate, T *d_up, enum activation kind, const T *dy, const T *gate,
                      const T *up, const int64_t *rows, int64_t n, int64_t begin, int64_t end);
    /* n = heads · width, of which `turned` are rotated; sign −1 turns back. */
    void (*rope)(T *y, const T *x, const T *table, const int64_t *rows, int64_t length,
                 int64_t first, int64_t n, int64_t width, int64_t turned, int sign, int64_t begin,
                 int64_t end);
    /* Attention: the range is over (entry, head, query row); scratch holds attention_scratch
     * numbers. bias: a->bias's numbers. */
    void (*attention)(T *out, T *log_sums, const struct tn_attention *a, const T *bias, const T *q,
                      const T *k, const T *v, T *scratch, int64_t begin, int64_t end);
    /* Weights with the denominators found: out [B, H, n_query, n_key]. */
    void (*attention_weights)(T *out, const struct tn_attention *a, const T *bias, const T *q,
                              const T *k, int64_t begin, int64_t end);
    /* The range is over (key-value head, segment); scratch holds attention_vjp_scratch numbers. Of
     * sides in `slopes` the scores' slopes, which are zero before. */
    void (*attention_vjp)(T *dq, T *dk, T *dv, const struct tn_attention *a, const T *bias,
                          const struct tn_segment *segments, int64_t n_segments, unsigned slopes,
                          const T *dy, const T *q, const T *k, const T *v, const T *log_sums,
                          T *scratch, int64_t begin, int64_t end);
    /* The range is over runs; scratch holds heads · n · MAP_COLUMNS numbers. */
    void (*slopes_vjp)(const struct slopes_work<T> *w, const struct slopes_run *runs, T *scratch,
                       int64_t begin, int64_t end);
    bool slopes_pay; /* whether its blocks are as fast as a library's products */
    /* The recurrence: the range is over columns of the width n. */
    void (*recurrence)(T *c, const T *x, const T *gate, const T *state, int64_t n_batch,
                       int64_t length, int64_t n, int64_t begin, int64_t end);
    void (*recurrence_vjp)(T *dx, T *d_gate, const struct tn_segment *segments, int64_t n_segments,
                           int64_t length, const T *dy, const T *x, const T *gate, const T *c,
                           int64_t n, T *scratch, int64_t begin, int64_t end);
};

/* Queries below which attention takes them one by one, and query rows that its derivative takes
 * together at most. */
const int64_t FEW_QUERIES = 4, VJP_ROWS = 8, VJP_QUERIES = 24;
static inline int64_t vjp_rows(const struct tn_attention *a) {
    const int64_t fit = VJP_QUERIES / (a->n_heads / a->n_kv_heads);
    if (fit < 1)
        return 1;
    return fit > VJP_ROWS ? VJP_ROWS : fit;
}

/* The table for this processor. */
template <typename T> const kernels<T> &pick_kernels();

} // namespace tn

#endif
