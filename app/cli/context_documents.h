/* Documents of `tinseq attribute-context`: read, laid out as the context of a request, and cited.
 * Main thread only. */
#ifndef TINSEQ_APP_CLI_CONTEXT_DOCUMENTS_H
#define TINSEQ_APP_CLI_CONTEXT_DOCUMENTS_H

#include "app/cli/options.h"
#include "methods/context/cite.h"
#include "methods/context/documents.h"

/* Zero-initialised: there are none. */
struct cli_documents {
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
void cli_documents_dispose(struct cli_documents *d);
/* Reads what the options name, and lends it to the request. ERR_USAGE, IO, FORMAT (no UTF-8). */
enum err_code cli_documents_read(struct cli_documents *d, struct context_request *r,
                                 const struct cli_arguments *a, struct err *e) ERR_CHECKED;
/* What the answer cites. Errors: as cite_documents, and of calibrating. */
enum err_code cli_documents_cite(struct citations *out, const struct cli_documents *d,
                                 const struct context_result *r,
                                 const struct attribution_sequence *reduced,
                                 struct err *e) ERR_CHECKED;
/* What a person should know of the answer's own citations; owned by the caller, NULL: nothing. */
char *cli_documents_notice(const struct cli_documents *d, const struct context_request *r,
                           const struct context_result *result);

#endif
