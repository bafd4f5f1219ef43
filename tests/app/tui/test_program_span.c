/* A span of generated tokens as one target: selected on the map, run, kept, edited in the form. */
#include "tests/app/tui/program.h"

PROGRAM_SUITE(app_span);

/* "The Eiffel Tower is in" has 5 tokens; " Paris", ",", " France" and "." come after them. */
static void select_three(void) {
    cr_assert(term_expect_text(t, "run 1 done"));
    term_keys(t, "0 l v l");
    cr_assert(term_expect_text(t, "V explain its steps as one target"));
    term_keys(t, "l V");
    cr_assert(term_expect_text(t, "3 tokens, \", … .\", as one target"));
    cr_assert(term_expect_text(t, "positions 6 to before 9"));
}

Test(app_span, selected_columns_become_one_target_that_is_kept_with_the_run) {
    start(false, RUN_EIFFEL);
    select_three();
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "run 2 done"));
    cr_assert(term_expect_text(t, "9 rows × span 6:9, sum"));
    cr_assert(term_expect_text(t, ", … ."));
    cr_assert(term_expect_text(t, "span 6:9, sum over them"));
    term_key(t, "4"); /* its tokens in the text, not their name after them */
    cr_assert(term_expect_text(t, "what made “, … .”"));
    cr_assert(term_expect_text(t, " Paris[,] [France][.]"));
    cr_expect(term_expect_no_text(t, "[, … .]"));
    term_key(t, "3");
    cr_assert(term_expect_text(t, "span 6:9, sum  /"));
    quit();
    term_free(t);
    start(false, (const char *const[]){
                     "-m", "fake", NULL}); /* and it is so after a restart, joined token and all */
    cr_assert(term_expect_text(t, "what to run"));
    leave_form();
    term_keys(t, "3 Enter");
    cr_assert(term_expect_text(t, "9 rows × span 6:9, sum"));
    cr_assert(term_expect_text(t, ", … ."));
    term_keys(t, "l V");
    cr_assert(term_expect_text(t, "this run's column is a span already"));
    quit();
}

Test(app_span, what_is_typed_against_it_stands_in_its_place) {
    start_sized(24, 160, false, RUN_EIFFEL);
    select_three();
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "run 2 done"));
    term_key(t, "c");
    cr_assert(term_expect_text(t, "or type what should stand in the span's place"));
    term_type(t, " and Rome");
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "run 3 done"));
    cr_assert(term_expect_text(t, "Contrast text   The Eiffel Tower is in "));
    cr_assert(term_expect_text(t, "                Paris and Rome  "));
    quit();
}

Test(app_span, the_mean_is_chosen_in_the_menu_and_shown) {
    start(false, RUN_EIFFEL);
    select_three();
    term_keys(t, "Down Enter");
    cr_assert(term_expect_text(t, "span 6:9, mean over them"));
    term_key(t, "3");
    cr_assert(term_expect_text(t, "span 6:9, mean  /"));
    quit();
}

Test(app_span, it_can_be_put_into_the_form_edited_and_run_from_there) {
    start(false, RUN_EIFFEL);
    select_three();
    term_keys(t, "End Enter");
    cr_assert(term_expect_text(t, "what to run"));
    cr_assert(term_expect_text(t, "Span          6:9"));
    term_keys(t, "Ctrl-U");
    term_type(t, "6-8");
    term_key(t, "F5");
    cr_assert(term_expect_text(t, "Span: 6-8 is not two positions such as 3:6"));
    term_key(t, "Ctrl-U");
    term_type(t, "5:7");
    term_key(t, "F5");
    cr_assert(term_expect_text(t, "run 2 done"));
    cr_assert(term_expect_text(t, "span 5:7, sum over them"));
    term_key(t, "e"); /* a run's own request is what the form shows */
    cr_assert(term_expect_text(t, "what to run"));
    quit();
}

Test(app_span, a_method_that_cannot_have_one_says_why_and_nothing_changes) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_key(t, "m");
    term_type(t, "guided");
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "Guided integrated gradients: r runs it"));
    term_keys(t, "0 v l V");
    cr_assert(
        term_expect_text(t, "guided_integrated_gradients of a sum is not the sum over its tokens"));
    term_key(t, "r"); /* the form has no span: this is an ordinary run */
    cr_assert(term_expect_text(t, "run 2 done"));
    cr_assert(term_expect_text(t, "8 rows × 4 generated"));
    quit();
}

Test(app_span, attention_offers_the_mean_alone) {
    start(false, (const char *const[]){"-m", "fake", "-a", "attention", "-i",
                                       "The Eiffel Tower is in", NULL});
    cr_assert(term_expect_text(t, "run 1 done"));
    term_keys(t, "0 v l V");
    cr_assert(term_expect_text(t, "the mean of the steps"));
    cr_expect(term_expect_no_text(t, "the sum over the span"));
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "span 5:7, mean over them"));
    quit();
}

Test(app_span, a_changed_text_is_run_first) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_key(t, "e");
    cr_assert(term_expect_text(t, "what to run"));
    term_type(t, " 2 of");
    cr_assert(term_expect_text(t, "is in 2 of"));
    term_key(t, "Esc");
    cr_assert(term_expect_text(t, "8 rows × 4 generated"));
    term_key(t, "V");
    cr_assert(term_expect_text(t, "the form's text is not the map's any more"));
    quit();
}

/* What a person would take for the contrast text is the text, without the span's name in it. */
Test(app_span, a_contrast_text_is_made_of_the_text_alone) {
    start(false, RUN_EIFFEL);
    select_three();
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "run 2 done"));
    term_keys(t, "c");
    cr_assert(term_expect_text(t, "(other text)"));
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "The Eiffel Tower is in Paris, France."));
    cr_expect(term_expect_no_text(t, "France., …"));
    term_key(t, "Esc");
    cr_assert(term_expect_no_text(t, "(other text)"));
    quit();
}

Test(app_span, faithfulness_is_of_single_steps) {
    start(false, RUN_EIFFEL);
    select_three();
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "run 2 done"));
    term_key(t, "F");
    cr_assert(term_expect_text(t, "faithfulness is measured step by step"));
    quit();
}
