/*
 * What the files of the tensor module share: handles, scopes, the one guard that every entry point
 * runs in, and the choice between fused loops and composed operations.
 */
#ifndef TINSEQ_BACKEND_TN_MODULE_H
#define TINSEQ_BACKEND_TN_MODULE_H

#include "backend/tn.h"
#include "backend/tn/kernels.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <atomic>
#include <vector>

struct tn_tensor {
    at::Tensor t;
};

struct tn_scope {
    std::vector<tn_tensor *> owned;
};

namespace tn {

/* Dimensions that do not agree: ERR_SHAPE. */
struct shape_error {
    const char *text;
};
inline void check_shape(bool agree, const char *text) {
    if (!agree)
        throw shape_error{text};
}

void enter(); /* per call: inference mode's companions (warnings kept off the screen) */
enum err_code describe_exception(struct err *e); /* of the exception in flight */

/* Counts its own lifetime as time spent. */
class stopwatch {
    const enum tn_work kind;
    const double begun;

  public:
    explicit stopwatch(enum tn_work kind);
    ~stopwatch();
};

template <typename F> enum err_code guard_as(enum tn_work kind, struct err *e, F &&work) noexcept {
    const stopwatch watch(kind);
    try {
        c10::InferenceMode inference;
        enter();
        work();
        return ERR_OK;
    } catch (...) {
        return describe_exception(e);
    }
}

template <typename F> enum err_code guard(struct err *e, F &&work) noexcept {
    return guard_as(TN_WORK_OTHER, e, std::forward<F>(work));
}

extern struct tn_spent spent;

tn_tensor *hold(tn_scope *s, at::Tensor t); /* a new handle that the scope owns */

extern bool fused_wanted;
inline bool fused(const at::Tensor &x) {
    return fused_wanted && x.device().is_cpu();
}

/* What was asked to stop in the middle of a loop: ERR_CANCELLED. */
struct cancelled {};
extern const std::atomic<bool> *stop_flag;
inline bool stopped() {
    return stop_flag && stop_flag->load(std::memory_order_relaxed);
}

/* Elementary operations, and a multiple of items, that one thread does before it looks whether it
 * shall stop: some milliseconds. */
constexpr int64_t SLICE_WORK = int64_t{1} << 25, SLICE_ITEMS = 64;

/* Shares items [0, n) among the threads when `work` (in elementary operations per item) makes that
 * worth while. */
template <typename F> void share(int64_t n, int64_t work, F &&loop) {
    work = work > 0 ? work : 1;
    const int64_t grain = work >= 32768 ? 1 : (32768 + work - 1) / work;
    const int64_t items = std::max<int64_t>(SLICE_WORK / work, 1),
                  slice = items < SLICE_ITEMS ? items : items / SLICE_ITEMS * SLICE_ITEMS;
    at::parallel_for(0, n, grain, [&](int64_t begin, int64_t end) {
        for (int64_t at = begin; at < end && !stopped(); at += slice)
            loop(at, end - at < slice ? end : at + slice);
    });
    if (stopped())
        throw cancelled{};
}

/* Calls f with a null pointer of the tensor's element type. */
template <typename F> void by_type(const at::Tensor &x, F &&f) {
    if (x.scalar_type() == at::kFloat)
        f(static_cast<float *>(nullptr));
    else if (x.scalar_type() == at::kDouble)
        f(static_cast<double *>(nullptr));
    else
        throw shape_error{"a tensor is neither float32 nor float64"};
}
template <typename T> T *data(const at::Tensor &x) {
    return static_cast<T *>(x.data_ptr());
}
template <typename T> T *data_or_null(const tn_tensor *x) {
    return x ? data<T>(x->t) : nullptr;
}

/* y (+)= x · w for float32 x and y and a bfloat16 w [I, O] of any strides (products_bf16.cpp). */
void multiply_bf16(const at::Tensor &y, const at::Tensor &x, const at::Tensor &w, bool accumulate);
/* A copy of x in float32 where its numbers are bfloat16, else x. */
at::Tensor widened(const at::Tensor &x);

/* Activations and their slopes as composed operations (activations.cpp). */
at::Tensor composed_value(enum activation kind, const at::Tensor &x);
at::Tensor composed_slope(enum activation kind, const at::Tensor &x);
/* The forward's rows that the gradient's rows belong to (rows.cpp). */
at::Tensor looked_up(const tn_tensor *x, const tn_tensor *rows);
/* A recurrence's derivative, given the slope of its gate at every row (recurrence.cpp). */
void composed_recurrence_vjp(const at::Tensor &dx, const at::Tensor &d_gate,
                             const struct tn_segment *segments, int64_t n_segments, int64_t length,
                             const at::Tensor &dy, const at::Tensor &x, const at::Tensor &gate,
                             const at::Tensor &slope, const at::Tensor &c);

/* y (+)= x · w by oneDNN on the calling thread, where it serves these types and strides
 * (onednn.cpp). */
bool onednn_multiplies(const at::Tensor &y, const at::Tensor &x, const at::Tensor &w);
void onednn_multiply(const at::Tensor &y, const at::Tensor &x, const at::Tensor &w, bool accumulate,
                     float *panel);
int64_t onednn_panel(int64_t n_rows,
                     int64_t n_columns); /* numbers that `panel` holds for so many */

/* From now on tensors are allocated by allocator.cpp. */
void use_allocator();

/* The entries of the table, by file. */
void fill_memory(struct tn_api *api);
void fill_rows(struct tn_api *api);
void fill_products(struct tn_api *api);
void fill_bf16(struct tn_api *api);
void fill_attention(struct tn_api *api);
void fill_slopes(struct tn_api *api);
void fill_recurrence(struct tn_api *api);
void fill_rescale(struct tn_api *api);

} // namespace tn

#endif
