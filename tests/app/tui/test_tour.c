/* The tour in the program: from stop to stop, and back to what one had. */
#include "tests/app/tui/session.h"

#include "app/tour/tour.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(app_tour, .fini = session_end);

static struct app *begin(void) {
    struct app *a = session_begin("fake", NULL, false);
    session_wait();
    session_model("en-pt");
    session_model("smollm2");
    return a;
}

static const char *prompt(const struct app *a) {
    return edit_text(&form_find(&a->form.form, FIELD_PROMPT)->edit);
}

Test(app_tour, each_stop_fills_the_form_and_runs) {
    struct app *a = begin();
    for (size_t i = 0; i < tour_stops(); i++) {
        const struct tour_stop *stop = tour_stop(i);
        const size_t before = a->store.n;
        session_keys("Alt-n");
        session_wait();
        cr_expect_eq(a->tour.at, i);
        cr_expect_eq(a->store.n, before + 1, "stop %zu", i + 1);
        cr_expect_str_eq(prompt(a), stop->request.input_text);
        cr_assert_not_null(a->current);
        cr_expect_str_eq(a->current->model, stop->model);
        const bool beyond = request_has_context(&stop->request); /* the fake has no contexts */
        cr_expect(beyond || a->current->status == RUN_DONE, "stop %zu: %s", i + 1,
                  a->current->error);
        cr_expect(request_equal(&a->current->request, &a->tour.request), "stop %zu", i + 1);
    }
    session_keys("Alt-n");
    cr_expect_eq(a->tour.at, tour_stops() - 1);
    cr_expect_not_null(strstr(a->message, "last step"));
}

Test(app_tour, a_stop_that_was_run_is_shown_again) {
    struct app *a = begin();
    session_keys("Alt-n");
    session_wait();
    const struct run *first = a->current;
    session_keys("p");
    session_wait();
    const size_t n = a->store.n;
    cr_expect_neq(a->current, first);
    session_keys("P");
    cr_expect_eq(a->current, first);
    cr_expect_eq(a->job.generation, 0);
    cr_expect_eq(a->store.n, n);
    session_keys("P");
    cr_expect_not_null(strstr(a->message, "first step"));
}

Test(app_tour, leaving_it_gives_the_form_back) {
    struct app *a = begin();
    session_type("my own words");
    session_keys("Alt-n");
    session_wait();
    cr_expect(a->tour.on);
    cr_expect_str_neq(prompt(a), "my own words");
    session_keys("Alt-l");
    cr_expect_not(a->tour.on);
    cr_expect_str_eq(prompt(a), "my own words");
    cr_expect_str_eq(form_fields_model(&a->form), "fake");
    session_keys("Alt-l");
    cr_expect_not_null(strstr(a->message, "nobody is on the tour"));
}

Test(app_tour, goes_on_where_it_was_left) {
    struct app *a = begin();
    session_keys("Alt-n Alt-n");
    session_wait();
    session_keys("Alt-l Alt-n");
    session_wait();
    cr_expect_eq(a->tour.at, 1);
}

Test(app_tour, without_its_model_nothing_is_run) {
    struct app *a = session_begin("fake", NULL, false);
    session_wait();
    session_keys("Alt-n");
    cr_expect(a->tour.missing);
    cr_expect_eq(a->store.n, 0);
    cr_expect_eq(a->job.generation, 0);
    cr_expect_not_null(strstr(a->message, "make models"));
    session_model("en-pt");
    session_keys("F5");
    session_wait();
    cr_assert_not_null(a->current);
    cr_expect_eq(a->current->status, RUN_DONE);
}
