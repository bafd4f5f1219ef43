/*
 * From the current run's raw scores to what the views show. Interface thread only.
 */
#ifndef TINSEQ_APP_SHOWN_H
#define TINSEQ_APP_SHOWN_H

#include "aggregators/grouping.h"
#include "app/tui/state.h"
#include "backend/base/err.h"
#include "methods/result/attribution.h"

#include <stdint.h>

/* Another run is the current one; NULL: none. The order of rows, the cursor and the layer and head
 * stay with the run that they were chosen for. */
void app_set_current(struct app *a, struct run *r);
/* Aggregates the current run anew, all of it or column g alone, and hands it to the views. */
void app_aggregate(struct app *a);
void app_aggregate_column(struct app *a, int64_t g);
/* All texts of a result, reduced as the current one is on the screen; released by the caller.
 * Errors: SHAPE (scores that this reduction does not fit), NOMEM. */
enum err_code app_aggregate_all(struct attribution **out, const struct app *a,
                                const struct attribution *result, struct err *e) ERR_CHECKED;
/* Makes rows and columns of another unit; NULL: tokens. `pattern` is of the unit regex, else NULL.
 * The cursor stays where it is in the text. */
void app_set_unit(struct app *a, const struct unit *unit, enum app_unit_side side,
                  const char *pattern);
/* Special tokens, and bytes of one character: shown by themselves, or not. The cursor stays where
 * it is in the text. */
void app_set_special(struct app *a, bool hidden);
void app_set_bytes(struct app *a, bool apart);
/* Special tokens that are left out now; whether bytes are joined now. */
size_t app_hidden_special(const struct app *a);
bool app_bytes_joined(const struct app *a);
/* "", " (rows)" or " (columns)". */
const char *app_unit_side_name(enum app_unit_side side);
/* Joins tokens [from, to) of the current run's source or target to one row and column, or takes all
 * apart again. Whether any are joined. */
void app_join(struct app *a, bool target, struct token_span span);
void app_take_apart(struct app *a);
bool app_joined(const struct app *a);
/* Columns of the run's own sequence that a column of what is shown is made of, and rows that a row
 * is made of. */
struct token_span app_raw_columns(const struct app *a, int64_t g);
struct token_span app_raw_rows(const struct app *a, bool target, int64_t index);
/* The map's cursor goes to the row and column that one of the run's own is in. */
void app_go_raw(struct app *a, bool target, int64_t row, int64_t column);
/* The token that the run's foil is in a column of what is shown; −1: not known, or there is none.
 */
int32_t app_foil_of_column(const struct app *a, int64_t g);
/* The current run's first sequence as it was computed, NULL when there is none. Borrowed. */
struct attribution_sequence *app_sequence(const struct app *a);
/* Its layers and heads: 0 where it has none. */
void app_layers_heads(const struct app *a, int64_t *layers, int64_t *heads);

#endif
