#define TN_ISA avx512
#include "backend/tn/kernels.inc"
