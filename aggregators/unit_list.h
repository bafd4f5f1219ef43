/* All units, those of unit_list.def. Any thread. */
#ifndef TINSEQ_AGGREGATORS_UNIT_LIST_H
#define TINSEQ_AGGREGATORS_UNIT_LIST_H

#include "aggregators/text/unit.h"

/* In a menu's order, the finest first. */
const struct unit *const *units(size_t *n);
/* NULL: there is none of that id. */
const struct unit *unit_find(const char *id);

#endif
