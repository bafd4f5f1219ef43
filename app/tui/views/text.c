/* One column as running text. */
#include "app/tui/view.h"

#include "app/tui/state.h"

static void enter_text(struct app *a) {
    a->text.column = a->map.column;
}

static void draw(struct grid *g, struct area body, struct app *a) {
    text_view_draw(g, body, &a->text);
}

/* The map's cursor goes along. */
static void move_text(struct app *a, long rows, long columns) {
    text_view_move(&a->text, columns, rows);
    if (!columns)
        return;
    map_go(&a->map, a->map.row, a->text.column);
    a->map.follow = false;
}

static bool hit(struct app *a, struct area body, const struct input_mouse *m) {
    int64_t at = text_view_hit(&a->text, body, m->row, m->column);
    if (at < 0)
        return false;
    move_text(a, 0, (long)(at - a->text.column));
    return true;
}

const struct view_ops view_text = {
    .title = "Text",
    .hints =
        "{LEFT} {RIGHT} column  {SEARCH} search  {CONTRAST} contrast  {OPEN_MAP}: map  {HELP} help",
    .result = true,
    .enter = enter_text,
    .draw = draw,
    .move = move_text,
    .hit = hit};
