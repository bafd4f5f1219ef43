/*
 * Results on disk: Inseq's JSON, what FeatureAttributionOutput.save writes and load reads, and
 * rows. Files are untrusted. Any thread.
 */
#ifndef TINSEQ_APP_RESULT_FILE_H
#define TINSEQ_APP_RESULT_FILE_H

#include "backend/base/err.h"
#include "methods/result/attribution.h"

#include <stdbool.h>
#include <stddef.h>

/* Writes a result as views/export/result_json.h says, completely or not at all. A name that ends in
 * .gz is compressed (read by Inseq with decompress=True). Errors: IO, NOMEM. */
enum err_code result_file_save(const char *path, const struct attribution *a,
                               struct err *e) ERR_CHECKED;

/* Reads all results of a file as one: what Inseq 0.4 to 0.7 (save, with every option) or this
 * program wrote, JSON or rows; gzip is recognised by its content, and a name that a person gave may
 * be a pipe. Token bytes and their printable form are worked out from the pieces (byte-level "Ġ",
 * sentencepiece "▁"). Errors: IO, FORMAT (what is wrong in the file), NOMEM, UNSUPPORTED (rows that
 * were made otherwise are not one result). */
enum err_code result_file_load(struct attribution **out, const char *path,
                               struct err *e) ERR_CHECKED;

/* One JSON from memory. */
enum err_code result_file_parse(struct attribution **out, const char *data, size_t n,
                                struct err *e) ERR_CHECKED;

#endif
