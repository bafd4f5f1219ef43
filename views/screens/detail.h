/*
 * What there is to know about the map's cursor: the two tokens, the value and its place among the
 * column's, the step's scores, and the model's own candidates at that step. Pure. Interface thread
 * only.
 */
#ifndef TINSEQ_VIEWS_DETAIL_H
#define TINSEQ_VIEWS_DETAIL_H

#include "views/screens/map.h"
#include "views/terminal/grid.h"

#include <stdint.h>

struct detail {
    const struct map *map;
    const char *function; /* what is attributed: "contrast_logits_diff" */
    int32_t foil_id;      /* marked among the candidates; −1: none */
    const char *hint;     /* beside the candidates: "c: contrast"; NULL: nothing */
    const char *span;     /* what the one column stands for: "6:9, sum"; NULL: columns are steps */
};

/* Below this many rows it is drawn as lines, else as a list. */
#define DETAIL_SHORT_ROWS 4
void detail_draw(struct grid *g, struct area a, const struct detail *d);

#endif
