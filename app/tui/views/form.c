/* The form while it has the keys: over the map, or beside it where there is room. */
#include "app/tui/view.h"

#include "app/tui/state.h"

static void draw_form(struct grid *g, struct area body, struct app *a) {
    view_map.draw(g, body, a);
}

static void move_form(struct app *a, long rows, long columns) {
    form_step(&a->form.form, rows + columns < 0 ? -1 : 1);
}

static bool hit_form(struct app *a, struct area body, const struct input_mouse *m) {
    return view_map.hit(a, body, m);
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
                                   .hit = hit_form,
                                   .back = leave_form};
