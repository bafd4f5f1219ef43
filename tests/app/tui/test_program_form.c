/* The form: typing, pasting, an editor, what is wrong, what comes back; the menus of methods and
 * contrasts. */
#include "tests/app/tui/program.h"

PROGRAM_SUITE(app_form);

Test(app_form, the_method_menu_tells_family_needs_and_cost) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_key(t, "m");
    cr_assert(term_expect_text(t, "Needs gradients; takes "));
    term_type(t, "occlus");
    cr_assert(term_expect_text(t, "perturbation"));
    cr_assert(term_expect_text(t, "Needs forward passes only; takes "));
    cr_expect(term_expect_no_text(t, "guessed)")); /* it is about the text that is shown */
    term_key(t, "Esc");
    cr_assert(term_expect_no_text(t, "─ method ─"));
    term_key(t, "e");
    term_type(t, " and more");
    cr_assert(term_expect_text(t, "in and more"));
    term_key(t, "F6");
    cr_assert(term_expect_text(t, "guessed)"));
    term_type(t, "attention");
    cr_assert(term_expect_text(t, "Needs attention weights"));
    term_key(t, "Esc");
    cr_assert(term_expect_no_text(t, "─ method ─"));
    quit();
}

Test(app_form, a_form_field_that_is_wrong_says_so_and_nothing_runs) {
    start(false, (const char *const[]){"-m", "fake", NULL});
    cr_assert(term_expect_text(t, "fake is loaded"));
    term_key(t, "F5");
    cr_assert(term_expect_text(t, "Prompt: type a text first"));
    term_type(t, "a text");
    leave_form();
    term_key(t, "r");
    cr_assert(term_expect_text(t, "run 1 done"));
    quit();
}

Test(app_form, pasted_text_is_text_in_a_field_and_nothing_elsewhere) {
    start(false, (const char *const[]){"-m", "fake", NULL});
    cr_assert(term_expect_text(t, "what to run"));
    term_paste(t, "one q\ntwo");
    cr_assert(term_expect_text(t, "one q"));
    cr_assert(term_expect_text(t, "two"));
    term_keys(t, "F5");
    cr_assert(term_expect_text(t, "run 1 done"));
    term_paste(t, "qQ");
    cr_assert(term_expect_text(t, "pasted text was dropped"));
    quit();
}

Test(app_form, a_text_can_be_edited_in_an_editor) {
    char *editor = mem_format("%s/editor", home);
    struct err e;
    const char *script = "#!/bin/sh\nprintf 'from the editor\\n' > \"$1\"\n";
    cr_assert_eq(file_write(editor, script, strlen(script), &e), ERR_OK);
    cr_assert_eq(chmod(editor, 0700), 0);
    char *variable = mem_format("EDITOR=%s", editor), *home_is = mem_format("HOME=%s", home);
    t = term_spawn(24, 80, (const char *const[]){program, "-m", "fake", NULL},
                   (const char *const[]){variable, home_is, "VISUAL", NULL});
    cr_assert(term_expect_text(t, "what to run"));
    term_key(t, "Ctrl-X");
    cr_assert(term_expect_text(t, "from the editor"));
    quit();
    free(editor);
    free(variable);
    free(home_is);
}

Test(app_form, a_nul_byte_from_an_editor_does_not_cut_the_text) {
    char *editor = mem_format("%s/editor", home);
    struct err e;
    const char *script = "#!/bin/sh\nprintf 'before\\000after' > \"$1\"\n";
    cr_assert_eq(file_write(editor, script, strlen(script), &e), ERR_OK);
    cr_assert_eq(chmod(editor, 0700), 0);
    char *variable = mem_format("EDITOR=%s", editor), *home_is = mem_format("HOME=%s", home);
    t = term_spawn(24, 80, (const char *const[]){program, "-m", "fake", NULL},
                   (const char *const[]){variable, home_is, "VISUAL", NULL});
    cr_assert(term_expect_text(t, "what to run"));
    term_type(t, "as it was");
    term_key(t, "Ctrl-X");
    cr_assert(term_expect_text(t, "a NUL byte (byte 6)"));
    cr_expect(term_expect_text(t, "as it was"));
    cr_expect(term_expect_no_text(t, "before"));
    quit();
    free(editor);
    free(variable);
    free(home_is);
}

Test(app_form, nul_bytes_of_a_paste_are_told) {
    start(false, (const char *const[]){"-m", "fake", NULL});
    cr_assert(term_expect_text(t, "what to run"));
    term_send(t, "\033[200~one\0two\0\033[201~", 6 + 8 + 6);
    cr_assert(term_expect_text(t, "2 NUL bytes of the pasted text are left out"));
    cr_expect(term_expect_text(t, "onetwo"));
    quit();
}

Test(app_form, a_pasted_text_that_ends_in_a_line_end_is_told_and_trimmed) {
    start(false, (const char *const[]){"-m", "fake", NULL});
    cr_assert(term_expect_text(t, "fake is loaded"));
    term_paste(t, "a text\n \n");
    cr_assert(term_expect_text(t, "Ctrl-T trims 2 line ends and blanks at its end, which the "
                                  "model would see"));
    term_key(t, "Ctrl-T");
    cr_assert(term_expect_text(t, "3 characters of the text's end trimmed; Ctrl-_"));
    term_type(t, "!");
    cr_assert(term_expect_text(t, "a text!"));
    term_paste(t, " and more");
    cr_assert(term_expect_text(t, "a text! and more"));
    cr_expect(term_expect_no_text(t, "the model would see"));
    quit();
}

/* As a browser's address line: seen as kept, and gone with the first letter. */
Test(app_form, the_prompt_of_the_last_session_gives_way_to_another) {
    start(false, (const char *const[]){"-m", "fake", NULL});
    cr_assert(term_expect_text(t, "fake is loaded"));
    term_type(t, "an old thought");
    quit();
    term_free(t);
    start(false, NULL);
    cr_assert(term_expect_text(t, "Kept from the last time"));
    term_type(t, "new");
    cr_assert(term_expect_text(t, "Prompt          new "));
    cr_expect(term_expect_no_text(t, "Kept from the last time"));
    term_key(t, "Ctrl-_");
    term_key(t, "Ctrl-_");
    cr_assert(term_expect_text(t, "an old thought"));
    quit();
    term_free(t);
    start(false, NULL);
    cr_assert(term_expect_text(t, "Kept from the last time"));
    term_key(t, "End");
    term_type(t, " goes on");
    cr_assert(term_expect_text(t, "an old thought goes on"));
    quit();
}

static void run_text(const char *text, const char *done) {
    term_keys(t, "Ctrl-U");
    term_type(t, text);
    term_key(t, "F5");
    cr_assert(term_expect_text(t, done));
    term_key(t, "e");
    cr_assert(term_expect_text(t, "what to run"));
}

/* As in a shell, also in the next session; arrows that go from field to field go on. */
Test(app_form, what_was_typed_comes_back_with_up_and_from_a_list) {
    start(false, (const char *const[]){"-m", "fake", NULL});
    cr_assert(term_expect_text(t, "fake is loaded"));
    run_text("the first text", "run 1 done");
    run_text("the second text", "run 2 done");
    quit();
    term_free(t);
    start(false, NULL);
    cr_assert(term_expect_text(t, "Kept from the last time"));
    term_type(t, "a draft");
    term_key(t, "Up");
    cr_assert(term_expect_text(t, "Prompt          the second text "));
    cr_expect(term_expect_text(t, "1 of 2 typed before"));
    term_keys(t, "Up Up Up");
    cr_assert(term_expect_text(t, "Prompt          the first text "));
    cr_expect(term_expect_text(t, "2 of 2 typed before"), "the oldest stays");
    term_keys(t, "Down Down");
    cr_assert(term_expect_text(t, "Prompt          a draft "));
    term_keys(t, "Ctrl-R");
    cr_assert(term_expect_text(t, "2 of 2"));
    term_type(t, "first");
    cr_assert(term_expect_text(t, "1 of 2"));
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "Prompt          the first text "));
    term_key(t, "Ctrl-_");
    cr_assert(term_expect_text(t, "Prompt          a draft "));
    term_keys(t, "Down Down Up Up Up Down");
    term_type(t, "!");
    cr_assert(term_expect_text(t, "Prompt          a draft! "));
    quit();
}

Test(app_form, a_draft_is_not_lost_when_another_run_is_shown_or_the_form_is_emptied) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_keys(t, "e Ctrl-U");
    term_type(t, "half a thought");
    term_keys(t, "Esc");
    cr_assert(term_expect_text(t, "8 rows"));
    term_keys(t, "3 Enter e");
    cr_assert(term_expect_text(t, "what to run"));
    term_key(t, "Ctrl-P");
    term_type(t, "empty the form");
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "the form is empty; Ctrl-R has"));
    term_keys(t, "Up Up");
    cr_assert(term_expect_text(t, "Prompt          half a thought "));
    quit();
}

Test(app_form, lines_that_are_asked_for_have_a_history_too) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_keys(t, "3 R");
    cr_assert(term_expect_text(t, "─ rename"));
    term_type(t, "one name");
    term_keys(t, "Enter R Ctrl-U");
    term_type(t, "x");
    term_key(t, "Up");
    cr_assert(term_expect_text(t, "│ one name "));
    term_key(t, "Down");
    cr_assert(term_expect_text(t, "│ x "));
    term_key(t, "Esc");
    cr_assert(term_expect_no_text(t, "│ x "));
    quit();
}

Test(app_form, the_form_of_the_last_session_comes_back) {
    start(false, (const char *const[]){"-m", "fake", NULL});
    cr_assert(term_expect_text(t, "what to run"));
    term_type(t, "half a thought");
    quit();
    term_free(t);
    start(false, NULL);
    cr_assert(term_expect_text(t, "half a thought"));
    quit();
}

Test(app_form, a_foil_from_the_candidates_runs_that_step_with_contrast) {
    start(false, RUN_HI);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_keys(t, "0 l l l l"); /* "o" */
    term_key(t, "c");
    cr_assert(term_expect_text(t, "contrast \"·o\" with"));
    cr_assert(term_expect_text(t, "0.1000"));
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "run 2 done"));
    cr_assert(term_expect_text(t, "contrast_logits_diff"));
    cr_assert(term_expect_text(t, "foil step 5: ·a"));
    cr_assert(term_expect_text(t, "7 rows × 1 generated"));
    cr_assert(term_expect_text(t, "done in"));
    quit();
}

/* A foil belongs to a step of one text: with another text in the form it goes, and so does the
 * function that it had asked for. */
Test(app_form, a_foil_goes_when_the_text_does) {
    start(false, RUN_HI);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_keys(t, "0 l l l l c");
    cr_assert(term_expect_text(t, "contrast \"·o\" with"));
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "run 2 done"));
    term_keys(t, "m");
    cr_assert(term_expect_text(t, "─ method ─"));
    term_type(t, "occlusion");
    term_keys(t, "Enter r");
    cr_assert(term_expect_text(t, "run 3 done"));
    cr_expect(term_expect_text(t, "foil step 5: ·a"), "the text is the same");
    term_keys(t, "e Ctrl-U");
    term_type(t, "The Eiffel Tower is in");
    term_key(t, "F5");
    cr_assert(term_expect_text(t, "run 4 done"));
    cr_expect(term_expect_text(t, "Occlusion of probability"));
    cr_expect(term_expect_no_text(t, "foil step"));
    quit();
}

/* A word that letters of a candidate spell is a foil, too. */
Test(app_form, what_is_typed_may_be_chosen_though_a_candidate_matches) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_keys(t, "0 c");
    cr_assert(term_expect_text(t, "Space marks several"));
    term_type(t, "Rom");
    cr_assert(term_expect_text(t, "1 of 5"));
    cr_assert(term_expect_text(t, "“Rom” as it is typed"));
    term_keys(t, "Down Enter");
    cr_assert(term_expect_text(t, "foil step 1: \"Rom\""));
    cr_assert(term_expect_text(t, "run 2 done"));
    quit();
}

Test(app_form, several_typed_foils_are_a_column_each) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_keys(t, "0 c");
    cr_assert(term_expect_text(t, "Space marks several"));
    term_type(t, "Madrid|Oslo|Bern");
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "3 foils of \"·Paris\""));
    cr_assert(term_expect_text(t, "foil step 1: Madrid | Oslo | Bern"));
    cr_assert(term_expect_text(t, "run 2 done"));
    term_key(t, "c"); /* from there: the same step */
    cr_assert(term_expect_text(t, "contrast \"·Paris\" with"));
    term_type(t, "A||B");
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "none of them empty"));
    quit();
}

Test(app_form, another_whole_text_runs_all_steps) {
    start(false, RUN_HI);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_key(t, "c");
    cr_assert(term_expect_text(t, "contrast \""));
    term_keys(t, "End Enter");
    cr_assert(term_expect_text(t, "Change what should have come instead"));
    term_keys(t, "Ctrl-U");
    term_type(t, "Eu disse oi para a gerente");
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "run 2 done"));
    cr_assert(term_expect_text(t, "contrast \"Eu disse oi para a gerente\""));
    cr_assert(term_expect_text(t, "7 rows × 7 generated"));
    quit();
}

Test(app_form, a_word_that_is_no_candidate_is_a_foil_for_the_step_alone) {
    start_sized(30, 80, false, RUN_HI); /* the form's foil is beyond 24 rows */
    cr_assert(term_expect_text(t, "run 1 done"));
    term_keys(t, "0 l l l l c");
    cr_assert(term_expect_text(t, "contrast \"·o\" with"));
    cr_assert(term_expect_text(t, "or type them: Rome|London"));
    term_type(t, "nenhuma");
    cr_assert(term_expect_text(t, "Enter takes this text"));
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "run 2 done"));
    cr_assert(term_expect_text(t, "foil step 5: \"nenhuma\""));
    cr_assert(term_expect_text(t, "7 rows × 1 generated"));
    term_key(t, "c"); /* against what was generated, not against the column's name */
    cr_assert(term_expect_text(t, "contrast \"·o\" with"));
    cr_assert(term_expect_text(t, "the generated token is 7.5 times as probable"));
    term_key(t, "Esc");
    cr_assert(term_expect_no_text(t, "times as probable"));
    term_keys(t, "e");
    cr_assert(term_expect_text(t, "what to run"));
    cr_assert(term_expect_text(t, "step 5: \"nenhuma\""));
    quit();
}

Test(app_form, several_words_typed_at_a_step_are_for_that_step_alone) {
    start(false, RUN_HI);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_keys(t, "0 l l l l c");
    cr_assert(term_expect_text(t, "contrast \"·o\" with"));
    term_type(t, "uma outra");
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "run 2 done"));
    cr_assert(term_expect_text(t, "foil step 5: \"uma outra\""));
    cr_assert(term_expect_text(t, "7 rows × 1 generated"));
    cr_assert(term_expect_text(t, "done in"));
    quit();
}

Test(app_form, the_contrasts_options_are_there_and_checked) {
    start_sized(60, 200, false, (const char *const[]){"-m", "fake-mt", NULL});
    cr_assert(term_expect_text(t, "what to run"));
    term_type(t, "I said hi to the manager");
    cr_assert(term_expect_text(t, "▸ Contrast"));
    term_keys(t, "Down Down Down Down Down Down Down Down Down Enter");
    cr_assert(term_expect_text(t, "Its source    "));
    cr_assert(term_expect_text(t, "< from the end >"));
    cr_assert(term_expect_text(t, "Force inputs"));
    term_keys(t, "Down Down Right Right");
    cr_assert(term_expect_text(t, "< by what they share >"));
    term_keys(t, "Right Right");
    cr_assert(term_expect_text(t, "< by hand >"));
    cr_assert(term_expect_text(t, "  pairs"));
    term_key(t, "Down");
    term_type(t, "1, 2");
    term_key(t, "F5");
    cr_assert(term_expect_text(t, "pairs: not a list of pairs"));
    term_key(t, "Ctrl-U");
    term_type(t, "[[1, 2]]");
    term_key(t, "F5");
    cr_assert(term_expect_text(t, "run 1 done"));
    quit();
}

Test(app_form, a_formula_is_typed_where_the_function_is_chosen) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_key(t, "t");
    term_type(t, "formula");
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "  formula"));
    term_key(t, "F5");
    cr_assert(term_expect_text(t, "formula: type one"));
    term_type(t, "logit(y) - entrop()");
    term_key(t, "F5");
    cr_assert(term_expect_text(t, "entrop"));
    cr_assert(term_expect_text(t, "what to run"));
    term_key(t, "Ctrl-U");
    term_type(t, "logit(y) - entropy()");
    term_key(t, "F5");
    cr_assert(term_expect_text(t, "run 2 done"));
    cr_assert(term_expect_text(t, "of logit(y) - entropy()"));
    quit();
}
