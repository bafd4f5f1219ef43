/* The form: keys reach its fields, sections open and close and say what differs in them. */
#include "backend/base/text.h"
#include "views/terminal/input.h"
#include "views/widgets/form.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

enum { PROMPT, SECTION, METHOD, SCORES, SIDE, NUMBER, SECOND, SOURCE, N_FIELDS };

static struct form f;

static void start(void) {
    static const struct form_choice choices[] = {{"a", "first"}, {"b", "second"}};
    setlocale(LC_ALL, "C.UTF-8");
    form_add(&f, PROMPT, FORM_LINES, 0, "Prompt", "What to say.", "type here");
    form_add(&f, SECTION, FORM_SECTION, 1, "How", "Opens.", NULL);
    form_field_choices(form_add(&f, METHOD, FORM_CHOICE, 1, "Method", "Which.", NULL), choices, 2);
    form_field_choices(form_add(&f, SCORES, FORM_SET, 1, "Scores", "Any.", NULL), choices, 2);
    form_add(&f, SIDE, FORM_FLAG, 1, "Side", NULL, NULL);
    form_add(&f, NUMBER, FORM_TEXT, 1, "Number", NULL, "50");
    form_add(&f, SECOND, FORM_SECTION, 2, "More", NULL, NULL);
    form_add(&f, SOURCE, FORM_TEXT, 2, "Source", NULL, NULL);
}

static void finish(void) {
    form_dispose(&f);
}

TestSuite(form, .init = start, .fini = finish);

static char *drawn(int rows, int columns) {
    struct grid g;
    grid_init(&g, rows, columns);
    form_draw(&g, grid_area(&g), &f, true);
    char *text = grid_text(&g);
    grid_dispose(&g);
    return text;
}

static bool shows(const char *text) {
    char *all = drawn(20, 70);
    const bool found = strstr(all, text) != NULL;
    free(all);
    return found;
}

Test(form, keys_reach_the_focused_field) {
    cr_expect_eq(form_key(&f, 'h'), FORM_CHANGED);
    form_focus(&f, METHOD);
    cr_expect_eq(form_key(&f, INPUT_RIGHT), FORM_CHANGED);
    cr_expect_str_eq(form_field_chosen(form_focused(&f)), "b");
    cr_expect_eq(form_key(&f, INPUT_ENTER), FORM_OPENED);
    form_key(&f, INPUT_DOWN);
    form_key(&f, INPUT_RIGHT);
    cr_expect_eq(form_key(&f, ' '), FORM_CHANGED);
    cr_expect(form_focused(&f)->selected[1] && !form_focused(&f)->selected[0]);
    cr_expect_eq(form_key(&f, INPUT_ENTER), FORM_OPENED);
    form_key(&f, INPUT_TAB);
    cr_expect_eq(form_key(&f, ' '), FORM_CHANGED);
    cr_expect_eq(form_focused(&f)->chosen, 1);
    cr_expect_eq(form_key(&f, INPUT_F1), FORM_IGNORED);
}

Test(form, the_focused_field_is_always_visible) {
    for (int rows = 3; rows < 20; rows++)
        for (f.focus = 0; f.focus < f.n_fields; f.focus++) {
            struct grid g;
            grid_init(&g, rows, 40);
            form_draw(&g, grid_area(&g), &f, true);
            cr_expect_geq(g.cursor_row, 0, "%d rows, field %zu", rows, f.focus);
            grid_dispose(&g);
        }
    f.focus = 0;
}

Test(form, a_closed_section_is_a_line_that_is_stepped_over) {
    cr_expect(shows("▸ How   Method, Scores, Side, Number"));
    cr_expect_not(shows("< first >"));
    form_key(&f, INPUT_TAB);
    cr_expect_eq(form_focused(&f)->id, SECTION);
    form_key(&f, INPUT_TAB);
    cr_expect_eq(form_focused(&f)->id, SECOND);
    form_key(&f, INPUT_TAB);
    cr_expect_eq(form_focused(&f)->id, PROMPT);
    form_key(&f, INPUT_PAGE_DOWN);
    cr_expect_eq(form_focused(&f)->id, SECOND, "a page stops at the end");
    form_key(&f, INPUT_PAGE_UP);
    cr_expect_eq(form_focused(&f)->id, PROMPT);
}

Test(form, keys_and_the_mouse_open_and_close_a_section) {
    form_focus(&f, SECTION);
    static const struct {
        int key;
        bool open;
    } steps[] = {{INPUT_ENTER, true}, {' ', false},        {INPUT_RIGHT, true},
                 {INPUT_RIGHT, true}, {INPUT_LEFT, false}, {INPUT_LEFT, false}};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        cr_expect_eq(form_key(&f, steps[i].key), FORM_HANDLED);
        cr_expect_eq(form_shows(&f, METHOD), steps[i].open, "step %zu", i);
    }
    form_press(&f, SECTION);
    cr_expect(form_shows(&f, METHOD));
    cr_expect(shows("▾ How"));
    cr_expect(shows("< first >"));
    form_key(&f, INPUT_TAB);
    cr_expect_eq(form_focused(&f)->id, METHOD);
}

Test(form, a_closed_section_says_what_differs_from_the_usual) {
    form_field_choose(&f.fields[METHOD], "b");
    form_field_usual(&f.fields[METHOD]);
    cr_expect(shows("▸ How   Method, Scores, Side, Number"), "the second is the usual one");
    form_field_choose(&f.fields[METHOD], "a");
    edit_set(&f.fields[NUMBER].edit, "50");
    cr_expect(shows("▸ How   Method: first\n"), "what is typed is the default");
    edit_set(&f.fields[NUMBER].edit, "7\033");
    form_field_choose(&f.fields[SCORES], "b");
    f.fields[SIDE].chosen = 1;
    cr_expect(shows("▸ How   Method: first, Scores: second, Side: on, Number: 7^["));
}

Test(form, a_narrow_form_has_no_columns_to_spare) {
    char *text = drawn(20, 40);
    cr_expect(strstr(text, "▸ How  Method, Scores, Side, Number"), "%s", text);
    cr_expect(strstr(text, "▸ More  Source"), "%s", text);
    free(text);
}

Test(form, a_field_that_gets_the_focus_opens_its_section) {
    form_focus(&f, NUMBER);
    cr_expect(f.fields[SECTION].chosen && !f.fields[SECOND].chosen);
    cr_expect(form_shows(&f, METHOD));
}

Test(form, what_means_nothing_is_shown_only_if_it_says_something) {
    f.fields[SOURCE].unfit = true;
    f.fields[SECOND].chosen = 1;
    cr_expect_not(form_shows(&f, SOURCE));
    edit_set(&f.fields[SOURCE].edit, "x");
    cr_expect(form_shows(&f, SOURCE));
    f.fields[SECOND].chosen = 0;
    cr_expect(shows("▸ More  Source: x"));
}

Test(form, a_text_gets_the_rows_that_other_fields_leave) {
    edit_set(&f.fields[PROMPT].edit, "1\n2\n3\n4\n5\n6\n7\n8\n9");
    f.focus = SECTION;
    char *tall = drawn(20, 70), *low = drawn(11, 70);
    cr_expect(strstr(tall, " 9\n") && strstr(tall, "More"), "%s", tall);
    cr_expect(strstr(low, " 6 ") && !strstr(low, " 7") && strstr(low, "More"), "%s", low);
    free(tall);
    free(low);
}

Test(form, rows_beyond_the_area_are_counted) {
    f.fields[SECTION].chosen = 1;
    char *text = drawn(6, 40);
    struct scroll_axis x = form_scroll(&f, (struct area){0, 0, 6, 40}).rows;
    cr_expect(x.before == 0 && x.after > 0 && x.before + x.shown + x.after == 9, "%zu %zu %zu",
              x.before, x.shown, x.after);
    free(text);
    x = form_scroll(&f, (struct area){0, 0, 40, 40}).rows;
    cr_expect_eq(x.after, 0);
}
