/* A module of its own, opened beside libtorch: oneDNN writes its kernels for the machine at the
 * first product of each kind, which takes 30 ms. They are the same library's that onednn.cpp
 * uses. */
#include <oneapi/dnnl/dnnl.h>

enum { N = 64 };

/* Not 0: it worked. Any thread. */
__attribute__((visibility("default"))) const void *tinseq_onednn_prepare(void);
const void *tinseq_onednn_prepare(void) {
    static const float a[N * N], b[N * N];
    float c[N * N];
    /* a small one, and one that several threads might share */
    const int failed = dnnl_sgemm('N', 'T', N / 4, N / 4, N / 4, 1, a, N, b, N, 0, c, N) ||
                       dnnl_sgemm('N', 'T', N, N, N, 1, a, N, b, N, 0, c, N) ||
                       dnnl_sgemm('N', 'N', N, N, N, 1, a, N, b, N, 1, c, N);
    return failed ? NULL : a;
}
