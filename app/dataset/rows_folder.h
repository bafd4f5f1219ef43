/* A file of rows with marks (batch_mark.h) made into a file of Inseq's JSON for each row, named by
 * the row's number in the data set. Any thread. */
#ifndef TINSEQ_APP_ROWS_FOLDER_H
#define TINSEQ_APP_ROWS_FOLDER_H

#include "backend/base/err.h"
#include "views/export/export.h"

/* "row-000012.json" in the folder, which is made where it is not there; each completely or not at
 * all, other files stay. Errors: IO, FORMAT (a row is damaged), NOMEM. */
enum err_code rows_folder_write(const char *folder, const char *rows, const struct export_how *how,
                                struct err *e) ERR_CHECKED;

#endif
