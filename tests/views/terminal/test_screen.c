#include "views/terminal/screen.h"

#include "harness/term.h"
#include "views/terminal/look.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct screen *s;
static struct term *t;
static struct grid g;

static void clean_environment(void) {
    static const char *const names[] = {"COLORTERM", "NO_COLOR", "STY",   "TMUX",
                                        "COLORFGBG", "TERMINFO", "LINES", "COLUMNS"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
    setenv("XDG_CACHE_HOME", "/tmp/tinseq-test-cache", 1);
}

static void open_on(const char *term, int depth, bool ascii) {
    struct err e = {0};
    t = term_screen(&s, 24, 80, term, depth, ascii, &e);
    cr_assert_not_null(t, "%s: %s", term, e.message);
    grid_init(&g, 24, 80);
}

static void show(const char *theme) {
    screen_blit(s, &g, theme_find(theme), NULL, NULL);
    term_sync(t);
}

static void finish(void) {
    if (g.cells)
        grid_dispose(&g);
    term_free(t);
    t = NULL;
}

TestSuite(screen, .init = clean_environment, .fini = finish);

static void draw_sample(void) {
    struct area all = grid_area(&g);
    grid_box(&g, (struct area){0, 0, 5, 30}, true, "map", NULL);
    grid_put(&g, all, 1, 1, STYLE_ERROR, "wrong");
    grid_put_heat(&g, all, 2, 1, 5, 1, "+1.0");
    grid_put_heat(&g, all, 2, 6, 5, -1, "-1.0");
    grid_put_heat(&g, all, 2, 11, 5, NAN, ".");
    grid_put_magnitude(&g, all, 2, 16, 5, 0.5f, "");
    grid_put_half(&g, all, 3, 1, HEAT_SIGNED, 1, -1);
    grid_put(&g, all, 3, 5, STYLE_TEXT, "漢é·⏎");
    grid_set_cursor(&g, all, 2, 3);
}

Test(screen, direct_colour_shows_exact_map_colours_without_a_direct_entry) {
    open_on("xterm-256color", COLOUR_DIRECT, false);
    cr_assert_eq(screen_depth(s), COLOUR_DIRECT);
    draw_sample();
    show("dark");
    const struct colour_map *berlin = colour_map_find("berlin"),
                            *viridis = colour_map_find("viridis");
    bool dark;
    cr_expect_eq(term_cell(t, 2, 3).bg, (int)(TERM_RGB | colour_map_rgb(berlin, 1, &dark)));
    cr_expect_eq(term_cell(t, 2, 3).fg, dark ? TERM_RGB : TERM_RGB | 0xFFFFFF);
    cr_expect_eq(term_cell(t, 2, 7).bg, (int)(TERM_RGB | colour_map_rgb(berlin, -1, NULL)));
    cr_expect_eq(term_cell(t, 2, 13).bg, -1, "an empty cell keeps the terminal's background");
    cr_expect_eq(term_cell(t, 2, 18).bg, (int)(TERM_RGB | colour_map_rgb(viridis, 0.5f, NULL)));
    cr_expect_str_eq(term_cell(t, 3, 1).text, "▀");
    cr_expect(term_expect_row(t, 3, "│▀   漢é·⏎                   │"));
    cr_expect_null(strstr(term_raw(t), "\033]"), "nothing may touch the terminal's palette");
    cr_expect_null(getenv("TERMINFO"), "children must not inherit the changed entry");
}

Test(screen, sixty_four_levels_of_both_halves_are_all_shown) {
    open_on("xterm-256color", COLOUR_DIRECT, false);
    for (int row = 0; row < 24; row++)
        for (int column = 0; column < 80; column++)
            grid_put_half(&g, grid_area(&g), row, column, HEAT_SIGNED,
                          sinf((float)(row * 80 + column)), cosf((float)(row * 37 + column * 11)));
    show("dark");
    for (int i = 0; i < 2;
         i++) { /* and again in other maps: the pair table starts over when it is full */
        const struct colour_map *map = colour_map_find(i ? "vik" : "RdBu");
        screen_blit(s, &g, theme_find("light"), map, NULL);
        term_sync(t);
        const struct colour_map *fitted = colour_map_on(map, false);
        struct palette p = {theme_find("light"), fitted, fitted, COLOUR_DIRECT, false, false};
        for (int row = 0; row < 24; row++)
            for (int column = 0; column < 80; column++) {
                struct look look;
                look_of_cell(&look, grid_at(&g, row, column), &p);
                struct term_cell c = term_cell(t, row, column);
                cr_assert_eq(c.fg, TERM_RGB | look.fg, "row %d column %d", row, column);
                cr_assert_eq(c.bg, TERM_RGB | look.bg, "row %d column %d", row, column);
            }
    }
}

Test(screen, palette_of_256_uses_the_fixed_indices_only) {
    open_on("xterm-256color", -1, false);
    cr_assert_eq(screen_depth(s), COLOUR_256);
    draw_sample();
    show("dark");
    const struct colour_map *berlin = colour_map_find("berlin");
    cr_expect_eq(term_cell(t, 2, 3).bg, berlin->index256[63]);
    cr_expect_eq(term_cell(t, 2, 7).bg, berlin->index256[0]);
    cr_expect_eq(term_cell(t, 3, 1).bg, berlin->index256[0]);
    cr_expect_eq(term_cell(t, 1, 1).fg, 210);
    cr_expect(term_cell(t, 1, 1).bold);
}

Test(screen, what_is_negative_has_strokes_without_colour) {
    const struct palette p = {theme_find("mono"), NULL, NULL, COLOUR_MONO, false, false};
    struct grid one;
    struct look word, cell, number;
    grid_init(&one, 1, 12);
    grid_put_heat_text(&one, grid_area(&one), 0, 0, 4, HEAT_SIGNED, -0.9f, " the");
    grid_put_heat(&one, grid_area(&one), 0, 4, 3, -0.6f, "");
    grid_put_heat(&one, grid_area(&one), 0, 7, 5, -0.9f, "-.9");
    look_of_cell(&word, grid_at(&one, 0, 0), &p);
    look_of_cell(&cell, grid_at(&one, 0, 5), &p);
    look_of_cell(&number, grid_at(&one, 0, 7), &p);
    cr_expect_str_eq(word.text, "■");
    cr_expect_str_eq(cell.text, "≡");
    cr_expect_str_eq(number.text, "■");
    grid_dispose(&one);
}

/* Zero is the background's own colour, whatever shows the rest. */
Test(screen, next_to_nothing_has_no_background_at_any_depth) {
    static const enum colour_depth depths[] = {COLOUR_DIRECT, COLOUR_256, COLOUR_16, COLOUR_8,
                                               COLOUR_MONO};
    size_t n_themes;
    const struct theme *const *themes = theme_list(&n_themes);
    for (size_t i = 0; i < sizeof depths / sizeof *depths; i++)
        for (size_t k = 0; k < n_themes; k++) {
            const struct colour_map *map = colour_map_find("viridis");
            const struct palette p = {themes[k],
                                      colour_map_on(colour_map_find("vik"), true),
                                      colour_map_on(map, themes[k]->dark),
                                      depths[i],
                                      false,
                                      false};
            struct grid one;
            struct look look, plain;
            grid_init(&one, 1, 4);
            grid_put_magnitude(&one, grid_area(&one), 0, 0, 2, 0.03f, ".0");
            grid_put_heat(&one, grid_area(&one), 0, 2, 1, -0.04f, "");
            look_of_cell(&plain, grid_at(&one, 0, 3), &p);
            for (int column = 0; column < 3; column++) {
                look_of_cell(&look, grid_at(&one, 0, column), &p);
                cr_expect_eq(look.bg, plain.bg, "depth %d, %s", depths[i], themes[k]->id);
                cr_expect_eq(look.fg, plain.fg, "depth %d, %s", depths[i], themes[k]->id);
                cr_expect(!look.bold && !look.reverse);
            }
            grid_dispose(&one);
        }
}

Test(screen, eight_colours_show_sign_by_hue_and_size_by_strength) {
    open_on("xterm", -1, false);
    cr_assert_eq(screen_depth(s), COLOUR_8);
    draw_sample();
    grid_put_heat(&g, grid_area(&g), 4, 40, 4, 0.2f, "+.20");
    grid_put_heat(&g, grid_area(&g), 5, 40, 4, -0.9f, "");
    show("dark");
    cr_expect_eq(term_cell(t, 2, 3).bg, 1);
    cr_expect_eq(term_cell(t, 2, 7).bg, 4);
    cr_expect_eq(term_cell(t, 4, 41).fg, 1);
    cr_expect_eq(term_cell(t, 4, 41).bg, -1);
    cr_expect_str_eq(term_cell(t, 5, 41).text, "█");
    cr_expect_eq(term_cell(t, 5, 41).fg, 4);
}

Test(screen, sixteen_colours_use_the_bright_ones_on_dark) {
    open_on("xterm-256color", COLOUR_16, false);
    draw_sample();
    grid_put_heat(&g, grid_area(&g), 4, 40, 4, -0.2f, "-.20");
    show("dark");
    cr_expect_eq(term_cell(t, 2, 3).bg, 1);
    cr_expect_eq(term_cell(t, 4, 41).fg, 12);
    cr_expect_eq(term_cell(t, 1, 1).fg, 9);
    show("light");
    cr_expect_eq(term_cell(t, 4, 41).fg, 4);
}

Test(screen, theme_follows_what_the_terminal_says_of_its_background) {
    open_on("xterm-256color", -1, false);
    cr_expect_str_eq(screen_suggest_theme(s), "dark");
    term_type(t, "\033]11;rgb:ffff/ffff/f0f0\033\\\033[?1;2c");
    struct input_event event;
    screen_poll(&event, s, NULL, 0, 2000);
    cr_expect_eq(event.kind, INPUT_EVENT_BACKGROUND);
    cr_expect_str_eq(screen_suggest_theme(s), "light");
    screen_poll(&event, s, NULL, 0, 50);
    cr_expect_eq(event.kind, INPUT_EVENT_NONE);
}

Test(screen, terminal_without_colours_is_usable) {
    open_on("vt100", -1, false);
    cr_assert_eq(screen_depth(s), COLOUR_MONO);
    cr_expect_str_eq(screen_suggest_theme(s), "mono");
    draw_sample();
    grid_put(&g, grid_area(&g), 10, 0, STYLE_TAB_ACTIVE, "1 Map");
    show("dark"); /* a theme of colours, too, must stay readable */
    cr_expect(term_cell(t, 10, 0).reverse);
    show("mono");
    cr_expect(term_expect_text(t, "█+1.0■-1.0    ."), "glyphs for the size, others below zero");
    cr_expect_eq(term_cell(t, 2, 3).bg, -1);
    cr_expect(term_cell(t, 2, 3).bold);
}

Test(screen, every_rung_opens_and_shows_the_sample) {
    static const struct {
        const char *term;
        enum colour_depth depth;
    } rungs[] = {
        {"xterm-256color", COLOUR_256},
        {"screen-256color", COLOUR_256},
        {"tmux-256color", COLOUR_256},
        {"linux", COLOUR_8},
        {"xterm", COLOUR_8},
        {"screen", COLOUR_8},
        {"vt100", COLOUR_MONO},
        {"vt220", COLOUR_MONO},
        {"ansi", COLOUR_8},
        {"rxvt", COLOUR_8},
    };
    for (size_t i = 0; i < sizeof rungs / sizeof *rungs; i++) {
        open_on(rungs[i].term, -1, false);
        cr_expect_eq(screen_depth(s), rungs[i].depth, "%s has depth %d", rungs[i].term,
                     screen_depth(s));
        draw_sample();
        show("dark");
        cr_expect(term_expect_text(t, "wrong"), "%s", rungs[i].term);
        cr_expect(term_expect_cursor(t, 2, 3));
        finish();
    }
}

Test(screen, ascii_shows_nothing_beyond_ascii) {
    open_on("xterm-256color", -1, true);
    draw_sample();
    show("dark");
    cr_expect(term_expect_row(t, 0, "+- map ----------------------+"));
    cr_expect(term_expect_text(t, "???_n"));
    for (const char *at = term_raw(t); *at; at++)
        cr_assert((unsigned char)*at < 0x80);
}

Test(screen, linux_console_gets_corners_that_its_font_has) {
    open_on("linux", -1, false);
    draw_sample();
    show("dark");
    cr_expect_str_eq(term_cell(t, 0, 0).text, "┌");
}

Test(screen, sends_only_what_differs) {
    open_on("xterm-256color", -1, false);
    draw_sample();
    show("dark");
    size_t before = term_bytes(t);
    show("dark");
    cr_expect_leq(term_bytes(t) - before, 16, "an unchanged frame sent %zu bytes",
                  term_bytes(t) - before);
    before = term_bytes(t);
    grid_put(&g, grid_area(&g), 20, 10, STYLE_TEXT, "x");
    show("dark");
    cr_expect_leq(term_bytes(t) - before, 60);
    cr_expect(term_expect_row(t, 20, "          x"));
}

Test(screen, wide_characters_come_and_go_whole) {
    open_on("xterm-256color", -1, false);
    grid_put(&g, grid_area(&g), 0, 0, STYLE_TEXT, "漢字漢字");
    show("dark");
    cr_expect(term_expect_row(t, 0, "漢字漢字"));
    grid_put(&g, grid_area(&g), 0, 1, STYLE_TEXT, "字漢");
    show("dark");
    cr_expect(term_expect_row(t, 0, " 字漢 字"));
    grid_put(&g, grid_area(&g), 0, 0, STYLE_TEXT, "abcdefgh");
    show("dark");
    cr_expect(term_expect_row(t, 0, "abcdefgh"));
    grid_put(&g, grid_area(&g), 1, 78, STYLE_TEXT, "漢");
    grid_put(&g, grid_area(&g), 23, 79, STYLE_TEXT, "z");
    show("dark");
    cr_expect_str_eq(term_cell(t, 1, 78).text, "漢");
    cr_expect_str_eq(term_cell(t, 23, 79).text, "z");
}

Test(screen, theme_switch_repaints) {
    open_on("xterm-256color", -1, false);
    draw_sample();
    show("dark");
    show("high-contrast");
    cr_expect_eq(term_cell(t, 20, 20).bg, 16);
    show("light");
    cr_expect_eq(term_cell(t, 20, 20).bg, -1);
    cr_expect(term_expect_text(t, "wrong"));
}

Test(screen, twenty_columns_show_what_is_needed) {
    struct err e = {0};
    t = term_screen(&s, 5, 20, NULL, -1, false, &e);
    cr_assert_not_null(t);
    int rows, columns;
    screen_size(&rows, &columns, s);
    cr_assert(rows == 5 && columns == 20);
    grid_init(&g, rows, columns);
    cr_assert(grid_too_small(&g));
    show("dark");
    cr_expect(term_expect_row(t, 0, "need 60x16"));
}

Test(screen, grid_larger_than_the_terminal_is_clipped) {
    open_on("xterm-256color", -1, false);
    grid_dispose(&g);
    grid_init(&g, 100, 300);
    for (int row = 0; row < 100; row++)
        grid_put(&g, grid_area(&g), row, 70, STYLE_TEXT, "0123456789ABCDEF");
    show("dark");
    cr_expect_str_eq(term_cell(t, 23, 79).text, "9");
}

Test(screen, unusable_terminals_are_refused_with_advice) {
    static const char *const terms[] = {"dumb", "unknown", ""};
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        struct err e = {0};
        cr_expect_null(term_screen(&s, 24, 80, terms[i], -1, false, &e), "%s opened", terms[i]);
        cr_expect_eq(e.code, ERR_USAGE);
        cr_expect(strlen(e.message) > 20, "%s", e.message);
    }
}

Test(screen, a_terminal_without_an_entry_is_shown_as_one_like_it_and_says_so) {
    static const struct {
        const char *term, *entry;
        enum colour_depth depth;
    } cases[] = {{"foot-none-such", "xterm-256color", COLOUR_DIRECT},
                 {"tmux-none-such-direct", "tmux-256color", COLOUR_DIRECT},
                 {"no-such-terminal", "vt100", COLOUR_MONO},
                 {"../../etc/passwd", "vt100", COLOUR_MONO}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        open_on(cases[i].term, -1, false);
        cr_expect_eq(screen_depth(s), cases[i].depth, "%s", cases[i].term);
        cr_expect_str_eq(screen_stand_in(s), cases[i].entry);
        draw_sample();
        show("dark");
        cr_expect(term_expect_text(t, "漢é·⏎"));
        grid_dispose(&g);
        term_free(t);
        t = NULL;
    }
    open_on("xterm-256color", -1, false);
    cr_expect_null(screen_stand_in(s));
}

static struct input_event next(int timeout_ms) {
    struct input_event event;
    screen_poll(&event, s, NULL, 0, timeout_ms);
    return event;
}

Test(screen, keys_paste_and_mouse_arrive_as_events) {
    open_on("xterm-256color", -1, false);
    cr_expect_not_null((term_sync(t), strstr(term_raw(t), "\033[?2004h")));
    cr_expect_not_null(strstr(term_raw(t), "\033[?1006h"));
    term_keys(t, "a Ctrl-D F5 PgDn Esc");
    static const char *const names[] = {"a", "Ctrl-D", "F5", "PgDn", "Esc"};
    for (size_t i = 0; i < 5; i++) {
        struct input_event event = next(2000);
        cr_assert_eq(event.kind, INPUT_EVENT_KEY);
        cr_expect_eq(event.key, input_from_name(names[i]), "%s", names[i]);
    }
    term_paste(t, "line 1\nq");
    struct input_event paste = next(2000);
    cr_assert_eq(paste.kind, INPUT_EVENT_PASTE);
    cr_expect_str_eq(paste.text, "line 1\nq");
    free(paste.text);
    term_mouse(t, MOUSE_DOUBLE, 1, 3, 70);
    static const enum input_mouse_kind kinds[] = {MOUSE_PRESS, MOUSE_RELEASE, MOUSE_DOUBLE};
    for (size_t i = 0; i < 3; i++) {
        struct input_event event = next(2000);
        cr_assert_eq(event.kind, INPUT_EVENT_MOUSE);
        cr_expect_eq(event.mouse.kind, kinds[i]);
        cr_expect(event.mouse.row == 3 && event.mouse.column == 70);
    }
    cr_expect_eq(next(0).kind, INPUT_EVENT_NONE);
}

Test(screen, other_descriptors_wake_the_poll) {
    open_on("xterm-256color", -1, false);
    int ends[2][2];
    cr_assert(pipe(ends[0]) == 0 && pipe(ends[1]) == 0);
    cr_assert_eq(write(ends[1][1], "x", 1), 1);
    struct input_event event;
    screen_poll(&event, s, (int[]){ends[0][0], ends[1][0]}, 2, -1);
    cr_expect_eq(event.kind, INPUT_EVENT_WAKE);
    cr_expect_eq(event.i_fd, 1);
}

Test(screen, asked_from_outside_it_quits) {
    open_on("xterm-256color", -1, false);
    raise(SIGTERM);
    struct input_event event = next(2000);
    cr_expect_eq(event.kind, INPUT_EVENT_QUIT);
    cr_expect_eq(event.signal, SIGTERM);
    raise(SIGINT);
    event = next(2000);
    cr_expect_eq(event.key, INPUT_CTRL | 'C');
}

Test(screen, close_gives_the_terminal_back_and_may_come_twice) {
    open_on("xterm-256color", -1, false);
    draw_sample();
    show("dark");
    cr_expect(term_modes(t).alternate);
    cr_expect(term_modes(t).bracketed_paste);
    int fd = dup(STDERR_FILENO);
    screen_close(s);
    close(fd);
    cr_expect(!term_modes(t).alternate);
    cr_expect(!term_modes(t).bracketed_paste);
    cr_expect_eq(term_modes(t).mouse, 0);
    cr_expect(term_modes(t).cursor_visible);
    screen_close(NULL);
}

Test(screen, copy_goes_to_the_terminal_and_into_a_file) {
    open_on("xterm-256color", -1, false);
    struct err e = {0};
    const char *path;
    cr_assert_eq(screen_copy(&path, s, "hello", 5, &e), ERR_OK, "%s", e.message);
    term_sync(t);
    cr_expect_not_null(strstr(term_raw(t), "\033]52;c;aGVsbG8=\a"));
    FILE *f = fopen(path, "r");
    char text[16] = "";
    cr_assert_not_null(f);
    cr_expect_eq(fread(text, 1, sizeof text - 1, f), 5);
    cr_expect_str_eq(text, "hello");
    fclose(f);
    size_t before = term_bytes(t);
    static char much[200000];
    cr_assert_eq(screen_copy(&path, s, much, sizeof much, &e), ERR_OK);
    term_sync(t);
    cr_expect_eq(term_bytes(t), before, "too long for terminals");
}
