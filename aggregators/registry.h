/* All aggregators, those of aggregators.def. Any thread. */
#ifndef TINSEQ_AGGREGATORS_REGISTRY_H
#define TINSEQ_AGGREGATORS_REGISTRY_H

#include "aggregators/aggregator.h"

/* In a menu's order. */
const struct aggregator *const *aggregators(size_t *n);
/* NULL: there is none of that id. */
const struct aggregator *aggregator_find(const char *id);

#endif
