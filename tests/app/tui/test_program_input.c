/* Input that comes faster than anybody types: frames, and text pasted into a terminal that does not
 * mark pastes. */
#include "tests/app/tui/program.h"

PROGRAM_SUITE(app_input);

static void send(const char *bytes) {
    term_send(t, bytes, strlen(bytes));
}

/* How often the map's cursor was drawn since then. */
static int cursors_drawn(size_t since) {
    int n = 0;
    for (const char *at = term_raw(t) + since; (at = strchr(at, '>')) != NULL; at++)
        n++;
    return n;
}

Test(app_input, all_that_waits_is_taken_before_a_frame_is_drawn) {
    struct text_buffer keys = {0};
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    cr_assert(term_expect_text(t, "> 1 The"));
    for (int i = 0; i < 200; i++)
        text_buffer_puts(&keys, "\033OB\033OA");
    text_buffer_puts(&keys, "\033OB");
    const size_t since = term_bytes(t);
    send(keys.text);
    cr_assert(term_expect_text(t, "> 2 ·Eiffel"));
    term_sync(t);
    cr_expect_leq(cursors_drawn(since), 8, "%d frames for 401 keys", cursors_drawn(since));
    text_buffer_dispose(&keys);
    quit();
}

Test(app_input, lines_that_come_at_once_are_text_of_the_field) {
    start(false, (const char *const[]){"-m", "fake", NULL});
    cr_assert(term_expect_text(t, "fake is loaded"));
    send("one q?\rtwo\tthree\r");
    cr_assert(term_expect_text(t, "one q?"));
    cr_assert(term_expect_text(t, "two⇥three"));
    term_type(t, "four"); /* the prompt has the focus still */
    cr_assert(term_expect_text(t, "Prompt          one q?"));
    cr_assert(term_expect_text(t, "│                 four        "));
    quit();
}

Test(app_input, lines_that_come_at_once_do_nothing_where_no_field_is) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    send("Dy\rqQ\r");
    cr_assert(term_expect_text(t, "pasted text was dropped (6 bytes at once): e edits the prompt"));
    char *path = mem_format("%s/a.html", home);
    for (int i = 0; i < 2; i++) {
        term_keys(t, "E Enter");
        cr_assert(term_expect_text(t, "Write to"));
        term_key(t, "Ctrl-U");
        term_type(t, path);
        term_key(t, "Enter");
        cr_assert(term_expect_text(t, i ? "Overwrite it?" : "written:"));
    }
    free(path);
    send("yes\r");
    cr_assert(term_expect_text(t, "pasted text was dropped"));
    cr_expect(term_expect_text(t, "Overwrite it?"));
    term_key(t, "n");
    cr_assert(term_expect_no_text(t, "Overwrite it?"));
    term_key(t, "Esc"); /* its name, which is there still */
    quit();
}

Test(app_input, lists_lines_and_searches_take_them_as_text) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_key(t, "m");
    cr_assert(term_expect_text(t, "─ method ─"));
    send("occlu\r");
    cr_assert(term_expect_text(t, "> occlu"));
    cr_expect(term_expect_text(t, "─ method ─"));
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "Occlusion: r runs it"));
    term_key(t, "/");
    cr_assert(term_expect_text(t, "search:"));
    send("Ei\r");
    cr_assert(term_expect_text(t, "search: Ei"));
    cr_assert(term_expect_text(t, "1 of 8 rows"));
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "1 of 8 rows match"));
    quit();
}

Test(app_input, a_choice_takes_no_text_and_says_so) {
    start(false, (const char *const[]){"-m", "fake", "-i", "some text", NULL});
    cr_assert(term_expect_text(t, "run 1 done"));
    term_keys(t, "e Down"); /* the method */
    cr_assert(term_expect_text(t, "< Saliency >"));
    send("x y\r");
    cr_assert(term_expect_text(t, "pasted text was dropped (4 bytes at once): this field is not"));
    quit();
}

/* A million characters, marked as a paste and not; how soon is for the bench to say. */
static void paste_million(bool marked) {
    char *big = mem_alloc(1000001);
    for (size_t i = 0; i < 1000000; i++)
        big[i] = "abcdefghi "[i % 10];
    memcpy(big + 1000000 - 9, "\rthe end!", 9);
    start(false, (const char *const[]){"-m", "fake", NULL});
    cr_assert(term_expect_text(t, "fake is loaded"));
    if (marked)
        term_paste(t, big);
    else
        send(big);
    cr_assert(term_expect_text(t, "the end!"));
    term_type(t, "?");
    cr_assert(term_expect_text(t, "the end!?"));
    free(big);
    quit();
}

Test(app_input, a_million_characters_are_pasted) {
    paste_million(true);
}

Test(app_input, a_million_characters_come_at_once) {
    paste_million(false);
}
