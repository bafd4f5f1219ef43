/* A foil and a span are of tokens of one text of one model: with another they go. */
#include "app/form/fields.h"
#include "app/tui/state.h"
#include "tests/app/tui/session.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct form_fields f;

static void set(int id, const char *text) {
    edit_set(&form_find(&f.form, id)->edit, text);
    form_fields_changed(&f, id);
}

static const char *text_of(int id) {
    return edit_text(&form_find(&f.form, id)->edit);
}

static void begin(void) {
    const struct attribute_request r = {.input_text = "The Eiffel Tower is in",
                                        .span = span_make(6, 8, true)};
    form_fields_init(&f);
    form_fields_fill(&f, "m", &r);
}

static void end(void) {
    form_fields_dispose(&f);
}

/* What would be kept for the next session. */
static struct attribute_request kept(void) {
    struct attribute_request r;
    cr_assert(form_fields_read(&r, &f));
    return r;
}

static void expect_gone(void) {
    struct attribute_request r = kept();
    cr_expect_not(span_given(&r.span), "not kept");
    cr_expect_str_eq(text_of(FIELD_SPAN), "6:8", "still shown: the text may come back");
    request_dispose(&r);
    const char *gone = form_fields_drop_stale(&f);
    cr_assert_not_null(gone);
    cr_expect_str_eq(gone, "the span");
    cr_expect_str_eq(text_of(FIELD_SPAN), "");
}

TestSuite(stale, .init = begin, .fini = end);

Test(stale, a_span_stays_with_its_text) {
    struct attribute_request r = kept();
    cr_expect(span_given(&r.span));
    request_dispose(&r);
    set(FIELD_PROMPT, "another");
    set(FIELD_PROMPT, "The Eiffel Tower is in");
    cr_expect_null(form_fields_drop_stale(&f));
    cr_expect_str_eq(text_of(FIELD_SPAN), "6:8");
}

Test(stale, a_span_goes_with_the_prompt) {
    set(FIELD_PROMPT, "The Eiffel Tower is not in");
    expect_gone();
}

Test(stale, a_span_goes_with_the_model) {
    set(FIELD_MODEL, "another");
    expect_gone();
}

Test(stale, a_span_goes_with_the_forced_text) {
    set(FIELD_FORCED, "The Eiffel Tower is in Rome");
    expect_gone();
}

Test(stale, a_span_typed_for_the_new_text_is_its) {
    set(FIELD_PROMPT, "another text of some words");
    set(FIELD_SPAN, "7:9");
    cr_expect_null(form_fields_drop_stale(&f));
    cr_expect_str_eq(text_of(FIELD_SPAN), "7:9");
}

Test(stale, a_span_typed_before_any_text_is_for_the_first) {
    set(FIELD_PROMPT, "");
    set(FIELD_SPAN, "7:9");
    set(FIELD_PROMPT, "some words");
    cr_expect_null(form_fields_drop_stale(&f));
    set(FIELD_PROMPT, "others");
    cr_expect_not_null(form_fields_drop_stale(&f));
}

Test(stale, a_foil_of_another_text_is_not_kept_and_nor_is_its_function) {
    const struct foil foil = {.step = {true, 1}, .id = 7};
    form_fields_set_span(&f, &(struct span){0});
    form_fields_set_foil(&f, &foil, "x");
    form_fields_want_contrast(&f);
    struct attribute_request r = kept();
    cr_expect(foil_given(&r.foil));
    cr_expect_str_eq(r.attributed_fn, "contrast_logits_diff");
    request_dispose(&r);
    set(FIELD_PROMPT, "another");
    r = kept();
    cr_expect_not(foil_given(&r.foil));
    cr_expect_str_eq(r.attributed_fn, "probability");
    request_dispose(&r);
    cr_expect_str_eq(form_fields_drop_stale(&f), "the foil");
    cr_expect_str_eq(form_field_chosen(form_find(&f.form, FIELD_FUNCTION)), "probability");
}

static void choose_method(const char *id) {
    form_field_choose(form_find(&f.form, FIELD_METHOD), id);
    form_fields_refresh(&f);
}

Test(stale, a_foil_has_its_function_again_after_a_method_without_any) {
    const struct foil foil = {.step = {true, 1}, .id = 7};
    form_fields_set_foil(&f, &foil, "x");
    form_fields_want_contrast(&f);
    choose_method("attention");
    cr_assert_null(form_find(&f.form, FIELD_FUNCTION));
    choose_method("integrated_gradients");
    cr_expect_str_eq(form_field_chosen(form_find(&f.form, FIELD_FUNCTION)), "contrast_logits_diff");
    form_fields_clear_foil(&f);
    choose_method("attention");
    choose_method("saliency");
    cr_expect_str_eq(form_field_chosen(form_find(&f.form, FIELD_FUNCTION)), "probability");
}

/* --- the program --- */

Test(remembered, the_model_is_the_last_that_loaded, .fini = session_end) {
    struct app *a = session_begin("fake", NULL, false);
    session_wait();
    app_keep_settings(a);
    cr_assert_str_eq(a->settings.model, "fake");
    edit_set(&form_find(&a->form.form, FIELD_MODEL)->edit, "broken");
    edit_set(&form_find(&a->form.form, FIELD_PROMPT)->edit, "a text");
    session_keys("F5");
    session_wait();
    app_keep_settings(a);
    cr_expect_str_eq(a->settings.model, "fake");
    edit_set(&form_find(&a->form.form, FIELD_MODEL)->edit, "fake-mt");
    app_keep_settings(a);
    cr_expect_str_eq(a->settings.model, "fake", "nothing has loaded it");
    session_keys("F5");
    session_wait();
    app_keep_settings(a);
    cr_expect_str_eq(a->settings.model, "fake-mt");
}

Test(remembered, a_run_says_that_the_span_is_gone, .fini = session_end) {
    const struct attribute_request r = {.input_text = "The Eiffel Tower is in",
                                        .span = span_make(6, 8, false)};
    struct app *a = session_begin("fake", &r, false);
    session_wait();
    cr_assert_eq(a->current->n_columns, 1);
    session_keys("e");
    session_type("!");
    session_keys("F5");
    cr_expect_not_null(strstr(a->message, "run 2: the span is gone"), "%s", a->message);
    session_wait();
    cr_expect_not(span_given(&a->current->request.span));
    cr_expect_gt(a->current->n_columns, 1);
}
