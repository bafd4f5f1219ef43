/*
 * Two results side by side: rows and columns aligned by token, the difference, and how far they
 * agree. Refers to two aggregated sequences ([rows, G]). State and drawing; no terminal. Interface
 * thread only.
 */
#ifndef TINSEQ_VIEWS_COMPARE_H
#define TINSEQ_VIEWS_COMPARE_H

#include "methods/result/attribution.h"
#include "views/terminal/grid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* RAW: scores as they are; SHARE: each divided by its column's Σ|score|, so that methods of
 * different size compare. */
enum compare_scale { COMPARE_RAW, COMPARE_SHARE, COMPARE_SCALES };

/* A pair of rows or columns; −1: the other result has none. */
struct compare_pair {
    int64_t a, b;
};

struct compare_side {
    const struct attribution_sequence *shown; /* borrowed */
    const char *title;                        /* borrowed: "7 integrated_gradients" */
};

/* How two columns agree, over the rows that both have. NaN where it cannot be said. */
struct compare_agreement {
    float spearman;
    int top, top_of;   /* rows among the largest five of both */
    int sign, sign_of; /* rows with the same sign, of those where neither is 0 */
    float largest;     /* max |a − b| */
};

struct compare {
    struct compare_side a, b;
    struct compare_pair *rows, *columns;
    size_t n_rows, n_columns;
    struct compare_agreement *agreement; /* [n_columns], by the present scale */
    struct compare_agreement overall;
    enum compare_scale scale;
    float *column_size[2]; /* Σ|score| of each of A's and of B's own columns */
    float magnitude[3];    /* largest |value| of A, B, and of the difference */
    size_t row, column, top, left;
    const char *hint; /* in the column's corner: "< > column"; NULL: nothing. Of its owner */
};

void compare_init(struct compare *c);
void compare_dispose(struct compare *c);
void compare_show(struct compare *c, struct compare_side a, struct compare_side b);
void compare_swap(struct compare *c);
void compare_set_scale(struct compare *c, enum compare_scale scale);
void compare_move(struct compare *c, long rows, long columns);
/* Value of an aligned row and column in A (0), B (1), or A − B (2); NaN where one is missing. */
float compare_value(const struct compare *c, int which, size_t row, size_t column);
/* Token of a row (source side first, then target side) of one of the results; NULL outside. */
const struct token *compare_row_token(const struct attribution_sequence *s, int64_t row);
/* Cells, rows' and columns' heads can be pressed (HIT_CELL, HIT_ROW, HIT_COLUMN). */
void compare_draw(struct grid *g, struct area area, struct compare *c);

/* Pairs two token lists by a longest common subsequence of their texts; what lies between equal
 * ones is paired in order. Returns the number of pairs (at most n_a + n_b); *pairs is owned by the
 * caller. */
size_t compare_align(struct compare_pair **pairs, const struct token *const *a, size_t n_a,
                     const struct token *const *b, size_t n_b);
struct compare_agreement compare_agree(const float *a, const float *b, size_t n);

#endif
