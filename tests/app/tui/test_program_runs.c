/* What is kept and taken out: exports, the list of runs, damaged files. */
#include "app/files/result_file.h"
#include "methods/result/join.h"
#include "tests/app/tui/program.h"
#include "views/export/exports.h"

#include <glob.h>
#include <signal.h>

PROGRAM_SUITE(app_runs);

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

/* Another session, out of the form that it begins with. */
static void start_again(void) {
    quit();
    term_free(t);
    start(false, NULL);
    cr_assert(term_expect_text(t, "what to run"));
    leave_form();
}

static size_t times(const char *text, const char *what) {
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, what)); at++)
        n++;
    return n;
}

/* The page has A, B and A − B, also when they are swapped; a table A − B alone, and says so. */
static void export_compared(void) {
    static const char *const names[] = {"A: input_x_gradient <span class=note>2 Input",
                                        "A: saliency <span class=note>1 Saliency"};
    for (int swapped = 0; swapped < 2; swapped++) {
        char *leaf = mem_format("compared-%d.html", swapped), *text,
             *path = mem_format("%s/%s", home, leaf);
        size_t n;
        struct err e;
        cr_assert(export_to(leaf, "Home"));
        cr_assert_eq(file_read(&text, &n, path, 1 << 24, &e), ERR_OK);
        cr_expect_eq(times(text, "<section class=result"), 3);
        cr_expect(strstr(text, names[swapped]) && strstr(text, "difference: A − B"));
        free(text);
        free(path);
        free(leaf);
        term_key(t, "b");
    }
    cr_expect(export_to("compared.csv", "Down"));
    cr_expect(term_expect_text(t, "only A - B"));
}

/* The picker is a loop over the table: each format by its place, and what is told of a file. */
Test(app_runs, every_format_of_the_table_is_written) {
    size_t n;
    const struct export *const *all = export_list(&n);
    struct text_buffer moves = {0};
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    text_buffer_puts(&moves, "Home");
    for (size_t i = 0; i < n; i++) {
        char *leaf = mem_format("b%s", all[i]->endings[0]);
        cr_expect(export_to(leaf, moves.text), "%s", leaf);
        cr_expect(term_expect_text(t, leaf)); /* the message names this one */
        text_buffer_puts(&moves, " Down");
        free(leaf);
    }
    cr_assert(export_to("b.dark.svg", "Home"));
    char *path = mem_format("%s/b.dark.svg", home), *text;
    struct err e;
    size_t n_text;
    cr_assert_eq(file_read(&text, &n_text, path, 1 << 24, &e), ERR_OK);
    cr_expect(strstr(text, "fill=\"#111417\"") && !strstr(text, "prefers-color-scheme"));
    free(text);
    free(path);
    text_buffer_dispose(&moves);
    quit();
}

Test(app_runs, export_writes_html_json_and_tsv_and_asks_before_overwriting) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    cr_assert(export_to("a.html", "Up"));
    cr_assert(export_to("a.json", "Down"));
    cr_assert(export_to("a.tsv", "Down Down"));
    cr_assert(export_to("a.txt", "End"));
    term_keys(t, "E Enter Ctrl-U");
    char *path = mem_format("%s/a.json", home);
    term_type(t, path);
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "exists. Overwrite it?"));
    term_key(t, "n");
    cr_assert(term_expect_no_text(t, "Overwrite"));
    cr_expect(term_expect_text(t, "Write to"), "another name may be typed");
    term_key(t, "Esc");
    cr_assert(term_expect_no_text(t, "Write to"));
    quit();
    term_free(t);
    start(false, (const char *const[]){"--open", path, NULL}); /* and it opens again */
    cr_assert(term_expect_text(t, "8 rows × 4 generated"));
    free(path);
    quit();
}

Test(app_runs, runs_are_there_after_a_restart_renamed_compared_and_deleted) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    quit();
    term_free(t);
    start(false, (const char *const[]){"-m", "fake", "-i", "The Eiffel Tower is in", "-a",
                                       "input_x_gradient", NULL});
    cr_assert(term_expect_text(t, "run 2 done"));
    term_key(t, "3");
    cr_assert(term_expect_text(t, ">   2"));
    cr_assert(term_expect_text(t, "Saliency"));
    term_keys(t, "Space Down Space");
    cr_assert(term_expect_text(t, "A is run 2, B is run 1"));
    term_key(t, "=");
    cr_assert(term_expect_text(t, "A 2 Input"));
    cr_assert(term_expect_text(t, "B 1 Saliency"));
    export_compared();
    term_key(t, "Esc");
    cr_assert(term_expect_text(t, "[3 Runs]"));
    term_key(t, "R");
    cr_assert(term_expect_text(t, "rename the run"));
    term_type(t, "first try");
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "run 1 is now \"first try\""));
    term_keys(t, "Up D");
    cr_assert(term_expect_text(t, "run 2 (Input"));
    cr_assert(term_expect_text(t, "is deleted   z: bring it back"));
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

#define NURSE "tests/fixtures/inseq/llama-saliency-probability-logprob.json.gz"

/* The prompt of the form that a new session begins with. */
static void expect_form(const char *prompt) {
    start(false, (const char *const[]){"-m", "fake", NULL});
    cr_assert(term_expect_text(t, "what to run"));
    cr_expect(term_expect_text(t, prompt));
    quit();
    term_free(t);
}

Test(app_runs, an_opened_file_is_run_again_and_its_form_is_kept_only_then) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    quit();
    term_free(t);
    start(false, (const char *const[]){"--open", NURSE, NULL});
    cr_assert(term_expect_text(t, "5 generated"));
    quit();
    term_free(t);
    expect_form("The Eiffel Tower is in");
    start(false, (const char *const[]){"--open", NURSE, NULL});
    cr_assert(term_expect_text(t, "5 generated"));
    term_key(t, "F5");
    cr_assert(term_expect_text(t, "run 3 done"));
    quit();
    term_free(t);
    expect_form("The nurse said");
    t = NULL;
}

/* A file of two texts, NURSE's twice, owned by the caller. */
static char *two_texts(void) {
    struct attribution *both, *second;
    struct err e;
    char *path = mem_format("%s/two.json", home);
    cr_assert_eq(result_file_load(&both, NURSE, &e), ERR_OK);
    cr_assert_eq(result_file_load(&second, NURSE, &e), ERR_OK);
    attribution_join_take(both, second);
    cr_assert_eq(result_file_save(path, both, &e), ERR_OK);
    attribution_release(both);
    return path;
}

Test(app_runs, files_are_opened_from_inside) {
    char *path = two_texts(), *bad = mem_format("%s/bad.json", home);
    struct err e;
    cr_assert_eq(file_write(bad, "{}", 2, &e), ERR_OK);
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_key(t, "Ctrl-O");
    cr_assert(term_expect_text(t, "─ open  "));
    term_type(t, "~/ba");
    cr_assert(term_expect_text(t, "bad.json"));
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "bad.json: not a saved attribution"));
    cr_assert(term_expect_text(t, "─ open  ~ "));
    term_type(t, strrchr(path, '/') + 1);
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "2 texts   Enter shows a map"));
    term_keys(t, "e Alt-o");
    cr_assert(term_expect_text(t, "─ open  ~ "));
    term_type(t, "two");
    term_key(t, "Enter");
    cr_assert(term_expect_no_text(t, "what to run"));
    term_key(t, "Ctrl-O");
    cr_assert(term_expect_text(t, "─ open  ~ "));
    term_key(t, "Esc");
    cr_assert(term_expect_no_text(t, "─ open  ~ "));
    free(path);
    free(bad);
    quit();
}

Test(app_runs, a_refused_export_keeps_its_name_to_be_mended) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_keys(t, "E Enter Ctrl-U");
    char *path = mem_format("%s/a.jsn", home), *there = mem_format("%s/no/a.json", home);
    term_type(t, path);
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "│ not written: "));
    cr_assert(term_expect_text(t, "/a.jsn "));
    term_keys(t, "Left o Enter");
    cr_assert(term_expect_text(t, "written: "));
    term_keys(t, "E Enter Ctrl-U");
    term_type(t, there);
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "│ not written: "));
    cr_assert(term_expect_text(t, "/no/a.json "));
    term_key(t, "Esc");
    cr_assert(term_expect_no_text(t, "Write to"));
    free(path);
    free(there);
    quit();
}

Test(app_runs, a_file_of_several_texts_says_so_and_is_exported_whole) {
    static const char *const cases[][3] = {
        {"b.tsv", "Down Down Down Down", "side\tposition\ttoken"},
        {"b.txt", "End", "input × generated"},
        {"b.html", "Up", "<h2"}};
    char *path = two_texts();
    start(false, (const char *const[]){"--open", path, NULL});
    cr_assert(term_expect_text(t, "2 texts   Enter shows a map"));
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "text 1 of 2   J next   K previous   E writes all"));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text, *to = mem_format("%s/%s", home, cases[i][0]);
        size_t n;
        struct err e;
        cr_assert(export_to(cases[i][0], cases[i][1]));
        cr_assert_eq(file_read(&text, &n, to, 1 << 24, &e), ERR_OK);
        cr_expect_geq(times(text, cases[i][2]), 2, "%s", cases[i][0]);
        free(text);
        free(to);
    }
    free(path);
    quit();
}

Test(app_runs, the_texts_of_a_file_are_stepped_through_and_files_are_runs) {
    char *path = two_texts();
    start(false, (const char *const[]){"--open", path, "--open", NURSE, NULL});
    cr_assert(term_expect_text(t, "2 files are open: ) shows the next, 3 all"));
    cr_expect(term_expect_text(t, "[6 List]"));
    term_key(t, "Enter");
    cr_expect(term_expect_text(t, "text 1 of 2   J next"));
    term_key(t, "J");
    cr_expect(term_expect_text(t, "text 2 of 2   J next"));
    term_key(t, "J");
    cr_expect(term_expect_text(t, "this is the last text"));
    term_key(t, "K");
    cr_expect(term_expect_text(t, "text 1 of 2   J next"));
    term_keys(t, "Ctrl-G Ctrl-U 2 Enter");
    cr_expect(term_expect_text(t, "text 2 of 2   J next"));
    term_keys(t, "Ctrl-G Ctrl-U 3 Enter");
    cr_expect(term_expect_text(t, "a number from 1 to 2, not \"3\""));
    term_key(t, ")");
    cr_expect(term_expect_text(t, "run 2: "));
    term_key(t, "J");
    cr_expect(term_expect_text(t, "there is one text"));
    free(path);
    quit();
}

/* A token that a spreadsheet would compute. */
Test(app_runs, what_is_told_of_an_export_stands_beside_its_name) {
    struct attribution *a;
    struct err e;
    char *path = mem_format("%s/formula.json", home);
    cr_assert_eq(result_file_load(&a, NURSE, &e), ERR_OK);
    mem_replace(&a->sequences[0].target.items[0].piece, mem_text("=1+1"));
    cr_assert_eq(result_file_save(path, a, &e), ERR_OK);
    attribution_release(a);
    start(false, (const char *const[]){"--open", path, NULL});
    cr_assert(term_expect_text(t, "generated"));
    cr_assert(export_to("f.csv", "Down Down"));
    cr_assert(term_expect_text(t, "f.csv. 1 field of the file begins with"));
    free(path);
    quit();
}

static void open_copy_of_nurse(const char *command) {
    struct attribution *a;
    struct err e;
    char *path = mem_format("%s/%s.json", home, command ? "told" : "silent");
    cr_assert_eq(result_file_load(&a, NURSE, &e), ERR_OK);
    info_texts_dispose(&a->info.commands);
    if (command)
        info_texts_add(&a->info.commands, command);
    cr_assert_eq(result_file_save(path, a, &e), ERR_OK);
    attribution_release(a);
    start(false, (const char *const[]){"--open", path, NULL});
    cr_assert(term_expect_text(t, "generated"));
    free(path);
}

Test(app_runs, the_command_that_makes_a_result_again_is_copied) {
    open_copy_of_nurse("tinseq attribute -m fake -i 'The nurse'");
    term_key(t, "Ctrl-Y");
    cr_expect(term_expect_text(t, "copied"));
    cr_expect_not_null(
        strstr(term_raw(t), "\033]52;c;dGluc2VxIGF0dHJpYnV0ZSAtbSBmYWtlIC1pICdUaGUgbnVyc2Un"));
    quit();
}

Test(app_runs, a_result_that_tells_no_command_says_so) {
    open_copy_of_nurse(NULL);
    term_key(t, "Ctrl-Y");
    cr_expect(term_expect_text(t, "the result does not tell the command that made it"));
    quit();
}

Test(app_runs, damaged_runs_are_listed_with_what_is_wrong) {
    char *folder = mem_format("%s/.local/state/tinseq/runs", home),
         *path = mem_format("%s/20200101-000000-9-1.json", folder);
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

/* Killed while a column is still missing. */
static void start_and_kill(const char *const *arguments) {
    start(true, arguments);
    steps(2 + 4 + 1);
    cr_assert(term_expect_text(t, "attributing 25%"));
    term_signal(t, SIGKILL);
    cr_assert_eq(term_wait_exit(t), 128 + SIGKILL);
    term_free(t);
}

Test(app_runs, a_run_lost_with_the_program_is_told_and_offered_again) {
    start_and_kill(RUN_EIFFEL);
    start(false, NULL);
    cr_assert(term_expect_text(t, "Run 1 (Saliency, \"The Eiffel Tower is in\") was lost"));
    term_key(t, "y");
    cr_assert(term_expect_text(t, "run 2 done"));
    term_key(t, "3");
    cr_assert(term_expect_text(t, ">   2"));
    cr_expect(term_expect_no_text(t, "lost"));
    quit();
    term_free(t);
    start(false, NULL); /* once */
    cr_assert(term_expect_text(t, "what to run"));
    cr_expect(term_expect_no_text(t, "was lost"));
    quit();
}

Test(app_runs, a_lost_run_that_is_left_alone_stays_in_the_list) {
    start_and_kill(RUN_EIFFEL);
    start(false, RUN_HI); /* another is asked for */
    cr_assert(term_expect_text(t, "run 2 done"));
    term_key(t, "3");
    cr_assert(term_expect_text(t, "lost"));
    start_again();
    term_keys(t, "3 Down");
    cr_assert(term_expect_text(t, ">   1"));
    cr_assert(term_expect_text(t, "the program ended before the run did"));
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "F5: run it again"));
    cr_assert(term_expect_text(t, "The Eiffel Tower is in"));
    leave_form();
    term_keys(t, "3 Down D");
    cr_assert(term_expect_text(t, "run 1 (Saliency) is deleted"));
    start_again();
    term_key(t, "3");
    cr_assert(term_expect_text(t, ">   2"));
    cr_expect(term_expect_no_text(t, "lost"));
    quit();
}

/* Two programs at a time: what one is at is not lost to the other. */
Test(app_runs, a_run_of_a_program_that_lives_is_not_lost) {
    start(true, RUN_EIFFEL);
    steps(2 + 4 + 1);
    cr_assert(term_expect_text(t, "attributing 25%"));
    struct term *first = t;
    start(false, (const char *const[]){"-m", "fake", NULL});
    cr_assert(term_expect_text(t, "what to run"));
    cr_expect(term_expect_no_text(t, "was lost"));
    quit();
    term_free(t);
    t = first;
}

/* A run that failed leaves nothing behind to be told. */
Test(app_runs, a_run_that_failed_is_no_lost_one_and_can_be_run_again) {
    start(false, (const char *const[]){"-m", "broken", "-i", "a text", NULL});
    cr_assert(term_expect_text(t, "run 1 failed"));
    term_keys(t, "3 Enter");
    cr_assert(term_expect_text(t, "F5: run it again"));
    cr_assert(term_expect_text(t, "a text"));
    quit();
    term_free(t);
    start(false, (const char *const[]){"-m", "fake", NULL});
    cr_assert(term_expect_text(t, "what to run"));
    cr_expect(term_expect_no_text(t, "was lost"));
    quit();
}

/* The result is whole, and what is beside it still says that the run goes on. */
Test(app_runs, a_kill_when_the_result_was_just_written_loses_nothing) {
    struct err e;
    glob_t found;
    char *text;
    size_t n;
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    quit();
    term_free(t);
    char *pattern = mem_format("%s/.local/state/tinseq/runs/*.run", home);
    cr_assert_eq(glob(pattern, 0, NULL, &found), 0);
    cr_assert_eq(file_read(&text, &n, found.gl_pathv[0], 1 << 20, &e), ERR_OK);
    char *status = strstr(text, "\"done\""),
         *running = mem_format("%.*s\"running\"%s", (int)(status - text), text,
                               status + strlen("\"done\""));
    cr_assert_eq(file_write(found.gl_pathv[0], running, strlen(running), &e), ERR_OK);
    start(false, (const char *const[]){"-m", "fake", NULL});
    cr_assert(term_expect_text(t, "what to run"));
    cr_expect(term_expect_no_text(t, "was lost"));
    leave_form();
    term_keys(t, "3 Enter");
    cr_assert(term_expect_text(t, "8 rows × 4 generated"));
    quit();
    globfree(&found);
    free(pattern);
    free(running);
    free(text);
}

/* Whoever made them: they are listed as damaged, and nothing waits for what they never say. */
Test(app_runs, pipes_among_the_runs_are_damaged_ones) {
    static const char *const leaves[] = {"20200101-000000-9-1.json", "20200101-000000-9-2.json",
                                         "20200101-000000-9-2.run", "20200101-000000-9-3.json"};
    char *folder = mem_format("%s/.local/state/tinseq/runs", home);
    struct err e;
    int held = -1;
    cr_assert_eq(file_make_folders(folder, &e), ERR_OK);
    for (size_t i = 0; i < sizeof leaves / sizeof *leaves; i++) {
        char *path = file_join(folder, leaves[i]);
        if (i < 3)
            cr_assert_eq(mkfifo(path, 0600), 0);
        else
            cr_assert_eq(symlink("/dev/zero", path), 0);
        if (i == 1) /* with a writer that never writes */
            held = open(path, O_RDWR | O_CLOEXEC);
        free(path);
    }
    char *log = mem_format("%s/.local/state/tinseq/stderr.log", home);
    cr_assert_eq(mkfifo(log, 0600), 0);
    free(log);
    start(false, (const char *const[]){"-m", "fake", NULL});
    cr_assert(term_expect_text(t, "what to run"));
    leave_form();
    term_key(t, "3");
    cr_assert(term_expect_text(t, "damaged"));
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "run 3: "));
    quit();
    close(held);
    free(folder);
}

Test(app_runs, settings_that_cannot_be_read_are_named) {
    char *folder = mem_format("%s/.config/tinseq", home),
         *path = file_join(folder, "settings.json");
    struct err e;
    cr_assert_eq(file_make_folders(folder, &e), ERR_OK);
    cr_assert_eq(file_write(path, "{\"theme\": \"li", 13, &e), ERR_OK);
    start(false, (const char *const[]){"-m", "fake", NULL});
    cr_assert(term_expect_text(t, "settings are the defaults: "));
    quit();
    free(folder);
    free(path);
}

Test(app_runs, the_list_counts_the_rows_of_the_map) {
    start_sized(24, 120, false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    cr_assert(term_expect_text(t, "8 rows × 4 generated"));
    term_key(t, "3");
    cr_assert(term_expect_text(t, "rows  gen"));
    cr_assert(term_expect_text(t, "8    4 done"));
    quit();
}

/* A foil is of one step, attention weights are of all. */
Test(app_runs, a_method_without_function_has_no_foil_and_says_so) {
    start(false, RUN_HI);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_keys(t, "0 l l l l c");
    cr_assert(term_expect_text(t, "contrast \"·o\" with"));
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "run 2 done"));
    term_key(t, "m");
    cr_assert(term_expect_text(t, "─ method ─"));
    term_type(t, "attention weights");
    term_keys(t, "Enter r");
    cr_assert(term_expect_text(t, "run 3 done"));
    cr_assert(term_expect_row(t, 3, "Method  Attention weights"));
    cr_assert(term_expect_text(t, "7 generated"));
    term_key(t, "5");
    cr_assert(term_expect_text(t, "run 3: Attention weights explains no function, so no foil"));
    quit();
}

Test(app_runs, a_filter_leaves_the_runs_that_have_its_words) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    quit();
    term_free(t);
    start(false, (const char *const[]){"-m", "fake-mt", "-i", "I said hi to the manager", "-a",
                                       "input_x_gradient", NULL});
    cr_assert(term_expect_text(t, "run 2 done"));
    term_key(t, "3");
    cr_assert(term_expect_text(t, ">   2"));
    term_type(t, "/eiffel");
    cr_assert(term_expect_text(t, "filter: eiffel"));
    cr_assert(term_expect_text(t, "1 of 2 runs"));
    cr_assert(term_expect_text(t, ">   1"));
    cr_assert(term_expect_text(t, "Esc: clear"));
    cr_assert(term_expect_no_text(t, "I said hi"));
    term_key(t, "Esc");
    cr_assert(term_expect_text(t, "I said hi"));
    term_type(t, "/HI mt");
    cr_assert(term_expect_text(t, "1 of 2 runs"));
    term_key(t, "Enter"); /* kept; letters are commands */
    cr_assert(term_expect_text(t, "Esc: all runs"));
    term_key(t, "D");
    cr_assert(term_expect_text(t, "No run matches"));
    term_key(t, "Esc");
    cr_assert(term_expect_text(t, ">   1"));
    term_key(t, "z");
    cr_assert(term_expect_text(t, "is back"));
    cr_assert(term_expect_text(t, ">   2"));
    term_type(t, "/nothing like it");
    cr_assert(term_expect_text(t, "0 of 2 runs"));
    term_key(t, "Esc");
    cr_assert(term_expect_no_text(t, "filter:"));
    quit();
}

Test(app_runs, a_deleted_run_comes_back_whole_also_in_another_session) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_keys(t, "3 R");
    cr_assert(term_expect_text(t, "rename the run"));
    term_type(t, "mine");
    term_keys(t, "Enter D");
    cr_assert(term_expect_text(t, "run 1 (mine) is deleted   z: bring it back"));
    term_key(t, "z");
    cr_assert(term_expect_text(t, "run 1 (mine) is back"));
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "4 generated"));
    term_keys(t, "3 D");
    cr_assert(term_expect_text(t, "is deleted"));
    start_again();
    term_key(t, "3");
    cr_assert(term_expect_text(t, "No runs yet"));
    term_key(t, "z");
    cr_assert(term_expect_text(t, "run 1 (mine) is back"));
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "4 generated"));
    term_keys(t, "3 z");
    cr_assert(term_expect_text(t, "no run was deleted"));
    quit();
}

/* Stepping to another run and back finds the map as it was left. */
Test(app_runs, order_and_cursor_stay_with_their_run) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_keys(t, "o g 0 Right Down Down");
    cr_assert(term_expect_text(t, "sorted"));
    char *before = term_row(t, 4);
    term_keys(t, "m Enter r");
    cr_assert(term_expect_text(t, "run 2 done"));
    cr_expect(term_expect_no_text(t, "sorted"));
    term_key(t, "(");
    cr_assert(term_expect_text(t, "run 1: "));
    cr_expect(term_expect_row(t, 4, before));
    term_key(t, "3");
    cr_expect(term_expect_text(t, ">   1"));
    free(before);
    quit();
}
