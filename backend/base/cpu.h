/*
 * What two libraries beneath libtorch do not find out by themselves, told to them through the environment variables that they read when they
 * are loaded. A variable that the user has set stays. Call first thing in main, before there are threads; the tensor module's loader calls it again
 * for programs without that main. Measured on two cores, Debian 12's libtorch, products of [60 | 1365, 576] × [576, 1536].
 */
#ifndef TINSEQ_BACKEND_BASE_CPU_H
#define TINSEQ_BACKEND_BASE_CPU_H

/* OPENBLAS_CORETYPE: OpenBLAS 0.3.21 does not know AMD processors newer than Zen 3 and multiplies with AVX2 on them; told to use its AVX-512 kernels
 *   where the processor has them it is about twice as fast (425 against 220 GFLOP/s).
 * GOMP_SPINCOUNT: after a parallel loop libgomp's threads spin for milliseconds, on the very cores that OpenBLAS's own threads need next: a product
 *   followed by an element-wise loop ran at 31 | 216 GFLOP/s, and with sleeping threads at 118 | 381. */
void cpu_advise_libraries(void);

#endif
