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

static bool hit(struct app *a, struct area body, const struct input_mouse *m) {
    int64_t layer, head;
    if (!atlas_hit(&a->atlas, body, m->row, m->column, &layer, &head))
        return false;
    atlas_go(&a->atlas, layer, head);
    return true;
}

const struct view_ops view_atlas = {
    .title = "Atlas",
    .hints = "{LEFT}{DOWN}{UP}{RIGHT} head  {PREVIOUS_PEAK} {NEXT_PEAK} rank  {METRIC} metric  "
             "{OPEN_HEAD}: on the map  {BACK} back  {HELP} help",
    .result = true,
    .enter = enter_atlas,
    .draw = draw,
    .move = move_atlas,
    .hit = hit,
    .double_click = INPUT_ENTER};
