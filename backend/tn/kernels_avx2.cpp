#define TN_ISA avx2
#include "backend/tn/kernels.inc"
