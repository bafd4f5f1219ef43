#include "backend/architectures/family.h"

const struct family family_gpt2 = {.decoder = {{PART_ATTENTION, PART_FEED_FORWARD}}};
