/*
 * Documents of a context attribution (methods/context/documents.h): their files read and laid out
 * as the context of a request, and what the answer cites found when it is done, kept with the
 * result. The worker thread, or the main thread where there is none; plain data.
 */
#ifndef TINSEQ_APP_DOCUMENTS_JOB_H
#define TINSEQ_APP_DOCUMENTS_JOB_H

#include "methods/context/cite.h"
#include "methods/context/documents.h"

/* Zero-initialised: there are none. */
struct documents_job {
    char **names, **texts;  /* [documents.n] owned */
    struct document *items; /* [documents.n] */
    struct documents documents;
    struct document_layout layout;
    struct cite_request cite; /* all but where sentences begin */
    struct cite_given given;
    bool has_given, calibrate;
    struct citations *examples; /* [n_examples] to calibrate on */
    size_t n_examples;
};
void documents_job_dispose(struct documents_job *d);
/* Reads what the request names, and lends it to what it was made into; nothing where it has no
 * documents. ERR_USAGE, IO, FORMAT (no UTF-8). Dispose of it in any case. */
enum err_code documents_job_read(struct documents_job *d, struct context_request *r,
                                 struct err *e) ERR_CHECKED;
/* A result's scores per token and column as they are cited by where nothing else is asked for: as
 * aggregated by default, not normalised. */
enum err_code documents_job_reduce(struct attribution_sequence *out,
                                   const struct context_result *result, struct err *e) ERR_CHECKED;
/* What the answer cites; kept with the result, too. `reduced`: the result's sequence, a score per
 * token and column. Nothing where there are no documents. Errors: as cite_documents, and of
 * calibrating. */
enum err_code documents_job_cite(struct citations *out, const struct documents_job *d,
                                 const struct context_request *r, struct context_result *result,
                                 const struct attribution_sequence *reduced,
                                 const struct attribute_events *events, struct err *e) ERR_CHECKED;

#endif
