#include "views/screens/atlas.h"

#include "tests/views/screens/samples.h"
#include "views/screens/atlas_sinks.h"
#include "views/screens/map.h"
#include "views/terminal/hits.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct attribution_sequence s;
static struct atlas a;
static struct grid g;

static void start(void) {
    setlocale(LC_ALL, "C.UTF-8");
    sample_attention(&s, 12, 12, 6, 4);
    atlas_init(&a);
    atlas_show(&a, &s);
    grid_init(&g, 20, 80);
}

static void finish(void) {
    grid_dispose(&g);
    atlas_dispose(&a);
    attribution_sequence_dispose(&s);
}

TestSuite(atlas, .init = start, .fini = finish);

static bool shows(const char *text) {
    char *all = grid_text(&g);
    bool found = strstr(all, text) != NULL;
    if (!found)
        fprintf(stderr, "no \"%s\" in\n%s", text, all);
    free(all);
    return found;
}

static void draw(int rows, int columns) {
    grid_dispose(&g);
    grid_init(&g, rows, columns);
    atlas_draw(&g, grid_area(&g), &a);
}

static float score(int64_t row, int64_t column, int64_t layer, int64_t head) {
    return s.target_attributions.data[((row * 6 + column) * 12 + layer) * 12 + head];
}

/* Columns that are coloured. */
static int heat_cells(void) {
    int n = 0;
    for (int row = 0; row < g.rows; row++)
        for (int column = 0; column < g.columns; column++) {
            const struct cell *c = grid_at(&g, row, column);
            n += c->role == STYLE_HEAT && !isnan(c->heat);
        }
    return n;
}

Test(atlas, metrics_are_what_they_say) {
    double sum = 0, most = 0, n = 0;
    for (int64_t row = 0; row < 17; row++)
        for (int64_t column = 0; column < 6; column++) {
            float v = score(row, column, 3, 7);
            if (isnan(v))
                continue;
            sum += (double)v;
            most = fmax(most, (double)v);
            n++;
        }
    atlas_set_metric(&a, ATLAS_MEAN);
    cr_expect_float_eq(atlas_value(&a, 3, 7), (float)(sum / n), 1e-6f);
    atlas_set_metric(&a, ATLAS_MAX);
    cr_expect_float_eq(atlas_value(&a, 3, 7), (float)most, 1e-6f);
    atlas_set_metric(&a, ATLAS_CELL);
    atlas_set_cell(&a, 4, 1);
    cr_expect_float_eq(atlas_value(&a, 3, 7), score(4, 1, 3, 7), 0);
    atlas_set_metric(&a, ATLAS_ENTROPY);
    double entropy = 0;
    for (int64_t column = 0; column < 6; column++)
        for (int64_t row = 0; row < 11 + column; row++) {
            double p = (double)score(row, column, 3, 7);
            entropy -= p > 0 ? p * log2(p) / 6 : 0;
        }
    cr_expect_float_eq(atlas_value(&a, 3, 7), (float)entropy, 1e-3f,
                       "columns of attention sum to 1");
    cr_expect(isnan(atlas_value(&a, 12, 0)));
}

Test(atlas, begins_at_the_strongest_head_and_steps_by_rank) {
    cr_expect_eq(atlas_rank(&a, a.layer, a.head), 1);
    atlas_step_rank(&a, -1);
    cr_expect_eq(atlas_rank(&a, a.layer, a.head), 1);
    atlas_step_rank(&a, 1);
    cr_expect_eq(atlas_rank(&a, a.layer, a.head), 2);
    for (int i = 0; i < 200; i++)
        atlas_step_rank(&a, 1);
    cr_expect_eq(atlas_rank(&a, a.layer, a.head), 144);
}

Test(atlas, ranks_begin_at_the_strongest_wherever_the_cursor_is) {
    atlas_go_rank(&a, 40);
    atlas_move(&a, 0, a.head == 0 ? 1 : -1);
    atlas_step_rank(&a, 1);
    cr_expect_eq(atlas_rank(&a, a.layer, a.head), 1, "a head by hand is no rank to go on from");
    atlas_step_rank(&a, 1);
    atlas_step_rank(&a, 1);
    cr_expect_eq(atlas_rank(&a, a.layer, a.head), 3);
    atlas_move_cell(&a, 3, 1); /* other ranks */
    cr_expect(a.row == 3 && a.column == 1);
    atlas_step_rank(&a, -1);
    cr_expect_eq(atlas_rank(&a, a.layer, a.head), 1);
    atlas_set_metric(&a, ATLAS_MAX);
    atlas_go_rank(&a, 7);
    atlas_step_rank(&a, -1);
    cr_expect_eq(atlas_rank(&a, a.layer, a.head), 7);
}

Test(atlas, is_entered_at_the_strongest_head_of_the_cell_and_left_alone_after) {
    atlas_enter(&a, true, 4, 1);
    cr_expect(a.row == 4 && a.column == 1);
    cr_expect_eq(atlas_rank(&a, a.layer, a.head), 1);
    atlas_go_rank(&a, 5);
    const int64_t layer = a.layer, head = a.head;
    atlas_enter(&a, true, 4, 1);
    cr_expect(a.layer == layer && a.head == head, "the same cell: the cursor stays");
    atlas_enter(&a, true, 5, 1);
    cr_expect_eq(atlas_rank(&a, a.layer, a.head), 1);
}

Test(atlas, all_but_the_strongest_can_be_dimmed) {
    draw(20, 80);
    const int all = heat_cells();
    a.by_rank = true;
    draw(20, 80);
    cr_expect_eq(all - heat_cells(), (144 - 10) * 4, "%d of %d", heat_cells(), all);
}

Test(atlas, cursor_stays_inside) {
    atlas_go(&a, 3, 7);
    atlas_move(&a, -10, 100);
    cr_expect(a.layer == 0 && a.head == 11);
    atlas_move(&a, 100, -100);
    cr_expect(a.layer == 11 && a.head == 0);
    atlas_set_cell(&a, 1000, -5);
    cr_expect(a.row == 16 && a.column == 0);
}

Test(atlas, eighty_columns_show_every_number_the_head_and_the_strongest) {
    atlas_go(&a, 3, 7);
    draw(20, 80);
    cr_expect(shows(" layers × heads ─"));
    cr_expect(shows("layer 3, head 7"));
    cr_expect(shows("strongest heads"));
    char *row = grid_row_text(&g, 5);
    cr_expect_not_null(strstr(row, "▸  3"), "%s", row);
    cr_expect_not_null(strstr(row, "["), "%s", row);
    free(row);
    cr_expect_eq(g.cursor_row, 5);
    const struct cell *c = grid_at(&g, g.cursor_row, g.cursor_column);
    cr_expect_eq(c->role, STYLE_HEAT);
    cr_expect_float_eq(c->heat, atlas_value(&a, 3, 7) / a.magnitude, 1e-6f);
}

Test(atlas, where_layers_do_not_fit_each_row_shows_two) {
    attribution_sequence_dispose(&s);
    sample_attention(&s, 32, 32, 6, 4);
    atlas_show(&a, &s);
    atlas_go(&a, 21, 9);
    draw(21, 80);
    const struct cell *c = grid_at(&g, g.cursor_row, g.cursor_column);
    cr_assert_not_null(c);
    cr_expect_eq(c->heat_kind, HEAT_HALF);
    cr_expect_float_eq(c->heat, atlas_value(&a, 20, 9) / a.magnitude, 1e-6f);
    cr_expect_float_eq(c->lower, atlas_value(&a, 21, 9) / a.magnitude, 1e-6f);
    draw(56, 200);
    c = grid_at(&g, g.cursor_row, g.cursor_column);
    cr_expect_neq(c->heat_kind, HEAT_HALF);
    cr_expect(shows("layers, sum over heads"));
}

/* 17 rows and 6 columns in 6 by 9 points: the third row is of rows 6 to 8, a column one point. */
Test(atlas, a_large_screen_has_a_picture_of_every_head) {
    atlas_go(&a, 7, 2);
    draw(56, 200);
    const struct cell *c = grid_at(&g, g.cursor_row + 2, g.cursor_column - 1);
    cr_assert_eq(c->heat_kind, HEAT_HALF);
    float most = 0, upper = 0;
    for (int64_t row = 0; row < 17; row++)
        for (int64_t column = 0; column < 6; column++) {
            const float v = score(row, column, 7, 2);
            most = v > most ? v : most;
            if (row * 6 / 17 == 2 && column == 0)
                upper = v > upper ? v : upper;
        }
    cr_expect_float_eq(c->heat, upper / most, 1e-6f);
    cr_expect_eq(hit_find(&g.hits, g.cursor_row + 2, g.cursor_column).row, 7, "its picture too");
    cr_expect_eq(hit_find(&g.hits, g.cursor_row + 2, g.cursor_column).column, 2);
}

/* Every head can be gone to, and then its picture is whole on the screen. */
Test(atlas, pictures_that_do_not_fit_scroll) {
    attribution_sequence_dispose(&s);
    sample_attention(&s, 32, 32, 6, 4);
    atlas_show(&a, &s);
    for (int64_t i = 0; i < 32; i += 3) {
        atlas_go(&a, i, 31 - i);
        draw(50, 180);
        cr_assert(g.cursor_row > 0, "head %d", (int)i);
        for (int row = 1; row <= 3; row++)
            cr_expect_eq(grid_at(&g, g.cursor_row + row, g.cursor_column)->heat_kind, HEAT_HALF);
    }
    cr_expect(shows("↑"));
}

/* The picture follows the columns that come, and is of the side that is shown. */
Test(atlas, pictures_are_made_anew_when_scores_come) {
    atlas_go(&a, 0, 0);
    draw(56, 200);
    const float before = grid_at(&g, g.cursor_row + 1, g.cursor_column)->heat;
    for (int64_t i = 0; i < 17 * 6; i++)
        s.target_attributions.data[i * 144] = i < 6 ? 0.25f : 1;
    draw(56, 200);
    cr_expect_eq(grid_at(&g, g.cursor_row + 1, g.cursor_column)->heat, before);
    atlas_show(&a, &s);
    atlas_go(&a, 0, 0);
    draw(56, 200);
    cr_expect_eq(grid_at(&g, g.cursor_row + 1, g.cursor_column)->lower, 1);
}

/* Weights whose first token takes six tenths: NaN without it, and the others as they are, or by
 * what is left of their column. */
Test(atlas, leaves_attention_sinks_out) {
    for (int64_t column = 0; column < 6; column++)
        for (int64_t row = 0; row < 11 + column; row++)
            for (int64_t i = 0; i < 144; i++)
                s.target_attributions.data[(row * 6 + column) * 144 + i] =
                    row == 0 ? 0.6f : 0.4f / (float)(10 + column);
    atlas_show(&a, NULL);
    atlas_show(&a, &s);
    cr_assert_not_null(atlas_sinks(&a));
    cr_expect(atlas_sinks(&a)->rows[0] && !atlas_sinks(&a)->rows[1]);
    cr_expect_float_eq(atlas_sinks(&a)->share, 0.6, 1e-4);
    cr_expect_eq(atlas_score(&a, 0, 2, 5), 0.6f);
    atlas_set_sinks(&a, SINKS_LEFT_OUT);
    cr_expect(isnan(atlas_score(&a, 0, 2, 5)) && a.row != 0, "the cell is another, too");
    cr_expect_eq(atlas_rank(&a, a.layer, a.head), 1);
    cr_expect_float_eq(atlas_score(&a, 3, 2, 5), 0.4f / 12, 1e-6f);
    draw(20, 80);
    cr_expect(shows(", no sinks ─"));
    atlas_move_cell(&a, -100, 0);
    cr_expect_neq(a.row, 0);
    atlas_set_sinks(&a, SINKS_RENORMALISED);
    cr_expect_float_eq(atlas_score(&a, 3, 2, 5), 1.0f / 12, 1e-5f);
    atlas_set_metric(&a, ATLAS_MAX);
    cr_expect_float_eq(atlas_value(&a, 3, 7), 0.1f, 1e-5f);
    draw(56, 200);
    cr_expect(shows(", no sinks, renormalised"));
    s.done[3] = false; /* of a run under way nothing is said */
    atlas_show(&a, NULL);
    atlas_show(&a, &s);
    cr_expect_null(atlas_sinks(&a));
}

Test(atlas, a_press_in_the_heads_map_is_of_its_cell) {
    atlas_set_cell(&a, 4, 1);
    draw(20, 80);
    struct hit found = {0};
    for (int row = 0; row < 20 && found.kind != HIT_TARGET; row++)
        for (int column = 40; column < 80 && found.kind != HIT_TARGET; column++)
            found = hit_find(&g.hits, row, column);
    cr_expect_eq(found.kind, HIT_TARGET);
    cr_expect(found.row == 0 && found.column == 0);
}

Test(atlas, a_click_finds_the_head_that_is_drawn_there) {
    static const int sizes[][2] = {{20, 80}, {16, 60}, {56, 200}, {24, 100}};
    for (size_t i = 0; i < 4; i++) {
        atlas_go(&a, 9, 10);
        draw(sizes[i][0], sizes[i][1]);
        cr_assert(g.cursor_row >= 0, "size %zu has no cursor", i);
        const struct hit hit = hit_find(&g.hits, g.cursor_row, g.cursor_column);
        cr_expect(hit.kind == HIT_CELL && hit.column == 10);
        cr_expect(hit.row == 9 || hit.row == 8);
        cr_expect_eq(hit_find(&g.hits, 0, 0).kind, HIT_NONE);
    }
}

Test(atlas, unfinished_columns_count_for_nothing) {
    attribution_sequence_dispose(&s);
    sample_attention(&s, 4, 2, 0, 4);
    atlas_show(&a, &s);
    cr_expect(isnan(atlas_value(&a, 0, 0)));
    draw(20, 80);
    attribution_sequence_dispose(&s);
    sample_attention(&s, 4, 2, 1, 4);
    atlas_show(&a, &s);
    cr_expect(!isnan(atlas_value(&a, 0, 0)));
    draw(20, 80);
}

/* A result with layers alone: the attention of one head a layer, taken as [rows, G, L]. */
Test(atlas, layers_without_heads_show_tokens_by_layers) {
    attribution_sequence_dispose(&s);
    sample_attention(&s, 5, 1, 6, 4);
    s.target_attributions.n_dims = 3;
    atlas_show(&a, &s);
    cr_assert(a.n_layers == 5 && !a.has_heads);
    atlas_set_cell(&a, 2, 3);
    draw(30, 100);
    cr_expect(shows("tokens × layers"));
    cr_expect(shows("L0   L1   L2   L3   L4"));
    cr_expect(shows("strongest layers"));
    char number[16];
    for (int64_t layer = 0; layer < 5; layer++) { /* every number of the step is there */
        map_number(number, sizeof number, s.target_attributions.data[(2 * 6 + 3) * 5 + layer], 4,
                   false);
        cr_expect(shows(number));
    }
    struct hit hit = hit_find(&g.hits, 2 + 4, 1 + 12 + 3 * 5 + 1);
    cr_expect(hit.kind == HIT_CELL && hit.column == 3 && hit.row == 4);
    cr_expect_eq(hit_find(&g.hits, 4, 3).kind, HIT_ROW);
    atlas_go(&a, 3, 4);
    cr_expect(a.layer == 3 && a.row == 4 && a.head == 0 && a.column == 3);
    cr_expect_float_eq(atlas_value(&a, 1, 0), s.target_attributions.data[(4 * 6 + 3) * 5 + 1],
                       0); /* what "this cell" means moved, too */
    atlas_move(&a, -10, 100);
    cr_expect(a.layer == 0 && a.row == s.target_attributions.dims[0] - 1);
    atlas_move_cell(&a, 0, -1);
    cr_expect_eq(a.column, 2);
    for (int rows = 0; rows < 40; rows += 3)
        for (int columns = 0; columns < 150; columns += 7)
            draw(rows, columns);
}

/* Several layers of a gradient method, [rows, G, L, width]: of every token and layer the norm over
 * the width; columns appear as they finish. */
Test(atlas, layers_with_a_width_show_the_norms_of_tokens_by_layers) {
    attribution_sequence_dispose(&s);
    sample_attention(&s, 5, 16, 6, 4);
    s.class = ATTRIBUTION_GRANULAR;
    s.done[3] = false;
    cr_expect(atlas_has(&s));
    atlas_show(&a, &s);
    cr_assert(a.n_sides == 1 && a.n_layers == 5 && !a.has_heads);
    atlas_set_cell(&a, 2, 3);
    cr_expect(isnan(atlas_value(&a, 1, 0)), "this column is not done");
    s.done[3] = true;
    atlas_show(&a, &s);
    draw(30, 100);
    cr_expect(shows("tokens × layers"));
    cr_expect(shows("L0   L1   L2   L3   L4"));
    for (int64_t layer = 0; layer < 5; layer++) {
        const float *at = s.target_attributions.data + ((2 * 6 + 3) * 5 + layer) * 16;
        char number[16];
        double square = 0;
        for (int i = 0; i < 16; i++)
            square += (double)at[i] * (double)at[i];
        cr_expect_float_eq(atlas_value(&a, layer, 0), (float)sqrt(square), 1e-6f);
        map_number(number, sizeof number, (float)sqrt(square), 4, false);
        cr_expect(shows(number));
    }
    for (int rows = 0; rows < 40; rows += 3)
        for (int columns = 0; columns < 150; columns += 7)
            draw(rows, columns);
    struct attribution_sequence other; /* another result: its norms, none of the last */
    sample_attention(&other, 3, 4, 6, 5);
    other.class = ATTRIBUTION_GRANULAR;
    atlas_show(&a, &other);
    atlas_set_cell(&a, 0, 5);
    const float *at = other.target_attributions.data + (0 * 6 + 5) * 3 * 4;
    cr_expect_eq(a.n_layers, 3);
    cr_expect_float_eq(atlas_value(&a, 0, 0),
                       sqrtf(at[0] * at[0] + at[1] * at[1] + at[2] * at[2] + at[3] * at[3]), 1e-6f);
    atlas_show(&a, NULL);
    attribution_sequence_dispose(&other);
    sample_scores(&other, 6, 1); /* one layer, [rows, G, width]: nothing to lay out */
    other.class = ATTRIBUTION_GRANULAR;
    other.target_attributions.dims[2] = 1;
    other.target_attributions.n_dims = 3;
    cr_expect(!atlas_has(&other));
    attribution_sequence_dispose(&other);
}

Test(atlas, results_without_layers_say_what_to_do) {
    struct attribution_sequence plain;
    sample_scores(&plain, 6, 1);
    cr_expect(!atlas_has(&plain));
    cr_expect(atlas_has(&s));
    atlas_show(&a, &plain);
    draw(20, 80);
    cr_expect(shows("This result has no layers and heads."));
    a.without = "Methods that have some.";
    draw(20, 80);
    cr_expect(shows("Methods that have some."));
    cr_expect_eq(hit_find(&g.hits, 5, 5).kind, HIT_NONE);
    atlas_show(&a, NULL);
    draw(20, 80);
    attribution_sequence_dispose(&plain);
}

Test(atlas, every_size_draws_without_harm) {
    for (int rows = 0; rows < 60; rows += 3)
        for (int columns = 0; columns < 210; columns += 7)
            draw(rows, columns);
}
