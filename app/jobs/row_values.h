/*
 * What a list shows of one row, taken from its result. For row_table.c, which gathers them. Any
 * thread.
 */
#ifndef TINSEQ_APP_ROW_VALUES_H
#define TINSEQ_APP_ROW_VALUES_H

#include "app/jobs/row_table.h"
#include "methods/result/attribution.h"

/* Who takes the values; text NULL: a number alone. Borrowed during the call. */
struct row_sink {
    void (*put)(void *user, enum row_column_kind kind, const char *name, const char *text,
                double number);
    void *user;
};

/* Of a result of one sequence. */
void row_values(const struct attribution *a, const struct row_sink *sink);

#endif
