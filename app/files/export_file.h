/* Results written to files, in any format of views/export. Any thread. */
#ifndef TINSEQ_APP_EXPORT_FILE_H
#define TINSEQ_APP_EXPORT_FILE_H

#include "backend/base/err.h"
#include "views/export/export.h"

#include <stdbool.h>
#include <stddef.h>

/* Writes it to a name that a person gave, completely or not at all. A name that ends in .gz is
 * compressed, and any is where `how` says so. Errors: IO, NOMEM, and those of the format. */
enum err_code export_file_write(const char *path, const struct export *format,
                                const struct export_input *in, struct err *e) ERR_CHECKED;

/* The function that was explained; NULL where none takes part, as in attention weights, though
 * files name one as Inseq's do. Borrowed. */
const char *export_file_function(const struct result_info *info);
/* The same with a file for each sequence, NAME_0.ENDING and so on, as Inseq's split_sequences: all
 * of them or none. */
enum err_code export_file_write_split(const char *path, const struct export *format,
                                      const struct export_input *in, struct err *e) ERR_CHECKED;
/* Their names, as Inseq makes them; each is owned by the caller. */
char *export_file_split_name(const char *path, size_t i, bool compress);

/* A file that grows row by row, for results of which only one at a time is in memory. */
struct export_file;
enum err_code export_file_open(struct export_file **out, const char *path, bool compress,
                               struct err *e) ERR_CHECKED;
/* The row of an input of one sequence, in a format of rows. Errors: those of the format. */
enum err_code export_file_add(struct export_file *f, const struct export *format,
                              const struct export_input *in, struct err *e) ERR_CHECKED;
/* Where text is put that is none of a row; drained at any time. */
struct text_buffer *export_file_text(struct export_file *f);
/* Gives it its name; freed in any case. Errors: IO. */
enum err_code export_file_close_take(struct export_file *f, struct err *e) ERR_CHECKED;
/* Leaves nothing of it. NULL is legal. */
void export_file_drop(struct export_file *f);

#endif
