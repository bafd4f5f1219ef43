#define TN_ISA baseline
#define TN_LANES 4
#define TN_TILE_ROWS 3
#define TN_TILE_VECTORS 2
#include "backend/tn/bf16.inc"
