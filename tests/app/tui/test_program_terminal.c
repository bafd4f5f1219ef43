/* The program and its terminal: the mouse, a long line, terminals that are not known. */
#include "tests/app/tui/program.h"

#include "backend/base/clock.h"
#include "backend/base/text.h"

PROGRAM_SUITE(app_terminal);

/* A press on the first place of a text. */
static void press(const char *text) {
    struct area at = {-1, 0, 0, 0};
    for (int row = 0; row < 24 && at.row < 0; row++) {
        char *line = term_row(t, row), *found = strstr(line, text);
        if (found) {
            *found = 0;
            at = (struct area){row, text_columns(line), 0, 0};
        }
        free(line);
    }
    cr_assert_geq(at.row, 0, "%s", text);
    term_mouse(t, MOUSE_PRESS, 1, at.row, at.column);
    term_mouse(t, MOUSE_RELEASE, 1, at.row, at.column);
}

Test(app_terminal, the_mouse_presses_tabs_hints_and_candidates) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    press("4 Text");
    cr_assert(term_expect_text(t, "what made"));
    press("1 Map");
    cr_assert(term_expect_text(t, "v select")); /* the row of the hints is the map's */
    press("c contrast");
    cr_assert(term_expect_text(t, "type to filter"));
    press("·London  ");
    cr_assert(term_expect_text(t, "▸ ·London"));
    term_key(t, "Esc");
    cr_assert(term_expect_no_text(t, "type to filter"));
    quit();
}

Test(app_terminal, a_terminal_without_an_entry_is_told_and_goes_on_being_told) {
    terminal = "TERM=xterm-no-such";
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    char *title = term_row(t, 0);
    cr_expect_not_null(strstr(title, "as xterm-256color"), "%s", title);
    free(title);
    term_key(t, "5");
    cr_assert(term_expect_text(t, "no terminfo entry for TERM \"xterm-no-such\""));
    quit();
}

Test(app_terminal, what_is_typed_over_a_long_line_is_there_after_one_way_and_back) {
    start(true, (const char *const[]){"-m", "fake", NULL});
    cr_assert(term_expect_text(t, "type the text here"));
    term_delay(t, 200);
    const int64_t began = clock_ms();
    static const char typed[] = "The Eiffel Tower is in";
    for (const char *at = typed; *at; at++) { /* faster than anybody types, but not at once */
        term_send(t, at, 1);
        for (int i = 0; i < 6; i++) {
            (void)usleep(2000);
            term_sync(t);
        }
    }
    cr_assert(term_expect_text(t, typed));
    cr_expect_lt(clock_ms() - began, 12 * (int64_t)sizeof typed + 2500);
    term_delay(t, 0);
    term_key(t, "F10");
    cr_expect_eq(term_wait_exit(t), 0);
}
