#include "backend/architectures/family.h"

const struct family family_marian_student = {
    .encoder = {{PART_ATTENTION, PART_FEED_FORWARD}},
    .decoder = {{PART_RECURRENCE, PART_CROSS_ATTENTION, PART_FEED_FORWARD}},
    .zero_start = true};
