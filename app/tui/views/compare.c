/* Runs side by side: two, or more. */
#include "app/tui/view.h"

#include "app/commands/command_table.h"
#include "app/tui/state.h"

#include <stdlib.h>

#define PAGE_COLUMNS 8

static void draw(struct grid *g, struct area body, struct app *a) {
    char *hint = app_hint("{PREVIOUS_COLUMN} {NEXT_COLUMN} column", false);
    a->compare.hint = a->many.hint = hint;
    if (a->many.n)
        compare_many_draw(g, body, &a->many);
    else
        compare_draw(g, body, &a->compare);
    a->compare.hint = a->many.hint = NULL;
    free(hint);
}

static void move_compare(struct app *a, long rows, long columns) {
    if (a->many.n)
        compare_many_move(&a->many, rows, columns);
    else
        compare_move(&a->compare, rows, columns);
}

static void page(const struct app *a, struct area body, int *rows, int *columns) {
    (void)a, (void)body, (void)rows;
    *columns = PAGE_COLUMNS;
}

static bool press(struct app *a, const struct hit *hit, const struct input_mouse *m) {
    const bool row = hit->kind == HIT_CELL || hit->kind == HIT_ROW,
               column = hit->kind == HIT_CELL || hit->kind == HIT_COLUMN;
    const size_t at_row = a->many.n ? a->many.row : a->compare.row,
                 at_column = a->many.n ? a->many.column : a->compare.column;
    (void)m;
    move_compare(a, row ? (long)hit->row - (long)at_row : 0,
                 column ? (long)hit->column - (long)at_column : 0);
    return row || column;
}

const struct view_ops view_compare = {.title = "Compare",
                                      .hints = "{LEFT}{DOWN}{UP}{RIGHT} move  {COMPARE_SCALE} "
                                               "shares  {SWAP} swap  {BACK} back  {HELP} help",
                                      .draw = draw,
                                      .move = move_compare,
                                      .page = page,
                                      .press = press,
                                      .back_to = VIEW_RUNS};
