/* All functions, those of functions.def. Any thread. */
#ifndef TINSEQ_AGGREGATORS_FUNCTIONS_H
#define TINSEQ_AGGREGATORS_FUNCTIONS_H

#include "aggregators/function.h"
#include "backend/base/err.h"

/* In a menu's order. */
const struct aggregate_function *const *aggregate_functions(size_t *n);
/* NULL: there is none of that id. */
const struct aggregate_function *aggregate_function_find(const char *id);
/* Adds one that lives for ever, before other threads look. ERR_USAGE: there are too many. */
enum err_code aggregate_function_register(const struct aggregate_function *own,
                                          struct err *e) ERR_CHECKED;

#endif
