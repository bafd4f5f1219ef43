/* A result written to a file, in any format of views/export. Any thread. */
#ifndef TINSEQ_APP_EXPORT_FILE_H
#define TINSEQ_APP_EXPORT_FILE_H

#include "backend/base/err.h"
#include "views/export/export.h"

/* Writes it to a name that a person gave, completely or not at all. A name that ends in .gz is
 * compressed. Errors: IO, NOMEM, and those of the format. */
enum err_code export_file_write(const char *path, const struct export *format,
                                const struct export_input *in, struct err *e) ERR_CHECKED;

/* The function that was explained; NULL where none takes part, as in attention weights, though
 * files name one as Inseq's do. Borrowed. */
const char *export_file_function(const struct result_info *info);

#endif
