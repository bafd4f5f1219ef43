/*
 * Where the map's parts lie in an area: the rows' labels at the left, the columns' heads on top,
 * the cells, the step scores below. Columns, then labels, grow into what is free until their
 * tokens stand there whole. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_MAP_GEOMETRY_H
#define TINSEQ_VIEWS_MAP_GEOMETRY_H

#include "views/screens/map_table.h"

/* Cells of fewer columns have no numbers: a blank stands on either side for the cursor's brackets.
 */
#define MAP_NUMBER_CELL 6
#define MAP_SUM_COLUMNS 8
#define MAP_GROWING 64 /* columns from the left that grow */

struct map_geometry {
    int label, index; /* columns of a row's label, and of the marks and number in it */
    int cell, header;
    int room;              /* lines that there is room for */
    int n_rows, n_columns; /* lines and columns of cells that fit */
    int scores_row;        /* first of the step scores' rows */
    int n_scores;
    int sum_column; /* −1: no room */
    int strip;      /* the column of the rows' overview, −1: none, all rows fit */
    int strip_row;  /* the row of the columns' overview, −1: none */
    unsigned char more[MAP_GROWING]; /* by how much each has grown */
};

struct map_geometry map_measure(const struct map *m, int rows, int columns);
/* Where the c-th column on the screen begins in the area, and how wide it is. */
int map_column_at(const struct map_geometry *y, int c);
int map_column_wide(const struct map_geometry *y, int c);

#endif
