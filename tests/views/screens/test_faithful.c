/* Curves of faithfulness: every point lies where its value is, and each rung of characters tells
 * the lines apart. */
#include "views/screens/faithful.h"

#include "tests/views/screens/samples.h"
#include "views/terminal/look.h"
#include "views/widgets/chart.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct grid g;

static void start(void) {
    setlocale(LC_ALL, "C.UTF-8");
    grid_init(&g, 10, 47);
}

static void finish(void) {
    grid_dispose(&g);
}

TestSuite(faithful, .init = start, .fini = finish);

static void expect_row(int row, const char *text) {
    char *all = grid_row_text(&g, row);
    cr_expect_str_eq(all, text, "row %d: %s", row, all);
    free(all);
}

Test(faithful, a_chart_has_its_points_where_their_values_are) {
    static const double line[] = {1, 1, 0}, other[] = {0, 0.5, 1}, deviation[] = {0, 0, 0};
    const struct chart c = {.title = "a title",
                            .ends = {"left", "right"},
                            .n = 3,
                            .line = line,
                            .other = other,
                            .deviation = deviation,
                            .low = 0,
                            .high = 1};
    chart_draw(&g, (struct area){0, 0, 8, 27}, &c);
    expect_row(0, "a title");
    expect_row(1, " 1.000┤⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠑⢄     ───");
    expect_row(5, " 0.000┤───               ⠑⢄");
    expect_row(6, "      ╰──────────┴─────────");
    expect_row(7, "       left           right");
}

Test(faithful, a_point_that_is_missing_leaves_a_hole) {
    static const double line[] = {1, NAN, 0, 0};
    double low = NAN, high = NAN;
    struct chart c = {.title = "", .ends = {"", ""}, .n = 4, .line = line, .low = 0, .high = 1};
    chart_fit(&low, &high, &c);
    cr_expect(low == 0 && high == 1);
    chart_draw(&g, (struct area){0, 0, 8, 27}, &c);
    expect_row(5, " 0.000┤             ⣀⣀⣀⣀⣀⣀⣀");
    for (int row = 2; row < 5; row++)
        expect_row(row, "      │");
}

/* Far more than the axis shows, and sizes that hold nothing. */
Test(faithful, whatever_is_asked_for_is_inside_the_area) {
    static const double line[] = {-1e300, 1e300, NAN, INFINITY}, none[] = {NAN, NAN, NAN, NAN};
    struct curves_measure m = {.value = NAN,
                               .random = NAN,
                               .low = NAN,
                               .high = NAN,
                               .curve = (double *)(uintptr_t)line,
                               .mean = (double *)(uintptr_t)none};
    const struct curves c = {.n = 4, .comprehensiveness = m, .sufficiency = m, .overall = m};
    for (int rows = 1; rows < 12; rows++)
        for (int columns = 1; columns < 90; columns += 4) {
            grid_dispose(&g);
            grid_init(&g, rows, columns);
            faithful_draw(&g, grid_area(&g), &c);
        }
    free(faithful_lines(&c));
}

Test(faithful, without_utf8_stars_dashes_and_dots_tell_the_lines_apart) {
    static const char *const glyphs[] = {"⣀", "─", "░"}, *const ascii[] = {"*", "-", "."};
    const struct palette p = {.theme = theme_find("mono"), .depth = COLOUR_MONO, .ascii = true};
    for (size_t i = 0; i < 3; i++) {
        struct look look;
        struct cell c = {.width = 1, .role = STYLE_TEXT};
        strcpy(c.text, glyphs[i]);
        look_of_cell(&look, &c, &p);
        cr_expect_str_eq(look.text, ascii[i]);
    }
}
