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

Test(terminfo, patched_entry_is_direct_and_can_be_patched_again) {
    static const char *const terms[] = {
        "xterm-256color", "tmux-256color", "screen-256color", "xterm", "linux", "vt100", "rxvt"};
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        char *entry, *patched, *again;
        size_t n, n_patched, n_again;
        struct err e = {0};
        struct terminfo_facts facts;
        read_entry(&entry, &n, terms[i]);
        cr_assert_eq(terminfo_patch(&patched, &n_patched, entry, n, true, &e), ERR_OK, "%s",
                     e.message);
        cr_assert_eq(terminfo_facts(&facts, patched, n_patched, &e), ERR_OK);
        cr_expect_eq(facts.colours, 1 << 24);
        cr_expect(facts.rgb && facts.moves_cursor, "%s", terms[i]);
        cr_assert_eq(terminfo_patch(&again, &n_again, patched, n_patched, false, &e), ERR_OK);
        cr_assert_eq(terminfo_facts(&facts, again, n_again, &e), ERR_OK);
        cr_expect(facts.rgb && facts.colours == 1 << 24);
        free(entry);
        free(patched);
        free(again);
    }
}

Test(terminfo, damaged_entries_are_refused_or_read_within_bounds) {
    char *entry, *patched;
    size_t n, n_patched;
    struct err e = {0};
    struct terminfo_facts facts;
    read_entry(&entry, &n, "xterm-256color");
    for (size_t cut = 0; cut < n;
         cut++) { /* a copy of exactly that length, so that ASan sees a byte too far */
        char *part = malloc(cut ? cut : 1);
        memcpy(part, entry, cut);
        if (terminfo_patch(&patched, &n_patched, part, cut, true, &e) == ERR_OK)
            free(patched);
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
        if (terminfo_patch(&patched, &n_patched, part, n, true, &e) == ERR_OK)
            free(patched);
        (void)!terminfo_facts(&facts, part, n, &e);
        free(part);
    }
    free(entry);
    cr_expect_eq(terminfo_read(&entry, &n, "../../../etc/passwd", &e), ERR_IO);
    cr_expect_null(entry);
}
