/* Two runs side by side. */
#include "app/tui/view.h"

#include "app/commands/command_table.h"
#include "app/tui/state.h"

#include <stdlib.h>

#define PAGE_COLUMNS 8

static void draw(struct grid *g, struct area body, struct app *a) {
    char *hint = app_hint("{PREVIOUS_COLUMN} {NEXT_COLUMN} column", false);
    a->compare.hint = hint;
    compare_draw(g, body, &a->compare);
    a->compare.hint = NULL;
    free(hint);
}

static void move_compare(struct app *a, long rows, long columns) {
    compare_move(&a->compare, rows, columns);
}

static void page(const struct app *a, struct area body, int *rows, int *columns) {
    (void)a, (void)body, (void)rows;
    *columns = PAGE_COLUMNS;
}

static bool hit(struct app *a, struct area body, const struct input_mouse *m) {
    size_t row, column;
    if (!compare_hit(&a->compare, body, m->row, m->column, &row, &column))
        return false;
    compare_move(&a->compare, (long)row - (long)a->compare.row,
                 (long)column - (long)a->compare.column);
    return true;
}

const struct view_ops view_compare = {.title = "Compare",
                                      .hints = "{LEFT}{DOWN}{UP}{RIGHT} move  {COMPARE_SCALE} "
                                               "shares  {SWAP} swap  {BACK} back  {HELP} help",
                                      .draw = draw,
                                      .move = move_compare,
                                      .page = page,
                                      .hit = hit,
                                      .back_to = VIEW_RUNS};
