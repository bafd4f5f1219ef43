/* Citations to compare with, and to calibrate on. Internal to app/jobs/documents_job.c. */
#ifndef TINSEQ_APP_DOCUMENTS_GIVEN_H
#define TINSEQ_APP_DOCUMENTS_GIVEN_H

#include "app/jobs/documents_job.h"

/* What the request compares with: the answer's own, a file's, or a list. ERR_USAGE, IO, FORMAT. */
enum err_code documents_job_given(struct documents_job *d, struct context_request *r,
                                  struct err *e) ERR_CHECKED;
/* Of saved files. ERR_IO, FORMAT: it is no such file, USAGE: it has no given ones. */
enum err_code documents_job_examples(struct documents_job *d, const struct names *paths,
                                     struct err *e) ERR_CHECKED;

#endif
