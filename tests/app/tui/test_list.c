/* The list of a file's texts: what it shows, filters, sorts, marks, and where its keys lead. */
#include "tests/app/tui/session.h"

#include "app/commands/handlers.h"
#include "app/tui/dataset_follow.h"
#include "app/tui/lists.h"
#include "app/tui/state.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "tests/app/facts.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static struct app *app;
static struct row_list *list;

static void open_facts(size_t n, size_t damaged) {
    char *text = facts_text(n, damaged);
    app = session_begin("fake", NULL, false);
    session_wait();
    session_file("facts.jsonl", text);
    session_open("facts.jsonl");
    app->message[0] = 0;
    list = app_list(app);
    free(text);
}

static void begin(void) {
    open_facts(40, SIZE_MAX);
}

TestSuite(list, .init = begin, .fini = session_end);
TestSuite(list_damaged, .fini = session_end);

static void filter(const char *typed) {
    session_keys("/ Ctrl-U");
    session_type(typed);
    session_keys("Enter");
}

static size_t row_at(size_t i) {
    return list->items[i] + 1;
}

Test(list, shows_a_file_of_several_texts) {
    cr_expect_eq(app->view, VIEW_LIST);
    cr_expect_eq(list->n, 40);
    cr_expect(session_shows("list"));
}

Test(list, marks_a_sorted_column_and_what_a_filter_leaves) {
    filter("lang=en prob>0.2");
    session_keys("l l l s Space j Space");
    cr_expect(session_shows("list-filtered"));
}

Test(list, filters_by_words_and_conditions) {
    static const struct {
        const char *typed;
        size_t n;
    } cases[] = {{"alhambra", 10},
                 {"EIFFEL", 20},
                 {"eiffel tower", 10},
                 {"!eiffel", 20},
                 {"\"big ben\"", 10},
                 {"probability<0.1", 4},
                 {"probability<=0.1", 8},
                 {"prob>0.85", 4},
                 {"prob>=0.1 prob<0.3", 8},
                 {"contrast_prob_diff=-1", 14},
                 {"language=pt", 16},
                 {"lang!=pt", 24},
                 {"generated=paris", 10},
                 {"foil=par", 0},
                 {"foil~par", 10},
                 {"year>1835", 4},
                 {"#<=5", 5},
                 {"subject=\"big ben\"", 10},
                 {"nothing", 0},
                 {"", 40}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        filter(cases[i].typed);
        cr_expect_eq(list->n, cases[i].n, "%s: %zu rows", cases[i].typed, list->n);
    }
}

Test(list, says_what_of_a_filter_names_no_column) {
    filter("weight<1");
    cr_expect_eq(list->n, 0);
    cr_assert_not_null(list->filter.note);
    cr_expect_str_eq(list->filter.note, "no column \"weight\": looked for as a word");
    cr_expect(session_shows("list-none"));
}

Test(list, sorts_stably_by_the_column_under_the_cursor_and_back) {
    session_keys("l l l s"); /* the probability */
    cr_expect_eq(row_at(0), 10);
    cr_expect_eq(row_at(1), 20);
    cr_expect_eq(row_at(4), 9);
    cr_expect_not_null(strstr(app->message, "sorted by probability, the largest first"));
    session_keys("O");
    cr_expect_eq(row_at(0), 1);
    cr_expect_eq(row_at(1), 11);
    session_keys("0 s"); /* the prompt */
    cr_expect_eq(row_at(0), 3);
    cr_expect_eq(row_at(10), 4);
    cr_expect_eq(row_at(39), 37);
    session_keys("o");
    session_type("file");
    session_keys("Enter");
    cr_expect_eq(row_at(0), 1);
    cr_expect_eq(row_at(39), 40);
}

Test(list, the_cursor_stays_with_its_row) {
    session_keys("j j j j");
    cr_expect_eq(list->at, 4);
    session_keys("l l l s");
    cr_expect_eq(list->at, 4);
    filter("eiffel");
    cr_expect_eq(list->at, 4);
    filter("alhambra");
    cr_expect_eq(row_at(list->cursor) - 1, (size_t)list->at);
}

Test(list, a_row_opens_its_map_and_esc_comes_back_to_it) {
    filter("alhambra");
    session_keys("j j Enter");
    cr_expect_eq(app->view, VIEW_MAP);
    cr_expect_eq(app->current->i_text, 11);
    session_keys("J"); /* the next one of the list, not of the file */
    cr_expect_eq(app->current->i_text, 15);
    session_keys("K K");
    cr_expect_eq(app->current->i_text, 7);
    session_keys("Esc");
    cr_expect_eq(app->view, VIEW_LIST);
    cr_expect_eq(list->at, 7);
    cr_expect_eq(list->n, 10, "the filter is still there");
    session_keys("Esc");
    cr_expect_eq(list->n, 40, "the first Esc leaves the filter");
}

Test(list, what_is_looked_for_is_gone_to) {
    session_keys("f");
    session_type("generated=granada");
    cr_expect_eq(list->at, 3);
    session_keys("Enter n");
    cr_expect_eq(list->at, 7);
    session_keys("N N");
    cr_expect_eq(list->at, 39, "it goes round");
    cr_expect_eq(list->n, 40);
    cr_expect(session_shows("list-search"));
    session_keys("Esc n");
    cr_expect_not_null(strstr(app->message, "begins a search"));
}

Test(list, a_row_is_gone_to_by_its_number) {
    session_keys("Ctrl-G Ctrl-U 3 3 Enter");
    cr_expect_eq(list->at, 32);
    session_keys("Ctrl-G Ctrl-U 4 1 Enter");
    cr_expect_str_eq(app->message, "a number from 1 to 40, not \"41\"");
    filter("alhambra");
    session_keys("Ctrl-G Ctrl-U 1 Enter");
    cr_expect_str_eq(app->message, "row 1 is not listed: the filter leaves it out");
}

Test(list, the_strongest_token_sorts_by_its_share) {
    session_keys("l l l l l s");
    cr_expect_not_null(strstr(app->message, "sorted by strongest, the largest first"), "%s",
                       app->message);
    const struct row_cell first = row_table_cell(list->table, list->items[0], (size_t)list->sort),
                          last = row_table_cell(list->table, list->items[39], (size_t)list->sort);
    cr_expect_gt(first.number, last.number);
}

Test(list, marked_rows_compare_with_the_first) {
    session_keys("Space Space Space =");
    cr_expect_eq(app->view, VIEW_COMPARE);
    cr_expect_eq(app->many.n, 2);
    cr_expect_str_eq(app->title_a, "row 1 Paris");
    session_keys("b");
    cr_expect_str_eq(app->title_a, "row 2 Lisbon");
    session_keys("Esc");
    cr_expect_eq(app->view, VIEW_LIST);
    session_keys("u =");
    cr_expect_not_null(strstr(app->message, "mark two rows first"));
    session_keys("Space j j ="); /* one is marked: against the one under the cursor */
    cr_expect_eq(app->view, VIEW_COMPARE);
    cr_expect_eq(app->many.n, 0);
}

Test(list, of_more_than_eight_marked_rows_the_first_are_compared) {
    session_keys("Space Space Space Space Space Space Space Space Space =");
    cr_expect_eq(app->many.n, 7);
    cr_expect_not_null(strstr(app->message, "the first 8 of 9 marked rows"));
}

/* Writes to a file of the session's folder and opens that. */
static struct row_list *write_and_open(const char *leaf) {
    char *path = mem_format("%s/%s", app->open_folder, leaf);
    session_keys("E Ctrl-U");
    session_type(path);
    session_keys("Enter");
    session_wait_background();
    cr_expect_not_null(strstr(app->message, "written: "), "%s", app->message);
    session_open(leaf);
    free(path);
    return app_list(app);
}

Test(list, listed_rows_are_written_in_their_order) {
    filter("language=pt");
    session_keys("l l l s");
    const struct row_list *own = write_and_open("pt.jsonl.gz");
    cr_assert_eq(own->n, 16);
    const struct row_cell cell = row_table_cell(own->table, 0, 3);
    cr_expect_str_eq(row_table_column(own->table, 3).name, "probability");
    cr_expect_float_eq(cell.number, 0.9, 1e-6);
}

Test(list, marked_rows_are_written_whole) {
    session_keys("j j Space");
    char *path = mem_format("%s/marked.jsonl", app->open_folder);
    session_keys("E Ctrl-U");
    session_type("marked.html");
    session_keys("Enter");
    cr_expect(overlay_is_open(&app->overlay), "no format of rows: asked again");
    session_keys("Ctrl-U");
    session_type(path);
    session_keys("Enter");
    session_wait_background();
    cr_expect_not_null(strstr(app->message, "marked.jsonl, 1 row"), "%s", app->message);
    struct attribution *one;
    struct err e;
    struct result_rows *rows;
    cr_assert_eq(result_rows_open(&rows, path, &e), ERR_OK);
    cr_assert_eq(result_rows_load(&one, rows, 0, &e), ERR_OK);
    cr_expect_str_eq(info_text_of(&one->info.fields, 0),
                     "{\"subject\":\"Big Ben\",\"year\":1802,\"language\":\"en\"}");
    attribution_release(one);
    result_rows_close(rows);
    free(path);
}

Test(list, a_heading_is_pressed_to_sort_and_a_row_to_open_it) {
    cr_assert(session_mouse(MOUSE_PRESS, 60, 200, "year"));
    cr_expect_eq(row_at(0), 40);
    cr_assert(session_mouse(MOUSE_PRESS, 60, 200, " 33   "));
    cr_expect_eq(list->at, 32);
    cr_assert(session_mouse(MOUSE_DOUBLE, 60, 200, " 31   "));
    cr_expect_eq(app->view, VIEW_MAP);
    cr_expect_eq(app->current->i_text, 30);
}

Test(list_damaged, a_damaged_row_says_so_and_others_are_read) {
    open_facts(6, 2);
    cr_expect_eq(row_table_damaged(list->table), 1);
    cr_expect(session_shows("list-damaged"));
    session_keys("j j Enter");
    cr_expect_eq(app->view, VIEW_LIST, "it has no map");
    cr_expect_not_null(strstr(app->message, "row 3 of 6"), "%s", app->message);
    write_and_open("whole.jsonl");
    cr_expect_eq(run_texts(app->current), 5);
}

/* --- means --- */

static void average(const char *typed) {
    session_keys("+");
    session_type(typed);
    session_keys("Enter");
    session_wait_background();
}

Test(list, the_mean_of_all_rows_is_a_run_with_a_map) {
    session_keys("+");
    cr_expect(session_shows("list-means"));
    session_keys("Enter");
    session_wait_background();
    cr_expect_eq(app->view, VIEW_MAP);
    cr_expect_str_eq(app->current->name, "mean of 40 rows");
    cr_expect(session_shows("map-mean"));
    session_keys("Esc");
    cr_expect_eq(app->view, VIEW_LIST);
    cr_expect_eq(list->n, 40);
}

Test(list, rows_of_as_many_tokens_are_averaged_by_place) {
    filter("eiffel");
    average("all");
    const struct attribution_sequence *s = app->current->result->sequences;
    cr_expect_str_eq(s->target.items[1].piece, "\u0120Eiffel");
    cr_expect_str_eq(s->target.items[2].piece, "[3]");
    cr_expect_float_eq(s->target_attributions.data[2], 0.5, 1e-6);
    cr_expect_float_eq(s->step_scores[0].scores.data[0], 0.45, 1e-6);
}

Test(list, means_of_groups_are_marked_and_compare) {
    average("by language");
    cr_expect_eq(app->view, VIEW_RUNS);
    cr_assert_eq(app->n_marks, 2);
    cr_expect_str_eq(app->marks[0]->name, "language = en: mean of 24 rows");
    cr_expect_str_eq(app->marks[1]->name, "language = pt: mean of 16 rows");
    session_keys("=");
    cr_expect_eq(app->view, VIEW_COMPARE);
}

Test(list, numbers_of_many_values_are_grouped_by_quarters) {
    average("by year");
    cr_assert_eq(app->n_marks, 4);
    cr_expect_str_eq(app->marks[0]->name, "year 1800 to 1809: mean of 10 rows");
    cr_expect_str_eq(app->marks[3]->name, "year 1830 to 1839: mean of 10 rows");
}

Test(list_damaged, rows_that_are_in_no_mean_are_told) {
    open_facts(6, 2);
    average("all");
    cr_expect_str_eq(app->current->name, "mean of 5 rows");
    cr_expect_not_null(strstr(app->message, "1 row is left out: row 3: "), "%s", app->message);
}

/* --- a run over a data set --- */

/* In the place of the program: writes ten rows, then waits until there is a file "go", then all. */
static const char stand_in[] = "#!/bin/sh\n"
                               "here=${0%/*}\n"
                               "for word; do case $word in -o=*) out=${word#-o=};; esac; done\n"
                               "printf '%s\\n' \"$@\" > $here/words\n"
                               "mkdir $out.part\n"
                               "cp $here/ten $out.part/rows.jsonl\n"
                               "while ! test -e $here/go; do sleep 0.02; done\n"
                               "test -s $here/go && { cat $here/go; exit 1; }\n"
                               "mv $here/all $out; rm -r $out.part\n";

TestSuite(dataset_run, .fini = session_end);

static char *in_home(const char *leaf) {
    return mem_format("%s/%s", app->open_folder, leaf);
}

static void begin_dataset(void) {
    char *ten = facts_text(10, SIZE_MAX), *all = facts_text(25, SIZE_MAX);
    app = session_begin("fake", NULL, false);
    session_wait();
    session_file("ten", ten);
    session_file("all", all);
    session_file("facts.csv", "a,b\n1,2\n");
    session_file("stand-in", stand_in);
    char *program = in_home("stand-in");
    cr_assert_eq(chmod(program, 0700), 0);
    app->program = program; /* until the process ends */
    app->engine_options = (struct engine_options){.dtype = "bfloat16", .n_threads = 3};
    session_type("{a} is");
    session_keys("Alt-s");
    session_type("facts.csv");
    session_keys("Enter Enter");
    free(ten);
    free(all);
}

/* Until a list of so many rows is there. */
static bool wait_for_rows(size_t n) {
    for (int i = 0; i < 1000 && (!app_list(app) || app_list(app)->n != n); i++) {
        const struct timespec pause = {.tv_nsec = 10000000};
        nanosleep(&pause, NULL);
        app->now_ms += 1000;
        background_take(app->runner, app);
        background_take(app->background, app);
        app_follow(app);
    }
    return app_list(app) && app_list(app)->n == n;
}

Test(dataset_run, its_rows_come_into_a_list_while_it_runs) {
    begin_dataset();
    cr_expect_not_null(strstr(app->message, "come into a list"), "%s", app->message);
    cr_assert(wait_for_rows(10));
    cr_expect_eq(app->view, VIEW_LIST);
    list = app_list(app);
    session_keys("j j Space");
    filter("eiffel");
    session_file("go", "");
    session_wait_background();
    cr_expect_eq(run_texts(list->run), 25);
    cr_expect_eq(list->n, 13, "the filter is still there: %zu", list->n);
    cr_expect(list->n_marks == 1 && list->marks[0] == 2, "and so is the mark");
    cr_expect_not_null(strstr(app->message, "written: "), "%s", app->message);
    char *words, *path = in_home("words");
    size_t n;
    struct err e;
    cr_assert_eq(file_read(&words, &n, path, 1 << 16, &e), ERR_OK);
    cr_expect_not_null(strstr(words, "attribute-dataset\n--model_name_or_path=fake\n"
                                     "--dtype=bfloat16\n--input_texts={a} is\n"));
    cr_expect_not_null(strstr(words, "\n--threads=3\n-d="));
    cr_expect_not_null(strstr(words, "facts.rows.jsonl\n"));
    free(words);
    free(path);
}

Test(dataset_run, what_is_finished_of_a_run_that_failed_stays_in_the_list) {
    begin_dataset();
    cr_assert(wait_for_rows(10));
    session_file("go", "tinseq: the disk is full\n");
    session_wait_background();
    cr_expect_str_eq(app->message, "tinseq: the disk is full");
    cr_expect_eq(app_list(app)->n, 10);
}

Test(dataset_run, it_is_cancelled_and_says_how_it_goes_on) {
    begin_dataset();
    cr_assert(wait_for_rows(10));
    session_keys("x");
    session_wait_background();
    cr_expect_not_null(strstr(app->message, "what is finished is kept"), "%s", app->message);
    cr_expect_eq(app_list(app)->n, 10);
    session_keys("Alt-s"); /* the same again: file and output stand there */
    cr_expect(overlay_is_open(&app->overlay));
}

Test(dataset_run, two_at_a_time_are_refused_and_quitting_asks) {
    begin_dataset();
    session_keys("Alt-s");
    cr_expect_not_null(strstr(app->message, "a data set is being run"), "%s", app->message);
    session_keys("F10");
    cr_expect(overlay_is_open(&app->overlay));
    session_keys("Esc");
    session_file("go", "");
    session_wait_background();
}

Test(dataset_run, its_list_can_be_taken_off_while_it_runs) {
    begin_dataset();
    cr_assert(wait_for_rows(10));
    session_keys("3 D");
    cr_expect_not_null(strstr(app->message, "off the list, its file stays"), "%s", app->message);
    cr_expect_null(app_list(app));
    session_file("go", "");
    session_wait_background();
    cr_expect_null(app_list(app));
    cr_expect_eq(app->store.n, 0);
}

Test(dataset_run, rows_that_come_wait_for_who_reads_those_that_are_there) {
    begin_dataset();
    cr_assert(wait_for_rows(10));
    char *path = in_home("copy.jsonl");
    session_keys("E Ctrl-U");
    session_type(path);
    session_file("go", "");
    session_keys("Enter +");
    session_keys("Enter");
    session_wait_background();
    session_wait_background();
    cr_expect_eq(run_texts(app_list(app)->run), 25);
    cr_expect(file_exists(path));
    free(path);
}
