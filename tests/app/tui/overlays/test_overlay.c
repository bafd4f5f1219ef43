/* What lies over a view answers with plain data, without any program around it. */
#include "app/tui/overlays/overlay.h"

#include "backend/base/text.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

static struct overlay o;
static struct overlay_answer answer;
static struct grid g;

static void start(void) {
    setlocale(LC_ALL, "C.UTF-8");
    grid_init(&g, 24, 80);
}

static void finish(void) {
    overlay_close(&o);
    free(answer.text);
    grid_dispose(&g);
}

TestSuite(overlay, .init = start, .fini = finish);

static void key(int k) {
    free(answer.text);
    overlay_key(&answer, &o, k);
}

static void type(const char *text) {
    for (; *text; text++)
        key(*text);
}

static void expect(enum overlay_said said, int id, const char *text) {
    cr_expect_eq(answer.said, said);
    cr_expect_eq(answer.id, id);
    cr_expect(text ? answer.text && strcmp(answer.text, text) == 0 : !answer.text, "%s",
              answer.text ? answer.text : "nothing");
    cr_expect_eq(overlay_is_open(&o), said != OVERLAY_CHOSEN && said != OVERLAY_LEFT);
}

static bool shows(const char *text) {
    grid_clear(&g);
    overlay_draw(&g, &o);
    char *all = grid_text(&g);
    bool found = strstr(all, text) != NULL;
    free(all);
    return found;
}

Test(overlay, a_question_is_answered_with_yes_or_left) {
    overlay_ask(&o, "Really?");
    cr_expect(shows("Really?"));
    key('x');
    expect(OVERLAY_SAID_NOTHING, -1, NULL);
    key('y');
    expect(OVERLAY_CHOSEN, -1, NULL);
    overlay_ask(&o, "Really?");
    key(INPUT_ESCAPE);
    expect(OVERLAY_LEFT, -1, NULL);
    key('y');
    cr_expect_eq(answer.said, OVERLAY_SAID_NOTHING, "none is open");
}

Test(overlay, a_line_answers_what_was_typed) {
    overlay_input(&o, "name", "What is it called?", "run");
    type(" 7");
    expect(OVERLAY_SAID_NOTHING, -1, NULL);
    overlay_paste(&answer, &o, "!", 1);
    cr_expect(shows("run 7!"));
    key(INPUT_ENTER);
    expect(OVERLAY_CHOSEN, -1, "run 7!");
}

Test(overlay, a_search_tells_of_each_change) {
    overlay_search(&o, "search", "", NULL);
    cr_expect(overlay_is_search(&o));
    type("to");
    expect(OVERLAY_CHANGED, -1, "to");
    key(INPUT_DOWN);
    expect(OVERLAY_STEPPED, 1, NULL);
    key(INPUT_UP);
    expect(OVERLAY_STEPPED, -1, NULL);
    overlay_count(&o, "2 of 9 rows");
    cr_expect(shows("2 of 9 rows"));
    key(INPUT_ENTER);
    expect(OVERLAY_CHOSEN, -1, "to");
    cr_expect(!overlay_is_search(&o));
}

static void open_list(void) {
    struct picker p;
    picker_init(&p, "fruit");
    picker_add(&p, 4, "apple", NULL, NULL);
    picker_add(&p, 5, "pear", NULL, NULL)->disabled = true;
    picker_add(&p, 6, "plum", NULL, NULL);
    p.takes_text = true;
    picker_ready(&p, 4);
    overlay_pick(&o, &p);
}

Test(overlay, a_list_answers_an_item_or_a_text) {
    open_list();
    key(INPUT_DOWN);
    expect(OVERLAY_CHANGED, 5, NULL);
    key(INPUT_ENTER);
    expect(OVERLAY_SAID_NOTHING, -1, NULL);
    key(INPUT_DOWN);
    key(INPUT_ENTER);
    expect(OVERLAY_CHOSEN, 6, NULL);
    open_list();
    type("fig");
    key(INPUT_ENTER);
    expect(OVERLAY_CHOSEN, -1, "fig");
    open_list();
    key(INPUT_ESCAPE);
    expect(OVERLAY_LEFT, -1, NULL);
}

/* On what was drawn last. */
static void press(enum input_mouse_kind kind, int row, int column) {
    const struct input_mouse m = {.kind = kind, .row = row, .column = column};
    const struct hit hit = hit_find(&g.hits, row, column);
    free(answer.text);
    overlay_mouse(&answer, &o, &hit, &m);
}

/* Where a text stands on the screen that is drawn anew. */
static void press_text(enum input_mouse_kind kind, const char *text) {
    cr_assert(shows(text), "%s", text);
    for (int row = 0; row < g.rows; row++) {
        char *line = grid_row_text(&g, row), *at = strstr(line, text);
        if (at) {
            *at = 0;
            press(kind, row, text_columns(line));
        }
        free(line);
        if (at)
            return;
    }
}

Test(overlay, a_double_click_chooses) {
    open_list();
    cr_assert(shows("plum"));
    struct area box = picker_area(&o.picker, grid_area(&g));
    press(MOUSE_PRESS, box.row + 4, box.column + 4);
    expect(OVERLAY_CHANGED, 6, NULL);
    press(MOUSE_DOUBLE, box.row + 4, box.column + 4);
    expect(OVERLAY_CHOSEN, 6, NULL);
}

Test(overlay, a_press_beside_an_item_marks_it) {
    open_list();
    o.picker.marks = true;
    cr_assert(shows("plum"));
    const struct area box = picker_area(&o.picker, grid_area(&g));
    press(MOUSE_PRESS, box.row + 4, box.column + 2);
    expect(OVERLAY_CHANGED, 6, NULL);
    cr_expect_eq(picker_n_marked(&o.picker), 1);
    press(MOUSE_DOUBLE, box.row + 4, box.column + 2);
    expect(OVERLAY_CHANGED, 6, NULL);
    cr_expect_eq(picker_n_marked(&o.picker), 0, "and again: not any more");
}

Test(overlay, a_press_beside_it_leaves_it) {
    open_list();
    cr_assert(shows("plum"));
    press(MOUSE_DOUBLE, 0, 0); /* the second of the two that opened it */
    expect(OVERLAY_SAID_NOTHING, -1, NULL);
    const struct area box = picker_area(&o.picker, grid_area(&g));
    press(MOUSE_PRESS, box.row, box.column);
    expect(OVERLAY_SAID_NOTHING, -1, NULL);
    press(MOUSE_PRESS, 0, 0);
    expect(OVERLAY_LEFT, -1, NULL);
}

Test(overlay, what_is_printed_can_be_pressed) {
    overlay_ask(&o, "Delete it?");
    press_text(MOUSE_PRESS, "Delete");
    expect(OVERLAY_SAID_NOTHING, -1, NULL);
    press_text(MOUSE_PRESS, "n: no");
    expect(OVERLAY_LEFT, -1, NULL);
    overlay_ask(&o, "Delete it?");
    press_text(MOUSE_PRESS, "yes");
    expect(OVERLAY_CHOSEN, -1, NULL);
    overlay_input(&o, "name", "A new name:", "a");
    press_text(MOUSE_PRESS, "Enter: yes");
    expect(OVERLAY_CHOSEN, -1, "a");
    char first[] = "the first", second[] = "the second";
    overlay_offer(&o, "offer", "Which one?",
                  (const struct overlay_choice[]){{'a', first}, {'b', second}}, 2);
    press_text(MOUSE_PRESS, "the second");
    expect(OVERLAY_CHOSEN, 'b', NULL);
    overlay_text_take(&o, "lines", "one\ntwo", (struct overlay_picture){0});
    press_text(MOUSE_PRESS, "Esc: close");
    expect(OVERLAY_LEFT, -1, NULL);
    open_list();
    press_text(MOUSE_PRESS, "Esc close");
    expect(OVERLAY_LEFT, -1, NULL);
}

Test(overlay, an_offer_answers_the_key_of_its_choice) {
    char first[] = "the first", second[] = "the second";
    const struct overlay_choice choices[] = {{'a', first}, {'b', second}};
    overlay_offer(&o, "offer", "Which one?", choices, 2);
    cr_expect(shows("the second"));
    key('c');
    expect(OVERLAY_SAID_NOTHING, -1, NULL);
    key('b');
    expect(OVERLAY_CHOSEN, 'b', NULL);
}

Test(overlay, lines_scroll_and_close) {
    overlay_text_take(&o, "text", "one\ntwo\nthree", (struct overlay_picture){0});
    cr_expect(shows("three"));
    key('j');
    expect(OVERLAY_SAID_NOTHING, -1, NULL);
    key('q');
    expect(OVERLAY_LEFT, -1, NULL);
}
