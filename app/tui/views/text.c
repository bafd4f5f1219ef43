/* One column as running text. */
#include "app/tui/view.h"

#include "app/commands/command_table.h"
#include "app/tui/context_shown.h"
#include "app/tui/shown.h"
#include "app/tui/state.h"
#include "app/tui/views/map_panes.h"
#include "app/tui/views/nothing.h"
#include "backend/base/mem.h"

#include <stdlib.h>

#define LEAST_ROWS 12 /* with fewer, the text alone */

static void enter_text(struct app *a) {
    a->text.column = a->map.column;
}

/* What rows and columns are where they are not the run's tokens, owned by the caller; "": they are.
 */
static char *what_is_shown(const struct app *a) {
    static const char *const norms[] = {
        [NORM_COLUMNS] = "", [NORM_NONE] = "as computed   ", [NORM_LARGEST] = "largest is 1   "};
    const struct unit *unit = a->has_shown ? a->reduction.unit : NULL;
    struct text_buffer b = {0};
    char *next = unit ? app_hint("{UNIT}: next unit", false) : NULL;
    if (unit)
        text_buffer_format(&b, "%s%s, their tokens' scores summed   %s   ", unit->title,
                           app_unit_side_name(a->reduction.unit_side), next);
    if (a->has_shown)
        text_buffer_puts(&b, norms[a->reduction.norm]);
    if (a->has_shown && app_bytes_joined(a))
        text_buffer_puts(&b, "bytes joined   ");
    if (a->has_shown && app_hidden_special(a))
        text_buffer_format(&b, "%zu special hidden", app_hidden_special(a));
    free(next);
    text_buffer_puts(&b, "");
    return text_buffer_take(&b);
}

/* Without the line that tells of that. */
static struct area text_area(const char *shown, struct area body) {
    if (*shown && body.rows > 1) {
        body.row++;
        body.rows--;
    }
    return body;
}

static void draw(struct grid *g, struct area body, struct app *a) {
    if (app_show_context(a) && body.rows > LEAST_ROWS) {
        struct area context = area_take_top(&body, 2);
        area_take_left(&context, 1);
        pane_context(g, context, a);
    }
    char *shown = what_is_shown(a);
    const struct area text = text_area(shown, body);
    if (text.rows < body.rows)
        grid_put_fit(g, body, 0, 1, body.columns - 2, STYLE_NOTICE, shown, false);
    free(shown);
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

static const char *hints_text(const struct app *a) {
    if (a->text.context && a->text.context->n)
        return "{LEFT} {RIGHT} column  {NEXT_CHANGED} {PREVIOUS_CHANGED} changed tokens  {TO_CUE} "
               "to "
               "the cue, back  {OPEN_MAP}: map  {HELP} help";
    return hints_of_nothing(a);
}

const struct view_ops view_text = {
    .title = "Text",
    .hints =
        "{LEFT} {RIGHT} column  {SEARCH} search  {CONTRAST} contrast  {OPEN_MAP}: map  {HELP} help",
    .hints_now = hints_text,
    .result = true,
    .enter = enter_text,
    .draw = draw,
    .move = move_text,
    .press = press};
