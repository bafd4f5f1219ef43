/* Rows that do not fit: small ones are folded, what is looked for stands outside, and jumps get
 * there. */
#include "tests/views/screens/samples.h"
#include "views/screens/detail.h"
#include "views/screens/map.h"

#include "views/terminal/hits.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 12 /* of the area: eleven lines */

static struct attribution_sequence sequence;
static struct map map;
static struct grid grid;

static void begin(void) {
    setlocale(LC_ALL, "C.UTF-8");
    sample_long(&sequence, 3);
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

Test(map_lines, rows_without_a_value_are_not_called_small) {
    attribution_sequence_dispose(&sequence);
    sample_long(&sequence, 6);
    struct scores *s = &sequence.target_attributions;
    for (int64_t i = 0; i < s->dims[0]; i++) /* the first column alone is there yet */
        for (int64_t g = 1; g < s->dims[1]; g++)
            s->data[i * s->dims[1] + g] = NAN;
    map_show(&map, &sequence);
    draw(ROWS, 100);
    s->data[20 * s->dims[1] + 3] = 0.2f; /* and one number of the fourth */
    map_show(&map, &sequence);
    draw(ROWS, 100);
    expect_row(5, "40 tokens below .01");
    map_set_order(&map, MAP_ORDER_COLUMN);
    map_go(&map, 0, 3);
    draw(ROWS, 100);
    expect_row(2, "64 without value");
    draw(80, 100);
    cr_expect_eq(map.n_lines, map.n_rows, "they fit");
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
    const struct scores *scores = &sequence.target_attributions;
    memset(scores->data, 0, (size_t)(scores->dims[0] * scores->dims[1]) * sizeof *scores->data);
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

Test(map_lines, rows_stay_in_order_while_columns_are_selected) {
    draw(ROWS, 100);
    map_set_order(&map, MAP_ORDER_COLUMN);
    map_go(&map, 0, 0);
    map.selecting = true;
    map.anchor_row = 0;
    map.anchor_column = 0;
    map_move(&map, 0, 1);
    cr_expect_eq(map_cursor_row(&map), 24, "as they were");
    cr_expect_eq(map.sorted_column, 0);
    map.selecting = false;
    map_move(&map, 0, 1);
    cr_expect_eq(map.sorted_column, 2);
    cr_expect_eq(map_cursor_row(&map), 41);
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

Test(map_lines, what_is_pressed_in_the_overview_is_gone_to) {
    draw(ROWS, 100);
    const struct hit top = hit_find(&grid.hits, 0, 99), middle = hit_find(&grid.hits, 8, 99);
    cr_expect(top.kind == HIT_ROW && top.row == 0);
    cr_expect(middle.kind == HIT_ROW && middle.row == (int64_t)map_line_of(&map, 8 * 62 / ROWS));
}

/* What stands in a row of the grid from a column on. */
static char *part_of_row(int row, int from, int to) {
    struct text_buffer b = {0};
    for (int at = from; at < to; at++)
        text_buffer_puts(&b, grid_at(&grid, row, at)->text);
    return text_buffer_take(&b);
}

Test(map_lines, columns_that_do_not_fit_have_an_overview_below) {
    attribution_sequence_dispose(&sequence);
    sample_long(&sequence, 40);
    map_show(&map, &sequence);
    draw(20, 80);
    map_go(&map, map.row, 30);
    draw(20, 80);
    const int row = 1 + (int)map.n_lines;
    expect_row(row, "24-31 of 40");
    char *strip = part_of_row(row, 20, 78);
    const char *left = strchr(strip, '['), *right = strchr(strip, ']');
    cr_expect(left && right && left - strip > 20 && right > left, "\"%s\"", strip);
    free(strip);
    const struct hit first = hit_find(&grid.hits, row, map.label_columns + 20),
                     cell = hit_find(&grid.hits, row, 60);
    cr_expect(first.kind == HIT_COLUMN && cell.kind == HIT_COLUMN && cell.column > first.column);
    draw(14, 80); /* too low for it */
    char *text = grid_text(&grid);
    cr_expect_null(strstr(text, "of 40"));
    free(text);
}
