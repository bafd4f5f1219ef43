/* The heatmap, its detail, the text editor, the form and the frame, cell by cell. */
#include "views/screens/detail.h"
#include "views/screens/map.h"
#include "views/screens/models.h"
#include "views/screens/runs.h"
#include "views/terminal/hits.h"
#include "views/terminal/input.h"
#include "views/widgets/edit.h"
#include "views/widgets/form.h"
#include "views/widgets/frame.h"
#include "views/widgets/paragraph.h"

#include "aggregators/aggregate.h"
#include "backend/base/mem.h"
#include "tests/views/screens/samples.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct grid grid_of(int rows, int columns) {
    struct grid g;
    grid_init(&g, rows, columns);
    return g;
}

static bool row_has(const struct grid *g, int row, const char *text) {
    char *found = grid_row_text(g, row);
    bool has = strstr(found, text) != NULL;
    if (!has)
        cr_log_error("row %d is \"%s\"", row, found);
    free(found);
    return has;
}

static struct attribution_sequence sequence;
static struct map map;

static void show(int64_t n_done) {
    sample_scores(&sequence, n_done, 1);
    map_init(&map);
    map_show(&map, &sequence);
}

static void forget(void) {
    map_dispose(&map);
    attribution_sequence_dispose(&sequence);
}

Test(map, rows_are_what_some_step_sees_and_pending_columns_are_dots) {
    show(2);
    struct grid g = grid_of(24, 80);
    map_fit(&map, 22, 80);
    map_draw(&g, (struct area){1, 0, 22, 80}, &map);
    cr_expect_eq((int64_t)map.n_rows, sequence.attr_pos_end - 1);
    cr_expect(row_has(&g, 2, ">"));
    cr_expect(row_has(&g, 2, "["));
    struct cell *pending = grid_at(&g, 2, g.cursor_column + 3 * 6 + 1);
    cr_assert_not_null(pending);
    cr_expect(row_has(&g, 2, ".     ."));
    cr_expect_eq(g.cursor_row, 2);
    grid_dispose(&g);
    forget();
}

/* A number that could not be computed has no colour and moves no scale, and stands out from what no
 * step sees. */
Test(map, what_could_not_be_computed_is_nan_and_has_no_colour) {
    sample_scores(&sequence, 3, 1);
    const int64_t n = attribution_steps(&sequence);
    sequence.target_attributions.data[1] = NAN;
    attribution_add_step_scores(&sequence, "score")->data[0] = 0.5f;
    map_init(&map);
    map_show(&map, &sequence);
    map_fit(&map, 22, 80);
    struct grid g = grid_of(24, 80);
    map_draw(&g, (struct area){1, 0, 22, 80}, &map);
    cr_expect(map_sees(&map, 0, 1) && !map_sees(&map, map.n_rows - 1, 0), "not after the step");
    cr_expect(!map_sees(&map, 0, n - 1), "not before the step is done");
    char *row = grid_row_text(&g, 2), *at = strstr(row, "nan"), *scores = grid_row_text(&g, 22);
    cr_assert_not_null(at, "%s", row);
    cr_expect(isnan(grid_at(&g, 2, (int)(at - row))->heat));
    cr_expect(isfinite(map.magnitude) && isfinite(map.rows[0].sum));
    free(row);
    free(scores);
    grid_dispose(&g);
    forget();
}

Test(map, draws_at_every_size_without_leaving_its_area) {
    show(4);
    for (int rows = 0; rows <= 12; rows++)
        for (int columns = 1; columns <= 60; columns += 7) {
            struct grid g = grid_of(16, 64);
            struct area a = {2, 2, rows, columns};
            for (map.zoom = 0; map.zoom < MAP_ZOOMS; map.zoom++) {
                map_fit(&map, rows, columns);
                map_draw(&g, a, &map);
            }
            for (int row = 0; row < g.rows; row++)
                for (int column = 0; column < g.columns; column++) {
                    bool inside =
                        row >= a.row && row < a.row + rows && column >= 2 && column < 2 + columns;
                    const char *text = grid_at(&g, row, column)->text;
                    cr_expect(inside || strcmp(text, " ") == 0, "%dx%d drew \"%s\" at %d,%d", rows,
                              columns, text, row, column);
                }
            grid_dispose(&g);
        }
    map.zoom = 2;
    forget();
}

Test(map, the_cursor_stays_inside_and_scrolls_what_is_shown) {
    show(4);
    map_move(&map, 1000, 1000);
    cr_expect_eq(map.row, map.n_rows - 1);
    cr_expect_eq(map.column, map.n_columns - 1);
    cr_expect_not(map.follow);
    map_fit(&map, 5, 40);
    cr_expect_gt(map.top, 0);
    struct grid g = grid_of(5, 40);
    map_draw(&g, grid_area(&g), &map);
    cr_expect_geq(g.cursor_row, 1);
    map_move(&map, -1000, -1000);
    cr_expect_eq(map.row, 0);
    cr_expect_eq(map.column, 0);
    grid_dispose(&g);
    forget();
}

static void fill_column(int64_t g, float x) {
    struct scores *sides[] = {&sequence.source_attributions, &sequence.target_attributions};
    for (int i = 0; i < 2; i++)
        for (int64_t r = 0; sides[i]->data && r < sides[i]->dims[0]; r++)
            sides[i]->data[r * sides[i]->dims[1] + g] = x;
}

Test(map, after_a_run_the_cursor_goes_to_the_first_column_with_anything) {
    show(4);
    for (int64_t g = 0; g < map.n_columns; g++) {
        fill_column(g, 0.5f);
        map_update_column(&map, g);
    }
    const int64_t last = map.n_columns - 1;
    cr_assert_eq(map.column, last);
    map_settle(&map);
    cr_expect_eq(map.column, 0);
    fill_column(0, 0);
    map.follow = true;
    map_show(&map, &sequence);
    map_settle(&map);
    cr_expect_eq(map.column, 1);
    map_move(&map, 0, 1000); /* the person has gone there */
    map_settle(&map);
    cr_expect_eq(map.column, last);
    for (int64_t g = 0; g <= last; g++)
        fill_column(g, 0);
    map.follow = true;
    map_show(&map, &sequence);
    map_settle(&map);
    cr_expect_eq(map.column, 0, "there is nothing anywhere");
    forget();
}

Test(map, sorting_ranks_and_peaks_agree) {
    show(4);
    map_go(&map, 0, 0);
    map_set_order(&map, MAP_ORDER_COLUMN);
    float before = INFINITY;
    for (size_t i = 0; i < map.n_rows; i++) {
        float v = fabsf(map_value(&map, map.order[i], 0));
        if (isnan(v))
            break;
        cr_expect_leq(v, before);
        before = v;
    }
    cr_expect_eq(map_rank(&map, map.order[0], 0), 1);
    map_go(&map, 0, 0);
    map_step_peak(&map, 1);
    cr_expect_eq(map_rank(&map, map_cursor_row(&map), 0), 2);
    map_step_peak(&map, -1);
    cr_expect_eq(map_rank(&map, map_cursor_row(&map), 0), 1);
    forget();
}

Test(map, a_search_ignores_case_and_steps_round) {
    show(4);
    map_search(&map, "TOWER");
    cr_expect_eq(map_n_matches(&map), 1);
    size_t at = map.row;
    cr_expect(map_search_step(&map, 1));
    cr_expect_eq(map.row, at);
    map_search(&map, "no such token");
    cr_expect_not(map_search_step(&map, 1));
    map_search(&map, NULL);
    cr_expect_eq(map_n_matches(&map), 0);
    forget();
}

Test(map, a_range_sums_its_cells) {
    show(4);
    map_go(&map, 0, 0);
    map.selecting = true;
    map.anchor_row = 0;
    map.anchor_column = 0;
    map_go(&map, 1, 1);
    size_t n;
    float expected = map_value(&map, 0, 0) + map_value(&map, 0, 1) + map_value(&map, 1, 0) +
                     map_value(&map, 1, 1);
    cr_expect_float_eq(map_selection_sum(&map, &n), expected, 1e-6);
    cr_expect_eq(n, 4);
    forget();
}

Test(map, both_sides_are_told_apart) {
    sample_translation(&sequence, 1);
    map_init(&map);
    map_show(&map, &sequence);
    struct grid g = grid_of(24, 100);
    map_draw(&g, grid_area(&g), &map);
    cr_expect(map.both_sides);
    cr_expect(row_has(&g, 1, "s1 "));
    char *text = grid_text(&g);
    cr_expect_not_null(strstr(text, "t1 "));
    free(text);
    grid_dispose(&g);
    forget();
}

Test(map, numbers_fit_their_columns) {
    static const struct {
        float value;
        int columns;
        bool sign;
        const char *text;
    } cases[] = {{0.42f, 4, true, "+.42"},   {-0.42f, 4, true, "-.42"}, {0.4213f, 4, false, ".421"},
                 {1.25f, 4, true, "+1.2"},   {12.5f, 4, false, "12.5"}, {123456, 4, false, "1e5"},
                 {-123456, 5, true, "-1e5"}, {0, 4, true, "+.00"},      {1, 5, false, "1.000"},
                 {1e15f, 4, false, "1e15"},  {-1e15f, 4, true, "####"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char buf[32];
        map_number(buf, sizeof buf, cases[i].value, cases[i].columns, cases[i].sign);
        const char *text = buf;
        while (*text == ' ')
            text++;
        cr_expect_str_eq(text, cases[i].text);
        cr_expect_leq(strlen(buf), (size_t)cases[i].columns);
    }
}

Test(detail, says_value_rank_and_share_in_both_shapes) {
    show(4);
    struct detail d = {.map = &map, .foil_id = -1};
    struct grid g = grid_of(24, 40);
    detail_draw(&g, grid_area(&g), &d);
    char *text = grid_text(&g);
    cr_expect_not_null(strstr(text, "rank"));
    cr_expect_not_null(strstr(text, "share"));
    free(text);
    grid_dispose(&g);
    for (int rows = 0; rows < 8; rows++) {
        g = grid_of(8, 30);
        detail_draw(&g, (struct area){0, 0, rows, 30}, &d);
        grid_dispose(&g);
    }
    forget();
}

/* --- editing ----------------------------------------------------------------------------- */

static void type(struct edit *e, const char *names) {
    char name[INPUT_NAME_SIZE];
    while (*names) {
        size_t n = strcspn(names, " ");
        snprintf(name, sizeof name, "%.*s", (int)n, names);
        edit_key(e, input_from_name(name));
        names += n + (names[n] == ' ');
    }
}

Test(edit, moves_and_deletes_by_grapheme) {
    struct edit e = {0};
    edit_set(&e, "ae\xCC\x81z"); /* e with a combining accent */
    type(&e, "Left Left");
    cr_expect_eq(e.cursor, 1);
    type(&e, "Delete");
    cr_expect_str_eq(edit_text(&e), "az");
    edit_set(&e, "a\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9z"); /* two emoji joined */
    type(&e, "Left Backspace");
    cr_expect_str_eq(edit_text(&e), "az");
    edit_dispose(&e);
}

Test(edit, words_lines_and_ends) {
    struct edit e = {.lines = true};
    edit_set(&e, "one two\nthree");
    type(&e, "Ctrl-W");
    cr_expect_str_eq(edit_text(&e), "one two\n");
    type(&e, "Backspace Ctrl-U x");
    cr_expect_str_eq(edit_text(&e), "x");
    type(&e, "Ctrl-O y Up Home Ctrl-K");
    cr_expect_str_eq(edit_text(&e), "\ny");
    edit_dispose(&e);
}

Test(edit, wraps_and_keeps_the_cursor_in_view) {
    struct edit e = {.lines = true};
    struct grid g = grid_of(4, 10);
    edit_set(&e, "0123456789abcdefghijKLMNOPQRST");
    cr_expect_eq(edit_rows(&e, 10, 99), 4); /* three full rows, and one for the cursor */
    cr_expect_eq(edit_rows(&e, 10, 2), 2);
    edit_draw(&g, (struct area){0, 0, 2, 10}, &e, STYLE_FIELD, NULL, true);
    cr_expect(row_has(&g, 0, "KLMNOPQRST"));
    cr_expect_eq(g.cursor_row, 1);
    cr_expect_eq(g.cursor_column, 0);
    grid_dispose(&g);
    edit_dispose(&e);
}

Test(edit, what_is_pasted_is_valid_utf8_afterwards) {
    struct edit line = {0}, lines = {.lines = true};
    edit_insert(&line, "a\r\nb\xFF", 5);
    cr_expect_str_eq(edit_text(&line), "a b\xEF\xBF\xBD");
    edit_insert(&lines, "a\r\nb\rc\0d", 8);
    cr_expect_str_eq(edit_text(&lines), "a\nb\ncd");
    edit_dispose(&line);
    edit_dispose(&lines);
}

Test(edit, too_much_text_changes_nothing) {
    struct edit e = {0};
    char *big = mem_alloc(EDIT_MOST_BYTES + 2);
    memset(big, 'x', EDIT_MOST_BYTES + 1);
    edit_set(&e, "kept");
    cr_expect_not(edit_insert(&e, big, EDIT_MOST_BYTES + 1));
    cr_expect_str_eq(edit_text(&e), "kept");
    free(big);
    edit_dispose(&e);
}

/* --- frame and lists --------------------------------------------------------------------- */

/* Where these commands work. */
enum { CONTEXT_MAP = 1, CONTEXT_RUNS = 2, CONTEXT_ALL = 3 };

Test(frame, leaves_the_body_and_finds_what_is_clicked) {
    static const char *const tabs[] = {"1 Map", "2 Atlas"};
    static const struct command commands[] = {
        {.id = 7, .keys = "? F1", .title = "help", .context = CONTEXT_ALL, .bar = "Help"},
        {.id = 9, .keys = "Q F10", .title = "quit", .context = CONTEXT_ALL, .bar = "Quit"}};
    struct frame f = {.title = "tinseq",
                      .tabs = tabs,
                      .n_tabs = 2,
                      .progress = 0.5,
                      .message = "half",
                      .commands = commands,
                      .n_commands = 2,
                      .context = CONTEXT_MAP};
    struct grid g = grid_of(24, 80);
    struct area body = frame_draw(&g, &f);
    cr_expect_eq(body.rows, 20);
    cr_expect(row_has(&g, 1, "[1 Map] 2 Atlas"));
    cr_expect(row_has(&g, 22, "[▇▇▇▇▇▇▇▇▇▇──────────] half"));
    cr_expect(row_has(&g, 23, "F1Help"));
    cr_expect(row_has(&g, 23, "F10Quit"));
    struct hit hit = hit_find(&g.hits, 1, 9);
    cr_expect(hit.kind == HIT_TAB && hit.row == 1);
    hit = hit_find(&g.hits, 23, 1);
    cr_expect(hit.kind == HIT_KEY && hit.row == 7, "the command's id");
    cr_expect_eq(hit_find(&g.hits, 12, 1).kind, HIT_NONE);
    grid_dispose(&g);
}

/* A file may name columns of one step as it likes. */
Test(map, foils_of_any_name_are_drawn) {
    static const char *const names[] = {"·Rome → ·Paris", "no arrow", "→ x", ""};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        struct attribution_sequence s;
        struct map m;
        sample_scores(&s, 5, 1);
        s.one_step = true;
        for (int64_t g = s.attr_pos_start; g < s.attr_pos_end; g++) {
            mem_replace(&s.target.items[g].printable, mem_text(names[k]));
            s.target.items[g].id = -1;
        }
        map_init(&m);
        map_show(&m, &s);
        struct grid g = grid_of(20, 80);
        map_fit(&m, 20, 80);
        map_draw(&g, grid_area(&g), &m);
        cr_expect(row_has(&g, 1, "Δp"));
        if (k == 0)
            cr_expect(row_has(&g, 0, "·Rome"));
        grid_dispose(&g);
        map_dispose(&m);
        attribution_sequence_dispose(&s);
    }
}

static void some_run(void *user, size_t i, struct run_line *out) {
    const size_t *n = user;
    *out = (struct run_line){.number = (int64_t)(*n - i),
                             .name = i == 0 ? "a name given" : "",
                             .method = "Integrated gradients",
                             .model = "smollm2",
                             .contrast = "·Rome",
                             .status = "cancelled",
                             .prompt = "The Eiffel Tower is located in the city of",
                             .started = 1764400000 - 86400 * (int64_t)i,
                             .n_rows = 12,
                             .n_columns = 10,
                             .seconds = 125};
}

Test(runs, the_cursor_is_kept_in_view) {
    size_t n = 30;
    struct runs_view v = {.line = some_run, .user = &n, .n = 30, .cursor = 29};
    struct grid g = grid_of(6, 80);
    runs_draw(&g, grid_area(&g), &v);
    cr_expect(row_has(&g, 4, ">   1"));
    cr_expect(row_has(&g, 5, "↑26 more"));
    cr_expect(row_has(&g, 4, "▐"), "the bar is at its end");
    const struct hit hit = hit_find(&g.hits, 4, 3);
    cr_expect(hit.kind == HIT_ROW && hit.row == 29);
    cr_expect_eq(hit_find(&g.hits, 5, 3).kind, HIT_NONE);
    cr_expect_eq(g.cursor_row, 4);
    grid_dispose(&g);
}

/* At 80 columns what tells runs apart; wider, all of it in full. */
Test(runs, columns_are_those_that_there_is_room_for) {
    size_t n = 2;
    struct runs_view v = {.line = some_run,
                          .user = &n,
                          .n = 2,
                          .any_name = true,
                          .any_contrast = true,
                          .now = 1764400060,
                          .sort = RUN_COLUMN_DATE};
    struct grid g = grid_of(3, 80);
    setenv("TZ", "UTC", 1);
    tzset();
    runs_draw(&g, grid_area(&g), &v);
    cr_expect(row_has(&g, 0, "date▾"));
    cr_expect(row_has(&g, 1, "07:06"));
    cr_expect(row_has(&g, 1, "a name gi~"));
    cr_expect(row_has(&g, 1, "The Eiffel"));
    cr_expect(row_has(&g, 2, "28 Nov"));
    char *headings = grid_row_text(&g, 0);
    cr_expect_null(strstr(headings, "gen"));
    free(headings);
    const struct hit heading = hit_find(&g.hits, 0, 9), line = hit_find(&g.hits, 1, 9);
    cr_expect(heading.kind == HIT_SORT && heading.column == RUN_COLUMN_DATE);
    cr_expect(line.kind == HIT_ROW && line.row == 0);
    grid_dispose(&g);
    g = grid_of(3, 200);
    v.reversed = true;
    runs_draw(&g, grid_area(&g), &v);
    cr_expect(row_has(&g, 0, "date▴"));
    cr_expect(row_has(&g, 1, "2025-11-29 07:06"));
    cr_expect(row_has(&g, 1, "Integrated gradients"));
    cr_expect(row_has(&g, 1, "The Eiffel Tower is located in the city of"));
    cr_expect(row_has(&g, 1, "cancelled"));
    cr_expect(row_has(&g, 1, "2:05"));
    grid_dispose(&g);
}

Test(models, says_what_to_do_when_there_are_none) {
    struct found_models none = {0};
    struct edit path = {0};
    struct models_view v = {
        .found = &none, .loaded = "", .folder = "/home/me/models", .typed = &path, .hint = ""};
    struct grid g = grid_of(20, 80);
    models_draw(&g, grid_area(&g), &v);
    cr_expect(row_has(&g, 5, "make models"));
    cr_expect(row_has(&g, 7, "/home/me/models"));
    cr_expect_geq(g.cursor_row, 0);
    grid_dispose(&g);
    edit_dispose(&path);
}

Test(models, what_is_typed_filters_them_or_is_a_path) {
    struct found_model items[] = {
        {.name = "smollm2", .where = "tinseq", .kind = "LlamaForCausalLM"},
        {.name = "en-pt", .where = "tinseq", .kind = "MarianStudent"},
        {.name = "org/other", .where = "hugging face", .kind = "GPT2LMHeadModel"}};
    struct found_models found = {.items = items, .n = 3};
    struct edit typed = {0};
    struct models_view v = {.found = &found, .loaded = "", .folder = "", .typed = &typed};
    cr_expect_eq(models_matching(&v), 3);
    edit_set(&typed, "sml");
    cr_expect_eq(models_matching(&v), 1);
    cr_expect_str_eq(models_selected(&v)->name, "smollm2");
    edit_set(&typed, "marian"); /* what it is, too */
    cr_expect_str_eq(models_selected(&v)->name, "en-pt");
    edit_set(&typed, "/o");
    cr_expect_null(models_selected(&v));
    edit_set(&typed, "nothing like it");
    cr_expect_null(models_selected(&v));
    edit_dispose(&typed);
}

Test(paragraph, wraps_at_blanks_and_cuts_long_words) {
    struct grid g = grid_of(5, 10);
    cr_expect_eq(paragraph_draw(&g, grid_area(&g), STYLE_TEXT, "one two three abcdefghijklm"), 4);
    cr_expect(row_has(&g, 0, "one two"));
    cr_expect(row_has(&g, 1, "three"));
    cr_expect(row_has(&g, 2, "abcdefghij"));
    cr_expect(row_has(&g, 3, "klm"));
    grid_dispose(&g);
}

Test(frame, hints_that_do_not_fit_leave_out_those_before_the_last) {
    struct grid g = grid_of(24, 60);
    struct frame f = {.title = "tinseq",
                      .progress = -1,
                      .hints = "x cancel  hjkl move  / search  c contrast  v select  m method  ? "
                               "help"};
    frame_draw(&g, &f);
    cr_expect(row_has(&g, 22, "x cancel  hjkl move  / search  c contrast  v select  ? help"));
    f.progress = 0.5;
    f.job = "attributing 50% of 2 min";
    f.stop = "x cancel";
    grid_clear(&g);
    frame_draw(&g, &f);
    cr_expect(row_has(&g, 22, "] x cancel  hjkl move  / search  ? help"));
    cr_expect(row_has(&g, 1, "attributing 50% of 2 min  x cancel"));
    grid_dispose(&g);
}
