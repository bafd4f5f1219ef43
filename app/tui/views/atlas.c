/* Layers and heads at a glance. */
#include "app/tui/view.h"

#include "app/commands/command_table.h"
#include "app/tui/shown.h"
#include "app/tui/state.h"

#include <stdlib.h>

static void enter_atlas(struct app *a) {
    const size_t row = map_cursor_row(&a->map);
    if (a->has_shown && row < a->map.n_rows)
        atlas_set_cell(&a->atlas,
                       app_raw_rows(a, a->map.rows[row].target, a->map.rows[row].index).from,
                       app_raw_columns(a, a->map.column).from);
    if (!atlas_has(app_sequence(a)))
        app_say(a, STYLE_NOTICE,
                "layers come with methods that look inside the model: attention has heads, too");
}

static void draw(struct grid *g, struct area body, struct app *a) {
    char *hint = app_hint("{OPEN_HEAD}: map", false);
    a->atlas.hint = hint;
    atlas_draw(g, body, &a->atlas);
    a->atlas.hint = NULL;
    free(hint);
}

/* Rows are layers; where there are no heads they are tokens. */
static void move_atlas(struct app *a, long rows, long columns) {
    if (a->atlas.has_heads)
        atlas_move(&a->atlas, rows, columns);
    else
        atlas_move(&a->atlas, columns, rows);
}

/* The grid's rows are layers and its columns heads; without heads tokens and layers. */
static void go(struct atlas *atlas, int64_t row, int64_t column) {
    if (atlas->has_heads)
        atlas_go(atlas, row, column);
    else
        atlas_go(atlas, column, row);
}

static bool press(struct app *a, const struct hit *hit, const struct input_mouse *m) {
    struct atlas *atlas = &a->atlas;
    const int64_t row = atlas->has_heads ? atlas->layer : atlas->row,
                  column = atlas->has_heads ? atlas->head : atlas->layer;
    (void)m;
    if (hit->kind == HIT_RANK)
        atlas_go_rank(atlas, hit->row);
    else if (hit->kind == HIT_CELL)
        go(atlas, hit->row, hit->column);
    else if (hit->kind == HIT_ROW)
        go(atlas, hit->row, column);
    else if (hit->kind == HIT_COLUMN)
        go(atlas, row, hit->column);
    else
        return false;
    return true;
}

/* Over the list of the strongest it goes by rank. */
static void wheel(struct app *a, const struct hit *hit, long rows, long columns) {
    if (hit->kind == HIT_RANK)
        atlas_step_rank(&a->atlas, rows + columns < 0 ? -1 : 1);
    else
        move_atlas(a, rows, columns);
}

const struct view_ops view_atlas = {
    .title = "Atlas",
    .hints = "{LEFT}{DOWN}{UP}{RIGHT} head  {PREVIOUS_PEAK} {NEXT_PEAK} rank  {METRIC} metric  "
             "{OPEN_HEAD}: on the map  {BACK} back  {HELP} help",
    .result = true,
    .enter = enter_atlas,
    .draw = draw,
    .move = move_atlas,
    .press = press,
    .wheel = wheel};
