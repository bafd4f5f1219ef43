/* The derivative of attention through the maps of its queries and keys: see slopes_vjp in tn.h. */
#include "backend/tn/module.h"

#include <algorithm>
#include <vector>

namespace tn {

/* Rows on this side that lie together and whose other side's rows are those of the same entry are
 * one run. */
static std::vector<slopes_run> runs_of(const struct tn_attention *a,
                                       const struct tn_segment *segments, int64_t n_segments,
                                       enum tn_side side) {
    std::vector<slopes_run> runs;
    for (int64_t i = 0; i < n_segments; i++) {
        const struct tn_segment *g = segments + i;
        slopes_run run = {g->query, g->n_query, (a->shared_keys ? 0 : g->batch) * a->key_capacity};
        if (side == TN_KEYS)
            run = {g->key, g->n_key - g->first_key, g->batch * a->n_query};
        if (!runs.empty() && runs.back().other == run.other &&
            runs.back().row + runs.back().n_rows == run.row)
            runs.back().n_rows += run.n_rows;
        else
            runs.push_back(run);
    }
    return runs;
}

static int64_t other_rows(const struct tn_attention *a, enum tn_side side) {
    return side == TN_KEYS ? a->n_query : a->n_key;
}

/* --- the fused form ---------------------------------------------------------------------- */

/* Few runs are shared by columns, many by runs: of these a slice takes several, which read the same
 * columns of the map. */
template <typename T>
static void run_slopes(const struct slopes_work<T> &work, const std::vector<slopes_run> &runs,
                       const at::TensorOptions &options) {
    const int64_t n_scratch = work.n_heads * work.n * MAP_COLUMNS,
                  n = static_cast<int64_t>(runs.size()),
                  panels = (work.n_columns + MAP_COLUMNS - 1) / MAP_COLUMNS;
    const auto part = [&](int64_t begin, int64_t end, int64_t from, int64_t to) {
        struct slopes_work<T> own = work;
        own.begin_column = from, own.end_column = to;
        const at::Tensor scratch = at::empty({n_scratch}, options);
        pick_kernels<T>().slopes_vjp(&own, runs.data(), data<T>(scratch), begin, end);
    };
    if (n >= 2 * at::get_num_threads())
        share(n, SLICE_WORK / 16,
              [&](int64_t begin, int64_t end) { part(begin, end, 0, work.n_columns); });
    else
        share(panels, SLICE_WORK / 16, [&](int64_t begin, int64_t end) {
            part(0, n, begin * MAP_COLUMNS, std::min(end * MAP_COLUMNS, work.n_columns));
        });
}

/* --- composed of libtorch's operations ----------------------------------------------------- */

static void composed_slopes(const at::Tensor &dx, const struct tn_attention *a,
                            const std::vector<slopes_run> &runs, int64_t n,
                            const at::Tensor &slopes, const at::Tensor &other,
                            const at::Tensor &w) {
    const at::Tensor heads = w.reshape({a->n_heads, a->width, -1});
    for (const slopes_run &run : runs) {
        const at::Tensor rows =
            other.narrow(0, run.other, n).view({n, a->n_heads, a->width}).transpose(0, 1);
        dx.narrow(0, run.row, run.n_rows)
            .addmm_(slopes.narrow(0, run.row, run.n_rows),
                    at::matmul(rows, heads).reshape({a->n_heads * n, -1}));
    }
}

/* --- entries ----------------------------------------------------------------------------- */

static bool serves(const at::Tensor &other, const at::Tensor &w) {
    return fused(other) && w.scalar_type() == other.scalar_type() && w.stride(1) == 1 &&
           w.size(1) % 16 == 0;
}

/* Operations that this loop takes to one of a library's. */
static constexpr double SLOWER = 1.25;

static bool slopes_pay(const struct tn_attention *a, const struct tn_segment *segments,
                       int64_t n_segments, enum tn_side side, const tn_tensor *other,
                       const tn_tensor *w, bool transposed) {
    if (a->n_heads != a->n_kv_heads || transposed || !serves(other->t, w->t) ||
        !pick_kernels<float>().slopes_pay)
        return false;
    const std::vector<slopes_run> runs = runs_of(a, segments, n_segments, side);
    int64_t rows = 0;
    for (const slopes_run &run : runs)
        rows += run.n_rows;
    const int64_t n = other_rows(a, side), width = a->n_heads * a->width,
                  mapped = static_cast<int64_t>(runs.size()) * n * width;
    return SLOWER * static_cast<double>(mapped + rows * a->n_heads * n) <
           static_cast<double>(rows * width);
}

static enum err_code slopes_vjp(tn_tensor **out, tn_scope *s, const struct tn_attention *a,
                                const struct tn_segment *segments, int64_t n_segments,
                                enum tn_side side, const tn_tensor *slopes, const tn_tensor *other,
                                const tn_tensor *w, bool transposed, tn_tensor *into,
                                struct err *e) {
    if (out)
        *out = nullptr;
    return guard_as(TN_WORK_PRODUCTS, e, [&] {
        const at::Tensor weight = transposed ? w->t.t() : w->t;
        const int64_t n = other_rows(a, side);
        check_shape(weight.size(0) == a->n_heads * a->width &&
                        slopes->t.size(1) == a->n_heads * n && a->n_heads == a->n_kv_heads,
                    "slopes have another width");
        const std::vector<slopes_run> runs = runs_of(a, segments, n_segments, side);
        const bool loop = serves(other->t, weight);
        const at::Tensor dx =
            into ? into->t : at::zeros({slopes->t.size(0), weight.size(1)}, slopes->t.options());
        if (loop)
            by_type(dx, [&](auto *null) {
                using T = std::remove_pointer_t<decltype(null)>;
                run_slopes<T>({data<T>(dx), into != nullptr, data<T>(slopes->t), data<T>(other->t),
                               data<T>(weight), a->n_heads, a->width, n, weight.stride(0), 0, 0,
                               weight.size(1)},
                              runs, dx.options());
            });
        else
            composed_slopes(dx, a, runs, n, slopes->t, other->t, weight);
        if (!into)
            *out = hold(s, dx);
    });
}

void fill_slopes(struct tn_api *api) {
    api->slopes_vjp = slopes_vjp;
    api->slopes_pay = slopes_pay;
}

} // namespace tn
