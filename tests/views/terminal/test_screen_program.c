/* The screen in a program of its own behind a pseudo-terminal. */
#include "harness/term.h"

#include "backend/base/clock.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *demo;
static struct term *t;

static void find_demo(void) {
    const char *build = getenv("TINSEQ_BUILD");
    demo = mem_format("%s/screen_demo", build ? build : "build");
}

static void finish(void) {
    term_free(t);
    free(demo);
}

TestSuite(program, .init = find_demo, .fini = finish);

static void start(const char *const *env) {
    const char *argv[] = {demo, NULL};
    t = term_spawn(24, 80, argv, env);
    cr_assert_not_null(t);
}

Test(program, starts_shows_and_quits_cleanly) {
    start(NULL);
    cr_assert(term_expect_text(t, "size 80x24 depth 3 ascii 0"));
    cr_assert(term_expect_cursor(t, 3, 2));
    cr_expect(term_modes(t).alternate);
    term_key(t, "q");
    cr_expect_eq(term_wait_exit(t), 0);
    cr_expect(!term_modes(t).alternate);
    cr_expect(term_expect_text(t, "goodbye"));
}

Test(program, direct_colour_when_the_terminal_says_so) {
    start((const char *const[]){"COLORTERM=truecolor", NULL});
    cr_assert(term_expect_text(t, "depth 4"));
    cr_expect(term_cell(t, 3, 4).bg & TERM_RGB);
    term_key(t, "q");
    cr_expect_eq(term_wait_exit(t), 0);
}

Test(program, no_color_and_gnu_screen_are_respected) {
    start((const char *const[]){"COLORTERM=truecolor", "NO_COLOR=1", NULL});
    cr_assert(term_expect_text(t, "depth 0"));
    term_free(t);
    start((const char *const[]){"COLORTERM=truecolor", "TERM=screen-256color", "STY=1.x", NULL});
    cr_assert(term_expect_text(t, "depth 3"));
}

Test(program, follows_resizes_down_to_one_line_and_back) {
    start(NULL);
    cr_assert(term_expect_text(t, "size 80x24"));
    term_resize(t, 40, 132);
    cr_assert(term_expect_text(t, "size 132x40"));
    term_resize(t, 6, 20);
    cr_assert(term_expect_row(t, 0, "need 60x16"));
    term_resize(t, 24, 80);
    cr_assert(term_expect_text(t, "size 80x24"));
    cr_assert(term_expect_text(t, "event 3: resize"));
}

Test(program, crashes_give_the_terminal_back_and_die_as_they_would) {
#if defined(__SANITIZE_ADDRESS__) /* the sanitizer has its own ideas of how to die */
    return;
#endif
    static const struct {
        const char *key;
        int status;
    } kinds[] = {{"s", 128 + SIGSEGV}, {"a", 128 + SIGABRT}, {"o", 128 + SIGSEGV}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        start(NULL);
        cr_assert(term_expect_text(t, "event 0"));
        cr_assert(term_modes(t).alternate);
        term_key(t, kinds[i].key);
        cr_expect_eq(term_wait_exit(t), kinds[i].status);
        struct term_modes modes = term_modes(t);
        cr_expect(!modes.alternate && !modes.bracketed_paste && modes.cursor_visible &&
                      modes.mouse == 0,
                  "after %s", kinds[i].key);
        cr_expect(term_expect_text(t, "tinseq has crashed"));
        term_free(t);
        t = NULL;
    }
}

Test(program, out_of_memory_says_so_on_the_ordinary_screen) {
    start((const char *const[]){"ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=0", NULL});
    cr_assert(term_expect_text(t, "event 0"));
    term_key(t, "m");
    cr_expect_eq(term_wait_exit(t), 1);
    cr_expect(!term_modes(t).alternate);
    cr_expect(term_expect_text(t, "out of memory"));
}

Test(program, signals_from_outside_end_it_in_order) {
    start(NULL);
    cr_assert(term_expect_text(t, "event 0"));
    term_signal(t, SIGINT);
    cr_assert(term_expect_text(t, "event 1: key Ctrl-C"));
    term_signal(t, SIGTERM);
    cr_expect_eq(term_wait_exit(t), 3);
    cr_expect(!term_modes(t).alternate);
}

static void ends_unheard(const char *keys) {
    start(NULL);
    cr_assert(term_expect_text(t, "event 0"));
    cr_assert(term_stop_output(t));
    term_type(t, keys);
    term_signal(t, SIGTERM);
    cr_expect_eq(term_wait_exit(t), 3, "in order, but for what nobody reads");
}

Test(program, a_terminal_that_takes_nothing_does_not_keep_it) {
    ends_unheard("");
    term_free(t);
    ends_unheard("xyz"); /* each draws: the signal may find it waiting */
}

Test(program, keys_are_read_while_the_terminal_takes_nothing_and_frames_are_left_out) {
    start(NULL);
    cr_assert(term_expect_text(t, "event 0"));
    term_key(t, "n"); /* from now on each event asks for 17 kB */
    cr_assert(term_expect_text(t, "event 1"));
    cr_assert(term_stop_output(t));
    const size_t before = term_bytes(t);
    const int64_t began = clock_ms();
    for (int i = 0; i < 12; i++)
        term_key(t, i % 2 ? "Up" : "Down"); /* returns when it was read */
    cr_expect_lt(clock_ms() - began, 2000, "no key waits");
    cr_assert(term_go_on(t));
    cr_assert(term_expect_text(t, "event 13: key Up"));
    cr_expect_lt(term_bytes(t) - before, 60000, "most of the twelve frames are left out");
    term_key(t, "x");
    cr_assert(term_expect_text(t, "key x"));
    term_key(t, "q");
    cr_expect_eq(term_wait_exit(t), 0);
}

Test(program, a_long_line_delays_but_nothing_waits_for_it) {
    start(NULL);
    cr_assert(term_expect_text(t, "event 0"));
    term_delay(t, 200);
    const int64_t began = clock_ms();
    for (int i = 0; i < 30; i++)
        term_send(t, i % 2 ? "\033OA" : "\033OB", 3);
    cr_assert(term_expect_text(t, "event 30: key Up"));
    cr_expect_lt(clock_ms() - began, 2500, "one way and back, once, not thirty times");
    term_delay(t, 0);
    term_key(t, "q");
    cr_expect_eq(term_wait_exit(t), 0);
}

static void pass(int ms) {
    for (const int64_t end = clock_ms() + ms; clock_ms() < end;) {
        (void)usleep(2000);
        term_sync(t);
    }
}

Test(program, what_is_on_a_long_line_is_bounded) {
    start(NULL);
    cr_assert(term_expect_text(t, "event 0"));
    term_key(t, "n");
    cr_assert(term_expect_text(t, "event 1"));
    pass(20);
    term_delay(t, 200);
    const size_t before = term_bytes(t);
    for (int i = 0; i < 30; i++) { /* each asks for 17 kB, 500 kB in all */
        term_send(t, i % 2 ? "\033OA" : "\033OB", 3);
        pass(6);
    }
    cr_assert(term_expect_text(t, "key Up"));
    pass(250); /* all has come */
    cr_expect_lt(term_bytes(t) - before, 250000);
    cr_expect(term_expect_text(t, "key Up"), "the last frame is the newest");
    term_delay(t, 0);
    term_key(t, "q");
    cr_expect_eq(term_wait_exit(t), 0);
}

static bool has_raw(struct term *on, void *needle) {
    return strstr(term_raw(on), needle) != NULL;
}

static bool expect_raw(const char *needle) {
    return term_expect(t, has_raw, (void *)needle, needle);
}

Test(program, frames_are_marked_where_the_terminal_shows_them_at_once) {
    start((const char *const[]){"TERM=tmux-256color", NULL});
    cr_assert(term_expect_text(t, "event 0"));
    term_key(t, "x");
    cr_assert(term_expect_text(t, "event 1"));
    cr_expect_null(strstr(term_raw(t), "2026"), "a VT100, as the emulator says, is not asked");
    term_send(t, "\033[?62;22c", 9);
    cr_assert(expect_raw("\033[?2026$p"));
    cr_expect_null(strstr(term_raw(t), "\033[?2026h"), "nor is it used before the answer");
    term_send(t, "\033[?2026;2$y", 11);
    term_key(t, "x"); /* comes after the answer */
    term_resize(t, 30, 90);
    cr_assert(expect_raw("\033[?2026h"));
    cr_assert(expect_raw("\033[?2026l"));
    term_key(t, "q");
    cr_expect_eq(term_wait_exit(t), 0);
}

Test(program, a_terminal_that_does_not_know_the_mode_never_sees_it) {
    start(NULL);
    cr_assert(term_expect_text(t, "event 0"));
    term_send(t, "\033[?62;22c", 9);
    cr_assert(expect_raw("\033[?2026$p"));
    term_send(t, "\033[?2026;0$y", 11);
    term_key(t, "x");
    term_resize(t, 30, 90);
    cr_assert(term_expect_text(t, "size 90x30"));
    cr_expect_null(strstr(term_raw(t), "\033[?2026h"));
    term_free(t);
    start((const char *const[]){"TERM=vt100", NULL});
    cr_assert(term_expect_text(t, "event 0"));
    cr_expect_null(strstr(term_raw(t), "\033[c"), "it is asked for nothing");
}

Test(program, without_another_screen_it_ends_on_a_line_of_its_own) {
    const char *argv[] = {"/bin/bash", "--norc", "--noprofile", "-i", NULL};
    t = term_spawn(24, 80, argv, (const char *const[]){"TERM=vt100", "PS1=ready> ", NULL});
    cr_assert(term_expect_text(t, "ready>"));
    term_type(t, demo);
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "event 0"));
    term_key(t, "q");
    cr_assert(term_expect_row(t, 23, "ready>"));
    cr_expect(term_expect_row(t, 22, "goodbye"));
    char *above = term_row(t, 21);
    cr_expect_not_null(strstr(above, "╰──"), "the last frame is whole: %s", above);
    free(above);
    term_type(t, "exit\r");
    (void)term_wait_exit(t);
}

Test(program, no_entry_at_all_shows_a_plain_screen) {
    start((const char *const[]){"TERM=no-such-terminal", "TERMINFO=/nonexistent",
                                "TERMINFO_DIRS=/nonexistent", NULL});
    cr_assert(term_expect_text(t, "event 0"));
    cr_expect(term_expect_text(t, "depth 0"));
    term_key(t, "q");
    cr_expect_eq(term_wait_exit(t), 0);
}

Test(program, noise_on_standard_error_goes_to_the_log) {
    char folder[] = "/tmp/tinseq-log-XXXXXX";
    cr_assert_not_null(mkdtemp(folder));
    char *log = mem_format("%s/deep/log.txt", folder);
    t = term_spawn(24, 80, (const char *const[]){demo, log, NULL}, NULL);
    cr_assert(term_expect_text(t, "event 0"));
    term_key(t, "e");
    cr_assert(term_expect_text(t, "event 1"));
    term_key(t, "q");
    cr_expect_eq(term_wait_exit(t), 0);
    cr_expect(strstr(term_raw(t), "noise") == NULL);
    char *text;
    size_t n;
    struct err e = {0};
    cr_assert_eq(file_read(&text, &n, log, 4096, &e), ERR_OK, "%s", e.message);
    cr_expect_not_null(strstr(text, "noise on standard error"));
    free(text);
    cr_expect_eq(unlink(log), 0);
    free(log);
    log = mem_format("%s/deep", folder);
    cr_expect(rmdir(log) == 0 && rmdir(folder) == 0);
    free(log);
}

Test(program, suspends_to_the_shell_and_comes_back_at_the_new_size) {
    const char *argv[] = {"/bin/bash", "--norc", "--noprofile", "-i", NULL};
    t = term_spawn(24, 80, argv, (const char *const[]){"PS1=ready> ", NULL});
    cr_assert(term_expect_text(t, "ready>"));
    term_type(t, demo);
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "size 80x24"));
    term_key(t, "Ctrl-Z");
    cr_assert(term_expect_text(t, "Stopped"));
    struct term_modes modes = term_modes(t);
    /* Bracketed paste: the shell sets it itself. */
    cr_expect(!modes.alternate && modes.mouse == 0 && modes.cursor_visible);
    term_resize(t, 30, 100);
    term_type(t, "fg\r");
    cr_assert(term_expect_text(t, "size 100x30"));
    cr_assert(term_expect_text(t, "resize"));
    cr_expect(term_modes(t).alternate && term_modes(t).bracketed_paste);
    term_key(t, "x");
    cr_assert(term_expect_text(t, "key x"));
    term_key(t, "q");
    cr_assert(term_expect_text(t, "goodbye"));
    term_type(t, "exit\r");
    (void)term_wait_exit(t);
}

Test(program, stopped_from_outside_it_draws_again) {
    start(NULL);
    cr_assert(term_expect_text(t, "event 0"));
    term_signal(t, SIGSTOP);
    term_resize(t, 30, 90);
    term_signal(t, SIGCONT);
    cr_assert(term_expect_text(t, "size 90x30"));
    cr_assert(term_expect_text(t, "resize"));
    cr_expect(term_modes(t).alternate);
    term_key(t, "q");
    cr_expect_eq(term_wait_exit(t), 0);
}

Test(program, without_any_terminal_it_says_what_to_use_instead) {
    char *command = mem_format("setsid -w %s < /dev/null; echo status $?", demo);
    t = term_spawn(24, 80, (const char *const[]){"/bin/sh", "-c", command, NULL}, NULL);
    cr_assert(term_expect_text(t, "status 2"));
    cr_expect(term_expect_text(t, "there is no terminal"));
    free(command);
}

Test(program, asks_for_the_background_and_swallows_the_answer) {
    start(NULL);
    cr_assert(term_expect_text(t, "event 0"));
    cr_expect_not_null(strstr(term_raw(t), "\033]11;?"));
    term_key(t, "q");
    cr_expect_eq(term_wait_exit(t), 0);
    cr_expect(term_expect_no_text(t, "^["));
}

Test(program, standard_input_from_a_pipe_leaves_the_keys_to_the_terminal) {
    char *command = mem_format("echo q | %s", demo);
    t = term_spawn(24, 80, (const char *const[]){"/bin/sh", "-c", command, NULL}, NULL);
    cr_assert(term_expect_text(t, "event 0: nothing yet"));
    term_key(t, "x");
    cr_assert(term_expect_text(t, "event 1: key x"));
    term_key(t, "q");
    cr_expect_eq(term_wait_exit(t), 0);
    free(command);
}

Test(program, other_programs_get_the_terminal_in_between) {
    start(NULL);
    cr_assert(term_expect_text(t, "event 0"));
    term_key(t, "l");
    cr_assert(term_expect_text(t, "event 2: resize"));
    cr_expect_not_null(strstr(term_raw(t), "other program"));
    cr_expect(term_modes(t).alternate);
}

Test(program, poor_terminals_are_refused_in_one_line) {
    static const char *const lists[][2] = {{"TERM", NULL}, {"TERM=dumb", NULL}};
    for (size_t i = 0; i < 2; i++) {
        start(lists[i]);
        cr_expect_eq(term_wait_exit(t), 2);
        cr_expect(term_expect_text(t, "demo: "));
        cr_expect(!term_modes(t).alternate);
        term_free(t);
        t = NULL;
    }
}

Test(program, broken_locale_still_shows_characters) {
    start((const char *const[]){"LC_ALL=en_XX.UTF-8", NULL});
    cr_assert(term_expect_text(t, "ascii 0"));
    cr_assert(term_expect_text(t, "╭─ demo ▀ ─"));
    term_free(t);
    start((const char *const[]){"LC_ALL=C", NULL});
    cr_assert(term_expect_text(t, "ascii 1"));
    cr_assert(term_expect_text(t, "+- demo"));
}

Test(program, terminals_of_many_names_show_the_same_screen) {
    static const char *const lists[][2] = {
        {"TERM=vt100", NULL},           {"TERM=linux", NULL},         {"TERM=screen", NULL},
        {"TERM=screen-256color", NULL}, {"TERM=tmux-256color", NULL}, {"TERM=tmux-direct", NULL},
        {"TERM=xterm-kitty", NULL},     {"TERM=foot", NULL},          {"TERM=alacritty", NULL}};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        start(lists[i]);
        cr_assert(term_expect_text(t, "event 0: nothing yet"), "%s", lists[i][0]);
        cr_expect(term_expect_text(t, "+.70"));
        term_key(t, "Up");
        cr_assert(term_expect_text(t, "event 1: key Up"), "%s", lists[i][0]);
        term_key(t, "q");
        cr_expect_eq(term_wait_exit(t), 0);
        term_free(t);
        t = NULL;
    }
}
