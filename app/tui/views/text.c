/* One column as running text. */
#include "app/tui/view.h"

#include "app/commands/command_table.h"
#include "app/tui/shown.h"
#include "app/tui/state.h"
#include "app/tui/views/nothing.h"

#include <stdlib.h>

static void enter_text(struct app *a) {
    a->text.column = a->map.column;
}

/* Without the line that tells of a unit. */
static struct area text_area(const struct app *a, struct area body) {
    if (a->reduction.unit && a->has_shown && body.rows > 1) {
        body.row++;
        body.rows--;
    }
    return body;
}

static void draw(struct grid *g, struct area body, struct app *a) {
    const struct area text = text_area(a, body);
    if (text.rows < body.rows) {
        char *line = app_hint("{UNIT}: next unit", false);
        grid_format(g, body, 0, 1, STYLE_NOTICE, "%s%s, their tokens' scores summed   %s",
                    a->reduction.unit->title, app_unit_side_name(a->reduction.unit_side), line);
        free(line);
    }
    text_view_draw(g, text, &a->text);
}

/* The map's cursor goes along. */
static void move_text(struct app *a, long rows, long columns) {
    text_view_move(&a->text, columns, rows);
    if (!columns)
        return;
    map_go(&a->map, a->map.row, a->text.column);
    a->map.follow = false;
}

static bool press(struct app *a, const struct hit *hit, const struct input_mouse *m) {
    (void)m;
    if (hit->kind != HIT_TEXT || hit->column < 0)
        return false;
    move_text(a, 0, (long)(hit->column - a->text.column));
    return true;
}

const struct view_ops view_text = {
    .title = "Text",
    .hints =
        "{LEFT} {RIGHT} column  {SEARCH} search  {CONTRAST} contrast  {OPEN_MAP}: map  {HELP} help",
    .hints_now = hints_of_nothing,
    .result = true,
    .enter = enter_text,
    .draw = draw,
    .move = move_text,
    .press = press};
