/*
 * The atlas: one cell a layer and head of a result that has them (attention), beside it the
 * selected head's own map, below the strongest heads; where there are layers alone, a cell a token
 * and layer for one step. Several layers' [rows, G, L, width] are taken as the norms over the
 * width, [rows, G, L]. State and drawing; no terminal. Refers to a raw sequence that its owner
 * keeps alive. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_ATLAS_H
#define TINSEQ_VIEWS_ATLAS_H

#include "methods/result/attribution.h"
#include "views/terminal/grid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a layer's and head's cell stands for. CELL: the value at the map's cell; MEAN, MAX: of
 * |value| over all cells that are done; ENTROPY: of the columns, in bits, mean over columns
 * (spread-out heads are high). */
enum atlas_metric { ATLAS_CELL, ATLAS_MEAN, ATLAS_MAX, ATLAS_ENTROPY, ATLAS_METRICS };

/* Which scores: a result may have several with layers and heads. */
struct atlas_side {
    const char *title;           /* "cross-attention", "encoder_self_attentions" */
    const struct scores *scores; /* [rows, columns, L] or [rows, columns, L, H] */
    const struct token_list *row_tokens, *column_tokens;
    int64_t first_column_token; /* column c is column_tokens' item first_column_token + c */
    bool steps;                 /* columns are attributed steps: not all may be done */
    bool target;                /* rows are the target's tokens */
};
#define ATLAS_SIDES_MOST 6

/* Small pictures of all heads of a side: views/screens/atlas_pictures.h. */
struct atlas_pictures {
    float *values; /* [L, H, height, width], [−1, 1] by the head's own largest; NaN: nothing */
    int width, height; /* 0: there are none, or they are of other scores */
    bool signs;        /* some are negative */
};

struct atlas {
    const struct attribution_sequence *shown; /* borrowed; NULL: nothing */
    struct atlas_pictures pictures;           /* made when they are first drawn */
    struct scores norms[2]; /* owned: of the source's and target's scores with layers and width */
    /* the data that they are of: a column is reduced once, when it is done */
    const float *norms_of[2];
    bool *norms_done[2]; /* [G] */
    struct atlas_side sides[ATLAS_SIDES_MOST];
    size_t n_sides, i_side;
    int64_t n_layers, n_heads; /* of the side; n_heads 1 where there are none */
    bool has_heads;
    enum atlas_metric metric;
    float *values;       /* [L, H] by metric; NaN: nothing done yet */
    float magnitude;     /* largest |value| */
    size_t *ranking;     /* [L × H] cells, largest |value| first */
    bool by_rank;        /* cells are dimmed but for the first ten */
    int64_t layer, head; /* the cursor */
    bool walking;        /* by rank: the next step goes on from there */
    bool entered;        /* somebody has looked at this result here */
    int64_t row, column; /* the map's cell */
    const char *hint;    /* in the head's corner: "Enter: map"; NULL: nothing. Of its owner */
    const char *without; /* what is said where there are no layers, sanitised. Of its owner */
    int64_t top,
        left; /* first layer and head on the screen; without heads: first token and layer */
};

void atlas_init(struct atlas *a);
void atlas_dispose(struct atlas *a);
/* True when the sequence has scores with layers. */
bool atlas_has(const struct attribution_sequence *s);
/* Shows a sequence, or the same again after more columns were done; cursor and side stay as far as
 * they fit. */
void atlas_show(struct atlas *a, const struct attribution_sequence *shown);
void atlas_set_metric(struct atlas *a, enum atlas_metric metric);
void atlas_set_side(struct atlas *a, size_t i_side);
/* The cell that heads are ranked by: row of this side, column. */
void atlas_set_cell(struct atlas *a, int64_t row, int64_t column);
/* The map's cell: on the side that has its row, and of another than before the strongest head. */
void atlas_enter(struct atlas *a, bool target, int64_t row, int64_t column);
/* Without heads, `head` is the token's row. */
void atlas_move(struct atlas *a, long layers, long heads);
void atlas_go(struct atlas *a, int64_t layer, int64_t head);
/* Another cell: the cursor stays at its head. */
void atlas_move_cell(struct atlas *a, long rows, long columns);
/* To the next weaker (+1) or stronger (−1) head; from elsewhere than a rank, or when the ranks are
 * others, to the strongest first. */
void atlas_step_rank(struct atlas *a, int direction);
/* To the head of a rank, from 0. */
void atlas_go_rank(struct atlas *a, int64_t rank);
float atlas_value(const struct atlas *a, int64_t layer, int64_t head);
size_t atlas_rank(const struct atlas *a, int64_t layer, int64_t head); /* from 1 */
const char *atlas_metric_title(enum atlas_metric metric);

/* Heads can be pressed: HIT_CELL, HIT_ROW and HIT_COLUMN by layer and head (by token and layer
 * where there are no heads), HIT_RANK in the list of the strongest. */
void atlas_draw(struct grid *g, struct area area, struct atlas *a);

#endif
