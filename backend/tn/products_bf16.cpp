/* Products with bfloat16 weights: activations come and go as float32, are rounded on the way in,
 * and sums are kept in float32. */
#include "backend/tn/bf16.h"
#include "backend/tn/module.h"

#include <algorithm>

namespace tn {

static const int64_t FEW_ROWS = 8,
                     COLUMNS = 16; /* threads' shares of a row are whole multiples of COLUMNS */

static uint16_t *numbers(const at::Tensor &x) {
    return static_cast<uint16_t *>(x.data_ptr());
}

at::Tensor widened(const at::Tensor &x) {
    if (x.scalar_type() != at::kBFloat16)
        return x;
    if (!x.device().is_cpu() || !x.is_contiguous())
        return x.to(at::kFloat);
    const at::Tensor y = at::empty(x.sizes(), x.options().dtype(at::kFloat));
    share(x.numel(), 1, [&](int64_t begin, int64_t end) {
        pick_bf16().widen(data<float>(y) + begin, numbers(x) + begin, end - begin);
    });
    return y;
}

/* [R, I], I rounded up to an even number. */
static at::Tensor rounded(const at::Tensor &x) {
    const int64_t n = x.size(1), stride = n + n % 2;
    const at::Tensor y = at::empty({x.size(0), stride}, x.options().dtype(at::kBFloat16));
    share(x.size(0), n, [&](int64_t begin, int64_t end) {
        pick_bf16().round(numbers(y), stride, data<float>(x), x.stride(0), n, begin, end);
    });
    return y;
}

/* Each thread packs the weights of its own columns; where there are more threads than columns to
 * share, they share the rows too. */
static void multiply_tiles(const bf16_product &p, int64_t n_rows, int64_t n_columns) {
    const int64_t n_threads = n_rows * n_columns * p.n_in < (1 << 18) ? 1 : at::get_num_threads(),
                  n_units = (n_columns + COLUMNS - 1) / COLUMNS;
    const int64_t across = std::min(n_threads, std::max<int64_t>(1, n_columns / BF16_PANEL)),
                  down = std::max<int64_t>(1, n_threads / across);
    const int64_t units = (n_units + across - 1) / across, rows = (n_rows + down - 1) / down;
    at::parallel_for(
        0, across * down, n_threads == 1 ? across * down : 1, [&](int64_t first, int64_t last) {
            std::vector<uint32_t> scratch(BF16_SCRATCH);
            for (int64_t i = first; i < last; i++) {
                const int64_t column = i % across * units * COLUMNS, row = i / across * rows;
                pick_bf16().multiply(&p, std::min(row, n_rows), std::min(row + rows, n_rows),
                                     std::min(column, n_columns),
                                     std::min(column + units * COLUMNS, n_columns), scratch.data());
            }
        });
}

void multiply_bf16(const at::Tensor &y, const at::Tensor &x, const at::Tensor &w, bool accumulate) {
    check_shape(x.scalar_type() == at::kFloat && y.scalar_type() == at::kFloat,
                "bfloat16 weights need float32 activations");
    if (!fused(x)) {
        const at::Tensor product =
            x.device().is_cpu() ? at::mm(x.to(at::kBFloat16).to(at::kFloat), w.to(at::kFloat))
                                : at::mm(x.to(at::kBFloat16), w);
        at::Tensor(y).copy_(accumulate ? y + product : product);
        return;
    }
    const at::Tensor rows = rounded(x.stride(1) == 1 ? x : x.contiguous()),
                     weights = w.stride(0) == 1 || w.stride(1) == 1 ? w : w.contiguous();
    check_shape(y.stride(1) == 1 || y.size(1) == 1, "a product's result is not stored row by row");
    const bf16_product p = {data<float>(y),    y.stride(0),      numbers(rows),
                            rows.size(1),      numbers(weights), weights.stride(0),
                            weights.stride(1), w.size(0),        accumulate};
    if (x.size(0) <= FEW_ROWS && p.w_row == 1)
        share(w.size(1), w.size(0),
              [&](int64_t begin, int64_t end) { pick_bf16().few_rows(&p, x.size(0), begin, end); });
    else
        multiply_tiles(p, x.size(0), w.size(1));
}

static bool multiplies_bf16(int device) {
    return device != TN_CPU || pick_bf16().fast;
}

void fill_bf16(struct tn_api *api) {
    api->multiplies_bf16 = multiplies_bf16;
    api->limit_bf16 = limit_bf16;
}

} // namespace tn
