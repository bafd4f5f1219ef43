/* Editing at the cursor, and what is drawn of it, against a text made anew each time. */
#include "backend/base/mem.h"
#include "backend/base/random.h"
#include "views/terminal/input.h"
#include "views/widgets/edit.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 4
#define COLUMNS 11

/* Letters, blanks, lines, marks, wide ones, flags, families, what is shown as an escape. */
static const char *const pieces[] = {"a",
                                     "bc ",
                                     "\n",
                                     "\xCC\x81",
                                     "\xE6\xBC\xA2",
                                     "\xF0\x9F\x87\xA9",
                                     "\xF0\x9F\x91\xA8",
                                     "\xE2\x80\x8D",
                                     "\xE2\x80\xAE",
                                     "long enough for more than a row"};
static const int keys[] = {INPUT_LEFT,
                           INPUT_RIGHT,
                           INPUT_UP,
                           INPUT_DOWN,
                           INPUT_HOME,
                           INPUT_END,
                           INPUT_BACKSPACE,
                           INPUT_DELETE,
                           INPUT_CTRL | INPUT_LEFT,
                           INPUT_CTRL | INPUT_RIGHT,
                           INPUT_CTRL | 'W'};
#define COUNT(a) (sizeof(a) / sizeof *(a))

static char *drawn(struct edit *e, int *row, int *column) {
    struct grid g;
    grid_init(&g, ROWS, COLUMNS);
    edit_draw(&g, grid_area(&g), e, STYLE_FIELD, NULL, true);
    char *text = grid_text(&g);
    *row = g.cursor_row;
    *column = g.cursor_column;
    grid_dispose(&g);
    return text;
}

static void same_as_fresh(struct edit *e) {
    struct edit fresh = {.lines = e->lines};
    int row, column, fresh_row, fresh_column;
    char *kept = drawn(e, &row, &column);
    edit_set(&fresh, edit_text(e));
    fresh.cursor = e->cursor;
    char *anew = drawn(&fresh, &fresh_row, &fresh_column);
    cr_assert_str_eq(kept, anew, "\"%s\" at %zu", edit_text(e), e->cursor);
    cr_assert(row == fresh_row && column == fresh_column, "\"%s\" at %zu", edit_text(e), e->cursor);
    cr_assert_eq(edit_rows(e, COLUMNS, 3), edit_rows(&fresh, COLUMNS, 3));
    free(kept);
    free(anew);
    edit_dispose(&fresh);
}

static size_t below(struct random_state *r, size_t n) {
    return (size_t)(random_uniform(r) * (double)n);
}

static void edit_at_random(bool lines) {
    struct random_state r = {lines ? 1 : 2};
    for (int round = 0; round < 60; round++) {
        struct edit e = {.lines = lines};
        for (int step = 0; step < 60; step++) {
            const size_t at = below(&r, COUNT(pieces) + COUNT(keys));
            if (at < COUNT(pieces))
                cr_assert(edit_insert(&e, pieces[at], strlen(pieces[at])));
            else
                edit_key(&e, keys[at - COUNT(pieces)]);
            same_as_fresh(&e);
        }
        edit_dispose(&e);
    }
}

Test(edit, rows_kept_from_before_are_those_of_a_fresh_text) {
    edit_at_random(true);
}

Test(edit, one_line_shows_what_a_fresh_one_does) {
    edit_at_random(false);
}

/* Back over a text is forth over it, whatever joins what. */
Test(edit, left_goes_where_right_came_from) {
    struct random_state r = {3};
    for (int round = 0; round < 200; round++) {
        struct edit e = {.lines = true};
        size_t stops[200], n = 0;
        for (int i = 0; i < 12; i++) {
            const char *piece = pieces[below(&r, COUNT(pieces))];
            cr_assert(edit_insert(&e, piece, strlen(piece)));
        }
        e.cursor = 0;
        for (; e.cursor < edit_bytes(&e); edit_key(&e, INPUT_RIGHT))
            stops[n++] = e.cursor;
        while (n-- > 0) {
            edit_key(&e, INPUT_LEFT);
            cr_assert_eq(e.cursor, stops[n], "\"%s\"", edit_text(&e));
        }
        edit_dispose(&e);
    }
}

Test(edit, up_and_down_keep_to_the_rows_that_are_seen) {
    struct edit e = {.lines = true};
    int row, column;
    edit_set(&e, "0123456789abcdefghij\nxy");
    free(drawn(&e, &row, &column));
    edit_key(&e, INPUT_UP);
    cr_expect_eq(e.cursor, 13);
    edit_key(&e, INPUT_UP);
    cr_expect_eq(e.cursor, 2);
    cr_expect_not(edit_key(&e, INPUT_UP), "it may leave the field");
    edit_key(&e, INPUT_DOWN);
    edit_key(&e, INPUT_DOWN);
    cr_expect_eq(e.cursor, 23);
    cr_expect_not(edit_key(&e, INPUT_DOWN));
    edit_dispose(&e);
}

/* Whatever is done is taken back to each text that there was, and done again. */
Test(edit, every_step_is_taken_back_and_done_again) {
    struct random_state r = {4};
    for (int round = 0; round < 100; round++) {
        struct edit e = {.lines = true};
        for (int step = 0; step < 30; step++) {
            const size_t at = below(&r, COUNT(pieces) + COUNT(keys) + 3);
            if (at < COUNT(pieces))
                cr_assert(edit_insert(&e, pieces[at], strlen(pieces[at])));
            else if (at < COUNT(pieces) + COUNT(keys))
                edit_key(&e, keys[at - COUNT(pieces)]);
            else
                edit_key(&e, at % 2 ? 'x' : ' ');
        }
        char *end = mem_text(edit_text(&e));
        while (edit_undo_step(&e))
            same_as_fresh(&e);
        cr_assert_str_eq(edit_text(&e), "");
        while (edit_redo_step(&e))
            same_as_fresh(&e);
        cr_assert_str_eq(edit_text(&e), end);
        free(end);
        edit_dispose(&e);
    }
}

static void type(struct edit *e, const char *text) {
    for (; *text; text++)
        edit_key(e, *text);
}

Test(edit, words_are_taken_back_one_by_one) {
    static const char *const texts[] = {"one two ", "one ", ""};
    struct edit e = {0};
    type(&e, "one two three");
    for (size_t i = 0; i < COUNT(texts); i++) {
        cr_expect(edit_key(&e, INPUT_CTRL | '_'));
        cr_expect_str_eq(edit_text(&e), texts[i]);
    }
    cr_expect_not(edit_undo_step(&e));
    edit_key(&e, INPUT_CTRL | 'Y');
    cr_expect_str_eq(edit_text(&e), "one ");
    type(&e, "x");
    cr_expect_not(edit_redo_step(&e), "what is typed then cuts off what was taken back");
    for (int i = 0; i < 3; i++)
        edit_key(&e, INPUT_BACKSPACE);
    cr_expect_str_eq(edit_text(&e), "on");
    edit_undo_step(&e);
    cr_expect_str_eq(edit_text(&e), "one x");
    cr_expect_eq(e.cursor, 5);
    edit_set(&e, "other");
    cr_expect_not(edit_undo_step(&e), "a text that is set has nothing before it");
    edit_replace(&e, "another");
    edit_undo_step(&e);
    cr_expect_str_eq(edit_text(&e), "other");
    edit_dispose(&e);
}

Test(edit, ctrl_u_empties_all_of_it) {
    struct edit e = {.lines = true};
    edit_set(&e, "one\ntwo");
    edit_key(&e, INPUT_HOME);
    edit_key(&e, INPUT_CTRL | 'U');
    cr_expect_str_eq(edit_text(&e), "");
    edit_undo_step(&e);
    cr_expect_str_eq(edit_text(&e), "one\ntwo");
    edit_dispose(&e);
}

/* As in a browser's address line. */
Test(edit, what_is_selected_gives_way_to_what_is_typed_or_pasted) {
    static const struct {
        int key;
        const char *text;
        size_t cursor;
    } cases[] = {{'n', "n", 1},           {INPUT_BACKSPACE, "", 0},  {INPUT_DELETE, "", 0},
                 {INPUT_LEFT, "kept", 0}, {INPUT_RIGHT, "kept", 4},  {INPUT_HOME, "kept", 0},
                 {INPUT_UP, "kept", 4},   {INPUT_CTRL | 'W', "", 0}, {INPUT_CTRL | 'U', "", 0}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct edit e = {0};
        edit_set(&e, "kept");
        edit_select(&e);
        cr_expect(edit_key(&e, cases[i].key), "case %zu", i);
        cr_expect_str_eq(edit_text(&e), cases[i].text, "case %zu", i);
        cr_expect_eq(e.cursor, cases[i].cursor, "case %zu", i);
        cr_expect_not(e.selected);
        if (!*edit_text(&e)) {
            edit_undo_step(&e);
            cr_expect_str_eq(edit_text(&e), "kept");
        }
        edit_dispose(&e);
    }
    struct edit e = {0};
    edit_set(&e, "kept");
    edit_select(&e);
    edit_insert(&e, "pasted", 6);
    edit_insert(&e, "!", 1);
    cr_expect_str_eq(edit_text(&e), "pasted!");
    edit_undo_step(&e);
    edit_undo_step(&e);
    cr_expect_str_eq(edit_text(&e), "kept");
    edit_dispose(&e);
}

Test(edit, the_end_is_trimmed_of_blanks_and_line_ends) {
    struct edit e = {.lines = true};
    edit_set(&e, " a b \t\n\n");
    cr_expect_eq(edit_trim(&e), 4);
    cr_expect_str_eq(edit_text(&e), " a b");
    cr_expect_eq(edit_trim(&e), 0);
    edit_undo_step(&e);
    cr_expect_str_eq(edit_text(&e), " a b \t\n\n");
    edit_dispose(&e);
}

/* The row that is drawn in eight columns. */
static void expect_line(struct edit *e, bool focus, const char *row, int cursor) {
    struct grid g;
    grid_init(&g, 1, 8);
    g.cursor_column = -1;
    edit_draw(&g, grid_area(&g), e, STYLE_FIELD, NULL, focus);
    char *text = grid_row_text(&g, 0);
    cr_expect_str_eq(text, row);
    cr_expect_eq(g.cursor_column, cursor);
    free(text);
    grid_dispose(&g);
}

Test(edit, a_line_that_goes_on_beyond_the_edges_says_so) {
    struct edit e = {0};
    edit_set(&e, "abcdefghijkl");
    expect_line(&e, true, "←hijkl", 6);
    expect_line(&e, false, "abcdefg→", -1);
    edit_key(&e, INPUT_HOME);
    expect_line(&e, true, "abcdefg→", 0);
    for (int i = 0; i < 7; i++)
        edit_key(&e, INPUT_RIGHT);
    expect_line(&e, true, "←cdefgh→", 6);
    edit_set(&e, "abcdefgh");
    expect_line(&e, false, "abcdefgh", -1);
    edit_set(&e, "abcdefg");
    expect_line(&e, true, "abcdefg", 7);
    edit_dispose(&e);
}

Test(edit, rows_beyond_the_area_are_known) {
    struct edit e = {.lines = true};
    const struct area a = {0, 0, 2, 8};
    edit_set(&e, "1\n2\n3\n4");
    struct edit_hidden hidden = edit_hidden(&e, a, true);
    cr_expect(hidden.above && !hidden.below);
    hidden = edit_hidden(&e, a, false);
    cr_expect(!hidden.above && hidden.below, "without the focus its beginning is seen");
    edit_key(&e, INPUT_UP);
    hidden = edit_hidden(&e, a, true);
    cr_expect(hidden.above && hidden.below);
    edit_set(&e, "1\n2");
    hidden = edit_hidden(&e, a, true);
    cr_expect(!hidden.above && !hidden.below);
    edit_dispose(&e);
}

Test(edit, words_are_wrapped_whole_where_a_row_holds_them) {
    static const struct {
        const char *text, *rows; /* of eleven columns */
    } cases[] = {{"one two three four", "one two|three four||"},
                 {"a wordlongerthanarow b", "a|wordlongert|hanarow b||"},
                 {"exactly ele ven", "exactly ele| ven|||"},
                 {"ends in two  blanks", "ends in two|  blanks|||"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct edit e = {.lines = true};
        int row, column;
        edit_set(&e, cases[i].text);
        char *text = drawn(&e, &row, &column);
        for (char *at = text; (at = strchr(at, '\n')); at++)
            *at = '|';
        cr_expect(strncmp(text, cases[i].rows, strlen(cases[i].rows)) == 0, "%s", text);
        free(text);
        edit_dispose(&e);
    }
}

Test(edit, line_ends_behind_a_pasted_line_are_no_blanks) {
    struct edit line = {0}, lines = {.lines = true};
    edit_insert(&line, "Rome\r\n", 6);
    cr_expect_str_eq(edit_text(&line), "Rome");
    edit_insert(&lines, "Rome\r\n", 6);
    cr_expect_str_eq(edit_text(&lines), "Rome\n");
    edit_dispose(&line);
    edit_dispose(&lines);
}

/* A form that is filled from a file keeps what the file has. */
Test(edit, a_text_that_is_set_may_be_longer_than_one_that_is_typed) {
    struct edit e = {0};
    char *big = mem_alloc(EDIT_MOST_BYTES + 2);
    memset(big, 'x', EDIT_MOST_BYTES + 1);
    edit_set(&e, big);
    cr_expect_eq(edit_bytes(&e), EDIT_MOST_BYTES + 1);
    cr_expect_not(edit_key(&e, 'y'));
    cr_expect_str_eq(edit_text(&e), big);
    free(big);
    edit_dispose(&e);
}
