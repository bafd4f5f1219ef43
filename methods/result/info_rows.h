/*
 * What a result was made of, in files of many rows: most of it is the same for all of them, so it
 * stands once above them, and a row says only what is different of it. Any thread.
 */
#ifndef TINSEQ_METHODS_INFO_ROWS_H
#define TINSEQ_METHODS_INFO_ROWS_H

#include "methods/result/result_info.h"

/* What stands above rows of such an info: a JSON object without the texts of the one sequence.
 * Owned by the caller. */
char *info_above(const struct result_info *info);

/* Appends what a row says beside what stands above it, as members that end in a comma: "info" with
 * what is different, "without" and "without_tinseq" with names of what it lacks; nothing where
 * nothing is different. `above` NULL: all is different. Returns the bytes of it that are no texts
 * of the sequence. */
size_t info_row_write(struct text_buffer *b, const char *above, const struct result_info *info);

/* The info of a row, from what stands above it (NULL: nothing) and the row's own members. Fills a
 * zero-initialised info. */
void info_row_read(struct result_info *out, const struct json_value *above,
                   const struct json_value *row);

#endif
