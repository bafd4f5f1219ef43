#define TN_ISA avx2
#define TN_LANES 8
#define TN_TILE_ROWS 5
#define TN_TILE_VECTORS 2
#include "backend/tn/bf16.inc"
