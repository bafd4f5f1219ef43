/* What happened in this session. */
#include "app/tui/view.h"

#include "app/tui/state.h"

static void draw(struct grid *g, struct area body, struct app *a) {
    log_view_draw(g, body, &a->log);
}

static void move_log(struct app *a, long rows, long columns) {
    (void)columns;
    log_view_move(&a->log, rows);
}

const struct view_ops view_log = {.title = "Log",
                                  .hints = "{DOWN} {UP} scroll  {BACK} back  {HELP} help",
                                  .draw = draw,
                                  .move = move_log};
