/*
 * What a library beneath libtorch does not find out by itself, told to it through the environment variable that it reads when it is loaded. A variable that
 * the user has set stays. Call first thing in main, before there are threads; the tensor module's loader calls it again for programs without that main.
 */
#ifndef TINSEQ_BACKEND_BASE_CPU_H
#define TINSEQ_BACKEND_BASE_CPU_H

/* GOMP_SPINCOUNT: after a parallel loop libgomp's threads spin for milliseconds, on the very cores that OpenBLAS's own threads need next. A product of [60 | 1365,
 * 576] × [576, 1536] followed by an element-wise loop ran at 31 | 216 GFLOP/s on two cores, and with sleeping threads at 118 | 381. */
void cpu_advise_libraries(void);

#endif
