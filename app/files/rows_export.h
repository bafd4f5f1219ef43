/* Some rows of a file into another one, in an order of the caller's. Any thread. */
#ifndef TINSEQ_APP_ROWS_EXPORT_H
#define TINSEQ_APP_ROWS_EXPORT_H

#include "app/files/result_rows.h"
#include "views/export/export.h"

#include <stddef.h>
#include <stdint.h>

/* Writes the rows items [n] as they are kept, not reduced, in a format of rows, completely or not
 * at all; `watch` is told how many are written. Damaged ones are left out and counted. Errors: IO,
 * CANCELLED, NOMEM. */
enum err_code rows_export(size_t *n_damaged, struct result_rows *rows, const uint32_t *items,
                          size_t n, const char *path, const struct export *format,
                          const struct rows_watch *watch, struct err *e) ERR_CHECKED;

#endif
