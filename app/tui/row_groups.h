/*
 * The rows of a list put into a few groups by one of its columns: by its values, or numbers that
 * have many into quarters of as many rows each. Interface thread only.
 */
#ifndef TINSEQ_APP_ROW_GROUPS_H
#define TINSEQ_APP_ROW_GROUPS_H

#include "app/jobs/row_means.h"
#include "app/tui/row_list.h"

/* Fills the items, the groups and what they are called from the list's marked rows, or from all
 * that it shows. `column` < 0: one group. Rows that have nothing in the column, or a value that is
 * rarer than ROW_MEANS_MOST others, are in no group, and counted. */
void row_groups_make(struct row_means *to, const struct row_list *l, int column);

/* Fields that stand in the prompts of the rows: their words can be roles. */
void row_groups_find_roles(struct row_means *to, const struct row_list *l);

#endif
