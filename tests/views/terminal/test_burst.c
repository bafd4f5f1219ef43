/* Keys that come in one read: a person's stay keys, others are a text that was pasted. */
#include "views/terminal/burst.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct burst b;
static struct input_decoder d;

static void read_in(const char *bytes) {
    input_feed(&d, bytes, strlen(bytes));
}

static struct input_event next(bool no_more) {
    struct input_event event;
    burst_next(&event, &b, &d, no_more, 0);
    return event;
}

static bool is_key(struct input_event event, const char *name) {
    return event.kind == INPUT_EVENT_KEY && event.key == input_from_name(name);
}

static bool is_text(struct input_event event, const char *text) {
    bool same = event.kind == INPUT_EVENT_PASTE && event.n_text == strlen(text) &&
                strcmp(event.text, text) == 0;
    free(event.text);
    return same;
}

static void finish(void) {
    burst_dispose(&b);
    input_dispose(&d);
}
TestSuite(burst, .fini = finish);

Test(burst, one_key_a_read_is_a_key_at_once) {
    read_in("q");
    cr_expect(is_key(next(false), "q"));
    cr_expect_not(burst_waits(&b));
    read_in("\r");
    cr_expect(is_key(next(false), "Enter"));
    read_in("é");
    cr_expect(is_key(next(false), "é"));
    cr_expect_eq(next(true).kind, INPUT_EVENT_NONE);
}

Test(burst, a_key_held_down_is_keys) {
    read_in("jjj");
    for (int i = 0; i < 3; i++)
        cr_expect(is_key(next(false), "j"));
    cr_expect_eq(next(false).kind, INPUT_EVENT_NONE);
    read_in("\033[B\033[B\033[A");
    cr_expect(is_key(next(false), "Down"));
    cr_expect(is_key(next(false), "Down"));
    cr_expect(is_key(next(false), "Up"));
}

Test(burst, different_characters_are_one_text_when_no_more_comes) {
    read_in("quit now\r");
    cr_expect_eq(next(false).kind, INPUT_EVENT_NONE);
    cr_expect(burst_waits(&b));
    read_in("\tD");
    cr_expect_eq(next(false).kind, INPUT_EVENT_NONE);
    read_in("y"); /* alone in its read, but close upon the others */
    cr_expect_eq(next(false).kind, INPUT_EVENT_NONE);
    cr_expect(is_text(next(true), "quit now\n\tDy"));
    cr_expect_not(burst_waits(&b));
    read_in("y");
    cr_expect(is_key(next(false), "y"));
}

Test(burst, a_key_that_is_no_character_ends_a_text_and_follows_it) {
    read_in("one\rtwo\033[15~q");
    cr_expect(is_text(next(false), "one\ntwo"));
    cr_expect(is_key(next(false), "F5"));
    cr_expect(is_key(next(false), "q"));
    cr_expect_eq(next(false).kind, INPUT_EVENT_NONE);
}

Test(burst, a_character_cut_in_two_reads_is_whole) {
    read_in("ab\xC3");
    cr_expect_eq(next(false).kind, INPUT_EVENT_NONE);
    read_in("\xA9");
    cr_expect(is_text(next(true), "ab\xC3\xA9"));
}

Test(burst, nobody_holds_a_key_for_hundreds_in_one_read) {
    char rule[200];
    memset(rule, '=', sizeof rule - 1);
    rule[sizeof rule - 1] = 0;
    read_in(rule);
    cr_expect(is_text(next(true), rule));
}

Test(burst, pastes_that_are_marked_pass_as_they_are) {
    read_in("\033[200~one\rtwo\033[201~x");
    cr_expect(is_text(next(false), "one\rtwo"));
    cr_expect(is_key(next(false), "x"));
}
