/*
 * Prompt and generated text as running text, each token on the colour of its value for one column,
 * the three largest underlined and numbered. Tokens that are parts of one character are joined.
 * Refers to an aggregated sequence ([rows, G]). Interface thread only.
 */
#ifndef TINSEQ_VIEWS_TEXT_VIEW_H
#define TINSEQ_VIEWS_TEXT_VIEW_H

#include "methods/result/attribution.h"
#include "views/screens/context_view.h"
#include "views/terminal/grid.h"

#include <stdbool.h>
#include <stdint.h>

/* A token that is looked at instead of the column's own, while that is this column. */
struct text_focus {
    bool on, target;
    int64_t index, column;
};

struct text_view {
    const struct attribution_sequence *shown; /* borrowed; NULL: nothing */
    int64_t column;
    int64_t n_span;  /* so many tokens before the explained one are what its column is about, and it
                        only names them; 0: it stands for itself */
    int top, n_rows; /* first row of text on the screen; n_rows: as last drawn */
    const struct context_view *context; /* borrowed; NULL: it is of no context */
    struct text_focus focus;            /* brought onto the screen, and reversed */
    int64_t brought; /* the column whose token was brought onto the screen, from 1, or the token
                        that is looked at, from −1 down; 0: none yet */
};

void text_view_show(struct text_view *v, const struct attribution_sequence *shown);
void text_view_move(struct text_view *v, long columns, long rows);
/* The tokens that columns explain can be pressed (HIT_TEXT, the column). */
void text_view_draw(struct grid *g, struct area a, struct text_view *v);

#endif
