/* Curves kept with the scores that they are of: in a result's file, and drawn in its page. Main
 * thread only. */
#ifndef TINSEQ_APP_CLI_EVALUATE_KEEP_H
#define TINSEQ_APP_CLI_EVALUATE_KEEP_H

#include "app/cli/options.h"
#include "methods/evaluation/faithfulness.h"

/* Before anything is computed. ERR_USAGE: a name that ends in no format, several methods or files.
 */
enum err_code evaluate_keep_check(const struct cli_arguments *a, size_t n_methods,
                                  struct err *e) ERR_CHECKED;
/* The first method's curves are now those of the result's i-th text. */
void evaluate_keep_curves(struct attribution *result, size_t i, const struct faithfulness *f,
                          const char *function);
/* Appends a result to those before; it is consumed. */
void evaluate_keep_take(struct attribution **all, struct attribution *one);
/* Writes them to the file of --keep, as its name ends; nothing without the option, or where `all`
 * is NULL. Errors: as of export_file_write. */
enum err_code evaluate_keep_write(const struct attribution *all, const struct cli_arguments *a,
                                  struct err *e) ERR_CHECKED;

#endif
