/*
 * The atlas: one cell a layer and head of a result that has them (attention), beside it the
 * selected head's own map, below the strongest heads; where there are layers alone, a cell a token
 * and layer for one step. Several layers' [rows, G, L, width] are taken as the norms over the
 * width, [rows, G, L]. State and drawing; no terminal. Refers to a raw sequence that its owner
 * keeps alive. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_ATLAS_H
#define TINSEQ_VIEWS_ATLAS_H

#include "views/screens/atlas_state.h"

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
/* Attention sinks are NaN then, or as they are. */
void atlas_set_sinks(struct atlas *a, enum sinks_choice choice);
float atlas_value(const struct atlas *a, int64_t layer, int64_t head);
size_t atlas_rank(const struct atlas *a, int64_t layer, int64_t head); /* from 1 */
const char *atlas_metric_title(enum atlas_metric metric);

/* Heads can be pressed: HIT_CELL, HIT_ROW and HIT_COLUMN by layer and head (by token and layer
 * where there are no heads), HIT_RANK in the list of the strongest. */
void atlas_draw(struct grid *g, struct area area, struct atlas *a);

#endif
