#include "views/screens/compare.h"

#include "backend/base/mem.h"
#include "tests/views/screens/samples.h"
#include "views/terminal/hits.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct attribution_sequence a, b;
static struct compare c;
static struct grid g;

static void start(void) {
    setlocale(LC_ALL, "C.UTF-8");
    sample_scores(&a, 6, 3);
    sample_scores(&b, 6, 9);
    compare_init(&c);
    compare_show(&c, (struct compare_side){&a, "7 IG"}, (struct compare_side){&b, "5 saliency"});
    grid_init(&g, 20, 80);
}

static void finish(void) {
    grid_dispose(&g);
    compare_dispose(&c);
    attribution_sequence_dispose(&a);
    attribution_sequence_dispose(&b);
}

TestSuite(compare, .init = start, .fini = finish);

static void draw(int rows, int columns) {
    grid_dispose(&g);
    grid_init(&g, rows, columns);
    compare_draw(&g, grid_area(&g), &c);
}

static bool shows(const char *text) {
    char *all = grid_text(&g);
    bool found = strstr(all, text) != NULL;
    if (!found)
        fprintf(stderr, "no \"%s\" in\n%s", text, all);
    free(all);
    return found;
}

static size_t align_words(struct compare_pair **pairs, const char *const *x, size_t n_x,
                          const char *const *y, size_t n_y) {
    struct token_list p = {0}, q = {0};
    const struct token *u[16], *w[16];
    for (size_t i = 0; i < n_x; i++)
        sample_token(&p, x[i], false);
    for (size_t i = 0; i < n_y; i++)
        sample_token(&q, y[i], false);
    for (size_t i = 0; i < n_x; i++)
        u[i] = &p.items[i];
    for (size_t i = 0; i < n_y; i++)
        w[i] = &q.items[i];
    size_t n = compare_align(pairs, u, n_x, w, n_y);
    token_list_dispose(&p);
    token_list_dispose(&q);
    return n;
}

Test(compare, aligns_by_token_and_pairs_what_differs_in_order) {
    struct compare_pair *pairs;
    size_t n = align_words(
        &pairs, (const char *const[]){"I", "said", "hi", "to", "the", "manager"}, 6,
        (const char *const[]){"Then", "I", "said", "hi", "to", "the", "nurse", "here"}, 8);
    static const struct compare_pair want[] = {{-1, 0}, {0, 1}, {1, 2}, {2, 3},
                                               {3, 4},  {4, 5}, {5, 6}, {-1, 7}};
    cr_assert_eq(n, 8);
    for (size_t i = 0; i < n; i++)
        cr_expect(pairs[i].a == want[i].a && pairs[i].b == want[i].b, "pair %zu is %ld, %ld", i,
                  (long)pairs[i].a, (long)pairs[i].b);
    free(pairs);
    n = align_words(&pairs, NULL, 0, (const char *const[]){"x"}, 1);
    cr_expect(n == 1 && pairs[0].a == -1 && pairs[0].b == 0);
    free(pairs);
}

Test(compare, agreement_by_hand) {
    static const float x[] = {1, 2, 3, 4, 5, 6}, y[] = {1, 2, 3, 4, 6, 5},
                       z[] = {-1, -2, -3, -4, -5, -6}, ties[] = {0, 0, 0, 0, 0, 0};
    struct compare_agreement r = compare_agree(x, y, 6);
    cr_expect_float_eq(r.spearman, 1 - 6.0f * 2 / (6 * 35), 1e-6f, "1 − 6 Σd² ÷ n(n² − 1)");
    cr_expect(r.top == 5 && r.top_of == 5 && r.sign == 6 && r.sign_of == 6);
    cr_expect_float_eq(r.largest, 1, 1e-6f);
    r = compare_agree(x, z, 6);
    cr_expect_float_eq(r.spearman, -1, 1e-6f);
    cr_expect(r.sign == 0 && r.sign_of == 6 && r.top == 5);
    cr_expect(isnan(compare_agree(x, ties, 6).spearman));
    cr_expect(isnan(compare_agree(x, y, 0).spearman));
    cr_expect_eq(compare_agree(x, y, 3).top_of, 3);
}

Test(compare, same_result_agrees_wholly) {
    compare_show(&c, (struct compare_side){&a, "a"}, (struct compare_side){&a, "a"});
    cr_expect_float_eq(c.overall.spearman, 1, 1e-6f);
    cr_expect_eq(c.overall.top, c.overall.top_of);
    cr_expect_eq(c.overall.sign, c.overall.sign_of);
    cr_expect_float_eq(c.overall.largest, 0, 0);
}

Test(compare, values_shares_and_swapping) {
    float va = compare_value(&c, 0, 2, 0), vb = compare_value(&c, 1, 2, 0);
    cr_expect_float_eq(va, a.target_attributions.data[12], 0);
    cr_expect_float_eq(compare_value(&c, 2, 2, 0), va - vb, 1e-6f);
    compare_set_scale(&c, COMPARE_SHARE);
    float sum = 0;
    for (size_t row = 0; row < c.n_rows; row++)
        sum += isnan(compare_value(&c, 0, row, 0)) ? 0 : fabsf(compare_value(&c, 0, row, 0));
    cr_expect_float_eq(sum, 1, 1e-5f);
    compare_set_scale(&c, COMPARE_RAW);
    compare_swap(&c);
    cr_expect_float_eq(compare_value(&c, 0, 2, 0), vb, 0);
    cr_expect_str_eq(c.a.title, "5 saliency");
    cr_expect(isnan(compare_value(&c, 0, 1000, 0)));
}

Test(compare, narrow_shows_bars_of_one_column) {
    compare_move(&c, 4, 0);
    draw(20, 80);
    cr_expect(shows("A and B for “·Paris”"));
    cr_expect(shows("▸ ·Tower"));
    cr_expect(shows("Spearman "));
    cr_expect(shows("A 7 IG"));
    cr_expect_eq(g.cursor_row, 6);
}

Test(compare, wide_shows_three_maps_and_the_table) {
    draw(40, 160);
    cr_expect(shows("A  7 IG"));
    cr_expect(shows("B  5 saliency"));
    cr_expect(shows("A − B"));
    cr_expect(shows("agreement per generated token"));
    cr_assert(g.cursor_row >= 0);
    struct hit hit = hit_find(&g.hits, g.cursor_row + 3, g.cursor_column + 6);
    cr_expect(hit.kind == HIT_CELL && hit.row == 3 && hit.column == 1);
    hit = hit_find(&g.hits, g.cursor_row - 1, g.cursor_column + 6);
    cr_expect(hit.kind == HIT_COLUMN && hit.column == 1);
}

Test(compare, other_sides_and_tokens_are_shown_as_missing) {
    struct attribution_sequence t;
    sample_translation(&t, 5);
    compare_show(&c, (struct compare_side){&a, "model 1"}, (struct compare_side){&t, "model 2"});
    cr_expect_eq(c.n_rows > 17, true);
    draw(20, 80);
    draw(40, 160);
    cr_expect(shows("model 2"));
    attribution_sequence_dispose(&t);
    compare_show(&c, (struct compare_side){&a, "x"}, (struct compare_side){0});
    draw(20, 80);
    cr_expect(shows("Mark two runs"));
    attribution_sequence_dispose(&b);
    sample_scores(&b, 0, 1);
    compare_show(&c, (struct compare_side){&a, "x"}, (struct compare_side){&b, "y"});
    cr_expect(isnan(c.overall.spearman));
    for (int rows = 0; rows < 50; rows += 3)
        for (int columns = 0; columns < 200; columns += 9)
            draw(rows, columns);
}

/* Where two results have other tokens at a place, each map says its own, the difference both. */
Test(compare, each_map_is_headed_with_its_own_tokens) {
    struct token *other = &b.target.items[b.attr_pos_start];
    mem_replace(&other->printable, mem_text("·Rome"));
    mem_replace(&other->bytes, mem_text(" Rome"));
    other->n_bytes = strlen(" Rome");
    compare_show(&c, (struct compare_side){&a, "A"}, (struct compare_side){&b, "B"});
    draw(40, 160);
    char *all = grid_text(&g), *line = strchr(all, '\n') + 1;
    *strchr(line, '\n') = 0;
    char *first = strstr(line, "·Par~"), *second = strstr(line, "·Rome"), *third;
    cr_assert(first && second && first < second, "%s", line);
    third = strstr(second, "Pa/Ro");
    cr_assert_not_null(third, "%s", line);
    cr_expect_null(strstr(first + 1, "·Par~"), "%s", line);
    free(all);
}

/* As of a context, which changes some tokens alone. */
Test(compare, begins_at_a_column_that_both_have_computed) {
    for (size_t i = 0; i < 6; i++)
        b.done[i] = i == 2 || i == 3;
    compare_show(&c, (struct compare_side){&a, "A"}, (struct compare_side){&b, "B"});
    cr_expect_eq(c.columns[c.column].b, 2);
    compare_move(&c, 0, 1);
    const size_t chosen = c.column;
    compare_swap(&c);
    cr_expect_eq(c.column, chosen, "what was chosen stays");
}
