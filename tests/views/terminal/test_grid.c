#include "views/terminal/grid.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct grid g;

static void open_grid(void) {
    setlocale(LC_ALL, "C.UTF-8");
    grid_init(&g, 4, 20);
}

static void close_grid(void) {
    grid_dispose(&g);
}

static void expect_row(int row, const char *want) {
    char *got = grid_row_text(&g, row);
    cr_expect_str_eq(got, want, "row %d is \"%s\", not \"%s\"", row, got, want);
    free(got);
}

TestSuite(grid, .init = open_grid, .fini = close_grid);

Test(grid, starts_blank_with_a_hidden_cursor) {
    char *text = grid_text(&g);
    cr_expect_str_eq(text, "\n\n\n\n");
    cr_expect_eq(g.cursor_row, -1);
    free(text);
}

Test(grid, puts_text_where_asked_and_clips_at_the_edge) {
    cr_expect_eq(grid_put(&g, grid_area(&g), 1, 3, STYLE_KEY, "hello"), 5);
    expect_row(1, "   hello");
    cr_expect_eq(grid_at(&g, 1, 4)->role, STYLE_KEY);
    grid_put(&g, (struct area){2, 15, 1, 3}, 0, 0, STYLE_TEXT, "abcdef");
    expect_row(2, "               abc");
    cr_expect_eq(grid_put(&g, grid_area(&g), 9, 0, STYLE_TEXT, "outside"), 0);
    grid_put(&g, grid_area(&g), 3, -2, STYLE_TEXT, "xyz");
    expect_row(3, "z");
}

Test(grid, never_leaves_half_a_wide_character) {
    grid_put(&g, grid_area(&g), 0, 0, STYLE_TEXT, "漢字");
    expect_row(0, "漢字");
    cr_expect_eq(grid_at(&g, 0, 0)->width, 2);
    cr_expect_eq(grid_at(&g, 0, 1)->width, 0);
    grid_put(&g, grid_area(&g), 0, 1, STYLE_TEXT, "x");
    expect_row(0, " x字");
    grid_put(&g, (struct area){1, 0, 1, 3}, 0, 0, STYLE_TEXT, "漢字");
    expect_row(1, "漢");
    grid_put_fit(&g, grid_area(&g), 2, 0, 4, STYLE_TEXT, "漢字字", false);
    expect_row(2, "漢~");
}

Test(grid, keeps_marks_with_their_character) {
    cr_expect_eq(grid_put(&g, grid_area(&g), 0, 0, STYLE_TEXT, "e\xCC\x81x"), 2);
    cr_expect_str_eq(grid_at(&g, 0, 0)->text, "e\xCC\x81");
    const char *many =
        "a\xCC\x81\xCC\x82\xCC\x83\xCC\x84\xCC\x85\xCC\x86\xCC\x87\xCC\x88\xCC\x89\xCC\x8A\xCC\x8B";
    cr_expect_eq(grid_put(&g, grid_area(&g), 1, 0, STYLE_TEXT, many), 1);
    cr_expect_lt(strlen(grid_at(&g, 1, 0)->text), CELL_BYTES);
}

Test(grid, shows_a_mark_for_what_is_not_text) {
    grid_put(&g, grid_area(&g), 0, 0, STYLE_TEXT, "a\x1b[\xffz");
    expect_row(0, "a?[?z");
}

Test(grid, fits_text_by_cutting_and_padding) {
    grid_put(&g, grid_area(&g), 0, 0, STYLE_TEXT, "....................");
    grid_put_fit(&g, grid_area(&g), 0, 0, 5, STYLE_TEXT, "abcdefg", false);
    grid_put_fit(&g, grid_area(&g), 0, 6, 5, STYLE_TEXT, "ab", false);
    grid_put_fit(&g, grid_area(&g), 0, 12, 5, STYLE_TEXT, "ab", true);
    expect_row(0, "abcd~.ab   .   ab...");
}

Test(grid, heat_cells_carry_value_scale_and_kind) {
    grid_put_heat(&g, grid_area(&g), 0, 0, 6, -0.5f, "-.50");
    expect_row(0, "  -.50");
    for (int i = 0; i < 6; i++) {
        cr_expect_eq(grid_at(&g, 0, i)->role, STYLE_HEAT);
        cr_expect_float_eq(grid_at(&g, 0, i)->heat, -0.5f, 0);
        cr_expect_eq(grid_at(&g, 0, i)->heat_kind, HEAT_TEXT);
    }
    grid_put_magnitude(&g, grid_area(&g), 1, 0, 2, 0.25f, "");
    cr_expect_eq(grid_at(&g, 1, 1)->heat_kind, HEAT_BLANK);
    cr_expect_eq(grid_at(&g, 1, 1)->scale, HEAT_UNSIGNED);
    grid_put_half(&g, grid_area(&g), 2, 4, HEAT_SIGNED, 0.5f, NAN);
    cr_expect_eq(grid_at(&g, 2, 4)->heat_kind, HEAT_HALF);
    cr_expect(isnan(grid_at(&g, 2, 4)->lower));
}

Test(grid, box_has_titles_where_there_is_room) {
    grid_box(&g, (struct area){0, 0, 3, 20}, true, "map", "12 x 3");
    expect_row(0, "╭─ map ─── 12 x 3 ─╮");
    expect_row(1, "│                  │");
    expect_row(2, "╰──────────────────╯");
    grid_clear(&g);
    grid_box(&g, (struct area){0, 0, 3, 12}, false, "a long title", "no");
    expect_row(0, "╭─ a lon~ ─╮");
}

Test(grid, areas_are_cut_never_beyond_what_there_is) {
    struct area all = {1, 2, 10, 20};
    struct area top = area_take_top(&all, 3), right = area_take_right(&all, 5),
                none = area_take_bottom(&all, -1);
    cr_expect(top.row == 1 && top.rows == 3 && top.columns == 20);
    cr_expect(right.column == 17 && right.columns == 5 && right.rows == 7);
    cr_expect(all.row == 4 && all.rows == 7 && all.column == 2 && all.columns == 15);
    cr_expect_eq(none.rows, 0);
    struct area rest = area_take_left(&all, 100);
    cr_expect(rest.columns == 15 && all.columns == 0);
    struct area tiny = area_inner((struct area){0, 0, 1, 1});
    cr_expect(tiny.rows == 0 && tiny.columns == 0);
}

Test(grid, cursor_outside_the_area_is_hidden) {
    grid_set_cursor(&g, (struct area){1, 1, 2, 2}, 1, 1);
    cr_expect(g.cursor_row == 2 && g.cursor_column == 2);
    grid_set_cursor(&g, (struct area){1, 1, 2, 2}, 2, 0);
    cr_expect_eq(g.cursor_row, -1);
}

Test(grid, small_terminal_gets_one_line_that_says_what_is_needed) {
    cr_expect(grid_too_small(&g));
    expect_row(0, "need 60x16");
    struct grid enough;
    grid_init(&enough, 16, 60);
    cr_expect(!grid_too_small(&enough));
    grid_dispose(&enough);
    struct grid none;
    grid_init(&none, 0, 0);
    cr_expect(grid_too_small(&none));
    grid_dispose(&none);
}
