/* Citations to compare with, and to calibrate on. Internal to app/cli/context_documents.c. Main
 * thread only. */
#ifndef TINSEQ_APP_CLI_DOCUMENTS_GIVEN_H
#define TINSEQ_APP_CLI_DOCUMENTS_GIVEN_H

#include "app/cli/context_documents.h"

/* --citations: the answer's own, a file's, or a list. ERR_USAGE, IO, FORMAT. */
enum err_code cli_documents_given(struct cli_documents *d, struct context_request *r,
                                  const struct cli_arguments *a, struct err *e) ERR_CHECKED;
/* --calibrate_on. ERR_IO, FORMAT: it is no such file. */
enum err_code cli_documents_examples(struct cli_documents *d, const struct cli_arguments *a,
                                     struct err *e) ERR_CHECKED;

#endif
