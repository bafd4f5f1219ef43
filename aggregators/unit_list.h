/* All units, those of unit_list.def. Any thread. */
#ifndef TINSEQ_AGGREGATORS_UNIT_LIST_H
#define TINSEQ_AGGREGATORS_UNIT_LIST_H

#include "aggregators/text/unit.h"

/* In a menu's order, the finest first. */
const struct unit *const *units(size_t *n);
/* NULL: there is none of that id. */
const struct unit *unit_find(const char *id);
/* Adds one that lives for ever, before other threads look. ERR_USAGE: there are too many. */
enum err_code unit_register(const struct unit *own, struct err *e) ERR_CHECKED;

#endif
