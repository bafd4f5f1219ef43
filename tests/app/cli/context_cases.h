/* tests/fixtures/context.json through the command line: what Inseq's attribute-context said. */
#ifndef TINSEQ_TESTS_APP_CLI_CONTEXT_CASES_H
#define TINSEQ_TESTS_APP_CLI_CONTEXT_CASES_H

#include "backend/base/err.h"

struct cJSON;

/* Runs `tinseq attribute-context` in this process with these words behind the model's; *out: what
 * it saved, or NULL. */
enum err_code context_command(struct cJSON **out, const char *model, const char *const *words,
                              struct err *e);
/* All cases of a model of the fixtures, on the model at `path`; at least so many must be there.
 * What differs, a line each, owned by the caller; empty: nothing. */
char *context_cases_check(const char *model, const char *path, int at_least);

#endif
