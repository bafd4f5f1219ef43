/* What grows, what is cut and what is marked on the map. */
#include "tests/views/screens/samples.h"
#include "views/screens/map.h"

#include "backend/base/mem.h"
#include "views/screens/text_view.h"
#include "views/terminal/hits.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

static struct attribution_sequence sequence;
static struct map map;
static struct grid grid;

static void finish(void) {
    map_dispose(&map);
    attribution_sequence_dispose(&sequence);
    grid_dispose(&grid);
}

static void begin(void) {
    setlocale(LC_ALL, "C.UTF-8"); /* what is not ASCII has a width */
}

TestSuite(map_widths, .init = begin, .fini = finish);

static void rename_token(struct token *t, const char *text, int32_t id) {
    mem_replace(&t->printable, mem_text(text));
    t->id = id;
}

static struct token *column(int64_t g) {
    return &sequence.target.items[sequence.attr_pos_start + g];
}

static void draw(int rows, int columns) {
    grid_dispose(&grid);
    grid_init(&grid, rows, columns);
    map_fit(&map, rows, columns);
    map_draw(&grid, grid_area(&grid), &map);
}

static void expect_row(int row, const char *text) {
    char *found = grid_row_text(&grid, row);
    cr_expect_not_null(strstr(found, text), "row %d is \"%s\"", row, found);
    free(found);
}

static void show(void) {
    sample_scores(&sequence, 5, 1);
    map_init(&map);
    map_show(&map, &sequence);
}

Test(map_widths, columns_grow_into_free_space_until_their_heads_are_whole) {
    show();
    rename_token(column(1), "an extraordinarily", 7);
    map_show(&map, &sequence);
    draw(12, 120);
    expect_row(0, " an extraordinarily ");
    map.zoom = 3; /* cells without numbers stay as they are */
    draw(12, 120);
    expect_row(0, "Pa an ");
    map.zoom = 2;
    draw(12, 40);
    expect_row(0, "an e~");
}

Test(map_widths, labels_get_what_heads_leave) {
    show();
    const char *sentence = "a whole sentence as one row of the map";
    rename_token(&sequence.target.items[2], sentence, -1);
    map_show(&map, &sequence);
    draw(12, 70);
    expect_row(3, "a whole sent");
    draw(12, 160);
    expect_row(3, sentence);
}

Test(map_widths, a_cell_is_hit_where_it_is_drawn) {
    show();
    rename_token(column(0), "a long first head", 7);
    map_show(&map, &sequence);
    map_go(&map, 2, 1);
    draw(12, 120);
    struct hit at = hit_find(&grid.hits, grid.cursor_row, grid.cursor_column),
               before = hit_find(&grid.hits, grid.cursor_row, grid.cursor_column - 3);
    cr_expect(at.kind == HIT_CELL && at.row == 2 && at.column == 1);
    cr_expect(before.kind == HIT_CELL && before.column == 0, "the long one ends there");
}

static void expect_head(int columns, const char *wanted) {
    char *head = map_head(&map, column(0), columns);
    cr_expect_str_eq(head, wanted, "in %d columns: \"%s\"", columns, head);
    free(head);
}

Test(map_widths, a_cut_head_keeps_the_token_and_loses_the_foil_first) {
    show();
    rename_token(column(0), "·New York → ·Paris", -1);
    expect_head(18, "·New York → ·Paris");
    expect_head(14, "·New~ → ·Paris");
    expect_head(11, "·~ → ·Paris");
    expect_head(10, "·Paris");
    expect_head(4, "·Pa~");
    expect_head(2, "Pa");
    expect_head(1, "P");
    expect_head(0, "");
    rename_token(column(0), "a → b", 7); /* a token of the vocabulary that has an arrow */
    expect_head(4, "a →~");
}

Test(map_widths, a_selection_is_seen_over_whole_columns) {
    show();
    map_go(&map, 1, 1);
    map.selecting = true;
    map.anchor_row = map.row;
    map.anchor_column = map.column;
    map_go(&map, 2, 2);
    draw(12, 120);
    char *row = grid_row_text(&grid, 1);
    const int left = (int)(strstr(row, "│") - row),
              right = left + 1 + (int)strcspn(strstr(row, "│") + 3, "\xE2");
    free(row);
    for (int at = 1; at < 12; at++) {
        cr_expect_str_eq(grid_at(&grid, at, left)->text, "│", "row %d", at);
        cr_expect_str_eq(grid_at(&grid, at, right)->text, at == 3 ? "]" : "│", "row %d", at);
        cr_expect_eq(grid_at(&grid, at, left + 2)->underline, at == 2 || at == 3);
    }
    cr_expect(grid_at(&grid, 0, left + 1)->reverse && grid_at(&grid, 0, right - 1)->reverse);
    cr_expect_not(grid_at(&grid, 0, left - 1)->reverse || grid_at(&grid, 0, right + 1)->reverse);
    map.zoom = 5; /* one column a cell: no room for lines */
    draw(12, 120);
    for (int row = 1; row < 12; row++)
        cr_expect(grid_at(&grid, row, grid.cursor_column)->underline, "row %d", row);
}

Test(map_widths, the_text_lists_as_many_tokens_as_fit) {
    struct text_view v = {0};
    show();
    text_view_show(&v, &sequence);
    text_view_move(&v, 3, 0);
    grid_init(&grid, 24, 80);
    text_view_draw(&grid, grid_area(&grid), &v);
    expect_row(3, "1 ");
    expect_row(11, "9 ");
    grid_dispose(&grid);
    grid_init(&grid, 14, 80); /* a third at least, and how many there are */
    text_view_draw(&grid, grid_area(&grid), &v);
    expect_row(2, "the 10 largest of 14");
}

/* Sixty tokens in rows of twelve columns do not fit: what is explained comes into view, and may be
 * left. */
Test(map_widths, the_text_goes_where_the_explained_token_is) {
    struct text_view v = {0};
    sample_long(&sequence, 6);
    text_view_show(&v, &sequence);
    grid_init(&grid, 11, 16);
    text_view_draw(&grid, grid_area(&grid), &v);
    char *text = grid_text(&grid);
    cr_expect_not_null(strstr(text, "[t61]"), "%s", text);
    free(text);
    text_view_move(&v, 0, -1000);
    text_view_draw(&grid, grid_area(&grid), &v);
    expect_row(1, "t1");
    text_view_move(&v, 1, 0);
    grid_clear(&grid);
    text_view_draw(&grid, grid_area(&grid), &v);
    text = grid_text(&grid);
    cr_expect_not_null(strstr(text, "[t62]"), "%s", text);
    free(text);
}
