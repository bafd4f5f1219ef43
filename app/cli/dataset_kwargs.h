/* --dataset_kwargs: what the datasets library hands on to its readers, as far as it can be
 * followed. Main thread only. */
#ifndef TINSEQ_APP_CLI_DATASET_KWARGS_H
#define TINSEQ_APP_CLI_DATASET_KWARGS_H

#include "app/dataset/dataset.h"

/* Sets members of *form; its names become *names [n_names], owned by the caller, also on failure.
 * `json` may be NULL. ERR_USAGE names what cannot be followed, and what can. */
enum err_code dataset_kwargs_read(struct dataset_form *form, char ***names, const char *json,
                                  struct err *e) ERR_CHECKED;

#endif
