/* What each of many rows says of its own text (texts, fields, candidates …), put into temporary
 * files as it is read and copied into the info of Inseq's JSON from there: memory is the same for
 * any number of rows. One thread at a time. */
#ifndef TINSEQ_APP_ROWS_LISTS_H
#define TINSEQ_APP_ROWS_LISTS_H

#include "backend/base/err.h"
#include "methods/result/attribution.h"
#include "views/export/result_json.h"

struct rows_lists;

/* `beside`: a file whose folder has room; nothing stays there. `primitives` as in export_how. */
struct rows_lists *rows_lists_new(const char *beside, bool primitives);
void rows_lists_free(struct rows_lists *l); /* NULL is legal */

/* The next row, of one sequence. Of the first, which stays the caller's until the end, nothing is
 * changed; of others all that methods/result/join.h would make longer lists of is taken away, with
 * their sequence. Errors: IO. */
enum err_code rows_lists_take(struct rows_lists *l, struct attribution *one,
                              struct err *e) ERR_CHECKED;
/* After the last: fits the first row's info for result_json_begin, with a place for each list.
 * Errors: IO. */
enum err_code rows_lists_end(struct rows_lists *l, struct attribution *first,
                             struct err *e) ERR_CHECKED;
/* What goes there; borrows `l`. */
struct result_json_fill rows_lists_fill(struct rows_lists *l);
/* Whether all of it could be read again. Errors: IO. */
enum err_code rows_lists_check(const struct rows_lists *l, struct err *e) ERR_CHECKED;

#endif
