/* Float32 products by oneDNN, which Debian's libtorch brings along for its convolutions: with the
 * few dozen rows of a prompt its kernels are two to three times as fast as the BLAS's (OpenBLAS,
 * and MKL on other makers' processors), which pack every weight matrix anew. Its fast kernels are
 * those for x86-64. */
#include "backend/tn/module.h"

#ifdef WITH_ONEDNN
#include <oneapi/dnnl/dnnl.h>
#endif

#include <algorithm>

namespace tn {

#ifdef WITH_ONEDNN

/* Up to so many rows, x · Wᵀ with W [out, in] is faster as (W · xᵀ)ᵀ, by panels of W whose
 * results stay in the cache until they are turned. */
enum { MOST_TURNED_ROWS = 200, PANEL = 384 };

static void multiply(char turn_a, char turn_b, int64_t m, int64_t n, int64_t k, const float *a,
                     int64_t lda, const float *b, int64_t ldb, float beta, float *c, int64_t ldc) {
    TORCH_CHECK(dnnl_sgemm(turn_a, turn_b, m, n, k, 1, a, lda, b, ldb, beta, c, ldc) ==
                    dnnl_success,
                "a matrix product failed");
}

bool onednn_multiplies(const at::Tensor &y, const at::Tensor &x, const at::Tensor &w) {
    return fused(x) && x.scalar_type() == at::kFloat && w.scalar_type() == at::kFloat &&
           y.scalar_type() == at::kFloat && x.numel() && w.numel() && x.stride(1) == 1 &&
           y.stride(1) == 1 && x.stride(0) >= x.size(1) && y.stride(0) >= y.size(1) &&
           (w.stride(1) == 1 ? w.stride(0) >= w.size(1)
                             : w.stride(0) == 1 && w.stride(1) >= w.size(0));
}

int64_t onednn_panel(int64_t n_rows, int64_t n_columns) {
    return std::min<int64_t>(PANEL, n_columns) *
           std::min<int64_t>(MOST_TURNED_ROWS,
                             n_rows); /* the last part has fewer rows than the others */
}

void onednn_multiply(const at::Tensor &y, const at::Tensor &x, const at::Tensor &w, bool accumulate,
                     float *panel) {
    const int64_t n_rows = x.size(0), n_columns = w.size(1), n_inner = x.size(1), ldx = x.stride(0),
                  ldy = y.stride(0);
    const float *from = data<float>(x), *weight = data<float>(w), beta = accumulate ? 1 : 0;
    float *to = data<float>(y);
    if (w.stride(1) == 1) {
        multiply('N', 'N', n_rows, n_columns, n_inner, from, ldx, weight, w.stride(0), beta, to,
                 ldy);
    } else if (n_rows > MOST_TURNED_ROWS) {
        multiply('N', 'T', n_rows, n_columns, n_inner, from, ldx, weight, w.stride(1), beta, to,
                 ldy);
    } else {
        for (int64_t c = 0; c < n_columns; c += PANEL) {
            const int64_t n = std::min<int64_t>(PANEL, n_columns - c);
            multiply('N', 'T', n, n_rows, n_inner, weight + c * w.stride(1), w.stride(1), from, ldx,
                     0, panel, n_rows);
            pick_kernels<float>().turn(to + c, ldy, panel, n_rows, n, accumulate);
        }
    }
}

#else

bool onednn_multiplies(const at::Tensor &, const at::Tensor &, const at::Tensor &) {
    return false;
}
int64_t onednn_panel(int64_t, int64_t) {
    return 0;
}
void onednn_multiply(const at::Tensor &, const at::Tensor &, const at::Tensor &, bool, float *) {
    throw shape_error{"built without oneDNN"};
}

#endif

} // namespace tn
