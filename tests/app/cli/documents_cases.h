/* tests/fixtures/documents.json through the command line: what MIRAGE's rule cites. Documents are
 * files of a folder of their own. */
#ifndef TINSEQ_TESTS_APP_CLI_DOCUMENTS_CASES_H
#define TINSEQ_TESTS_APP_CLI_DOCUMENTS_CASES_H

#include <stdbool.h>
#include <stddef.h>

struct cJSON;

/* A folder of documents; paths [n], all owned. */
struct document_files {
    char folder[40];
    char **paths;
    size_t n;
};
/* "" is an empty file. False: it cannot be written. */
bool document_files_write(struct document_files *out, const char *const *texts, size_t n);
void document_files_remove(struct document_files *f);

/* What the result cites, of what attribute-context saved; NULL: nothing. Borrowed. */
const struct cJSON *documents_cited(const struct cJSON *saved);
/* "[2][1]|[3]|", sentence by sentence; owned by the caller. */
char *documents_marks(const struct cJSON *citations);

/* All cases of a model of the fixtures, on the model at `path`. What differs, a line each, owned by
 * the caller; empty: nothing. */
char *documents_cases_check(const char *model, const char *path);

#endif
