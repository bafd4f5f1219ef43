/*
 * Means of groups of a file's rows, computed in the background: what a person asks for, and what
 * comes of it. Filled by the interface thread, then the background's until it is over.
 */
#ifndef TINSEQ_APP_ROW_MEANS_H
#define TINSEQ_APP_ROW_MEANS_H

#include "app/files/result_rows.h"
#include "backend/base/err.h"
#include "methods/result/attribution.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROW_MEANS_MOST 8 /* groups: as many as can be compared at once */

struct background;

struct row_mean {
    char *label;                /* "language = pt"; NULL: of all rows */
    struct attribution *result; /* NULL: of no row */
    size_t n;                   /* rows that are in it */
};

/* All owned, but the rows of the file. */
struct row_means {
    struct result_rows *rows;
    uint32_t *items;   /* [n] rows of the file */
    uint8_t *group_of; /* [n] indices of groups */
    size_t n;
    struct row_mean groups[ROW_MEANS_MOST];
    size_t n_groups;
    char **fields; /* [n_fields] whose words are roles */
    size_t n_fields;
    bool by_role;
    char *of;            /* "facts.jsonl" */
    size_t n_left_out;   /* rows that are in no group */
    size_t n_failed;     /* rows of groups that are in no mean */
    char *first_failure; /* why; NULL: none failed */
};

void row_means_free(struct row_means *m);
/* Computes them; `user` is a struct row_means. Errors: CANCELLED; SHAPE where no row could be used.
 */
enum err_code row_means_run(struct background *b, void *user, struct err *e) ERR_CHECKED;

#endif
