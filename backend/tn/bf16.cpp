#include "backend/tn/bf16.h"

namespace tn {

#define TN_DECLARE(isa)                                                                                                                            \
    namespace isa {                                                                                                                                \
    extern const bf16_kernels bf16_table;                                                                                                          \
    }
TN_DECLARE(baseline)
#if defined(__x86_64__)
TN_DECLARE(avx2)
TN_DECLARE(avx512)
TN_DECLARE(avx512bf16)

static const bf16_kernels &choose() {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("fma"))
        return __builtin_cpu_supports("avx512bf16") ? avx512bf16::bf16_table : avx512::bf16_table;
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? avx2::bf16_table : baseline::bf16_table;
}

const bf16_kernels &pick_bf16() {
    static const bf16_kernels &chosen = choose();
    return chosen;
}
#else
const bf16_kernels &pick_bf16() { return baseline::bf16_table; }
#endif

} // namespace tn
