/* What a person has waited for, or typed, is not lost to a key. */
#include "app/commands/command_table.h"
#include "app/tui/front.h"
#include "tests/app/tui/session.h"
#include "views/terminal/input.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct attribute_request eiffel = {.input_text = "The Eiffel Tower is in"};

TestSuite(careful, .fini = session_end);

/* One column of four is there. */
static struct app *begin_gated(void) {
    struct app *a = session_begin("fake", &eiffel, true);
    session_steps(2 + 4 + 1);
    session_wait_columns(1);
    return a;
}

Test(careful, a_run_of_a_while_is_not_thrown_away_unasked) {
    struct app *a = begin_gated();
    const struct run *first = a->job.run;
    a->now_ms += 6000;
    session_keys("r");
    cr_assert(overlay_is_open(&a->overlay));
    cr_expect_not_null(strstr(a->overlay.text, "Run 1 has been under way for 6 s"));
    session_keys("n");
    cr_expect_not(overlay_is_open(&a->overlay));
    cr_expect_eq(a->job.run, first);
    cr_expect_eq(first->status, RUN_RUNNING);
    session_keys("F5 y");
    cr_assert_neq(a->job.run, first);
    cr_expect_eq(first->status, RUN_CANCELLED);
    cr_assert_not_null(first->result);
    cr_expect_eq(first->result->sequences[0].n_done, 1, "the finished column is kept");
    session_steps(99);
}

Test(careful, a_run_that_has_just_begun_gives_way) {
    struct app *a = begin_gated();
    const struct run *first = a->job.run;
    a->now_ms += 4000;
    session_keys("r");
    cr_expect_not(overlay_is_open(&a->overlay));
    cr_expect_neq(a->job.run, first);
    session_steps(99);
}

Test(careful, a_measurement_is_not_thrown_away_either) {
    struct app *a = session_begin("fake", &eiffel, true);
    session_steps(99);
    session_wait();
    a->job.evaluating = true; /* the scripted engine measures nothing */
    a->job.generation = 77;
    a->job.begun_ms = a->now_ms;
    a->now_ms += 200000;
    session_keys("r");
    cr_assert(overlay_is_open(&a->overlay));
    cr_expect_not_null(strstr(a->overlay.text, "Faithfulness has been measured for 3 min"));
    session_keys("n M");
    cr_expect_eq(a->job.generation, 77);
    session_keys("F10");
    cr_expect(overlay_is_open(&a->overlay));
    cr_expect_eq(a->wants & WANT_QUIT, 0);
}

/* In every view, after each character that means nothing there. */
Test(careful, letters_after_one_that_means_nothing_go_nowhere) {
    struct app *a = session_begin("fake", &eiffel, false);
    session_wait();
    for (int view = 0; view < VIEW_COUNT; view++)
        for (int key = '!'; key < 0x7F && view != VIEW_FORM && view != VIEW_MODELS; key++) {
            app_go(a, (enum app_view)view);
            a->now_ms += 5000;
            if (app_find_command(app_context(a), key) != COMMAND_NONE)
                continue;
            session_type((char[]){(char)key, 'e', 'i', 'q', 'M', 'D', 'y', 0});
            cr_assert(a->view == (enum app_view)view && !a->form_focus, "%c in %d", key, view);
            cr_assert_not(overlay_is_open(&a->overlay), "%c in %d", key, view);
            cr_assert_str_eq(edit_text(&form_find(&a->form.form, FIELD_PROMPT)->edit),
                             eiffel.input_text);
            cr_assert_not_null(strstr(a->message, "eiqMDy means nothing here"), "%s", a->message);
        }
}

Test(careful, a_letter_after_a_while_is_a_command_again) {
    struct app *a = session_begin("fake", &eiffel, false);
    session_wait();
    session_keys("3 ;");
    a->now_ms += 1500;
    session_keys("e");
    cr_expect(a->form_focus);
    session_keys("Esc 3 ; Right"); /* and after a key that is no letter */
    a->now_ms += 100;
    session_keys("M");
    cr_expect_eq(a->view, VIEW_MODELS);
}
