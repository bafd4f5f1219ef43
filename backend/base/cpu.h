/*
 * What the processor can do, told to libraries that do not recognise it.
 */
#ifndef TINSEQ_BACKEND_BASE_CPU_H
#define TINSEQ_BACKEND_BASE_CPU_H

/* Debian 12's OpenBLAS (0.3.21) does not know AMD processors newer than Zen 3 and multiplies with its AVX2 kernels on them; told to use its AVX-512
 * kernels it is about twice as fast (measured: 425 against 220 GFLOP/s on two cores). It reads OPENBLAS_CORETYPE when it is loaded, so this
 * sets the variable where the processor is AMD's and has AVX-512, unless the user has set it. Call first thing in main, before threads exist;
 * the tensor module's loader calls it again for programs without that main. Does nothing on other processors. */
void cpu_advise_openblas(void);

#endif
