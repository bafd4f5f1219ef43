/* Made-up tables as files. Tests only: ends the test that calls it. */
#ifndef TINSEQ_TESTS_APP_TABLE_H
#define TINSEQ_TESTS_APP_TABLE_H

#include "app/dataset/dataset.h"

/* Writes a file into the test's own folder; its path is owned by the caller. */
char *table_file(const char *name, const char *text, size_t n);
/* All rows of files: "line|problem" of a bad one, else "line|{json}", a line each. Owned by the
 * caller. */
char *table_rows(const char *const *files, size_t n, const struct dataset_form *form);

#endif
