/* Products of activations and weights, and their derivatives. */
#include "backend/tn/module.h"

#include <algorithm>
#include <vector>

namespace tn {

/* At most this many rows are multiplied by the loops in kernels.inc, which read the weights once,
 * at the memory's speed; a library's product of one row takes twice as long, of six rows half as
 * long again. */
enum { FEW_ROWS = 8 };

static at::Tensor few_rows_product(const at::Tensor &x, const at::Tensor &w, const tn_tensor *bias,
                                   const tn_tensor *residual) {
    at::Tensor y = at::empty({x.size(0), w.size(0)}, x.options());
    by_type(x, [&](auto *null) {
        using T = std::remove_pointer_t<decltype(null)>;
        share(w.size(0), w.size(1), [&](int64_t begin, int64_t end) {
            pick_kernels<T>().few_rows(data<T>(y), data<T>(x), data<T>(w), data_or_null<T>(bias),
                                       data_or_null<T>(residual), x.size(0), x.size(1), w.size(0),
                                       begin, end);
        });
    });
    return y;
}

static at::Tensor few_rows_transposed_product(const at::Tensor &x, const at::Tensor &w,
                                              const tn_tensor *bias, const tn_tensor *residual) {
    at::Tensor y = at::empty({x.size(0), w.size(1)}, x.options());
    by_type(x, [&](auto *null) {
        using T = std::remove_pointer_t<decltype(null)>;
        share(w.size(1), w.size(0), [&](int64_t begin, int64_t end) {
            pick_kernels<T>().few_rows_transposed(data<T>(y), data<T>(x), data<T>(w), w.stride(0),
                                                  data_or_null<T>(bias), data_or_null<T>(residual),
                                                  x.size(0), x.size(1), w.size(1), begin, end);
        });
    });
    return y;
}

/* Terms of one row that are summed in one go. A library adds up a single row's one after the other:
 * of a vocabulary's, which nearly cancel where a softmax is differentiated, little would be left
 * that is right. Of several rows it sums blocks. */
static constexpr int64_t INNER = 512;

/* y = x · w of one long row, blocks summed in double. */
template <typename T>
static void multiply_long_row(T *y, const T *x, const T *w, int64_t w_stride, int64_t n_in,
                              int64_t begin, int64_t end) {
    std::vector<double> sums(static_cast<size_t>(end - begin));
    for (int64_t k = 0; k < n_in; k += INNER) {
        pick_kernels<T>().few_rows_transposed(y, x + k, w + k * w_stride, w_stride, nullptr,
                                              nullptr, 1, std::min(INNER, n_in - k), end, begin,
                                              end);
        for (int64_t o = begin; o < end; o++)
            sums[static_cast<size_t>(o - begin)] += y[o];
    }
    for (int64_t o = begin; o < end; o++)
        y[o] = static_cast<T>(sums[static_cast<size_t>(o - begin)]);
}

static bool is_long_row(const at::Tensor &x, const at::Tensor &w) {
    return fused(x) && x.size(0) == 1 && x.size(1) > 16 * INNER && x.is_contiguous() &&
           w.scalar_type() == x.scalar_type() && w.stride(1) == 1;
}

static void long_row_product(const at::Tensor &y, const at::Tensor &x, const at::Tensor &w) {
    by_type(x, [&](auto *null) {
        using T = std::remove_pointer_t<decltype(null)>;
        share(w.size(1), w.size(0), [&](int64_t begin, int64_t end) {
            multiply_long_row<T>(data<T>(y), data<T>(x), data<T>(w), w.stride(0), x.size(1), begin,
                                 end);
        });
    });
}

/* panel: what oneDNN needs besides; NULL: it does not serve these. */
static void multiply_part(const at::Tensor &y, const at::Tensor &x, const at::Tensor &w,
                          bool accumulate, float *panel) {
    c10::InferenceMode inference; /* per thread */
    at::Tensor part = y;
    if (panel)
        onednn_multiply(y, x, w, accumulate, panel);
    else if (accumulate)
        part.addmm_(x, w);
    else
        at::mm_out(part, x, w);
}

/* Columns of a thread below which rows are shared out instead, and rows of a thread that this needs
 * at least. A thread packs all that it does not share. */
enum { NARROW = 96, ENOUGH_ROWS = 16 };

/* y (+)= x · w, shared by columns, or by rows, among libtorch's threads, each running a product of
 * its own. The library's own threads would compete with those of the loops between the products:
 * they wait by spinning, for milliseconds, on the same cores. */
static void multiply_shared(const at::Tensor &y, const at::Tensor &x, const at::Tensor &w,
                            bool accumulate) {
    if (w.scalar_type() == at::kBFloat16) {
        multiply_bf16(y, x, w, accumulate);
        return;
    }
    const int64_t n_rows = x.size(0), n_columns = w.size(1);
    const bool onednn = onednn_multiplies(y, x, w),
               worth = fused(x) && n_rows * n_columns * x.size(1) >= (1 << 18);
    int64_t n_threads = worth ? at::get_num_threads() : 1;
    const bool by_rows =
        n_rows >= ENOUGH_ROWS * n_threads && (!onednn || n_columns < NARROW * n_threads);
    const int64_t n = by_rows ? n_rows : n_columns;
    n_threads = n < 2 * n_threads ? 1 : n_threads;
    const int64_t step = (n + n_threads - 1) / n_threads, rows = by_rows ? step : n_rows,
                  columns = by_rows ? n_columns : step,
                  n_panel = onednn ? onednn_panel(rows, columns) : 0;
    const at::Tensor panels = at::empty({n_panel * n_threads}, x.options());
    at::parallel_for(0, n_threads, 1, [&](int64_t first, int64_t last) {
        for (int64_t i = first; i < last; i++) {
            const int64_t begin = i * step, count = std::min(step, n - begin);
            float *panel = onednn ? data<float>(panels) + i * n_panel : nullptr;
            if (count > 0 && by_rows)
                multiply_part(y.narrow(0, begin, count), x.narrow(0, begin, count), w, accumulate,
                              panel);
            else if (count > 0)
                multiply_part(y.narrow(1, begin, count), x, w.narrow(1, begin, count), accumulate,
                              panel);
        }
    });
}

/* A matrix so much longer than wide is a vocabulary's. */
enum { LONG = 16 };
static enum tn_work work_of(const at::Tensor &w) {
    return w.dim() == 2 && (w.size(0) >= LONG * w.size(1) || w.size(1) >= LONG * w.size(0))
               ? TN_WORK_VOCABULARY
               : TN_WORK_PRODUCTS;
}

static void count(const at::Tensor &x, const at::Tensor &w) {
    spent.operations += 2.0 * static_cast<double>(x.size(0)) * static_cast<double>(w.numel());
}

static enum err_code linear(tn_tensor **out, tn_scope *s, const tn_tensor *x, const tn_tensor *w,
                            const tn_tensor *bias, const tn_tensor *residual, bool transposed,
                            struct err *e) {
    *out = nullptr;
    return guard_as(work_of(w->t), e, [&] {
        const int64_t n_out = w->t.size(transposed ? 1 : 0);
        check_shape(x->t.dim() == 2 && w->t.dim() == 2 &&
                        x->t.size(1) == w->t.size(transposed ? 0 : 1),
                    "a product's widths differ");
        check_shape((!bias || bias->t.numel() == n_out) &&
                        (!residual ||
                         (residual->t.size(0) == x->t.size(0) && residual->t.size(1) == n_out)),
                    "a product's bias or residual has another width");
        count(x->t, w->t);
        if (fused(x->t) && w->t.scalar_type() != at::kBFloat16 && x->t.size(0) <= FEW_ROWS &&
            x->t.is_contiguous() && w->t.stride(1) == 1 && (transposed || w->t.is_contiguous())) {
            *out = hold(s, transposed ? few_rows_transposed_product(x->t, w->t, bias, residual)
                                      : few_rows_product(x->t, w->t, bias, residual));
            return;
        }
        at::Tensor y = at::empty({x->t.size(0), n_out}, x->t.options());
        if (bias)
            y.copy_(bias->t.expand_as(y));
        else if (residual)
            y.copy_(residual->t);
        multiply_shared(y, x->t, transposed ? w->t : w->t.t(), bias || residual);
        if (bias && residual)
            y.add_(residual->t);
        *out = hold(s, y);
    });
}

static enum err_code linear_vjp(tn_tensor **out, tn_scope *s, const tn_tensor *dy,
                                const tn_tensor *w, bool transposed, tn_tensor *into,
                                struct err *e) {
    if (out)
        *out = nullptr;
    return guard_as(work_of(w->t), e, [&] {
        const at::Tensor weight = transposed ? w->t.t() : w->t;
        check_shape(dy->t.dim() == 2 && dy->t.size(1) == weight.size(0),
                    "a product's widths differ");
        count(dy->t, w->t);
        const at::Tensor dx =
            into ? into->t : at::empty({dy->t.size(0), weight.size(1)}, dy->t.options());
        if (!into && is_long_row(dy->t, weight))
            long_row_product(dx, dy->t, weight);
        else
            multiply_shared(dx, dy->t, weight, into != nullptr);
        if (!into)
            *out = hold(s, dx);
    });
}

void fill_products(struct tn_api *api) {
    api->linear = linear;
    api->linear_vjp = linear_vjp;
}

} // namespace tn
