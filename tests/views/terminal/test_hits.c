#include "views/terminal/grid.h"

#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <stdlib.h>

static struct grid g;

static void start(void) {
    setlocale(LC_ALL, "C.UTF-8");
    grid_init(&g, 10, 40);
}

static void finish(void) {
    grid_dispose(&g);
}

TestSuite(hits, .init = start, .fini = finish);

static void expect(int row, int column, enum hit_kind kind, int64_t at_row, int64_t at_column) {
    const struct hit hit = hit_find(&g.hits, row, column);
    cr_expect(hit.kind == kind && hit.row == at_row && hit.column == at_column,
              "at %d, %d: %d %ld %ld", row, column, (int)hit.kind, (long)hit.row, (long)hit.column);
}

Test(hits, cells_count_up_and_the_last_lies_on_top) {
    const struct area a = {2, 10, 6, 20};
    hit_add(&g.hits, grid_area(&g), (struct area){0, 0, 10, 40}, (struct hit){HIT_DETAIL, 0, 0});
    hit_add_each(&g.hits, a, (struct area){1, 2, 4, 100}, (struct hit){HIT_CELL, 7, 3}, 2, 6);
    expect(0, 0, HIT_DETAIL, 0, 0);
    expect(3, 12, HIT_CELL, 7, 3);
    expect(6, 12 + 6, HIT_CELL, 8, 4);
    expect(6, 29, HIT_CELL, 8, 5);
    expect(6, 30, HIT_DETAIL, 0, 0); /* clipped to the area */
    expect(7, 12, HIT_DETAIL, 0, 0);
    expect(-1, 0, HIT_NONE, 0, 0);
    grid_clear(&g);
    expect(3, 12, HIT_NONE, 0, 0);
}

Test(hits, what_lies_outside_is_not_added) {
    hit_add(&g.hits, (struct area){2, 2, 3, 3}, (struct area){5, 0, 2, 2},
            (struct hit){HIT_ROW, 1, 0});
    hit_add(&g.hits, (struct area){2, 2, 3, 3}, (struct area){-1, -1, 1, 9},
            (struct hit){HIT_ROW, 1, 0});
    cr_expect_eq(g.hits.n, 0);
}

Test(hits, a_marked_text_is_as_wide_as_without_and_can_be_pressed) {
    char *text =
        mem_format(TEXT_MARK "h" TEXT_MARK "l move  other  " TEXT_MARK "Esc: é漢", 4, 5, -27);
    cr_expect_eq(text_columns(text), 24);
    cr_expect_eq(grid_put(&g, grid_area(&g), 1, 0, STYLE_TEXT, text), 24);
    char *row = grid_row_text(&g, 1), fitted[80];
    cr_expect_str_eq(row, "hl move  other  Esc: é漢");
    expect(1, 0, HIT_KEY, 4, 0);
    expect(1, 1, HIT_KEY, 5, 0);
    expect(1, 6, HIT_KEY, 5, 0);
    expect(1, 8, HIT_NONE, 0, 0); /* behind two blanks it is another thing */
    expect(1, 10, HIT_NONE, 0, 0);
    expect(1, 16, HIT_KEY, -27, 0);
    expect(1, 23, HIT_KEY, -27, 0);
    expect(1, 24, HIT_NONE, 0, 0);
    cr_expect_eq(text_fit(fitted, sizeof fitted, text, 4, false), 4);
    grid_put_fit(&g, grid_area(&g), 2, 0, 3, STYLE_TEXT, text, false);
    expect(2, 1, HIT_KEY, 5, 0);
    expect(2, 2, HIT_NONE, 0, 0);
    expect(1, 30, HIT_NONE, 0, 0);
    cr_expect_eq(hit_find_below_keys(&g.hits, 1, 0).kind, HIT_NONE);
    free(row);
    free(text);
}

Test(hits, a_mark_is_nothing_that_a_text_can_bring) {
    char *clean = text_clean("\016"
                             "4\017"
                             "q");
    cr_expect_eq(text_mark(clean, NULL), 0);
    grid_put(&g, grid_area(&g), 0, 0, STYLE_TEXT, clean);
    cr_expect_eq(g.hits.n, 0);
    cr_expect_eq(text_mark("\016"
                           "4",
                           NULL),
                 0, "cut off");
    free(clean);
}
