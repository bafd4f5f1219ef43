#include "views/screens/log_view.h"
#include "views/terminal/input.h"
#include "views/widgets/fuzzy.h"
#include "views/widgets/help.h"
#include "views/widgets/palette.h"

#include "themes/theme.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where these commands work. */
enum { CONTEXT_MAP = 1, CONTEXT_RUNS = 2, CONTEXT_ALL = 3 };

static struct grid g;

static void start(void) {
    setlocale(LC_ALL, "C.UTF-8");
    grid_init(&g, 24, 80);
}

static void finish(void) {
    grid_dispose(&g);
}

TestSuite(overlays, .init = start, .fini = finish);

static const struct command commands[] = {
    {1, "h Left", "left", NULL, "MOVE", CONTEXT_MAP, NULL, NULL},
    {2, "l Right", "right", NULL, "MOVE", CONTEXT_MAP, NULL, NULL},
    {3, "x F9", "cancel the job", "Columns that are done stay.", "RUN", CONTEXT_ALL, "Cancel",
     NULL},
    {4, "c F7", "choose a contrast", NULL, "RUN", CONTEXT_MAP, NULL, NULL},
    {5, "D", "delete the run", NULL, "RUN", CONTEXT_RUNS, NULL, NULL},
    {6, "Q F10", "quit", NULL, "APP", CONTEXT_ALL, "Quit", NULL},
};
#define N_COMMANDS (sizeof commands / sizeof *commands)

static bool shows(const char *text) {
    char *all = grid_text(&g);
    bool found = strstr(all, text) != NULL;
    free(all);
    return found;
}

static void type(struct picker *p, const char *text) {
    for (; *text; text++)
        picker_key(p, *text);
}

Test(overlays, fuzzy_prefers_beginnings_and_runs) {
    cr_expect_eq(fuzzy_score(NULL, NULL, "", "anything"), 0);
    cr_expect_eq(fuzzy_score(NULL, NULL, "xyz", "cancel"), -1);
    cr_expect_eq(fuzzy_score(NULL, NULL, "lec", "cancel"), -1, "letters must come in order");
    cr_expect_gt(fuzzy_score(NULL, NULL, "can", "cancel the job"),
                 fuzzy_score(NULL, NULL, "can", "choose a contrast name"));
    cr_expect_gt(fuzzy_score(NULL, NULL, "ig", "integrated_gradients"),
                 fuzzy_score(NULL, NULL, "ig", "input weighting"));
    cr_expect_geq(fuzzy_score(NULL, NULL, "CANCEL JOB", "cancel the job"), 0,
                  "case and blanks do not matter");
    size_t places[FUZZY_MOST], n;
    fuzzy_score(places, &n, "ca", "·cancel");
    cr_expect(n == 2 && places[0] == 2 && places[1] == 3);
    static char much[5000];
    memset(much, 'a', sizeof much - 1);
    cr_expect_geq(fuzzy_score(NULL, NULL, much, much), 0);
}

Test(overlays, palette_filters_and_chooses_a_command) {
    struct picker p;
    palette_open(&p, commands, N_COMMANDS, CONTEXT_MAP);
    cr_expect_eq(p.n_shown, N_COMMANDS);
    type(&p, "canc");
    cr_assert_not_null(picker_selected(&p));
    cr_expect_eq(picker_selected(&p)->id, 3);
    picker_draw(&g, grid_area(&g), &p);
    cr_expect(shows("cancel the job"));
    cr_expect(shows("x F9"));
    cr_expect(shows("Columns that are done stay."));
    cr_expect(!shows("right"));
    cr_expect_eq(picker_key(&p, INPUT_ENTER), PICKER_CHOSEN);
    cr_expect_eq(picker_key(&p, INPUT_ESCAPE), PICKER_CLOSED);
    picker_dispose(&p);
}

Test(overlays, command_that_does_not_work_here_cannot_be_chosen) {
    struct picker p;
    palette_open(&p, commands, N_COMMANDS, CONTEXT_MAP);
    type(&p, "delete");
    cr_assert_not_null(picker_selected(&p));
    cr_expect(picker_selected(&p)->disabled);
    cr_expect_eq(picker_key(&p, INPUT_ENTER), PICKER_HANDLED);
    picker_dispose(&p);
}

Test(overlays, picker_moves_scrolls_and_takes_clicks) {
    struct picker p;
    picker_init(&p, "models");
    for (int i = 0; i < 100; i++) {
        char text[32];
        snprintf(text, sizeof text, "model %d", i);
        picker_add(&p, i, text, NULL, NULL);
    }
    picker_ready(&p, 42);
    cr_expect_eq(picker_selected(&p)->id, 42);
    picker_draw(&g, grid_area(&g), &p);
    cr_expect(shows("▸ model 42"));
    cr_expect_eq(picker_key(&p, INPUT_DOWN), PICKER_MOVED);
    cr_expect_eq(picker_selected(&p)->id, 43);
    cr_expect_eq(picker_key(&p, INPUT_HOME), PICKER_MOVED);
    cr_expect_eq(picker_key(&p, INPUT_UP), PICKER_MOVED);
    cr_expect_eq(picker_selected(&p)->id, 99, "round at the ends");
    picker_draw(&g, grid_area(&g), &p);
    struct area box = picker_area(&p, grid_area(&g));
    struct hit hit = hit_find(&g.hits, box.row + 2, box.column + 5);
    cr_expect(picker_press(&p, &hit));
    cr_expect_eq(picker_selected(&p)->id, (int)p.top);
    hit = hit_find(&g.hits, box.row, box.column);
    cr_expect(!picker_press(&p, &hit));
    picker_move(&p, -1000);
    cr_expect_eq(picker_selected(&p)->id, 0);
    picker_dispose(&p);
}

Test(overlays, picker_takes_a_text_of_ones_own_when_nothing_matches) {
    struct picker p;
    picker_init(&p, "contrast");
    picker_add(&p, 0, "·Rome", "0.03", NULL);
    p.takes_text = true;
    picker_ready(&p, 0);
    picker_paste(&p, "Vienna", 6);
    cr_expect_null(picker_selected(&p));
    cr_expect_eq(picker_key(&p, INPUT_ENTER), PICKER_CHOSEN);
    cr_expect_str_eq(picker_typed(&p), "Vienna");
    picker_draw(&g, grid_area(&g), &p);
    cr_expect(shows("Enter takes this text"));
    picker_dispose(&p);
    picker_init(&p, "empty");
    picker_ready(&p, 0);
    cr_expect_null(picker_selected(&p));
    cr_expect_eq(picker_key(&p, INPUT_ENTER), PICKER_HANDLED);
    cr_expect_eq(picker_key(&p, INPUT_DOWN), PICKER_HANDLED);
    picker_draw(&g, grid_area(&g), &p);
    picker_dispose(&p);
}

Test(overlays, theme_picker_selects_the_current_one) {
    struct picker p;
    palette_open_themes(&p, "high-contrast");
    size_t n;
    cr_expect_str_eq(theme_list(&n)[picker_selected(&p)->id]->id, "high-contrast");
    picker_dispose(&p);
    palette_open_colour_maps(&p, true, "vik");
    cr_expect_str_eq(colour_map_list(&n)[picker_selected(&p)->id]->id, "vik");
    for (size_t i = 0; i < p.n_items; i++)
        cr_expect(colour_map_list(&n)[p.items[i].id]->diverging);
    picker_dispose(&p);
    palette_open_colour_maps(&p, false, "blues");
    cr_expect_eq(p.n_items, 5, "those that look alike on a background once: %zu", p.n_items);
    picker_dispose(&p);
}

Test(overlays, help_lists_the_contexts_commands_under_headings) {
    struct help h;
    help_open(&h, "map", commands, N_COMMANDS, CONTEXT_MAP);
    help_draw(&g, grid_area(&g), &h);
    cr_expect(shows("help: map"));
    cr_expect(shows("MOVE"));
    cr_expect(shows("x F9"));
    cr_expect(!shows("delete the run"), "not in this context");
    cr_expect(!help_key(&h, 'q'), "q closes");
    cr_expect(help_key(&h, 'e') && help_key(&h, 'q'), "but is a letter once something is typed");
    help_dispose(&h);
}

/* Scrolled through at any width, help has every word of what a command does. */
static void expect_whole(int columns) {
    static const char *const words[] = {"first_word", "of",    "a",     "long",  "description,",
                                        "which",      "wraps", "where", "there", "is",
                                        "no",         "room",  "for",   "the",   "last_word"};
    static const struct command one[] = {
        {1, "Ctrl-A Shift-Tab", "first_word of a long description, which wraps",
         "where there is no room for the last_word", "VIEW", CONTEXT_MAP, NULL, NULL}};
    struct help h;
    struct grid small;
    char all[20000] = "";
    grid_init(&small, 9, columns);
    help_open(&h, "map", one, 1, CONTEXT_MAP);
    for (int top = 0; top <= h.most; top++) {
        grid_clear(&small);
        h.top = top;
        help_draw(&small, grid_area(&small), &h);
        char *text = grid_text(&small);
        strncat(all, text, sizeof all - strlen(all) - 1);
        free(text);
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        cr_expect_not_null(strstr(all, words[i]), "%s at %d columns:\n%s", words[i], columns, all);
    cr_expect_not_null(strstr(all, "Ctrl-A Shift-Tab"));
    help_dispose(&h);
    grid_dispose(&small);
}

Test(overlays, help_never_cuts_what_a_command_does) {
    for (int columns = 48; columns < 130; columns += 9)
        expect_whole(columns);
}

Test(overlays, palette_has_what_does_something_before_what_moves) {
    struct picker p;
    palette_open(&p, commands, N_COMMANDS, CONTEXT_MAP);
    const int expected[] = {3, 4, 6, 1, 2, 5};
    for (size_t i = 0; i < p.n_shown; i++)
        cr_expect_eq(p.items[p.shown[i]].id, expected[i], "%zu: %s", i, p.items[p.shown[i]].title);
    picker_dispose(&p);
}

Test(overlays, help_filters_pages_and_closes) {
    struct help h;
    help_open(&h, "map", commands, N_COMMANDS, CONTEXT_MAP);
    cr_expect(help_key(&h, 'c'));
    cr_expect(help_key(&h, 'o'));
    cr_expect(help_key(&h, 'n'));
    cr_expect(help_key(&h, 't'));
    help_draw(&g, grid_area(&g), &h);
    cr_expect(shows("choose a contrast"));
    cr_expect(!shows("cancel the job"));
    cr_expect(help_key(&h, INPUT_ESCAPE), "the first Esc clears the filter");
    cr_expect(!help_key(&h, INPUT_ESCAPE));
    struct grid small;
    grid_init(&small, 8, 40);
    help_draw(&small, grid_area(&small), &h);
    cr_expect_gt(h.most, 1);
    cr_expect(help_key(&h, INPUT_DOWN));
    cr_expect_eq(h.top, 1);
    cr_expect(help_key(&h, INPUT_PAGE_DOWN));
    cr_expect_eq(h.top, 1 + h.page);
    help_move(&h, 100);
    cr_expect_eq(h.top, h.most);
    cr_expect(help_key(&h, INPUT_HOME));
    cr_expect_eq(h.top, 0);
    cr_expect(!help_key(&h, '?'));
    grid_dispose(&small);
    help_dispose(&h);
}

Test(overlays, log_shows_the_newest_and_scrolls_back) {
    struct log_view v;
    log_view_init(&v);
    log_view_draw(&g, grid_area(&g), &v);
    cr_expect(shows("nothing has happened yet"));
    char text[64];
    for (int i = 0; i < LOG_MOST + 50; i++) {
        snprintf(text, sizeof text, "line %d \x1b[31m", i);
        log_view_add(&v, "12:00:00", STYLE_TEXT, text);
    }
    cr_expect_eq(v.n, LOG_MOST);
    log_view_draw(&g, grid_area(&g), &v);
    snprintf(text, sizeof text, "line %d ^[[31m", LOG_MOST + 49);
    cr_expect(shows(text), "the newest, made safe");
    log_view_move(&v, -10);
    grid_clear(&g);
    log_view_draw(&g, grid_area(&g), &v);
    cr_expect(!shows(text));
    cr_expect(shows("↓10 more"));
    log_view_move(&v, -100000);
    grid_clear(&g);
    log_view_draw(&g, grid_area(&g), &v);
    cr_expect(shows("line 50 "));
    log_view_move(&v, 100000);
    cr_expect_eq(v.back, 0);
    log_view_dispose(&v);
}

/* Whatever is said can be read: to its last word, and back to the first line. */
Test(overlays, log_wraps_long_lines) {
    struct log_view v;
    log_view_init(&v);
    for (int i = 0; i < 12; i++) {
        char *text = mem_format("begin%d of a line that is long enough to go on below, word after "
                                "word, as errors do, up to its end%d",
                                i, i);
        log_view_add(&v, "12:00:00", STYLE_TEXT, text);
        free(text);
    }
    log_view_draw(&g, grid_area(&g), &v);
    cr_expect(shows("begin11 ") && shows("end11"));
    cr_expect(shows("begin1 ") && !shows("begin0 "));
    cr_expect(shows("↑1 more"));
    log_view_move(&v, -100);
    grid_clear(&g);
    log_view_draw(&g, grid_area(&g), &v);
    cr_expect(shows("begin0 ") && shows("end10") && !shows("begin11 "));
    cr_expect_eq(v.back, 1);
    log_view_dispose(&v);
}

Test(overlays, every_size_draws_without_harm) {
    struct picker p;
    struct help h;
    struct log_view v;
    log_view_init(&v);
    log_view_add(&v, "12:00:00", STYLE_ERROR, "漢字 wrong");
    palette_open(&p, commands, N_COMMANDS, CONTEXT_MAP);
    help_open(&h, "map", commands, N_COMMANDS, CONTEXT_MAP);
    for (int rows = 0; rows < 40; rows += 1)
        for (int columns = 0; columns < 130; columns += 3) {
            struct grid any;
            grid_init(&any, rows, columns);
            picker_draw(&any, grid_area(&any), &p);
            help_draw(&any, grid_area(&any), &h);
            log_view_draw(&any, grid_area(&any), &v);
            grid_dispose(&any);
        }
    picker_dispose(&p);
    help_dispose(&h);
    log_view_dispose(&v);
}
