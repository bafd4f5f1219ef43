/*
 * What the map is: its state, and what stands in its rows and columns. Refers to an aggregated
 * sequence (scores [rows, G]) that its owner keeps alive. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_MAP_TABLE_H
#define TINSEQ_VIEWS_MAP_TABLE_H

#include "methods/result/attribution.h"
#include "views/screens/context_view.h"

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
    const struct context_view *context;       /* borrowed; NULL: it is of no context */
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
    int64_t sorted_column; /* what MAP_ORDER_COLUMN sorts by: the cursor's, unless it selects */
    int zoom;              /* 0: widest cells */
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
/* Whether cells show a sign. */
bool map_is_signed(const struct map *m);

#endif
