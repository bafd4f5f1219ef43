/* A file of rows made into Inseq's JSON, of which never more than one row's scores are in memory;
 * what is said of all of them, their texts too, is. Any thread. */
#ifndef TINSEQ_APP_ROWS_JSON_H
#define TINSEQ_APP_ROWS_JSON_H

#include "backend/base/err.h"
#include "views/export/export.h"

/* Byte by byte what export_file_write makes of the rows' results joined into one. Errors: IO,
 * FORMAT (a row is damaged), NOMEM, UNSUPPORTED (rows that were made otherwise are not one result).
 */
enum err_code rows_json_write(const char *path, const char *rows, const struct export_how *how,
                              struct err *e) ERR_CHECKED;

#endif
