#include "views/widgets/legend.h"

#include "views/screens/colours.h"
#include "views/screens/map.h"
#include "views/terminal/look.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct grid g;

static void start(void) {
    setlocale(LC_ALL, "C.UTF-8");
    grid_init(&g, 4, 44);
}

static void finish(void) {
    grid_dispose(&g);
}

TestSuite(legend, .init = start, .fini = finish);

static bool row_is(int row, const char *text) {
    char *is = grid_row_text(&g, row);
    bool same = strcmp(is, text) == 0;
    free(is);
    return same;
}

Test(legend, shows_the_colours_between_the_ends_of_the_range) {
    const struct legend l = colours_legend(0.61f, true, "this step");
    const struct scroll none = {0};
    grid_box(&g, grid_area(&g), true, "text", NULL);
    legend_box(&g, grid_area(&g), &l, &none);
    cr_expect(row_is(3, "╰─ -.610     0     +.610 this step ────────╯"));
    cr_expect_float_eq(grid_at(&g, 3, 9)->heat, -1, 1e-6f);
    cr_expect_float_eq(grid_at(&g, 3, 13)->heat, 0, 1e-6f);
    cr_expect_float_eq(grid_at(&g, 3, 17)->heat, 1, 1e-6f);
    cr_expect_eq(grid_at(&g, 3, 17)->scale, HEAT_SIGNED);
}

Test(legend, is_of_glyphs_where_there_is_no_colour) {
    const struct palette p = {theme_find("mono"), NULL, NULL, COLOUR_MONO, false, false};
    const struct legend l = colours_legend(2, false, NULL);
    struct look first, last;
    cr_expect_eq(legend_row(&g, (struct area){0, 0, 1, 44}, &l), legend_columns(&l));
    look_of_cell(&first, grid_at(&g, 0, 44 - legend_columns(&l) + 3), &p);
    look_of_cell(&last, grid_at(&g, 0, 44 - legend_columns(&l) + 7), &p);
    cr_expect_str_eq(first.text, " ");
    cr_expect_str_eq(last.text, "█");
}

Test(legend, gives_way_to_the_scroll_marks_and_is_left_out_where_nothing_is_coloured) {
    const struct legend l = colours_legend(0.5f, false, "in this step"), none = {0},
                        zero = colours_legend(0, false, NULL);
    const struct scroll more = {.rows = scroll_axis(3, 2, 1000), .columns = scroll_axis(5, 2, 99)};
    grid_box(&g, grid_area(&g), true, "text", NULL);
    scroll_box(&g, grid_area(&g), &more);
    legend_box(&g, grid_area(&g), &l, &more);
    cr_expect(row_is(3, "╰─ 0       .5000 ──── ↑3 ↓995 ←5 →92 more ─╯"));
    cr_expect_eq(legend_columns(&none), 0);
    cr_expect_eq(legend_columns(&zero), 0);
}
