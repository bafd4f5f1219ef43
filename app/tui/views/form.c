/* The form while it has the keys: over the map, or beside it where there is room. */
#include "app/tui/view.h"

#include "app/tui/state.h"

static void draw_form(struct grid *g, struct area body, struct app *a) {
    view_map.draw(g, body, a);
}

static void move_form(struct app *a, long rows, long columns) {
    form_step(&a->form.form, rows + columns < 0 ? -1 : 1);
}

static bool press_form(struct app *a, const struct hit *hit, const struct input_mouse *m) {
    return view_map.press(a, hit, m);
}

static void wheel_form(struct app *a, const struct hit *hit, long rows, long columns) {
    view_map.wheel(a, hit, rows, columns);
}

static bool leave_form(struct app *a) {
    a->form_focus = false;
    return true;
}

const struct view_ops view_form = {.title = "Form",
                                   .hints = "{NEXT_FIELD} next field  {RUN} run  {EDITOR} $EDITOR  "
                                            "{PALETTE} commands  {HELP} help  {BACK} map",
                                   .draw = draw_form,
                                   .move = move_form,
                                   .press = press_form,
                                   .wheel = wheel_form,
                                   .back = leave_form};
