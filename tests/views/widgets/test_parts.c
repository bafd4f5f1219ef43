/* Titles that lose parts by weight where they have no room. */
#include "views/widgets/parts.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* What is left in so many columns, the sides parted by a bar. */
static void expect(int columns, const char *wanted_left, const char *wanted_right) {
    struct parts p = {0};
    parts_add(&p, 3, STYLE_TITLE, "%d rows", 14);
    parts_add(&p, 1, STYLE_TITLE, "%s", "");
    parts_add(&p, 1, STYLE_TITLE, "joined");
    parts_add_right(&p, 2, STYLE_DIM, "log");
    parts_add_right(&p, 0, STYLE_DIM, "|max| .61");
    parts_fit(&p, columns);
    char *left = parts_text(&p, false), *right = parts_text(&p, true);
    cr_expect_str_eq(left, wanted_left, "in %d columns: \"%s\"", columns, left);
    cr_expect_str_eq(right, wanted_right, "in %d columns: \"%s\"", columns, right);
    free(left);
    free(right);
    parts_dispose(&p);
}

Test(parts, those_of_least_weight_go_first_and_the_last_is_cut) {
    expect(31, "14 rows  joined", "log  |max| .61");
    expect(30, "14 rows  joined", "log");
    expect(20, "14 rows  joined", "log");
    expect(19, "14 rows", "log");
    expect(11, "14 rows", "");
    expect(6, "14 ro~", "");
    expect(0, "", "");
}

static void expect_shrunk(int columns, const char *wanted) {
    struct parts p = {0};
    parts_add(&p, 0, STYLE_TEXT, "dark");
    parts_add(&p, 1, STYLE_TEXT, "a text of any length");
    parts_shrink(&p, 6);
    parts_add(&p, 2, STYLE_TEXT, "Saliency");
    parts_fit(&p, columns);
    char *text = parts_text(&p, false);
    cr_expect_str_eq(text, wanted, "in %d columns: \"%s\"", columns, text);
    free(text);
    parts_dispose(&p);
}

Test(parts, what_may_shrink_does_when_its_turn_to_go_has_come) {
    expect_shrunk(36, "dark  a text of any length  Saliency");
    expect_shrunk(35, "a text of any length  Saliency");
    expect_shrunk(16, "a tex~  Saliency");
    expect_shrunk(15, "Saliency");
    expect_shrunk(5, "Sali~");
}

Test(parts, are_drawn_at_both_sides_each_in_its_role) {
    struct parts p = {0};
    struct grid g;
    grid_init(&g, 1, 12);
    parts_add(&p, 1, STYLE_TEXT, "ab");
    parts_add(&p, 1, STYLE_MARK_B, "cd");
    parts_add_right(&p, 1, STYLE_DIM, "e");
    parts_draw(&g, grid_area(&g), 0, &p);
    char *row = grid_row_text(&g, 0);
    cr_expect_str_eq(row, "ab  cd     e");
    cr_expect_eq(grid_at(&g, 0, 4)->role, STYLE_MARK_B);
    free(row);
    parts_dispose(&p);
    grid_dispose(&g);
}
