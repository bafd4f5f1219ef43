/*
 * Columns beside results: a file of CSV, TSV or JSON lines whose rows belong to the results' texts,
 * one after the other, or by what a text has in a field. Untrusted. One thread at a time.
 */
#ifndef TINSEQ_APP_STATISTICS_TABLE_H
#define TINSEQ_APP_STATISTICS_TABLE_H

#include "methods/result/attribution.h"

struct stats_table;

/* `key`: the column that texts have a field of the same name, or their input or generated text, of;
 * the table is then kept in memory. NULL: row after row. The path is borrowed. Errors: IO, FORMAT;
 * USAGE: no such column, a key twice. */
enum err_code stats_table_open(struct stats_table **out, const char *path, const char *key,
                               struct err *e) ERR_CHECKED;
void stats_table_close(struct stats_table *t); /* NULL is legal */

/* The row of the next text as a JSON object, owned by the caller. Errors: IO, FORMAT; USAGE: the
 * table has no such row. */
enum err_code stats_table_find(char **out, struct stats_table *t, const struct result_info *info,
                               struct err *e) ERR_CHECKED;
/* The next text cannot be read: of rows in order, its row is passed over. */
void stats_table_pass(struct stats_table *t);
/* Rows behind the last text's. Of keys: rows that no text asked for. */
size_t stats_table_left(struct stats_table *t);

#endif
