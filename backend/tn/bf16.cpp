#include "backend/tn/bf16.h"

namespace tn {

#define TN_DECLARE(isa)                                                                            \
    namespace isa {                                                                                \
    extern const bf16_kernels bf16_table;                                                          \
    }
TN_DECLARE(baseline)
#if defined(__x86_64__)
TN_DECLARE(avx2)
TN_DECLARE(avx512)
TN_DECLARE(avx512bf16)

static const bf16_kernels *const tables[] = {&baseline::bf16_table, &avx2::bf16_table,
                                             &avx512::bf16_table, &avx512bf16::bf16_table};

static int level() {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("fma"))
        return __builtin_cpu_supports("avx512bf16") ? 3 : 2;
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? 1 : 0;
}
#else
static const bf16_kernels *const tables[] = {&baseline::bf16_table};
static int level() {
    return 0;
}
#endif

static const bf16_kernels *chosen = tables[level()];

const bf16_kernels &pick_bf16() {
    return *chosen;
}

int limit_bf16(int most) {
    const int had = level(), use = most < had ? most : had;
    chosen = tables[use];
    return use;
}

} // namespace tn
