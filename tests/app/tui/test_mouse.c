/* The mouse presses what was drawn: cells, headings, fields, hints, panes' corners. */
#include "tests/app/tui/session.h"

#include "app/commands/command_table.h"
#include "app/tui/dispatch.h"
#include "app/tui/draw.h"
#include "backend/base/text.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct app *app;

static void begin(void) {
    char text[] = "The Eiffel Tower is";
    const struct attribute_request request = {.input_text = text};
    app = session_begin("fake", &request, false);
    session_wait();
    session_keys("g 0");
}

TestSuite(mouse, .init = begin, .fini = session_end);

static bool press(const char *text) {
    return session_mouse(MOUSE_PRESS, 24, 80, text);
}

static bool press_large(const char *text) {
    return session_mouse(MOUSE_PRESS, 60, 200, text);
}

Test(mouse, a_heading_of_the_map_moves_there_and_those_beside_sort) {
    const size_t row = app->map.row;
    cr_assert(press(",     "));
    cr_expect_eq(app->map.column, 1);
    cr_expect_eq(app->map.row, row);
    cr_assert(press("   sum"));
    cr_expect_eq(app->map.sorted, MAP_ORDER_SUM);
    cr_assert(press("token "));
    cr_expect_eq(app->map.sorted, MAP_ORDER_TEXT);
}

Test(mouse, the_detail_does_not_move_the_map) {
    const size_t row = app->map.row;
    const int64_t column = app->map.column;
    cr_assert(press("rank "));
    cr_assert(press_large("rank "));
    cr_assert(session_mouse(MOUSE_WHEEL_DOWN, 60, 200, "rank "));
    cr_expect(app->map.row == row && app->map.column == column);
}

Test(mouse, a_pane_s_corner_and_the_hints_press_their_keys) {
    cr_assert(press("d: hide"));
    cr_expect(!app->detail);
    cr_assert(press("s scale"));
    cr_expect_eq(app->map.scale, MAP_MAGNITUDE);
    app->message[0] = 0;
    cr_assert(press("? help"));
    cr_expect(overlay_is_open(&app->overlay));
    cr_assert(press("Esc closes"));
    cr_expect(!overlay_is_open(&app->overlay));
}

Test(mouse, a_message_s_keys_can_be_pressed_and_what_it_quotes_cannot) {
    app_say(app, STYLE_NOTICE, "{HELP}: help");
    cr_assert(press("? : help") || press("?: help"));
    cr_expect(overlay_is_open(&app->overlay));
    overlay_close(&app->overlay);
    char forged[64];
    snprintf(forged, sizeof forged, TEXT_MARK "nothing to see", COMMAND_QUIT);
    app_say(app, STYLE_NOTICE, "{HELP} \"%s\"", forged);
    cr_assert(press("nothing to see"));
    cr_expect_eq(app->wants & WANT_QUIT, 0);
    cr_expect(!overlay_is_open(&app->overlay));
}

Test(mouse, while_the_form_has_the_keys_a_corner_still_presses_the_view_s) {
    cr_assert(press_large("e: edit"));
    cr_expect(app->form_focus);
    cr_assert(press_large("d: hide"));
    cr_expect(!app->detail);
    cr_expect_str_eq(edit_text(&form_find(&app->form.form, FIELD_PROMPT)->edit),
                     "The Eiffel Tower is");
    cr_assert(press_large("F5"));
    cr_expect_neq(app->job.generation, 0);
    session_wait();
}

Test(mouse, a_field_of_the_form_is_focused) {
    cr_assert(press_large("Method"));
    cr_expect(app->form_focus);
    cr_expect_eq(form_focused(&app->form.form)->id, FIELD_METHOD);
    cr_assert(session_mouse(MOUSE_DOUBLE, 60, 200, "Method"));
    cr_expect(overlay_is_open(&app->overlay), "a double click is Enter");
}

Test(mouse, the_wheel_turns_what_is_under_it) {
    const size_t focus = app->form.form.focus;
    cr_assert(session_mouse(MOUSE_WHEEL_DOWN, 60, 200, "Method"));
    cr_expect_neq(app->form.form.focus, focus);
    cr_expect_eq(app->map.row, 0);
    cr_assert(session_mouse(MOUSE_WHEEL_DOWN, 60, 200, "token "));
    cr_expect_eq(app->map.row, 3);
    session_keys("?");
    cr_assert(session_mouse(MOUSE_WHEEL_DOWN, 24, 80, "type to filter"));
    cr_expect_eq(app->overlay.help.top, 3);
    cr_expect_eq(app->map.row, 3, "what lies below stays");
}

Test(mouse, a_double_click_is_enter) {
    cr_assert(session_mouse(MOUSE_DOUBLE, 24, 80, "·is "));
    cr_expect_eq(app->view, VIEW_TEXT);
    cr_assert(press("3 Runs"));
    cr_expect_eq(app->view, VIEW_RUNS);
    cr_assert(session_mouse(MOUSE_DOUBLE, 24, 80, "fake     The"));
    cr_expect_eq(app->view, VIEW_MAP);
}

Test(mouse, a_heading_of_the_runs_sorts_by_it) {
    cr_assert(press("3 Runs"));
    cr_assert(press("method"));
    cr_expect_eq(app->listed.sort, RUN_COLUMN_METHOD);
    cr_expect_not(app->listed.reversed);
    cr_assert(press("method"));
    cr_expect(app->listed.reversed);
}

Test(mouse, a_command_of_the_help_is_done_by_a_double_click) {
    session_keys("?");
    cr_assert(press_large("numbers on or off"));
    cr_expect(overlay_is_open(&app->overlay));
    const bool numbers = app->map.numbers;
    cr_assert(session_mouse(MOUSE_DOUBLE, 60, 200, "numbers on or off"));
    cr_expect(!overlay_is_open(&app->overlay));
    cr_expect_neq(app->map.numbers, numbers);
}

Test(mouse, a_printed_key_is_no_part_of_what_is_typed) {
    session_keys(":");
    cr_assert(press("Esc close"));
    cr_expect(!overlay_is_open(&app->overlay));
}

Test(mouse, a_press_on_a_text_puts_the_cursor_there) {
    struct edit *prompt = &form_find(&app->form.form, FIELD_PROMPT)->edit;
    session_keys("e");
    cr_assert(press_large("Tower is"));
    cr_expect_eq(prompt->cursor, strlen("The Eiffel "));
    session_keys("Tab");
    cr_assert(press_large("Eiffel"));
    cr_expect_eq(form_focused(&app->form.form)->id, FIELD_PROMPT);
    cr_expect_eq(prompt->cursor, strlen("The "), "with the focus at once");
    session_keys("Esc :");
    session_type("quit");
    cr_assert(press_large("uit "));
    session_type("x");
    cr_expect_str_eq(edit_text(app->overlay.typed), "qxuit");
}

Test(mouse, under_a_search_the_wheel_still_turns_the_map) {
    session_keys("/");
    cr_assert(session_mouse(MOUSE_WHEEL_DOWN, 24, 80, "token "));
    cr_expect_eq(app->map.row, 3);
    cr_expect(overlay_is_open(&app->overlay));
}

Test(mouse, other_buttons_press_nothing_and_say_so) {
    const struct input_mouse m = {.kind = MOUSE_PRESS, .button = 2, .row = 10, .column = 30};
    struct grid g;
    grid_init(&g, 24, 80);
    app_draw(&g, app);
    const size_t row = app->map.row;
    app_mouse(app, &m);
    cr_expect_eq(app->map.row, row);
    cr_expect_not_null(strstr(app->message, "with Shift"));
    app->drawn = NULL;
    grid_dispose(&g);
}
