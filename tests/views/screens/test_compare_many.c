/* More than two results: each against the first. */
#include "views/screens/compare_many.h"

#include "backend/base/mem.h"
#include "samples.h"
#include "views/terminal/hits.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct attribution_sequence of[4];
static struct compare_many m;
static struct grid g;

static void setup(void) {
    struct compare_side sides[4];
    static const char *const titles[] = {"7 IG", "5 saliency", "4 occlusion", "3 lime"};
    for (unsigned i = 0; i < 4; i++) {
        sample_scores(&of[i], 5, i + 1);
        sides[i] = (struct compare_side){&of[i], titles[i]};
    }
    compare_many_show(&m, sides, 4);
}

static void teardown(void) {
    compare_many_dispose(&m);
    grid_dispose(&g);
    for (int i = 0; i < 4; i++)
        attribution_sequence_dispose(&of[i]);
}

TestSuite(compare_many, .init = setup, .fini = teardown);

static void draw(int rows, int columns) {
    grid_dispose(&g);
    grid_init(&g, rows, columns);
    compare_many_draw(&g, grid_area(&g), &m);
}

static bool shows(const char *text) {
    char *all = grid_text(&g);
    const bool shown = strstr(all, text) != NULL;
    free(all);
    return shown;
}

Test(compare_many, differences_are_against_the_first) {
    for (size_t side = 1; side < 4; side++) {
        const float a = compare_many_value(&m, 0, 2, 1), b = compare_many_value(&m, side, 2, 1);
        cr_expect_float_eq(
            a, of[0].target_attributions.data[2 * of[0].target_attributions.dims[1] + 1], 0);
        cr_expect_float_eq(compare_many_difference(&m, side, 2, 1), b - a, 1e-6f);
    }
    cr_expect(isnan(compare_many_value(&m, 1, 1000, 0)));
    cr_expect(isnan(compare_many_value(&m, 9, 0, 0)));
}

Test(compare_many, a_column_for_each_where_there_is_little_room) {
    compare_many_move(&m, 4, 0);
    draw(20, 80);
    cr_expect(shows("A to D for “·Paris”"));
    cr_expect(shows("A 7 IG"));
    cr_expect(shows("D 3 lime"));
    cr_expect(shows("▸·Tower"));
    cr_expect(shows("Spearman with A:  B "));
    cr_expect_eq(hit_find(&g.hits, g.cursor_row, 2).kind, HIT_ROW);
    draw(20, 60);
    cr_expect(shows("2 more where it is wider"), "told, not silent");
}

Test(compare_many, small_maps_where_there_is_room) {
    draw(56, 200);
    cr_expect(shows("A  7 IG"));
    cr_expect(shows("B − A  5 saliency"));
    cr_expect(shows("D − A  3 lime"));
    cr_assert(g.cursor_row >= 0);
    const struct hit hit = hit_find(&g.hits, g.cursor_row + 2, g.cursor_column + 6);
    cr_expect(hit.kind == HIT_CELL && hit.row == 2 && hit.column == 1);
    compare_many_set_scale(&m, COMPARE_SHARE);
    float sum = 0;
    for (size_t row = 0; row < m.n_rows; row++)
        sum +=
            isnan(compare_many_value(&m, 2, row, 0)) ? 0 : fabsf(compare_many_value(&m, 2, row, 0));
    cr_expect_float_eq(sum, 1, 1e-5f);
}

/* Another text, and screens of any size. */
Test(compare_many, rows_that_the_first_has_not_are_told_of) {
    struct attribution_sequence t;
    sample_translation(&t, 5);
    const struct compare_side sides[3] = {{&of[0], "a"}, {&of[1], "b"}, {&t, "other"}};
    compare_many_show(&m, sides, 3);
    draw(20, 120);
    cr_expect_gt(m.n_left_out, 0);
    cr_expect(shows("rows of others left out"));
    for (int rows = 0; rows < 60; rows += 7)
        for (int columns = 0; columns < 200; columns += 13)
            draw(rows, columns);
    attribution_sequence_dispose(&t);
}
