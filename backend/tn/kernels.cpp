#include "backend/tn/kernels.h"

namespace tn {

#define TN_DECLARE(isa)                                                                            \
    namespace isa {                                                                                \
    extern const kernels<float> table_float;                                                       \
    extern const kernels<double> table_double;                                                     \
    }
TN_DECLARE(baseline)
#if defined(__x86_64__)
TN_DECLARE(avx2)
TN_DECLARE(avx512)

static int instruction_set() {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("fma"))
        return 2;
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? 1 : 0;
}

template <> const kernels<float> &pick_kernels() {
    static const kernels<float> &chosen = *(const kernels<float> *[]){
        &baseline::table_float, &avx2::table_float, &avx512::table_float}[instruction_set()];
    return chosen;
}
template <> const kernels<double> &pick_kernels() {
    static const kernels<double> &chosen = *(const kernels<double> *[]){
        &baseline::table_double, &avx2::table_double, &avx512::table_double}[instruction_set()];
    return chosen;
}
#else
template <> const kernels<float> &pick_kernels() {
    return baseline::table_float;
}
template <> const kernels<double> &pick_kernels() {
    return baseline::table_double;
}
#endif

} // namespace tn
