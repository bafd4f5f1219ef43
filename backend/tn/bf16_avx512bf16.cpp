#define TN_ISA avx512bf16
#define TN_LANES 16
#define TN_TILE_ROWS 6
#define TN_TILE_VECTORS 4
#include "backend/tn/bf16.inc"
