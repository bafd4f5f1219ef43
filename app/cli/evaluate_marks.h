/* What a person marked in several texts, from a file or from the fields that results of a data set
 * keep: --rationale_file and --rationale_column, in the place of --rationale's values. Main thread
 * only. */
#ifndef TINSEQ_APP_CLI_EVALUATE_MARKS_H
#define TINSEQ_APP_CLI_EVALUATE_MARKS_H

#include "app/cli/options.h"
#include "app/dataset/dataset.h"
#include "methods/result/attribution.h"

/* The column where none is named. */
#define EVALUATE_MARKS_COLUMN "rationale"

struct evaluate_marks {
    char **texts; /* owned, [n]; NULL: nothing is marked in that text */
    size_t n;
};
void evaluate_marks_dispose(struct evaluate_marks *m);

/* Lines of a file, or a column of a .csv, .tsv or .jsonl; nothing without --rationale_file. A list
 * of JSON is of words, and of pairs of tokens. Errors: USAGE (two sources, no such column), IO,
 * FORMAT. */
enum err_code evaluate_marks_read(struct evaluate_marks *out, const struct cli_arguments *a,
                                  struct err *e) ERR_CHECKED;
/* Appends those of a row. FORMAT: it has a problem, or the column something else. */
enum err_code evaluate_marks_add(struct evaluate_marks *m, const struct data_row *row,
                                 const char *column, struct err *e) ERR_CHECKED;
/* Appends those of a result's texts, from the fields that it keeps. USAGE: it has none of that
 * name. */
enum err_code evaluate_marks_of_result(struct evaluate_marks *out, const struct attribution *r,
                                       const char *column, struct err *e) ERR_CHECKED;
/* They are now what --rationale says; borrowed. */
void evaluate_marks_give(struct cli_arguments *to, const struct evaluate_marks *m);

#endif
