/* Commands about the program itself: help, palette, back, quit. */
#include "app/commands/handlers.h"

#include "app/tui/front.h"
#include "app/tui/lists.h"
#include "app/tui/state.h"
#include "views/widgets/palette.h"

#define QUIT_AGAIN_MS 2000

static void chose_command(struct app *a, const struct overlay_answer *answer) {
    a->next_command = answer->id;
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
    (void)unused;
    size_t n;
    const struct command *commands = app_commands(&n);
    overlay_help(app_overlay(a, chose_command), app_ops(a)->title, commands, n, app_context(a));
}

void command_back(struct app *a, int unused) {
    const struct view_ops *ops = app_ops(a);
    (void)unused;
    if (ops->back && ops->back(a))
        return;
    const bool listed =
        (a->view == VIEW_MAP && app_is_listed(a)) || (a->view == VIEW_COMPARE && a->compared_rows);
    if (listed && !a->form_focus && app_list(a))
        app_go(a, VIEW_LIST); /* that it was opened from */
    else if (a->view != ops->back_to)
        app_go(a, ops->back_to);
}

static void quit(struct app *a, const struct overlay_answer *answer) {
    (void)answer;
    a->wants |= WANT_QUIT;
}

void command_quit(struct app *a, int unused) {
    (void)unused;
    if (a->job.run)
        overlay_ask(app_overlay(a, quit),
                    "A run is under way. Quit and keep its finished columns?");
    else if (a->job.evaluating)
        overlay_ask(app_overlay(a, quit), "Faithfulness is being measured. Quit all the same?");
    else if (background_state(a->runner).phase)
        overlay_ask(app_overlay(a, quit), "The rows of a data set are being explained. Quit, and "
                                          "go on with them another time?");
    else
        quit(a, NULL);
}

/* The map, or the list that maps are opened from, is the last view that is closed. */
void command_close(struct app *a, int unused) {
    if (a->view == VIEW_LIST || (a->view == VIEW_MAP && !app_is_listed(a)))
        command_quit(a, unused);
    else
        command_back(a, unused);
}

void command_interrupt(struct app *a, int unused) {
    bool again = a->quit_asked_ms && a->now_ms - a->quit_asked_ms < QUIT_AGAIN_MS;
    if (again) {
        a->wants |= WANT_QUIT;
        return;
    }
    a->quit_asked_ms = a->now_ms ? a->now_ms : 1;
    const bool busy = a->job.generation ? !a->job.cancelling : app_works_on_files(a);
    if (busy) {
        command_cancel(a, unused);
        app_say(a, STYLE_WARNING, "cancelling; {INTERRUPT} again quits");
    } else {
        app_say(a, STYLE_NOTICE, "{INTERRUPT} again quits");
    }
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
