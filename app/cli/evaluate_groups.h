/* Files of one text by several methods, or of several texts by the same methods. Main thread only.
 */
#ifndef TINSEQ_APP_CLI_EVALUATE_GROUPS_H
#define TINSEQ_APP_CLI_EVALUATE_GROUPS_H

#include "backend/base/err.h"
#include "methods/result/attribution.h"

/* Puts n results of the same texts side by side, the methods of each in the first one's order;
 * *n_methods is how many each has. The first result stays the first. Errors: USAGE names a file
 * whose text lacks a method that the first has, or has one more. */
enum err_code evaluate_groups(size_t *n_methods, struct attribution **results,
                              const char *const *paths, size_t n, struct err *e) ERR_CHECKED;

#endif
