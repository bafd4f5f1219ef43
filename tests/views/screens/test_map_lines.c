/* Rows that do not fit: small ones are folded, what is looked for stands outside, and jumps get
 * there. */
#include "tests/views/screens/samples.h"
#include "views/screens/detail.h"
#include "views/screens/map.h"
#include "views/screens/map_lines.h"

#include "backend/base/mem.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_ROWS 60
#define N_COLUMNS 3
#define ROWS 12 /* of the area: eleven lines */

static struct attribution_sequence sequence;
static struct map map;
static struct grid grid;

static void set(int64_t row, int64_t g, float v) {
    sequence.target_attributions.data[row * N_COLUMNS + g] = v;
}

static void make_tokens(void) {
    for (int i = 0; i < N_ROWS + N_COLUMNS; i++) {
        char text[16];
        snprintf(text, sizeof text, "t%d", i + 1);
        sample_token(&sequence.target, text, false);
    }
}

/* Sixty rows of next to nothing but a few; every step sees all of them. */
static void begin(void) {
    setlocale(LC_ALL, "C.UTF-8");
    const int64_t dims[] = {N_ROWS + N_COLUMNS, N_COLUMNS};
    sequence = (struct attribution_sequence){.attr_pos_start = N_ROWS,
                                             .attr_pos_end = N_ROWS + N_COLUMNS};
    make_tokens();
    scores_init(&sequence.target_attributions, 2, dims, NAN);
    for (int64_t g = 0; g < N_COLUMNS; g++)
        for (int64_t row = 0; row < N_ROWS + g; row++)
            set(row, g, 0.001f);
    set(24, 0, 0.5f);
    set(40, 1, -0.9f);
    set(41, 2, 0.3f);
    map_init(&map);
    map.follow = false;
    map_show(&map, &sequence);
}

static void finish(void) {
    map_dispose(&map);
    attribution_sequence_dispose(&sequence);
    grid_dispose(&grid);
}

TestSuite(map_lines, .init = begin, .fini = finish);

static void draw(int rows, int columns) {
    grid_dispose(&grid);
    grid_init(&grid, rows, columns);
    map_fit(&map, rows, columns);
    map_draw(&grid, grid_area(&grid), &map);
}

static void expect_row(int row, const char *text) {
    char *found = grid_row_text(&grid, row);
    cr_expect_not_null(strstr(found, text), "row %d is \"%s\"", row, found);
    free(found);
}

Test(map_lines, what_does_not_fit_opens_where_something_is_seen) {
    draw(ROWS, 100);
    cr_expect_eq(map_cursor_row(&map), 24, "the largest of the first column");
    cr_expect_eq(map.n_lines, 6);
    expect_row(1, " + 24 tokens below .01");
    expect_row(1, "+.02  +.02  +.02   +.072");
    expect_row(2, "> 25 t25");
    expect_row(3, " + 15 tokens below .01");
    expect_row(4, "41 t41");
    expect_row(5, "42 t42");
    expect_row(6, " + 20 tokens below .01");
    cr_expect_eq(map_n_folded(&map), 24 + 15 + 20);
    const struct scroll hidden = map_scroll(&map, ROWS, 100);
    cr_expect_eq(hidden.rows.shown, map.n_rows, "a fold counts as its rows");
    cr_expect(isnan(grid_at(&grid, 1, map.label_columns + 22)->heat), "a fold has no colour");
}

Test(map_lines, what_fits_is_not_folded) {
    draw(80, 100);
    cr_expect_eq(map.n_lines, map.n_rows);
    cr_expect_eq(map.row, 0);
    map_set_fold(&map, MAP_FOLD_SMALL);
    draw(80, 100);
    cr_expect_eq(map.n_lines, 6);
    map_set_fold(&map, MAP_FOLD_NOTHING);
    draw(ROWS, 100);
    cr_expect_eq(map.n_lines, map.n_rows);
}

Test(map_lines, a_fold_opens_and_its_sum_is_told) {
    draw(ROWS, 100);
    map_go(&map, 0, 0);
    cr_assert(map_on_fold(&map));
    cr_expect_eq(map_cursor_row(&map), map.n_rows, "no row");
    struct grid detail;
    grid_init(&detail, 24, 40);
    detail_draw(&detail, grid_area(&detail), &(struct detail){.map = &map, .foil_id = -1});
    char *text = grid_text(&detail);
    cr_expect(strstr(text, "24 tokens below .01") && strstr(text, "together"), "%s", text);
    free(text);
    grid_dispose(&detail);
    map_open_fold(&map);
    draw(ROWS, 100);
    cr_expect_eq(map.n_lines, 6 - 1 + 24);
    cr_expect_eq(map_cursor_row(&map), 0);
    expect_row(1, "  1 t1");
}

Test(map_lines, what_is_looked_for_or_marked_is_in_no_fold) {
    draw(ROWS, 100);
    map_search(&map, "t13");
    cr_expect_eq(map_cursor_row(&map), 12);
    map_search(&map, NULL);
    cr_expect(map_on_fold(&map));
    map_go_row(&map, 12);
    cr_expect_eq(map_cursor_row(&map), 12);
    map.rows[3].marked = true;
    map_set_fold(&map, MAP_FOLD_SMALL); /* what was opened closes */
    cr_expect(map_on_fold(&map));
    map_go(&map, map_line_of(&map, 3), 0);
    cr_expect_eq(map_cursor_row(&map), 3);
}

Test(map_lines, a_key_goes_to_the_largest_and_peaks_come_out_of_folds) {
    draw(ROWS, 100);
    cr_expect(map_go_largest(&map));
    cr_expect_eq(map_cursor_row(&map), 40);
    cr_expect_eq(map.column, 1);
    map_step_peak(&map, 1);
    cr_expect_eq(map_cursor_row(&map), 0, "the first of those that are next");
    map_step_peak(&map, 1);
    cr_expect_eq(map_cursor_row(&map), 1);
    map_step_peak(&map, -1);
    map_step_peak(&map, -1);
    cr_expect_eq(map_cursor_row(&map), 40);
    for (int64_t i = 0; i < (N_ROWS + N_COLUMNS) * N_COLUMNS; i++)
        sequence.target_attributions.data[i] = 0;
    map_show(&map, &sequence);
    cr_expect_not(map_go_largest(&map), "there is nothing");
}

Test(map_lines, sorted_rows_fold_at_the_end_and_follow_the_column) {
    draw(ROWS, 100);
    map_set_order(&map, MAP_ORDER_COLUMN);
    map_go(&map, 0, 0);
    draw(ROWS, 100);
    cr_expect_eq(map.n_lines, 2);
    cr_expect_eq(map_cursor_row(&map), 24);
    map_move(&map, 0, 1);
    cr_expect_eq(map_cursor_row(&map), 40, "the cursor stays at its rank");
    expect_row(2, "61 tokens below .01");
    map_set_order(&map, MAP_ORDER_TEXT);
    cr_expect_eq(map_cursor_row(&map), 40, "in the text it stays on its token");
}

Test(map_lines, a_range_over_a_fold_counts_all_its_cells) {
    size_t n;
    draw(ROWS, 100);
    map_go(&map, 0, 0);
    map.selecting = true;
    map.anchor_row = 0;
    map_go(&map, 1, 0);
    cr_expect_eq(map_selected(&map).n, 25);
    cr_expect_float_eq(map_selection_sum(&map, &n), 0.524, 1e-5);
    cr_expect_eq(n, 25);
}

Test(map_lines, the_overview_has_all_rows_beside_the_bar) {
    draw(ROWS, 100);
    float largest = 0;
    int at = -1;
    for (int row = 0; row < ROWS; row++) {
        const struct cell *c = grid_at(&grid, row, 99);
        cr_expect_eq(c->heat_kind, HEAT_HALF);
        const float here = fmaxf(c->heat, c->lower);
        at = here > largest ? row : at;
        largest = fmaxf(largest, here);
    }
    cr_expect_eq(at, 40 * ROWS / (int)map.n_rows, "where the largest is");
    draw(80, 100);
    cr_expect_neq(grid_at(&grid, 0, 99)->heat_kind, HEAT_HALF, "all rows fit");
}
