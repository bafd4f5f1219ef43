/*
 * The heatmap: rows are attributed tokens (the source side, then the target side), columns are
 * generated tokens, step scores lie below. State and drawing; no terminal. The state refers to an
 * aggregated sequence (scores [rows, G]) that its owner keeps alive. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_MAP_H
#define TINSEQ_VIEWS_MAP_H

#include "views/screens/map_lines.h"
#include "views/screens/map_number.h"
#include "views/screens/map_table.h"
#include "views/terminal/grid.h"
#include "views/widgets/scroll.h"

void map_init(struct map *m);
void map_dispose(struct map *m);
/* Shows another sequence, or the same after its numbers changed (every column's, or those of column
 * g alone with map_update_column). The cursor, the marks and the order stay as far as they fit. */
void map_show(struct map *m, const struct attribution_sequence *shown);
void map_update_column(struct map *m, int64_t g);

/* Position of a value among its column's by magnitude, from 1; 0 for NaN. Share: |value| ÷
 * Σ|column|. */
size_t map_rank(const struct map *m, size_t row, int64_t g);
float map_share(const struct map *m, size_t row, int64_t g);
void map_move(struct map *m, long rows, long columns);
/* To a line and a column. */
void map_go(struct map *m, size_t line, int64_t column);
/* To the largest magnitude of all. False: there is nothing but zeros. */
bool map_go_largest(struct map *m);
/* A run is over: a cursor that followed it goes to the first column that has anything but zeros. Of
 * rows that do not fit, to the largest there. */
void map_settle(struct map *m);
void map_set_order(struct map *m, enum map_order order);
/* Rows whose token contains `text` (letter case ignored) match; NULL or "" clears. The cursor goes
 * to the first match from where it is. */
void map_search(struct map *m, const char *text);
/* The next (+1) or previous (−1) match in rows; false: there is none. */
bool map_search_step(struct map *m, int direction);
size_t map_n_matches(const struct map *m);
/* The row of the next (+1) or previous (−1) value by size in the cursor's column. */
void map_step_peak(struct map *m, int direction);
/* Σ over the selected cells (the cursor's alone when none are), NaN left out. */
float map_selection_sum(const struct map *m, size_t *n_cells);

/* It is about to be drawn: what was shown anew and does not fit is seen at its largest value. */
void map_see(struct map *m);
/* Scrolls so that the cursor is inside an area of this size (the one that map_draw gets). */
void map_fit(struct map *m, int rows, int columns);
void map_center(struct map *m, int rows, int columns);
/* Rows and columns of cells that an area of this size shows. */
void map_page(const struct map *m, int rows, int columns, int *n_rows, int *n_columns);
/* What such an area hides of rows and columns. */
struct scroll map_scroll(const struct map *m, int rows, int columns);
/* A column's name in so many columns, the caller's: of "foil → token" the foil is cut first, and
 * the token stays as long as it fits. */
char *map_head(const struct map *m, const struct token *t, int columns);
/* Cells, rows' and columns' heads can be pressed (HIT_CELL, HIT_ROW by place on the screen,
 * HIT_COLUMN), and the headings that sort (HIT_SORT, the order). */
void map_draw(struct grid *g, struct area a, const struct map *m);

#endif
