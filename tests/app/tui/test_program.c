/* The terminal program as a person uses it: starting, running, watching, cancelling, quitting. */
#include "tests/app/tui/program.h"

#include "backend/base/clock.h"

PROGRAM_SUITE(app_program);

Test(app_program, first_frame_comes_at_once_and_before_any_model) {
    double from = clock_seconds();
    start(true, (const char *const[]){"-m", "fake", NULL});
    cr_assert(term_expect_text(t, "what to run"));
    double seconds = clock_seconds() - from;
    cr_expect(seconds < 2, "%f s, much more than a loaded machine explains", seconds);
    cr_assert(term_expect_text(t, "loading"));
    quit();
}

Test(app_program, a_typed_prompt_runs_and_columns_appear_one_by_one) {
    start(true, (const char *const[]){"-m", "fake", NULL});
    steps(2);
    cr_assert(term_expect_text(t, "fake is loaded"));
    term_type(t, "The Eiffel Tower is ín");
    cr_assert(term_expect_text(t, "The Eiffel Tower is ín"));
    term_key(t, "F5");
    cr_assert(term_expect_text(t, "generating …"));
    steps(2);
    cr_assert(term_expect_text(t, "Paris,"));
    steps(2);
    cr_assert(term_expect_text(t, "attributing 0%"));
    cr_assert(term_expect_text(t, "·Paris  ,     ·France  ."));
    steps(1);
    cr_assert(term_expect_text(t, "attributing 25%"));
    cr_assert(term_expect_row(t, 6, "> 1 The        [.201  ]  .     .        .     .2015"));
    steps(1);
    cr_assert(term_expect_text(t, "attributing 50%"));
    steps(2);
    cr_assert(term_expect_text(t, "run 1 done"));
    quit();
}

/* The early first column stays, and what the person did meanwhile, when the final map's shape
 * arrives. */
Test(app_program, the_first_column_and_the_cursor_stay_when_the_whole_map_begins) {
    start(true, (const char *const[]){"-m", "fake", "-i", "an early first column", NULL});
    steps(2 + 1 + 1); /* load, the first token, its column */
    cr_assert(term_expect_text(t, "4 rows × 1 generated"));
    cr_assert(term_expect_row(t, 6, "> 1 an         [.256  ]  .2556"));
    term_keys(t, "j j Space k v k");
    cr_assert(term_expect_text(t, "> 2 ·early"));
    steps(3);
    cr_assert(term_expect_text(t, "7 rows × 4 generated"));
    cr_expect(term_expect_row(t, 6, "  1 an         │.256  │  .     .        .     .2556"));
    cr_expect(term_expect_text(t, "> 2 ·early"));
    cr_expect(term_expect_text(t, "over 2 cells"));
    steps(4);
    cr_assert(term_expect_text(t, "run 1 done"));
    cr_expect(term_expect_text(t, "> 2 ·early"));
    quit();
}

Test(app_program, the_first_column_goes_when_its_token_changed) {
    start(true, (const char *const[]){"-m", "fake", "-i", "an early column changed", NULL});
    steps(2 + 1 + 1);
    cr_assert(term_expect_text(t, "4 rows × 1 generated"));
    term_keys(t, "j j");
    cr_assert(term_expect_row(t, 8, "> 3 ·column    [.180  ]  .1797"));
    steps(3);
    cr_assert(term_expect_text(t, "7 rows × 4 generated"));
    cr_expect(term_expect_row(t, 6, "> 1 an         [ .    ]  .     .        ."));
    steps(4);
    cr_assert(term_expect_text(t, "run 1 done"));
    quit();
}

Test(app_program, options_on_the_command_line_run_at_once_with_the_keys_on_the_map) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_key(t, "?");
    cr_assert(term_expect_text(t, "help: Map"));
    term_key(t, "Esc");
    cr_assert(term_expect_no_text(t, "help: Map"));
    term_key(t, "q");
    cr_expect_eq(term_wait_exit(t), 0);
    cr_expect(!term_modes(t).alternate);
}

Test(app_program, cancel_keeps_finished_columns_also_on_disk) {
    start(true, RUN_EIFFEL);
    steps(2 + 4 + 2);
    cr_assert(term_expect_text(t, "attributing 50%"));
    term_key(t, "Ctrl-C");
    cr_assert(term_expect_text(t, "cancelled; the finished columns are kept"));
    cr_assert(term_expect_text(t, "Saliency  (cancelled)"));
    quit();
    term_free(t);
    start(false, (const char *const[]){"-m", "fake", NULL});
    cr_assert(term_expect_text(t, "what to run"));
    leave_form();
    term_key(t, "3");
    cr_assert(term_expect_text(t, "cancelled"));
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "> 1 The"));
    cr_assert(term_expect_text(t, ".201  ] .154   x        x"));
    quit();
}

Test(app_program, the_second_control_c_quits) {
    start(true, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "loading"));
    term_key(t, "Ctrl-C");
    cr_assert(term_expect_text(t, "cancel"));
    term_key(t, "Ctrl-C");
    cr_expect_eq(term_wait_exit(t), 0);
}

Test(app_program, quitting_asks_while_a_run_is_under_way) {
    start(true, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "loading"));
    term_key(t, "q");
    cr_assert(term_expect_text(t, "Quit and keep"));
    term_key(t, "n");
    cr_assert(term_expect_no_text(t, "Quit and keep"));
    term_keys(t, "Q y");
    cr_expect_eq(term_wait_exit(t), 0);
}

Test(app_program, an_engine_that_cannot_evaluate_says_so_and_goes_on) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_key(t, "F");
    cr_assert(term_expect_text(t, "cannot tell how faithful"));
    term_key(t, "r");
    cr_assert(term_expect_text(t, "run 2 done"));
    quit();
}

Test(app_program, a_long_run_says_how_long) {
    start(true, (const char *const[]){"-m", "fake", "-i", "a long text", NULL});
    steps(2 + 4 + 1);
    cr_assert(term_expect_text(t, "attributing 25% of 2.5 to 5 min"));
    steps(3);
    cr_assert(term_expect_text(t, "run 1 done"));
    quit();
}

Test(app_program, a_failing_run_says_why_and_keeps_its_columns) {
    start(false, (const char *const[]){"-m", "fake", "-i", "please fail here", NULL});
    cr_assert(term_expect_text(t, "the third column cannot be computed"));
    cr_assert(term_expect_text(t, "(failed)"));
    cr_assert(term_expect_text(t, "> 1 please"));
    quit();
}

Test(app_program, a_model_that_does_not_load_says_why) {
    start(false, (const char *const[]){"-m", "broken", NULL});
    cr_assert(term_expect_text(t, "the header is cut short"));
    quit();
}

Test(app_program, without_any_model_the_screen_says_what_to_do) {
    start(false, NULL);
    cr_assert(term_expect_text(t, "No model was found"));
    cr_assert(term_expect_text(t, "make models"));
    term_type(t, "/some/folder");
    cr_assert(term_expect_text(t, "/some/folder"));
    quit();
}
