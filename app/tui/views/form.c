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

/* By what is in the field. */
static const char *hints_form(const struct app *a) {
    const struct form_field *field = form_focused(&a->form.form);
    switch (field ? field->kind : FORM_TEXT) {
    case FORM_LINES:
        return "{RUN} run  {NEW_LINE} new line  {EDITOR} $EDITOR  {UNDO} undo  {NEXT_FIELD} next  "
               "{HELP} help  {BACK} map";
    case FORM_CHOICE:
        return "{CHOOSE} list  {PREVIOUS_CHOICE} {NEXT_CHOICE} change  {NEXT_FIELD} next field  "
               "{RUN} run  {HELP} help  {BACK} map";
    case FORM_SET:
        return "{MARK} on or off  {PREVIOUS_CHOICE} {NEXT_CHOICE} another  {CHOOSE} list  "
               "{NEXT_FIELD} next field  {RUN} run  {HELP} help";
    case FORM_FLAG:
        return "{TOGGLE} on or off  {NEXT_FIELD} next field  {RUN} run  {HELP} help  {BACK} map";
    case FORM_PICK:
        return "{CHOOSE} list  {NEXT_FIELD} next field  {RUN} run  {HELP} help  {BACK} map";
    case FORM_SECTION:
        return "{TOGGLE} open or close  {NEXT_FIELD} next  {RUN} run  {HELP} help  {BACK} map";
    case FORM_TEXT:
        return "{RUN} run  {HISTORY} earlier ones  {UNDO} undo  {NEXT_FIELD} next field  "
               "{HELP} help  {BACK} map";
    }
    return NULL;
}

const struct view_ops view_form = {.title = "Form",
                                   .hints = "{NEXT_FIELD} next field  {RUN} run  {EDITOR} $EDITOR  "
                                            "{PALETTE} commands  {HELP} help  {BACK} map",
                                   .hints_now = hints_form,
                                   .draw = draw_form,
                                   .move = move_form,
                                   .press = press_form,
                                   .wheel = wheel_form,
                                   .back = leave_form};
