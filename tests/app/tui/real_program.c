/* The terminal program as it is installed, on the models of `make models`, over a pseudo-terminal:
 * what README's first minutes promise. */
#include "harness/term.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/discovery.h"
#include "tests/app/tui/installed.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct term *t;

static void finish(void) {
    term_free(t);
    installed_finish();
}

TestSuite(app_real, .init = installed_prepare, .fini = finish, .timeout = 110);

static void start(const char *const *arguments) {
    const char *argv[16] = {program}, *env[8];
    size_t n = 1;
    for (; arguments[n - 1] && n < 15; n++)
        argv[n] = arguments[n - 1];
    char *folder = models_folder();
    char *home_is = mem_format("HOME=%s", home),
         *state = mem_format("XDG_STATE_HOME=%s/state", home),
         *config = mem_format("XDG_CONFIG_HOME=%s/config", home);
    char *models = mem_format("TINSEQ_MODELS=%s", folder);
    memcpy(env, (const char *[]){home_is, state, config, models, NULL}, 5 * sizeof *env);
    t = term_spawn(30, 110, argv, env);
    cr_assert_not_null(t);
    free(folder);
    free(home_is);
    free(state);
    free(config);
    free(models);
}

static void quit(void) {
    term_key(t, "F10");
    cr_expect_eq(term_wait_exit(t), 0);
}

/* The cursor on the row whose token has `word`; what the detail says of it there. */
static bool detail_of(const char *word, const char *says) {
    term_keys(t, "/ Ctrl-U");
    term_type(t, word);
    term_key(t, "Enter");
    return term_expect_text(t, "rows match") && term_expect_text(t, says);
}

static char *export_to(const char *leaf, const char *moves) {
    char *path = mem_format("%s/%s", home, leaf), *text = NULL;
    struct err e = {0};
    size_t n;
    term_key(t, "E");
    cr_assert(term_expect_text(t, "export as"));
    term_keys(t, moves);
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "Write to"));
    term_key(t, "Ctrl-U");
    term_type(t, path);
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "written:"));
    cr_assert_eq(file_read(&text, &n, path, 1 << 26, &e), ERR_OK, "%s", e.message);
    free(path);
    return text;
}

#define SENTENCE "I said hi to the manager"

/* README's example: why "o" and not "a"? Because of the manager. */
Test(app_real, the_gender_of_the_manager_is_asked_of_the_map_and_exported) {
    start((const char *const[]){"-m", "en-pt", NULL});
    cr_assert(term_expect_text(t, "en-pt is loaded"));
    term_type(t, SENTENCE);
    term_key(t, "F5");
    cr_assert(term_expect_text(t, "run 1 done"));
    cr_assert(term_expect_text(t, "7 rows × 8 generated"));
    term_key(t, "4");
    cr_assert(term_expect_text(t, "[Eu] disse oi para"));
    term_keys(t, "1 0 l l l l l c");
    cr_assert(term_expect_text(t, "contrast \"·o\" with"));
    cr_assert(term_expect_text(t, "0.0067"));
    term_key(t, "Enter"); /* the most probable of the others */
    cr_assert(term_expect_text(t, "run 2 done"));
    cr_assert(term_expect_text(t, "foil step 6: ·a"));
    cr_assert(term_expect_text(t, "7 rows × 1 generated"));
    cr_expect(
        detail_of("manager",
                  "rank   2 of 7")); /* of the words the largest: only the text's end is above it */
    cr_expect(detail_of("</s>", "rank   1 of 7"));
    term_key(t, "m");
    term_type(t, "integrated");
    term_keys(t, "Enter r");
    cr_assert(term_expect_text(t, "run 3 done"));
    cr_expect(detail_of("manager", "rank   1 of 7"));

    char *html = export_to("a.html", "Up");
    cr_expect(strstr(html, "<html") && strstr(html, "manager") && strstr(html, "gerente"), "%.200s",
              html);
    free(html);
    char *json = export_to("a.json", "Down");
    cJSON *all = cJSON_Parse(json);
    const cJSON *info = cJSON_GetObjectItem(cJSON_GetObjectItem(all, "attributes"), "info");
    cr_assert(all && info, "%.300s", json);
    cr_expect_str_eq(cJSON_GetStringValue(cJSON_GetObjectItem(info, "attribution_method")),
                     "integrated_gradients");
    cr_expect(strstr(json, "\xE2\x96\x81manager") || strstr(json, "\\u2581manager"));
    cJSON_Delete(all);
    free(json);
    quit();
}

Test(app_real, the_tour_runs_and_says_what_to_look_at) {
    start((const char *const[]){"-m", "en-pt", NULL});
    cr_assert(term_expect_text(t, "en-pt is loaded"));
    term_key(t, "Alt-n");
    cr_assert(term_expect_text(t, "run 1 done"));
    cr_expect(term_expect_text(t, "[.605]"));
    cr_expect(term_expect_text(t, "Look at: \"Hello\""));
    term_key(t, "Alt-t");
    cr_assert(term_expect_text(t, "the tour: published findings"));
    term_type(t, "barking");
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "run 2 done"));
    cr_expect(term_expect_text(t, "Look at: \"dog\" .28"));
    cr_expect(detail_of("dog", "rank   1 of 6"));
    term_key(t, "Alt-l");
    cr_expect(term_expect_text(t, "as it was before the tour"));
    quit();
}

Test(app_real, a_methods_options_are_edited_checked_and_used) {
    start((const char *const[]){"-m", "en-pt", NULL});
    cr_assert(term_expect_text(t, "en-pt is loaded"));
    term_type(t, SENTENCE);
    term_key(t, "F6");
    cr_assert(term_expect_text(t, "Saliency"));
    term_type(t, "integrated");
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "n_steps"));
    term_keys(t, "Tab Tab Tab Tab Tab Tab Tab Tab Enter Tab Ctrl-U");
    term_type(t, "0");
    term_key(t, "F5");
    cr_assert(term_expect_text(t, "n_steps: "));
    term_key(t, "Ctrl-U");
    term_type(t, "7");
    term_key(t, "F5");
    cr_assert(term_expect_text(t, "run 1 done"));
    char *json = export_to("ig.json", "Home");
    cr_expect(strstr(json, "\"n_steps\":7") || strstr(json, "\"n_steps\": 7"), "%.2000s",
              strstr(json, "\"info\"") ? strstr(json, "\"info\"") : json);
    free(json);
    quit();
}

Test(app_real, two_methods_on_one_text_are_compared) {
    start((const char *const[]){"-m", "en-pt", "-i", SENTENCE, NULL});
    cr_assert(term_expect_text(t, "run 1 done"));
    term_key(t, "m");
    term_type(t, "input");
    term_keys(t, "Enter r");
    cr_assert(term_expect_text(t, "run 2 done"));
    term_keys(t, "3 Space Down Space");
    cr_assert(term_expect_text(t, "A is run 2, B is run 1"));
    term_key(t, "=");
    cr_assert(term_expect_text(t, "A 2 Input"));
    cr_assert(term_expect_text(t, "B 1 Saliency"));
    cr_assert(term_expect_text(t, "A and B for"));
    cr_expect(term_expect_text(t, "Spearman .964"));
    quit();
}

/* The whole translation's last three words as one target, by a method whose columns add up, and by
 * one that refuses. */
Test(app_real, a_span_is_selected_on_the_map_and_explained_as_one) {
    start((const char *const[]){"-m", "en-pt", "-i", SENTENCE, "-a", "input_x_gradient", NULL});
    cr_assert(term_expect_text(t, "run 1 done"));
    term_keys(t, "0 l l l l v l l V");
    cr_assert(term_expect_text(t, "3 tokens, \"·para … ·gerente\", as one target"));
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "run 2 done"));
    cr_assert(term_expect_text(t, "7 rows × span 5:8, sum"));
    cr_assert(term_expect_text(t, "·para … ·gerente"));
    char *json = export_to("span.json", "Home");
    cr_expect(strstr(json, "\"span_start\": 5") || strstr(json, "\"span_start\":5"));
    free(json);
    term_key(t, "m");
    term_type(t, "guided");
    term_keys(t, "Enter r"); /* the form still has the span */
    cr_assert(
        term_expect_text(t, "guided_integrated_gradients of a sum is not the sum over its tokens"));
    quit();
}

Test(app_real, faithfulness_of_what_is_shown) {
    start((const char *const[]){"-m", "en-pt", "-i", SENTENCE, NULL});
    cr_assert(term_expect_text(t, "run 1 done"));
    term_key(t, "F");
    cr_assert(term_expect_text(t, "faithfulness"));
    cr_assert(term_expect_text(t, "random"));
    cr_assert(term_expect_text(t, "omprehensiveness"));
    term_key(t, "Esc");
    cr_assert(term_expect_no_text(t, "omprehensiveness"));
    quit();
}

Test(app_real, quitting_during_a_run_keeps_its_finished_columns) {
    start((const char *const[]){"-m", "smollm2", "-i", "The Eiffel Tower is located in the city of",
                                "-a", "integrated_gradients", "--attribution_kwargs",
                                "{\"n_steps\": 60}", NULL});
    cr_assert(term_expect_text(t, "5 generated"));
    /* A value under the cursor: a column came, and the program has it. */
    cr_assert(term_expect_text(t, "rank   "));
    term_key(t, "Q");
    cr_assert(term_expect_text(t, "Quit and keep its finished columns?"));
    term_key(t, "y");
    cr_expect_eq(term_wait_exit(t), 0);
    cr_expect(!term_modes(t).alternate);
    term_free(t);
    start((const char *const[]){"-m", "en-pt", NULL});
    cr_assert(term_expect_text(t, "en-pt is loaded"));
    term_key(t, "Esc");
    cr_assert(term_expect_text(t, "Nothing to show yet"));
    term_key(t, "3");
    cr_assert(term_expect_text(t, "cancelled"));
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "14 rows × 5 generated"));
    cr_expect(term_expect_text(t, " x "));
    quit();
}
