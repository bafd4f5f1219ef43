/*
 * The texts of objects in a file: one a line (JSON lines), or the items of one list. Only one is in
 * memory. Untrusted. Any thread.
 */
#ifndef TINSEQ_APP_JSON_ROWS_H
#define TINSEQ_APP_JSON_ROWS_H

#include "app/dataset/data_bytes.h"
#include "backend/base/json.h"

#include <stdbool.h>

/* Zero-initialise before the first of a file. */
struct json_row {
    struct text_buffer text;
    struct json_document *document; /* of the text: an object; NULL where there is a problem */
    int64_t line;                   /* where it begins */
    char *problem;                  /* what is wrong with it; NULL: nothing */
    bool list, begun, ended;
    int64_t n_blank; /* lines with nothing in them that were passed over */
};

/* The next object of at most so many bytes; false: there is none. A problem: no JSON, no object, a
 * name twice, a NUL, too large. */
bool json_row_next(struct json_row *r, struct data_bytes *in, size_t most);
void json_row_dispose(struct json_row *r);

#endif
