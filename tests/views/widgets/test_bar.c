#include "views/widgets/bar.h"

#include "views/terminal/look.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct grid g;

static void start(void) {
    setlocale(LC_ALL, "C.UTF-8");
    grid_init(&g, 4, 20);
}

static void finish(void) {
    grid_dispose(&g);
}

TestSuite(bar, .init = start, .fini = finish);

static bool row_is(int row, const char *text) {
    char *is = grid_row_text(&g, row);
    bool same = strcmp(is, text) == 0;
    free(is);
    return same;
}

Test(bar, stands_for_a_share_of_its_columns) {
    struct area all = grid_area(&g);
    bar_draw(&g, all, 0, 0, 10, 0.5, STYLE_PROGRESS, BAR_BARE);
    bar_draw(&g, all, 1, 0, 10, 7, STYLE_PROGRESS, BAR_LINE);
    bar_draw(&g, all, 2, 0, 10, 0.3, STYLE_PROGRESS, BAR_LINE);
    bar_draw(&g, all, 3, 0, 10, NAN, STYLE_PROGRESS, BAR_BARE);
    cr_expect(row_is(0, "▇▇▇▇▇"));
    cr_expect(row_is(1, "▇▇▇▇▇▇▇▇▇▇"));
    cr_expect(row_is(2, "▇▇▇───────"));
    cr_expect(row_is(3, ""));
}

Test(bar, of_a_sign_goes_both_ways_from_the_middle) {
    bar_draw_signed(&g, grid_area(&g), 0, 0, 11, -0.4, BAR_LINE);
    bar_draw_signed(&g, grid_area(&g), 1, 0, 11, 1, BAR_BARE);
    bar_draw_signed(&g, grid_area(&g), 2, 0, 2, 1, BAR_LINE);
    cr_expect(row_is(0, "───▇▇│─────"));
    cr_expect(row_is(1, "     │▇▇▇▇▇"));
    cr_expect(row_is(2, ""), "no room");
    cr_expect_eq(grid_at(&g, 0, 4)->role, STYLE_NEGATIVE);
    cr_expect_eq(grid_at(&g, 1, 6)->role, STYLE_POSITIVE);
}

Test(bar, is_plain_where_there_is_no_utf_8) {
    const struct palette p = {theme_find("mono"), NULL, NULL, COLOUR_MONO, true, false};
    struct look look;
    bar_draw(&g, grid_area(&g), 0, 0, 2, 0.5, STYLE_PROGRESS, BAR_LINE);
    look_of_cell(&look, grid_at(&g, 0, 0), &p);
    cr_expect_str_eq(look.text, "#");
    look_of_cell(&look, grid_at(&g, 0, 1), &p);
    cr_expect_str_eq(look.text, "-");
}
