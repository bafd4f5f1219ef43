#include "backend/architectures/family.h"

const struct family family_marian_mt = {
    .encoder = {{PART_ATTENTION, PART_FEED_FORWARD}},
    .decoder = {{PART_ATTENTION, PART_CROSS_ATTENTION, PART_FEED_FORWARD}}};
