/* The atlas's state, as views/screens/atlas.h describes it: the data alone. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_ATLAS_STATE_H
#define TINSEQ_VIEWS_ATLAS_STATE_H

#include "aggregators/sinks.h"
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
    struct sinks sinks[ATLAS_SIDES_MOST];    /* of each side, once all of its columns are done */
    const float *sinks_of[ATLAS_SIDES_MOST]; /* the data that they were found in */
    enum sinks_choice sinks_choice;
    float *rest;               /* [G, L, H] 1 ÷ what is no sink's; NULL: scores are as they are */
    const float *rest_of;      /* of these data */
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
    const char *below;   /* a line below all, sanitised; NULL: none. Of its owner */
    int64_t top,
        left; /* first layer and head on the screen; without heads: first token and layer */
};

#endif
