#include "views/terminal/terminal.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(terminal, ladder_follows_what_the_environment_says) {
    static const struct terminfo_facts many = {true, false, 256}, rgb = {true, true, 1 << 24},
                                       few = {true, false, 8}, some = {true, false, 16},
                                       none = {true, false, 0};
    static const struct {
        struct terminal_environment env;
        const struct terminfo_facts *facts;
        enum colour_depth depth;
    } cases[] = {
        {{.term = "xterm-256color"}, &many, COLOUR_256},
        {{.term = "xterm-256color", .colorterm = "truecolor"}, &many, COLOUR_DIRECT},
        {{.term = "xterm-256color", .colorterm = "24bit"}, &many, COLOUR_DIRECT},
        {{.term = "xterm-256color", .colorterm = "yes"}, &many, COLOUR_256},
        {{.term = "xterm-direct"}, &rgb, COLOUR_DIRECT},
        {{.term = "xterm", .colorterm = "truecolor"}, &few, COLOUR_DIRECT},
        {{.term = "xterm-256color", .colorterm = "truecolor", .no_color = "1"}, &many, COLOUR_MONO},
        {{.term = "xterm-256color", .no_color = ""}, &many, COLOUR_256},
        {{.term = "screen-256color", .colorterm = "truecolor"}, &many, COLOUR_256},
        {{.term = "xterm-256color", .colorterm = "truecolor", .sty = "1.pts"}, &many, COLOUR_256},
        {{.term = "screen-256color", .colorterm = "truecolor", .tmux = "/tmp/x"},
         &many,
         COLOUR_DIRECT},
        {{.term = "linux"}, &few, COLOUR_8},
        {{.term = "xterm-16color"}, &some, COLOUR_16},
        {{.term = "vt100", .colorterm = "truecolor"}, &none, COLOUR_MONO},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_eq(terminal_depth(&cases[i].env, cases[i].facts), cases[i].depth, "case %zu", i);
}

Test(terminal, background_is_light_only_when_said) {
    cr_expect(terminal_background_is_light(&(struct terminal_environment){.colorfgbg = "0;15"}));
    cr_expect(
        terminal_background_is_light(&(struct terminal_environment){.colorfgbg = "0;default;7"}));
    cr_expect(!terminal_background_is_light(&(struct terminal_environment){.colorfgbg = "15;0"}));
    cr_expect(
        !terminal_background_is_light(&(struct terminal_environment){.colorfgbg = "15;default"}));
    cr_expect(!terminal_background_is_light(&(struct terminal_environment){.colorfgbg = "15;"}));
    cr_expect(!terminal_background_is_light(&(struct terminal_environment){0}));
}

Test(terminal, a_missing_entry_is_stood_in_for_by_one_like_it) {
    static const struct {
        const char *term, *entry;
        bool rgb;
    } cases[] = {
        {"xterm-kitty", "xterm-256color", true},  {"foot-extra", "xterm-256color", true},
        {"alacritty", "xterm-256color", true},    {"tmux-direct", "tmux-256color", true},
        {"xterm-direct", "xterm-256color", true}, {"screen.foot", "screen-256color", false},
        {"linux-16color", "linux", false},        {"qterm-256color", "xterm-256color", false},
        {"no-such-terminal", "vt100", false},     {"../../etc/passwd", "vt100", false}};
    struct terminal_entry entry;
    setenv("TERMINFO_DIRS", "", 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        terminal_find_entry(&entry, cases[i].term);
        if (!entry.stands_in) /* this machine has it (ncurses-term) */
            continue;
        cr_expect_str_eq(entry.name, cases[i].entry, "%s", cases[i].term);
        cr_expect_eq(entry.facts.rgb, cases[i].rgb, "%s", cases[i].term);
        cr_expect(entry.facts.moves_cursor && !entry.own);
    }
    terminal_find_entry(&entry, "xterm-256color");
    cr_expect(!entry.stands_in && entry.facts.colours == 256);
}

static void read_entry(char **entry, size_t *n, const char *term) {
    struct err e = {0};
    cr_assert_eq(terminfo_read(entry, n, term, &e), ERR_OK, "%s: %s", term, e.message);
}

Test(terminfo, facts_of_common_entries) {
    static const struct {
        const char *term;
        int colours;
    } cases[] = {{"xterm-256color", 256}, {"linux", 8}, {"vt100", 0}, {"tmux-256color", 256}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *entry;
        size_t n;
        struct err e = {0};
        struct terminfo_facts facts;
        read_entry(&entry, &n, cases[i].term);
        cr_assert_eq(terminfo_facts(&facts, entry, n, &e), ERR_OK);
        cr_expect_eq(facts.colours, cases[i].colours, "%s", cases[i].term);
        cr_expect(facts.moves_cursor && !facts.rgb);
        free(entry);
    }
}

Test(terminfo, damaged_entries_are_refused_or_read_within_bounds) {
    char *entry;
    size_t n;
    struct err e = {0};
    struct terminfo_facts facts;
    read_entry(&entry, &n, "xterm-256color");
    for (size_t cut = 0; cut < n;
         cut++) { /* a copy of exactly that length, so that ASan sees a byte too far */
        char *part = malloc(cut ? cut : 1);
        memcpy(part, entry, cut);
        (void)!terminfo_facts(&facts, part, cut, &e);
        free(part);
    }
    unsigned seed = 7;
    for (int round = 0; round < 3000; round++) {
        char *part = malloc(n);
        memcpy(part, entry, n);
        for (int i = 0; i < 4; i++) {
            seed = seed * 1103515245u + 12345u;
            part[(seed >> 8) % (round % 2 ? n : 64)] = (char)(seed >> 24);
        }
        (void)!terminfo_facts(&facts, part, n, &e);
        free(part);
    }
    free(entry);
    cr_expect_eq(terminfo_read(&entry, &n, "../../../etc/passwd", &e), ERR_IO);
    cr_expect_null(entry);
}
