#define TN_ISA baseline
#include "backend/tn/kernels.inc"
