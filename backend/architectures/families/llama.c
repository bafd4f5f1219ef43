#include "backend/architectures/family.h"

const struct family family_llama = {
    .decoder = {{PART_ATTENTION, PART_FEED_FORWARD}, .gated = true}};
