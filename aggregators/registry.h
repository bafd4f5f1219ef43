/* All aggregators, those of aggregators.def. Any thread. */
#ifndef TINSEQ_AGGREGATORS_REGISTRY_H
#define TINSEQ_AGGREGATORS_REGISTRY_H

#include "aggregators/aggregator.h"

/* In a menu's order. */
const struct aggregator *const *aggregators(size_t *n);
/* NULL: there is none of that id. */
const struct aggregator *aggregator_find(const char *id);
/* Adds one that lives for ever, before other threads look. ERR_USAGE: there are too many. */
enum err_code aggregator_register(const struct aggregator *own, struct err *e) ERR_CHECKED;

#endif
