#include "views/widgets/scroll.h"

#include "views/widgets/picker.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct grid g;

static void start(void) {
    setlocale(LC_ALL, "C.UTF-8");
    grid_init(&g, 8, 30);
}

static void finish(void) {
    grid_dispose(&g);
}

TestSuite(scroll, .init = start, .fini = finish);

static bool row_is(int row, const char *text) {
    char *is = grid_row_text(&g, row);
    bool same = strcmp(is, text) == 0;
    free(is);
    return same;
}

Test(scroll, an_axis_counts_what_is_hidden_and_never_more_than_there_is) {
    struct scroll_axis x = scroll_axis(3, 10, 25);
    cr_expect(x.before == 3 && x.shown == 10 && x.after == 12);
    x = scroll_axis(20, 10, 25);
    cr_expect(x.before == 20 && x.shown == 5 && x.after == 0);
    x = scroll_axis(30, 10, 25);
    cr_expect(x.before == 25 && x.shown == 0 && x.after == 0);
}

Test(scroll, a_box_says_how_much_is_hidden_on_each_side) {
    const struct scroll s = {scroll_axis(3, 6, 21), scroll_axis(0, 4, 12)};
    grid_box(&g, grid_area(&g), true, "map", NULL);
    scroll_box(&g, grid_area(&g), &s);
    cr_expect(row_is(7, "╰─────────── ↑3 ↓12 →8 more ─╯"));
    cr_expect(row_is(1, "│                            │"));
    cr_expect(row_is(2, "│                            ▐"), "more lies above");
    cr_expect(row_is(4, "│                            │"), "most lies below");
}

Test(scroll, a_box_that_hides_nothing_stays_as_it_is) {
    const struct scroll s = {scroll_axis(0, 6, 6), scroll_axis(0, 4, 4)};
    grid_box(&g, grid_area(&g), true, "map", NULL);
    scroll_box(&g, grid_area(&g), &s);
    cr_expect(row_is(7, "╰────────────────────────────╯"));
    cr_expect(row_is(2, "│                            │"));
}

Test(scroll, the_bar_reaches_an_end_only_where_nothing_lies_beyond) {
    struct area a = {0, 0, 6, 1};
    for (size_t first = 0; first <= 94; first++) {
        const struct scroll_axis x = scroll_axis(first, 6, 100);
        grid_clear(&g);
        scroll_bar(&g, a, &x);
        cr_expect_eq(row_is(0, "▐"), first == 0, "first %zu", first);
        cr_expect_eq(row_is(5, "▐"), first == 94, "first %zu", first);
    }
}

Test(scroll, a_picker_marks_what_its_list_hides) {
    struct picker p;
    picker_init(&p, "models");
    for (int i = 0; i < 20; i++) {
        char text[32];
        snprintf(text, sizeof text, "model %d", i);
        picker_add(&p, i, text, NULL, NULL);
    }
    picker_ready(&p, 10);
    grid_dispose(&g);
    grid_init(&g, 14, 60);
    picker_draw(&g, grid_area(&g), &p);
    char *all = grid_text(&g);
    cr_expect_not_null(strstr(all, " ↑2 ↓9 more "), "%s", all);
    cr_expect_not_null(strstr(all, "▐"));
    free(all);
    picker_dispose(&p);
}
