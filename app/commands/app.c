/* Commands about the program itself: help, palette, back, quit; and the mouse, which presses what
 * keys reach. */
#include "app/commands/commands.h"

#include "views/widgets/palette.h"

static void chose_command(struct app *a, const struct overlay_answer *answer) {
    if (!app_command(a, answer->id))
        app_say(a, STYLE_NOTICE, "this does not work here");
}

void command_palette(struct app *a, int unused) {
    struct picker p;
    size_t n;
    const struct command *commands = app_commands(&n);
    (void)unused;
    palette_open(&p, commands, n, app_context(a));
    overlay_pick(app_overlay(a, chose_command), &p);
}

void command_help(struct app *a, int unused) {
    static const char *const titles[] = {
        [VIEW_MAP] = "Map",      [VIEW_ATLAS] = "Atlas", [VIEW_RUNS] = "Runs",
        [VIEW_TEXT] = "Text",    [VIEW_LOG] = "Log",     [VIEW_COMPARE] = "Compare",
        [VIEW_MODELS] = "Models"};
    (void)unused;
    size_t n;
    const struct command *commands = app_commands(&n);
    overlay_help(app_overlay(a, NULL), a->form_focus ? "Form" : titles[a->view], commands, n,
                 app_context(a));
}

void command_back(struct app *a, int unused) {
    (void)unused;
    if (a->form_focus)
        a->form_focus = false;
    else if (a->view == VIEW_COMPARE)
        app_go(a, VIEW_RUNS);
    else if (a->view != VIEW_MAP)
        app_go(a, VIEW_MAP);
    else if (a->map.selecting)
        a->map.selecting = false;
    else if (a->map.search)
        map_search(&a->map, NULL);
}

static void quit(struct app *a, const struct overlay_answer *answer) {
    (void)answer;
    a->wants |= WANT_QUIT;
}

void app_quit(struct app *a) {
    if (a->job.run)
        overlay_ask(app_overlay(a, quit),
                    "A run is under way. Quit and keep its finished columns?");
    else
        quit(a, NULL);
}

void command_close(struct app *a, int unused) {
    if (a->view == VIEW_MAP)
        app_quit(a);
    else
        command_back(a, unused);
}

void command_quit(struct app *a, int unused) {
    (void)unused;
    app_quit(a);
}

void command_repaint(struct app *a, int unused) {
    (void)unused;
    a->wants |= WANT_REPAINT;
}

void command_mouse(struct app *a, int unused) {
    (void)unused;
    a->mouse = !a->mouse;
    a->wants |= WANT_MOUSE;
    app_say(a, STYLE_NOTICE, a->mouse ? "mouse on" : "mouse off: the terminal selects text");
}

/* --- mouse
 * ----------------------------------------------------------------------------------------------------------------------------------
 */

static void mouse_map(struct app *a, const struct input_mouse *m) {
    struct app_layout l = app_lay_out(a, app_body(a));
    size_t row;
    int64_t column;
    if (l.form.rows > 0 &&
        form_hit(&a->form.form, area_inner(l.form), m->row, m->column) < a->form.form.n_fields) {
        a->form_focus = true;
        a->form.form.focus = form_hit(&a->form.form, area_inner(l.form), m->row, m->column);
        return;
    }
    if (!map_hit(&a->map, l.map, m->row, m->column, &row, &column))
        return;
    a->form_focus = false;
    if (m->kind == MOUSE_DRAG && !a->map.selecting) {
        a->map.selecting = true;
        a->map.anchor_row = a->map.row;
        a->map.anchor_column = a->map.column;
    } else if (m->kind == MOUSE_PRESS) {
        a->map.selecting = false;
    }
    map_go(&a->map, row, column);
    a->map.follow = false;
    a->text.column = column;
}

static void mouse_view(struct app *a, const struct input_mouse *m) {
    struct area body = app_body(a);
    int64_t layer, head;
    size_t row, column;
    if (a->view == VIEW_MAP || a->form_focus) {
        mouse_map(a, m);
    } else if (a->view == VIEW_ATLAS &&
               atlas_hit(&a->atlas, body, m->row, m->column, &layer, &head)) {
        atlas_go(&a->atlas, layer, head);
        if (m->kind == MOUSE_DOUBLE)
            app_command(a, COMMAND_OPEN_HEAD);
    } else if (a->view == VIEW_RUNS) {
        a->runs.n = a->store.n;
        size_t i = runs_hit(&a->runs, body, m->row);
        if (i < a->store.n)
            a->runs.cursor = i;
        if (i < a->store.n && m->kind == MOUSE_DOUBLE)
            app_command(a, COMMAND_OPEN_RUN);
    } else if (a->view == VIEW_TEXT) {
        int64_t at = text_view_hit(&a->text, body, m->row, m->column);
        if (at >= 0)
            command_move_columns(a, (int)(at - a->text.column));
    } else if (a->view == VIEW_COMPARE &&
               compare_hit(&a->compare, body, m->row, m->column, &row, &column)) {
        compare_move(&a->compare, (long)row - (long)a->compare.row,
                     (long)column - (long)a->compare.column);
    }
}

void app_mouse(struct app *a, const struct input_mouse *m) {
    static const char *const tabs[APP_TABS] = {"1 Map", "2 Atlas", "3 Runs", "4 Text", "5 Log"};
    struct grid size = {.rows = a->rows, .columns = a->columns};
    struct frame f = {.tabs = tabs, .n_tabs = APP_TABS, .context = app_context(a)};
    size_t index;
    if (!a->mouse)
        return;
    if (overlay_is_open(&a->overlay)) {
        struct overlay_answer answer;
        overlay_mouse(&answer, &a->overlay, grid_area(&size), m);
        app_take_answer(a, &answer);
        return;
    }
    f.commands = app_commands(&f.n_commands);
    if (m->kind == MOUSE_WHEEL_UP || m->kind == MOUSE_WHEEL_DOWN) {
        int by = m->kind == MOUSE_WHEEL_UP ? -1 : 1;
        if (a->form_focus)
            form_step(&a->form.form, by);
        else if (m->shift)
            command_move_columns(a, 3 * by);
        else
            command_move_rows(a, 3 * by);
        return;
    }
    if (m->kind == MOUSE_RELEASE)
        return;
    switch (m->kind == MOUSE_DRAG ? FRAME_HIT_NONE
                                  : frame_find(&size, &f, m->row, m->column, &index)) {
    case FRAME_HIT_TAB:
        command_view(a, (int)index);
        break;
    case FRAME_HIT_COMMAND:
        app_command(a, f.commands[index].id);
        break;
    case FRAME_HIT_NONE:
        mouse_view(a, m);
        break;
    }
}
