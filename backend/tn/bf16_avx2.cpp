#define TN_ISA avx2
#define TN_TILE_ROWS 4
#define TN_TILE_VECTORS 1
#include "backend/tn/bf16.inc"
