/* The terminal program as a person uses it: on a pseudo-terminal, over the scripted engine (fake/tinseq_fake.c), its own home each time. */
#include "harness/term.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char *program, *home, *gate_path;
static int gate = -1;
static struct term *t;

static int remove_one(const char *path, const struct stat *s, int flag, struct FTW *f) {
    (void)s;
    (void)flag;
    (void)f;
    return remove(path);
}

static void prepare(void) {
    const char *build = getenv("TINSEQ_BUILD");
    program = mem_format("%s/tinseq_fake", build ? build : "build");
    home = mem_text("/tmp/tinseq-test-XXXXXX");
    cr_assert_not_null(mkdtemp(home));
    gate_path = mem_format("%s/gate", home);
    cr_assert_eq(mkfifo(gate_path, 0600), 0);
    gate = open(gate_path, O_RDWR | O_CLOEXEC);
}

static void finish(void) {
    term_free(t);
    close(gate);
    nftw(home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(program);
    free(home);
    free(gate_path);
}

TestSuite(app_program, .init = prepare, .fini = finish);

/* Starts it in the test's home; gated: the engine waits for steps. */
static void start_sized(int rows, int columns, bool gated, const char *const *arguments) {
    const char *argv[16] = {program}, *env[8];
    size_t n = 1, n_env = 0;
    char *home_is = mem_format("HOME=%s", home), *gate_is = mem_format("TINSEQ_FAKE_GATE=%s", gate_path);
    char *models = mem_format("TINSEQ_MODELS=%s/none", home);
    for (; arguments && arguments[n - 1] && n < 15; n++)
        argv[n] = arguments[n - 1];
    env[n_env++] = home_is;
    env[n_env++] = models;
    env[n_env++] = "XDG_STATE_HOME";
    env[n_env++] = "XDG_CONFIG_HOME";
    if (gated)
        env[n_env++] = gate_is;
    env[n_env] = NULL;
    t = term_spawn(rows, columns, argv, env);
    cr_assert_not_null(t);
    free(home_is);
    free(gate_is);
    free(models);
}

static void start(bool gated, const char *const *arguments) { start_sized(24, 80, gated, arguments); }

static void steps(int n) {
    for (int i = 0; i < n; i++)
        cr_assert_eq(write(gate, "+", 1), 1);
}

static void quit(void) {
    term_key(t, "F10");
    cr_expect_eq(term_wait_exit(t), 0);
}

/* Esc and what comes next must not arrive as one. */
static void leave_form(void) {
    term_key(t, "Esc");
    cr_assert(term_expect_text(t, "Nothing to show yet"));
}

#define RUN_EIFFEL ((const char *const[]){"-m", "fake", "-i", "The Eiffel Tower is in", NULL})
#define RUN_HI ((const char *const[]){"-m", "fake-mt", "-i", "I said hi to the manager", NULL})

Test(app_program, first_frame_comes_at_once_and_before_any_model) {
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    start(true, (const char *const[]){"-m", "fake", NULL});
    cr_assert(term_expect_text(t, "what to run"));
    clock_gettime(CLOCK_MONOTONIC, &to);
    double seconds = (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec);
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
    cr_assert(term_expect_text(t, "·Par~ ,     ·Fra~ ."));
    steps(1);
    cr_assert(term_expect_text(t, "attributing 25%"));
    cr_assert(term_expect_row(t, 6, "> 1 The        [.201]  .     .     .     .2015"));
    steps(1);
    cr_assert(term_expect_text(t, "attributing 50%"));
    steps(2);
    cr_assert(term_expect_text(t, "run 1 done"));
    quit();
}

/* The early first column stays, and what the person did meanwhile, when the final map's shape arrives. */
Test(app_program, the_first_column_and_the_cursor_stay_when_the_whole_map_begins) {
    start(true, (const char *const[]){"-m", "fake", "-i", "an early first column", NULL});
    steps(2 + 1 + 1); /* load, the first token, its column */
    cr_assert(term_expect_text(t, "4 rows × 1 generated"));
    cr_assert(term_expect_row(t, 6, "> 1 an         [.256]    .2556"));
    term_keys(t, "j j Space k v k");
    cr_assert(term_expect_text(t, "> 2 ·early"));
    steps(3);
    cr_assert(term_expect_text(t, "7 rows × 4 generated"));
    cr_expect(term_expect_row(t, 6, "  1 an          .256   .     .     .     .2556"));
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
    cr_assert(term_expect_row(t, 8, "> 3 ·column    [.180]    .1797"));
    steps(3);
    cr_assert(term_expect_text(t, "7 rows × 4 generated"));
    cr_expect(term_expect_row(t, 6, "> 1 an         [ .  ]  .     .     ."));
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

Test(app_program, a_foil_from_the_candidates_runs_that_step_with_contrast) {
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
    quit();
}

Test(app_program, a_typed_contrast_text_runs_all_steps) {
    start(false, RUN_HI);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_key(t, "c");
    cr_assert(term_expect_text(t, "contrast \""));
    term_type(t, "Eu disse oi para a gerente");
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "run 2 done"));
    cr_assert(term_expect_text(t, "contrast \"Eu disse oi para a gerente\""));
    cr_assert(term_expect_text(t, "7 rows × 7 generated"));
    quit();
}

Test(app_program, cancel_keeps_finished_columns_also_on_disk) {
    start(true, RUN_EIFFEL);
    steps(2 + 4 + 2);
    cr_assert(term_expect_text(t, "attributing 50%"));
    term_key(t, "Ctrl-C");
    cr_assert(term_expect_text(t, "cancelled; the finished columns are kept"));
    cr_assert(term_expect_text(t, "Saliency (cancelled)"));
    quit();
    term_free(t);
    start(false, (const char *const[]){"-m", "fake", NULL});
    cr_assert(term_expect_text(t, "what to run"));
    leave_form();
    term_key(t, "3");
    cr_assert(term_expect_text(t, "cancelled"));
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "> 1 The"));
    cr_assert(term_expect_text(t, ".201] .154   x     x"));
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

Test(app_program, layers_and_heads_can_be_stepped_and_opened_from_the_atlas) {
    start(false, (const char *const[]){"-m", "fake-mt", "-a", "attention", "-i", "I said hi", NULL});
    cr_assert(term_expect_text(t, "all layers"));
    term_key(t, "]");
    cr_assert(term_expect_text(t, "L0, mean of heads"));
    term_key(t, "}");
    cr_assert(term_expect_text(t, "L0 H0"));
    term_key(t, "[");
    cr_assert(term_expect_text(t, "H0, all layers"));
    term_keys(t, "{ 2");
    cr_assert(term_expect_text(t, "strongest heads"));
    term_keys(t, "g j l l Enter");
    cr_assert(term_expect_text(t, "L1 H2"));
    quit();
}

Test(app_program, layers_without_heads_are_a_map_of_tokens_and_layers) {
    start(false, (const char *const[]){"-m", "fake-mt", "-a", "value_zeroing", "-i", "I said hi", NULL});
    cr_assert(term_expect_text(t, "all layers"));
    term_keys(t, "g 2");
    cr_assert(term_expect_text(t, "tokens × layers"));
    cr_assert(term_expect_text(t, "L0   L1   L2"));
    term_keys(t, "G k");
    cr_assert(term_expect_text(t, "▸·hi"));
    term_key(t, "}");
    cr_assert(term_expect_text(t, "→ </s>"));
    term_keys(t, "{ h h l Enter");
    cr_assert(term_expect_text(t, "L1, mean of"));
    quit();
}

Test(app_program, the_method_menu_tells_family_needs_and_cost) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_key(t, "m");
    cr_assert(term_expect_text(t, "Needs gradients; takes about"));
    term_type(t, "occlus");
    cr_assert(term_expect_text(t, "perturbation"));
    cr_assert(term_expect_text(t, "Needs forward passes only; takes about"));
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
    cr_assert(term_expect_text(t, "attributing 25% of about 3 min"));
    steps(3);
    cr_assert(term_expect_text(t, "run 1 done"));
    quit();
}

Test(app_program, search_is_incremental_and_can_be_left) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_key(t, "/");
    term_type(t, "tow");
    cr_assert(term_expect_text(t, "1 of 8 rows"));
    cr_assert(term_expect_text(t, "> 3 ·Tower"));
    term_key(t, "Esc");
    cr_assert(term_expect_text(t, "> 1 The"));
    term_key(t, "/");
    term_type(t, "i");
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "> 2 ·Eiffel"));
    term_key(t, "n");
    cr_assert(term_expect_text(t, "> 4 ·is"));
    term_keys(t, "N N");
    cr_assert(term_expect_text(t, "> 6 ·Paris"));
    quit();
}

static bool export_to(const char *leaf, const char *moves) {
    char *path = mem_format("%s/%s", home, leaf);
    term_key(t, "E");
    if (!term_expect_text(t, "export as"))
        return false;
    term_keys(t, moves);
    term_key(t, "Enter");
    if (!term_expect_text(t, "Write to"))
        return false;
    term_key(t, "Ctrl-U");
    term_type(t, path);
    term_key(t, "Enter");
    bool said = term_expect_text(t, "written:"), there = file_exists(path);
    free(path);
    return said && there;
}

Test(app_program, export_writes_html_json_and_tsv_and_asks_before_overwriting) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    cr_assert(export_to("a.html", "Up"));
    cr_assert(export_to("a.json", "Down"));
    cr_assert(export_to("a.tsv", "Down Down"));
    term_keys(t, "E Enter Ctrl-U");
    char *path = mem_format("%s/a.json", home);
    term_type(t, path);
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "exists. Overwrite it?"));
    term_key(t, "n");
    cr_assert(term_expect_no_text(t, "Overwrite"));
    quit();
    term_free(t);
    start(false, (const char *const[]){"--open", path, NULL}); /* and it opens again */
    cr_assert(term_expect_text(t, "8 rows × 4 generated"));
    free(path);
    quit();
}

Test(app_program, runs_are_there_after_a_restart_renamed_compared_and_deleted) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    quit();
    term_free(t);
    start(false, (const char *const[]){"-m", "fake", "-i", "The Eiffel Tower is in", "-a", "input_x_gradient", NULL});
    cr_assert(term_expect_text(t, "run 2 done"));
    term_key(t, "3");
    cr_assert(term_expect_text(t, ">   2"));
    cr_assert(term_expect_text(t, "    1     Saliency"));
    term_keys(t, "Space Down Space");
    cr_assert(term_expect_text(t, "A is run 2, B is run 1"));
    term_key(t, "=");
    cr_assert(term_expect_text(t, "A 2 Input"));
    cr_assert(term_expect_text(t, "B 1 Saliency"));
    term_key(t, "Esc");
    cr_assert(term_expect_text(t, "[3 Runs]"));
    term_key(t, "R");
    cr_assert(term_expect_text(t, "rename the run"));
    term_type(t, "first try");
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "run 1 is now \"first try\""));
    term_keys(t, "Up D");
    cr_assert(term_expect_text(t, "Delete run 2"));
    term_key(t, "y");
    cr_assert(term_expect_text(t, "run 2 is deleted"));
    quit();
    term_free(t);
    start(false, (const char *const[]){"-m", "fake", NULL});
    cr_assert(term_expect_text(t, "what to run"));
    leave_form();
    term_key(t, "3");
    cr_assert(term_expect_text(t, "first try"));
    cr_expect(term_expect_no_text(t, "Input"));
    quit();
}

Test(app_program, damaged_runs_are_listed_with_what_is_wrong) {
    char *folder = mem_format("%s/.local/state/tinseq/runs", home), *path = mem_format("%s/20200101-000000-9-1.json", folder);
    struct err e;
    cr_assert_eq(file_make_folders(folder, &e), ERR_OK);
    cr_assert_eq(file_write(path, "{\"half\": ", 9, &e), ERR_OK);
    start(false, (const char *const[]){"-m", "fake", NULL});
    cr_assert(term_expect_text(t, "what to run"));
    leave_form();
    term_key(t, "3");
    cr_assert(term_expect_text(t, "damaged"));
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "run 1: "));
    quit();
    free(folder);
    free(path);
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

Test(app_program, follows_resizes_and_says_when_it_is_too_small) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_resize(t, 50, 160);
    cr_assert(term_expect_text(t, "the model's candidates"));
    cr_assert(term_expect_text(t, "what to run"));
    term_resize(t, 5, 20);
    cr_assert(term_expect_text(t, "need 60x16"));
    cr_assert(term_expect_no_text(t, "Eiffel"));
    term_resize(t, 16, 60);
    cr_assert(term_expect_text(t, "> 1 The"));
    term_resize(t, 24, 80);
    cr_assert(term_expect_text(t, "d: hide"));
    quit();
}

Test(app_program, a_theme_chosen_stays_chosen) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_key(t, "T");
    term_type(t, "light");
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "light"));
    quit();
    term_free(t);
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "2 threads  light"));
    quit();
}

Test(app_program, the_palette_finds_commands_by_name) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_key(t, ":");
    term_type(t, "the runs");
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "[3 Runs]"));
    quit();
}

Test(app_program, a_form_field_that_is_wrong_says_so_and_nothing_runs) {
    start(false, (const char *const[]){"-m", "fake", NULL});
    cr_assert(term_expect_text(t, "what to run"));
    term_key(t, "F5");
    cr_assert(term_expect_text(t, "Prompt: type a text first"));
    term_type(t, "a text");
    leave_form();
    term_key(t, "r");
    cr_assert(term_expect_text(t, "run 1 done"));
    quit();
}

Test(app_program, pasted_text_is_text_in_a_field_and_nothing_elsewhere) {
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

Test(app_program, a_text_can_be_edited_in_an_editor) {
    char *editor = mem_format("%s/editor", home);
    struct err e;
    const char *script = "#!/bin/sh\nprintf 'from the editor\\n' > \"$1\"\n";
    cr_assert_eq(file_write(editor, script, strlen(script), &e), ERR_OK);
    cr_assert_eq(chmod(editor, 0700), 0);
    char *variable = mem_format("EDITOR=%s", editor), *home_is = mem_format("HOME=%s", home);
    t = term_spawn(24, 80, (const char *const[]){program, "-m", "fake", NULL}, (const char *const[]){variable, home_is, "VISUAL", NULL});
    cr_assert(term_expect_text(t, "what to run"));
    term_key(t, "Ctrl-X");
    cr_assert(term_expect_text(t, "from the editor"));
    quit();
    free(editor);
    free(variable);
    free(home_is);
}

Test(app_program, the_form_of_the_last_session_comes_back) {
    start(false, (const char *const[]){"-m", "fake", NULL});
    cr_assert(term_expect_text(t, "what to run"));
    term_type(t, "half a thought");
    quit();
    term_free(t);
    start(false, NULL);
    cr_assert(term_expect_text(t, "half a thought"));
    quit();
}

Test(app_program, a_run_can_be_watched_in_the_text_view_and_the_log_tells_what_happened) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_key(t, "4");
    cr_assert(term_expect_text(t, "[4 Text]"));
    cr_assert(term_expect_text(t, "Eiffel Tower"));
    term_key(t, "5");
    cr_assert(term_expect_text(t, "run 1: Saliency with fake"));
    quit();
}
