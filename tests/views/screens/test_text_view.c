#include "views/screens/text_view.h"

#include "tests/views/screens/samples.h"
#include "views/terminal/hits.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct attribution_sequence s;
static struct text_view v;
static struct grid g;

static void start(void) {
    setlocale(LC_ALL, "C.UTF-8");
    grid_init(&g, 20, 80);
    v = (struct text_view){0};
}

static void finish(void) {
    grid_dispose(&g);
    attribution_sequence_dispose(&s);
}

TestSuite(text_view, .init = start, .fini = finish);

static void draw(int rows, int columns) {
    grid_dispose(&g);
    grid_init(&g, rows, columns);
    text_view_draw(&g, grid_area(&g), &v);
}

static void expect_row(int row, const char *want) {
    char *got = grid_row_text(&g, row);
    cr_expect_not_null(strstr(got, want), "row %d is \"%s\", without \"%s\"", row, got, want);
    free(got);
}

/* The first cell of a text in a row. */
static const struct cell *cell_of(int row, const char *text) {
    for (int column = 0; column < g.columns; column++) {
        size_t n = 0;
        int at = column;
        while (at < g.columns && n < strlen(text) &&
               strncmp(grid_at(&g, row, at)->text, text + n, strlen(grid_at(&g, row, at)->text)) ==
                   0)
            n += strlen(grid_at(&g, row, at++)->text);
        if (n == strlen(text))
            return grid_at(&g, row, column);
    }
    return NULL;
}

Test(text_view, running_text_with_the_step_in_brackets_and_the_top_three_numbered) {
    sample_scores(&s, 6, 3);
    text_view_show(&v, &s);
    draw(20, 80);
    expect_row(0, "what made “·Paris”");
    expect_row(1, "The Eiff¹el Tower² is located in the city³ of [Paris], France. It is");
    const struct cell *iff = cell_of(1, "iff¹");
    cr_assert_not_null(iff);
    cr_expect(iff->role == STYLE_HEAT && iff->underline);
    cr_expect_float_eq(iff->heat, 1, 1e-6f, "the largest has full colour");
    cr_expect_eq(cell_of(1, "France")->role, STYLE_DIM, "what comes later is dim");
    expect_row(3, "1  iff");
}

Test(text_view, moves_between_steps_and_stays_inside) {
    sample_scores(&s, 6, 3);
    text_view_show(&v, &s);
    text_view_move(&v, 2, 0);
    draw(20, 80);
    expect_row(0, "what made “·France”");
    expect_row(1, "[France]");
    text_view_move(&v, 100, 0);
    cr_expect_eq(v.column, 5);
    text_view_move(&v, -100, -100);
    cr_expect(v.column == 0 && v.top == 0);
}

Test(text_view, both_sides_of_a_translation) {
    sample_translation(&s, 3);
    text_view_show(&v, &s);
    text_view_move(&v, 4, 0);
    draw(20, 80);
    expect_row(1, "source");
    expect_row(2, "I said hi to");
    expect_row(2, "manager¹");
    expect_row(4, "target");
    expect_row(5, "[o] gerente");
}

Test(text_view, tokens_that_share_a_character_are_joined) {
    sample_scores(&s, 6, 3);
    token_list_dispose(&s.target);
    static const char *const pieces[] = {"a",  "\xE6\xBC", "\xA2", "\xE5\xAD\x97", " b", "\xFF",
                                         "c",  " d",       " e",   " f",           " g", " h",
                                         " i", " j",       " k",   " l",           " m"};
    for (size_t i = 0; i < 17; i++)
        sample_token(&s.target, pieces[i], false);
    text_view_show(&v, &s);
    draw(20, 80);
    char *row = grid_row_text(&g, 1);
    cr_expect_not_null(strstr(row, "漢"), "%s", row);
    cr_expect_not_null(strstr(row, "字"), "%s", row);
    cr_expect_not_null(strstr(row, "<FF>"), "%s", row);
    free(row);
}

Test(text_view, wraps_at_words_and_a_click_finds_the_step) {
    sample_scores(&s, 6, 3);
    text_view_show(&v, &s);
    draw(16, 30);
    expect_row(1, "The Eiff¹el Tower² is");
    expect_row(2, "located in the city³ of");
    int found = 0;
    for (int row = 0; row < 16; row++)
        for (int column = 0; column < 30; column++) {
            const struct hit hit = hit_find(&g.hits, row, column);
            cr_expect_eq(hit.kind, HIT_TEXT);
            found |= hit.column >= 0 ? 1 << hit.column : 0;
        }
    cr_expect_eq(found, 63, "every generated token can be clicked: %x", (unsigned)found);
    cr_expect_eq(hit_find(&g.hits, 1, 3).column, -1, "a token of the prompt is no step");
}

Test(text_view, empty_and_unfinished_results_draw) {
    draw(20, 80);
    sample_scores(&s, 0, 3);
    text_view_show(&v, &s);
    draw(20, 80);
    expect_row(18, "not computed yet");
    for (int rows = 0; rows < 30; rows += 2)
        for (int columns = 0; columns < 120; columns += 5)
            draw(rows, columns);
}
