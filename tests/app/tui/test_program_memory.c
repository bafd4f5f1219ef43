/* A run that does not fit in memory: nothing begins, what would fit is one key away. */
#include "tests/app/tui/program.h"

PROGRAM_SUITE(app_memory);

#define RUN_BIG                                                                                    \
    ((const char *const[]){"-m", "fake-big", "-i", "The Eiffel Tower is in", "-a",                 \
                           "integrated_gradients", NULL})

static void start_big(int rows, int columns) {
    memory = "150000000";
    start_sized(rows, columns, false, RUN_BIG);
}

Test(app_memory, it_is_not_begun_and_a_smaller_budget_is_offered) {
    start_big(24, 80);
    cr_assert(term_expect_text(t, "not enough memory"));
    cr_assert(term_expect_text(t, "needs about 324 MB"));
    cr_assert(term_expect_text(t, "150 MB are free"));
    cr_assert(term_expect_text(t, "64 MB for the run's chunks instead of 256"));
    term_key(t, "b");
    cr_assert(term_expect_text(t, "run 1 done")); /* the refused one left no trace */
    term_keys(t, "3");
    cr_assert(term_expect_text(t, ">   1"));
    cr_expect(term_expect_no_text(t, "failed"));
    quit();
    term_free(t);
    start(false, (const char *const[]){"-m", "fake-big", NULL}); /* the budget is in the form */
    cr_assert(term_expect_text(t, "what to run"));
    term_keys(t, "PgDn PgDn PgDn PgDn PgDn PgDn");
    cr_assert(term_expect_text(t, "64"));
    quit();
}

Test(app_memory, fewer_steps_are_offered_as_many_as_fit) {
    start_big(24, 80);
    cr_assert(term_expect_text(t, "n_steps 4, less exact"));
    term_key(t, "s");
    cr_assert(term_expect_text(t, "run 1 done"));
    term_key(t, "e");
    cr_assert(term_expect_text(t, "what to run"));
    cr_assert(term_expect_text(t, "▸ Method and function  n_steps: 4 "));
    quit();
}

Test(app_memory, other_methods_are_offered) {
    start_big(24, 80);
    cr_assert(term_expect_text(t, "2  "));
    cr_assert(term_expect_text(t, "Occlusion instead:"));
    term_key(t, "3");
    cr_assert(term_expect_text(t, "run 1 done"));
    cr_assert(term_expect_text(t, "run 1: Occlusion"));
    quit();
}

Test(app_memory, the_menu_of_methods_is_one_of_the_answers) {
    start_big(24, 80);
    cr_assert(term_expect_text(t, "another method, from the menu"));
    term_key(t, "m");
    cr_assert(term_expect_text(t, "─ method ─"));
    term_type(t, "attention weights");
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "r runs it"));
    quit();
}

Test(app_memory, it_may_be_tried_all_the_same_or_left) {
    start_big(24, 80);
    cr_assert(term_expect_text(t, "not enough memory"));
    term_keys(t, "z"); /* means nothing */
    cr_assert(term_expect_text(t, "not enough memory"));
    term_key(t, "Esc");
    cr_assert(term_expect_text(t, "Nothing to show yet"));
    term_key(t, "r");
    cr_assert(term_expect_text(t, "not enough memory"));
    term_key(t, "a");
    cr_assert(term_expect_text(t, "run 1 done"));
    cr_assert(term_expect_text(t, "Integrated gradients of probability"));
    quit();
}

Test(app_memory, what_was_shown_before_comes_back) {
    memory = "150000000";
    start(false, (const char *const[]){"-m", "fake-big", "-i", "The Eiffel Tower is in", NULL});
    cr_assert(term_expect_text(t, "run 1 done"));
    term_key(t, "m");
    term_type(t, "integrated gradients");
    term_keys(t, "Enter r");
    cr_assert(term_expect_text(t, "not enough memory"));
    term_key(t, "Esc");
    cr_assert(term_expect_text(t, "run 1: Saliency"));
    cr_assert(term_expect_text(t, "8 rows × 4 generated"));
    quit();
}

Test(app_memory, the_dialogue_fits_small_terminals_and_survives_tiny_ones) {
    start_big(16, 60);
    cr_assert(term_expect_text(t, "not enough memory"));
    cr_assert(term_expect_text(t, "run it all the same"));
    term_resize(t, 24, 20);
    cr_assert(term_expect_text(t, "need 60x16"));
    term_resize(t, 5, 20);
    cr_assert(term_expect_no_text(t, "not enough memory"));
    term_resize(t, 60, 200);
    cr_assert(term_expect_text(t, "run it all the same"));
    term_key(t, "1");
    cr_assert(term_expect_text(t, "run 1 done"));
    quit();
}
