/*
 * The heatmap: rows are attributed tokens (the source side, then the target side), columns are
 * generated tokens, step scores lie below. State and drawing; no terminal. The state refers to an
 * aggregated sequence (scores [rows, G]) that its owner keeps alive. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_MAP_H
#define TINSEQ_VIEWS_MAP_H

#include "methods/result/attribution.h"
#include "views/terminal/grid.h"
#include "views/widgets/scroll.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a cell's colour stands for. LOG: the magnitude's logarithm over three decades, signed where
 * the scores are. */
enum map_scale { MAP_LINEAR, MAP_MAGNITUDE, MAP_LOG, MAP_SCALES };
/* What full colour is: the largest magnitude of the whole map, of the column, or of the row. */
enum map_range { MAP_RANGE_ALL, MAP_RANGE_COLUMN, MAP_RANGE_ROW, MAP_RANGES };
enum map_order { MAP_ORDER_TEXT, MAP_ORDER_COLUMN, MAP_ORDER_SUM, MAP_ORDERS };
#define MAP_ZOOMS 6

/* Rows that do not fit: whether small ones next to each other are one line. LONG: where there are
 * more rows than fit. */
enum map_fold { MAP_FOLD_LONG, MAP_FOLD_NOTHING, MAP_FOLD_SMALL };

struct map_row {
    bool target;          /* of the target side */
    int64_t index;        /* of its token there */
    float sum, magnitude; /* over finished columns: Σ value (NaN: none), max |value| */
    bool marked, match;
    bool opened; /* taken out of a fold */
};
/* A line of the screen: order[from] … order[from + n − 1]. More than one is a fold. */
struct map_line {
    size_t from, n;
};

struct map {
    const struct attribution_sequence *shown; /* borrowed; NULL: nothing to show */
    struct map_row *rows;                     /* [n_rows], in text order */
    size_t n_rows;
    size_t *order;          /* [n_rows], rows as they stand on the screen */
    struct map_line *lines; /* [n_lines] of them */
    size_t n_lines;
    enum map_fold fold;
    float fold_below; /* what folded rows are below; 0: nothing is folded */
    size_t page;      /* rows that fit, as last drawn; 0: not drawn yet */
    bool unseen;      /* shown anew: the first time it is drawn it opens where something is seen */
    float *column_magnitude; /* [G] */
    float magnitude;         /* of all */
    bool any_negative, both_sides;
    int label_columns; /* of the longest token of a row */
    int64_t n_columns;

    enum map_scale scale;
    enum map_range range;
    enum map_order sorted;
    int zoom; /* 0: widest cells */
    bool numbers, raw_tokens, follow;
    bool stopped; /* columns that are not done will not come: "x" instead of "." */
    size_t row;   /* the cursor: an index into `lines` */
    int64_t column;
    size_t top; /* first line and column on the screen */
    int64_t left;
    bool selecting;    /* a range from the anchor to the cursor */
    size_t anchor_row; /* a line */
    int64_t anchor_column;
    char *search; /* owned; NULL: none */
};

void map_init(struct map *m);
void map_dispose(struct map *m);
/* Shows another sequence, or the same after its numbers changed (every column's, or those of column
 * g alone with map_update_column). The cursor, the marks and the order stay as far as they fit. */
void map_show(struct map *m, const struct attribution_sequence *shown);
void map_update_column(struct map *m, int64_t g);

/* NaN: not computed yet, or a position that the step cannot see. `row` counts in text order. */
float map_value(const struct map *m, size_t row, int64_t g);
/* Whether NaN in this cell is a number that could not be computed. */
bool map_sees(const struct map *m, size_t row, int64_t g);
bool map_column_done(const struct map *m, int64_t g);
/* The token of a row in text order, and the one that column g explains. */
const struct token *map_row_token(const struct map *m, size_t row);
const struct token *map_column_token(const struct map *m, int64_t g);
/* Text of the token itself where its name is of a contrast ("foil → token"); borrowed. */
const char *map_own_text(const struct token *t);
/* A column's name in so many columns, the caller's: of "foil → token" the foil is cut first, and
 * the token stays as long as it fits. */
char *map_head(const struct map *m, const struct token *t, int columns);
/* The cursor's row in text order; n_rows when the map is empty or the cursor on a fold. */
size_t map_cursor_row(const struct map *m);
/* The same, of a fold its first row; 0 when the map is empty. */
size_t map_place(const struct map *m);
bool map_on_fold(const struct map *m);
size_t map_n_folded(const struct map *m); /* rows in folds */
/* Opens the fold under the cursor; the cursor stays on its first row. */
void map_open_fold(struct map *m);
/* Folds that were opened close. */
void map_set_fold(struct map *m, enum map_fold wanted);
/* The selected rows, or the cursor's: a part of `order`, n of them. */
struct map_line map_selected(const struct map *m);
/* Σ over a line's rows in column g, −1: over all columns; NaN: none has a value. */
float map_line_value(const struct map *m, size_t line, int64_t g);
/* Position of a value among its column's by magnitude, from 1; 0 for NaN. Share: |value| ÷
 * Σ|column|. */
size_t map_rank(const struct map *m, size_t row, int64_t g);
float map_share(const struct map *m, size_t row, int64_t g);
/* Its part of Σ|column|; NaN for a column of zeros. */
float map_line_share(const struct map *m, size_t line, int64_t g);

void map_move(struct map *m, long rows, long columns);
/* To a line and a column. */
void map_go(struct map *m, size_t line, int64_t column);
/* To a row in text order; out of its fold. */
void map_go_row(struct map *m, size_t row);
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

/* Scrolls so that the cursor is inside an area of this size (the one that map_draw gets). */
void map_fit(struct map *m, int rows, int columns);
void map_center(struct map *m, int rows, int columns);
/* Rows and columns of cells that an area of this size shows. */
void map_page(const struct map *m, int rows, int columns, int *n_rows, int *n_columns);
/* What such an area hides of rows and columns. */
struct scroll map_scroll(const struct map *m, int rows, int columns);
/* Cells, rows' and columns' heads can be pressed (HIT_CELL, HIT_ROW by place on the screen,
 * HIT_COLUMN), and the headings that sort (HIT_SORT, the order). */
void map_draw(struct grid *g, struct area a, const struct map *m);

/* A number in `columns` characters ("+.42", "-1.3", "+1e5"), with a plus sign when `sign`. */
void map_number(char *buf, size_t n_buf, float value, int columns, bool sign);

#endif
