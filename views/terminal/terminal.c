#include "views/terminal/terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "views/terminal/vt100.inc"

struct terminal_environment terminal_environment_now(void) {
    return (struct terminal_environment){.term = getenv("TERM"),
                                         .colorterm = getenv("COLORTERM"),
                                         .no_color = getenv("NO_COLOR"),
                                         .sty = getenv("STY"),
                                         .tmux = getenv("TMUX"),
                                         .colorfgbg = getenv("COLORFGBG")};
}

enum err_code terminal_check(const struct terminal_environment *env, struct err *e) {
    if (!env->term || !*env->term)
        return err_set(e, ERR_USAGE,
                       "TERM is not set, so this terminal's abilities are unknown; set it (for "
                       "example TERM=xterm-256color) or use "
                       "`tinseq attribute`, which prints plain text");
    if (strcmp(env->term, "dumb") == 0 || strcmp(env->term, "unknown") == 0)
        return err_set(e, ERR_USAGE,
                       "a \"%s\" terminal cannot show screens; use `tinseq attribute`, which "
                       "prints plain text",
                       env->term);
    return ERR_OK;
}

/* Terminals whose own entries are not installed everywhere, by how their names begin, and what they
 * understand. direct: colours by RGB, too. */
static const struct {
    const char *start, *entry;
    bool direct;
} relatives[] = {{"tmux", "tmux-256color", false},
                 {"screen", "screen-256color", false},
                 {"linux", "linux", false},
                 {"rxvt", "rxvt-unicode-256color", false},
                 {"xterm-kitty", "xterm-256color", true},
                 {"xterm-ghostty", "xterm-256color", true},
                 {"xterm", "xterm-256color", false},
                 {"kitty", "xterm-256color", true},
                 {"ghostty", "xterm-256color", true},
                 {"foot", "xterm-256color", true},
                 {"alacritty", "xterm-256color", true},
                 {"wezterm", "xterm-256color", true},
                 {"contour", "xterm-256color", true},
                 {"rio", "xterm-256color", true},
                 {"iterm", "xterm-256color", true},
                 {"konsole", "xterm-256color", true},
                 {"vte", "xterm-256color", true},
                 {"gnome", "xterm-256color", true},
                 {"mintty", "xterm-256color", true},
                 {"st-", "xterm-256color", false},
                 {"putty", "xterm-256color", false},
                 {"eterm", "xterm-256color", false}};

/* False: it is not installed. */
static bool take_entry(struct terminal_entry *out, const char *name) {
    struct err none;
    char *entry;
    size_t n;
    if (terminfo_read(&entry, &n, name, &none) != ERR_OK)
        return false;
    const bool good = terminfo_facts(&out->facts, entry, n, &none) == ERR_OK;
    free(entry);
    out->name = name;
    return good;
}

static bool take_relative(struct terminal_entry *out, const char *term) {
    for (size_t i = 0; i < sizeof relatives / sizeof *relatives; i++) {
        if (strncasecmp(term, relatives[i].start, strlen(relatives[i].start)) != 0)
            continue;
        if (!take_entry(out, relatives[i].entry))
            return false;
        out->facts.rgb = out->facts.rgb || relatives[i].direct || strstr(term, "-direct");
        return true;
    }
    return strstr(term, "256color") && take_entry(out, "xterm-256color");
}

void terminal_find_entry(struct terminal_entry *out, const char *term) {
    *out = (struct terminal_entry){0};
    if (take_entry(out, term))
        return;
    out->stands_in = true;
    if (take_relative(out, term) || take_entry(out, "vt100"))
        return;
    *out = (struct terminal_entry){
        .name = "vt100", .own = vt100_entry, .facts = {.moves_cursor = true}, .stands_in = true};
}

/* GNU screen shows wrong colours when given 24-bit sequences, and COLORTERM leaks into it from the
 * shell outside. tmux sets TMUX and lowers colours itself. */
static bool in_gnu_screen(const struct terminal_environment *env) {
    bool sty = env->sty && *env->sty, tmux = env->tmux && *env->tmux;
    return !tmux && (sty || (env->term && strncmp(env->term, "screen", 6) == 0));
}

enum colour_depth terminal_depth_of(int colours) {
    if (colours >= 256)
        return COLOUR_256;
    return colours >= 16 ? COLOUR_16 : COLOUR_8;
}

enum colour_depth terminal_depth(const struct terminal_environment *env,
                                 const struct terminfo_facts *facts) {
    if (env->no_color && *env->no_color)
        return COLOUR_MONO;
    bool says_direct = env->colorterm && (strcasecmp(env->colorterm, "truecolor") == 0 ||
                                          strcasecmp(env->colorterm, "24bit") == 0);
    if (facts->colours >= 8 && !in_gnu_screen(env) && (facts->rgb || says_direct))
        return COLOUR_DIRECT;
    return facts->colours >= 8 ? terminal_depth_of(facts->colours) : COLOUR_MONO;
}

bool terminal_background_is_light(const struct terminal_environment *env) {
    const char *last = env->colorfgbg ? strrchr(env->colorfgbg, ';') : NULL;
    if (!last || !last[1])
        return false;
    char *end;
    long number = strtol(last + 1, &end, 10);
    return *end == '\0' && (number == 7 || (number >= 9 && number <= 15));
}

static bool is_utf8(void) {
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

bool terminal_set_locale(void) {
    if (setlocale(LC_ALL, "") && is_utf8()) {
        setlocale(LC_NUMERIC, "C"); /* numbers are read and written with a point everywhere */
        return true;
    }
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    const char *wanted = NULL;
    for (int i = 0; i < 3 && !wanted; i++) {
        wanted = getenv(variables[i]);
        wanted = wanted && *wanted ? wanted : NULL;
    }
    /* A locale that is not generated here (usual over ssh) but says UTF-8, or none at all: the
     * terminal will understand UTF-8. */
    bool means_utf8 = !wanted || strcasestr(wanted, "utf-8") || strcasestr(wanted, "utf8");
    if (means_utf8 && setlocale(LC_ALL, "C.UTF-8"))
        return true;
    setlocale(LC_ALL, "C");
    return false;
}
