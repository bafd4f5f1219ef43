/* A context attribution in the program: its marks, its keys, while it runs and when it is read
 * again. */
#include "tests/app/tui/session.h"

#include "app/commands/handlers.h"
#include "app/tui/context_shown.h"
#include "app/tui/dispatch.h"
#include "app/tui/shown.h"
#include "backend/base/mem.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(app_context, .fini = session_end);

static const struct attribute_request around = {.input_text = "She lives in",
                                                .input_context = "My sister moved south."};

static struct app *begin(const char *model) {
    struct app *a = session_begin(model, &around, false);
    session_wait();
    return a;
}

Test(app_context, marks_what_it_changes_and_its_cues) {
    begin("fake");
    cr_expect(session_shows("context-map"));
    session_keys("4");
    cr_expect(session_shows("context-text"));
}

Test(app_context, of_a_translator_marks_the_source) {
    begin("fake-mt");
    cr_expect(session_shows("context-source"));
}

/* The tokens are known before their cues. */
Test(app_context, streams_its_columns) {
    struct app *a = session_begin("fake", &around, true);
    session_steps(2 + 4 + 1); /* loading, tokens, a column */
    session_wait_columns(1);
    const struct context_view *v = app_show_context(a);
    cr_assert_not_null(v);
    cr_assert_eq(v->n, 2);
    cr_expect(v->tokens[0].column == 0 && v->tokens[0].rank == 2 && v->tokens[0].known);
    cr_expect(v->tokens[1].column == 2 && v->tokens[1].rank == 1 && !v->tokens[1].known);
    cr_expect(session_shows("context-running"));
    session_steps(4);
    session_wait();
    v = app_show_context(a);
    cr_expect(v->tokens[1].known && v->tokens[1].n_cues > 0);
    cr_expect_eq(a->map.column, 2, "what it changes most");
}

Test(app_context, keys_go_round_what_it_changes) {
    struct app *a = begin("fake");
    cr_assert_eq(a->map.column, 2);
    session_keys(";");
    cr_expect(a->map.column == 0 && a->text.column == 0);
    session_keys(";");
    cr_expect_eq(a->map.column, 2);
    session_keys("l ,");
    cr_expect_eq(a->map.column, 2);
    session_keys(",");
    cr_expect_eq(a->map.column, 0);
}

Test(app_context, a_key_goes_to_the_strongest_cue_and_back) {
    struct app *a = begin("fake");
    const struct context_view *v = app_show_context(a);
    const struct context_row *cue = &context_view_token(v, 2)->strongest;
    session_keys("G");
    const size_t before = map_cursor_row(&a->map);
    session_keys("'");
    const size_t row = map_cursor_row(&a->map);
    cr_expect(a->map.rows[row].target == cue->target && a->map.rows[row].index == cue->index);
    cr_expect(a->text.focus.on && a->text.focus.index == cue->index);
    cr_expect_not_null(strstr(a->message, "in the context"), "%s", a->message);
    session_keys("4 '");
    cr_expect_eq(map_cursor_row(&a->map), before, "also from the text");
    cr_expect(!a->text.focus.on);
    session_keys("1 ' k '");
    cr_expect(a->text.focus.on, "from elsewhere it goes there again");
    session_keys(";");
    cr_expect(!a->text.focus.on, "another token has other cues");
    session_keys("l '");
    cr_expect_not_null(strstr(a->message, "does not change this token"));
}

Test(app_context, keys_of_the_legend_can_be_pressed) {
    struct app *a = begin("fake");
    cr_assert(session_mouse(MOUSE_PRESS, 24, 80, "' to the cue"));
    cr_expect(a->text.focus.on);
    cr_assert(session_mouse(MOUSE_PRESS, 24, 80, "; , next"));
    cr_expect_eq(a->map.column, 0);
}

Test(app_context, words_are_marked_as_their_tokens_are) {
    struct app *a = begin("fake");
    session_keys("U"); /* words */
    const struct context_view *v = app_show_context(a);
    cr_assert(v && v->n == 2);
    cr_expect_eq(v->parts[CONTEXT_INPUT].to - v->parts[CONTEXT_INPUT].from, 4);
    cr_expect(context_view_token(v, app_raw_columns(a, v->tokens[1].column).from == 2
                                        ? v->tokens[1].column
                                        : -1) != NULL);
}

Test(app_context, that_changes_nothing_says_so) {
    struct attribute_request r = around;
    r.input_context = "nothing at all";
    struct app *a = session_begin("fake", &r, false);
    session_wait();
    const struct context_view *v = app_show_context(a);
    cr_assert_not_null(v);
    cr_expect_eq(v->n, 0);
    session_keys(";");
    cr_expect_not_null(strstr(a->message, "changes no token"));
}

Test(app_context, keys_of_other_results_say_what_to_do) {
    struct attribute_request r = {.input_text = "She lives in"};
    struct app *a = session_begin("fake", &r, false);
    session_wait();
    cr_expect_null(app_show_context(a));
    session_keys("'");
    cr_expect_not_null(strstr(a->message, "of no context"));
}

Test(app_context, its_run_is_told_from_others_in_the_list) {
    struct app *a = begin("fake");
    session_keys("3");
    cr_expect_str_eq(runs_list_contrast(a->current), "My sister moved south.");
    session_keys("/");
    session_type("moved");
    cr_expect_eq(a->listed.n, 1);
    session_type("x");
    cr_expect_eq(a->listed.n, 0);
}

/* What is said of the column under the cursor; owned by the caller. */
static char *state_of(struct app *a) {
    struct parts p = {0};
    (void)app_show_context(a);
    app_context_state(&p, a);
    char *text = parts_text(&p, false);
    parts_dispose(&p);
    return text;
}

Test(app_context, says_which_documents_a_cue_and_a_sentence_rest_on) {
    struct attribute_request r = {.input_text = "She lives in", .document_template = "{text}\n"};
    struct app *a = session_begin("fake", NULL, false);
    const char *paths[2];
    session_file("a.txt", "My sister moved");
    session_file("b.txt", "a long way south");
    for (int i = 0; i < 2; i++)
        paths[i] = mem_format("%s/%c.txt", a->open_folder, 'a' + i);
    r.documents = (struct names){paths, 2};
    form_fields_fill(&a->form, "fake", &r);
    session_keys("F5");
    session_wait();
    cr_assert(a->current && a->current->status == RUN_DONE, "%s", a->message);
    const struct context_view *v = app_show_context(a);
    cr_assert(v && v->n == 2 && v->n_documents == 2);
    const struct context_token *t = context_view_token(v, 2);
    const size_t number = context_view_document(v, t->strongest.target, t->strongest.index);
    cr_assert(number == 1 || number == 2);
    char *said = state_of(a),
         *named = mem_format("in %zu %c.txt", number, (char)('a' + number - 1));
    cr_expect_not_null(strstr(said, named), "%s should have %s", said, named);
    cr_expect_not_null(strstr(said, "cites ["), "%s", said);
    cr_expect_str_eq(context_view_mark(v, 1, true, 0), "¹", "the first document begins");
    cr_expect_str_eq(context_view_mark(v, 1, true, v->documents[1].part.from), "²");
    cr_expect_str_eq(context_view_mark(v, 1, true, v->documents[1].part.from + 1), CONTEXT_PART);
    session_keys("'");
    mem_replace(&named, mem_format("in document %zu, %c.txt", number, (char)('a' + number - 1)));
    cr_expect_not_null(strstr(a->message, named), "%s", a->message);
    free(said);
    free(named);
    for (int i = 0; i < 2; i++)
        free((char *)paths[i]);
}

Test(app_context, documents_that_are_not_there_are_said_at_their_field) {
    static const char *const paths[] = {"/nonexistent/one.txt"}, *const pipes[] = {"/dev/null"};
    struct attribute_request r = {.input_text = "She lives in", .documents = {paths, 1}};
    struct app *a = session_begin("fake", NULL, false);
    form_fields_fill(&a->form, "fake", &r);
    session_keys("F5");
    cr_expect_eq(form_focused(&a->form.form)->id, FIELD_DOCUMENTS);
    cr_expect_not_null(strstr(a->message, "/nonexistent/one.txt"), "%s", a->message);
    r.documents.items = pipes;
    form_fields_fill(&a->form, "fake", &r);
    session_keys("F5");
    cr_expect_not_null(strstr(a->message, "no file to read"), "%s", a->message);
    cr_expect_null(a->current);
}

/* Fewer positions are nothing that it could be run with. */
Test(app_context, too_large_is_offered_what_a_context_takes) {
    struct app *a = session_begin("fake-big", NULL, false);
    session_memory(25000000);
    form_fields_fill(&a->form, "fake-big",
                     &(struct attribute_request){.input_text = "She lives in"});
    session_keys("F5");
    session_wait();
    cr_assert(a->offer.request.input_text && a->offer.end > 0, "%s", a->message);
    session_keys("Esc");
    form_fields_fill(&a->form, "fake-big", &around);
    a->form_focus = true;
    session_keys("F5");
    session_wait();
    cr_assert(a->offer.request.input_context, "%s", a->message);
    cr_expect_eq(a->offer.end, 0);
}

Test(app_context, that_fails_says_so_at_its_field) {
    struct attribute_request r = around;
    r.input_context = "no part of it";
    struct app *a = session_begin("fake", &r, false);
    session_wait();
    cr_expect_not_null(strstr(a->message, "give it with \"Output context\""), "%s", a->message);
    cr_expect_eq(form_focused(&a->form.form)->id, FIELD_OUTPUT_CONTEXT);
    cr_expect_not_null(form_focused(&a->form.form)->error);
}

/* Others keep theirs: one is given for each token that the context changes. */
Test(app_context, a_foil_is_picked_for_the_token_under_the_cursor) {
    struct app *a = begin("fake");
    session_keys("c");
    session_type("Lyon");
    session_keys("Enter");
    session_wait();
    const struct attribute_request *r = &a->current->request;
    cr_expect_eq(a->current->number, 2);
    cr_assert_eq(r->context_foils.n, 2);
    cr_expect_str_eq(r->context_foils.items[0], "Lyon");
    cr_expect_str_eq(r->context_foils.items[1], "London");
    cr_expect(!foil_given(&r->foil) && strncmp(r->attributed_fn, "contrast", 8) == 0);
    session_keys("0 c Down Down Enter"); /* one of the model's candidates, and the other stays */
    session_wait();
    r = &a->current->request;
    cr_assert(a->current->number == 3 && r->context_foils.n == 2);
    cr_expect_str_eq(r->context_foils.items[0], "Spain", "as that run found it");
    cr_expect_str_eq(r->context_foils.items[1], "Berlin");
    session_keys("l c");
    cr_expect_not_null(strstr(a->message, "does not change this token"), "%s", a->message);
}

/* From the disk it is the same, and its command is the whole's. */
Test(app_context, is_kept_and_read_again) {
    struct app *a = begin("fake");
    struct run *r = a->current;
    struct err e;
    session_keys("Ctrl-Y");
    cr_expect_str_eq(a->copy, "tinseq attribute-context --made_up");
    app_set_current(a, NULL);
    cr_expect_null(app_show_context(a));
    attribution_release(r->result);
    r->result = NULL;
    cr_assert_eq(run_store_load(&a->store, r, &e), ERR_OK, "%s", e.message);
    r->look = (struct run_look){0}; /* as in another session */
    a->context_run = NULL;
    app_set_current(a, r);
    session_keys("0");
    const struct context_view *v = app_show_context(a);
    cr_expect(a->map.column == 2 && a->text.column == 2, "what it changes most is seen first");
    cr_assert_not_null(v);
    cr_expect(v->n == 2 && v->tokens[1].rank == 1 && v->tokens[1].n_cues > 0);
    cr_expect(map_column_done(&a->map, 2) && !map_column_done(&a->map, 1));
    session_keys("3 1"); /* what it says of saving goes */
    a->message[0] = 0;
    cr_expect(session_shows("context-kept"));
    cr_expect(request_has_context(&r->request));
    cr_expect_str_eq(r->request.input_context, "My sister moved south.");
}

Test(app_context, cancelled_keeps_what_is_finished) {
    struct app *a = session_begin("fake", &around, true);
    session_steps(2 + 4 + 1);
    session_wait_columns(1);
    session_keys("x");
    session_wait();
    const struct context_view *v = app_show_context(a);
    cr_assert_not_null(v);
    cr_expect(v->n == 2 && v->tokens[0].known && !v->tokens[1].known);
    cr_expect_eq(a->current->status, RUN_CANCELLED);
}
