/*
 * What can be known of the terminal before ncurses starts: how many colours, which characters,
 * which background. Decisions are pure functions of the environment and the terminfo entry, so that
 * tests can walk the whole ladder. Interface thread only (setlocale).
 */
#ifndef TINSEQ_VIEWS_TERMINAL_H
#define TINSEQ_VIEWS_TERMINAL_H

#include "themes/theme.h"
#include "views/terminal/terminfo.h"

#include <stdbool.h>

/* The variables that matter; NULL where unset. */
struct terminal_environment {
    const char *term, *colorterm, *no_color, *sty, *tmux, *colorfgbg;
};

struct terminal_environment terminal_environment_now(void); /* borrowed from getenv */

/* True when TERM names something that can show screens; else *e says what to do (ERR_USAGE). */
enum err_code terminal_check(const struct terminal_environment *env, struct err *e) ERR_CHECKED;

/* The terminfo entry that a terminal is driven by. */
struct terminal_entry {
    const char *name; /* borrowed: from TERM, or a literal */
    const char *own;  /* its text for the TERMINFO variable, a literal; NULL: it is installed */
    struct terminfo_facts facts;
    bool stands_in; /* for the one that TERM names, which is missing */
};

/* Where there is none for `term`, that of a terminal like it, and if need be a VT100's, which the
 * program brings along: every terminal of today is one. */
void terminal_find_entry(struct terminal_entry *out, const char *term);

/* The best rung of the colour ladder: NO_COLOR → mono; GNU screen never direct; then terminfo's
 * RGB, COLORTERM, the number of colours. */
enum colour_depth terminal_depth(const struct terminal_environment *env,
                                 const struct terminfo_facts *facts);

/* The rung of a palette of so many colours, 8 or more. */
enum colour_depth terminal_depth_of(int colours);

/* COLORFGBG ends with the background's colour number: 7 and 9–15 are light. False when not
 * known. */
bool terminal_background_is_light(const struct terminal_environment *env);

/* Sets the locale from the environment, or C.UTF-8 when that one cannot be had or says nothing.
 * False when characters beyond ASCII cannot be shown. */
bool terminal_set_locale(void);

#endif
