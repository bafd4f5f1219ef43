#define TN_ISA baseline
#define TN_TILE_ROWS 2
#define TN_TILE_VECTORS 1
#include "backend/tn/bf16.inc"
