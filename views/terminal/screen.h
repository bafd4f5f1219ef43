/*
 * The terminal: opens it, puts grids on it, waits for events, and gives it back as it was, whatever
 * happens. The only part that knows ncurses. Interface thread only; one screen at a time. Other
 * threads must block all signals (pthread_sigmask before pthread_create).
 */
#ifndef TINSEQ_VIEWS_SCREEN_H
#define TINSEQ_VIEWS_SCREEN_H

#include "backend/base/err.h"
#include "themes/theme.h"
#include "views/terminal/grid.h"
#include "views/terminal/input.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct screen_options {
    int depth;  /* enum colour_depth, or −1: find out (NO_COLOR, TERM, terminfo, COLORTERM) */
    bool ascii; /* nothing but ASCII on the screen; also when no UTF-8 locale can be had */
    bool no_mouse;
    const char *log_path; /* where standard error goes while the screen is open (libraries' noise
                             must not land on it); NULL: the null device */
    /* For tests, all given or none: */
    const char *term;
    FILE *in, *out; /* borrowed; out need not be a terminal */
    int rows, columns;
};

struct screen;

/* Opens the terminal (/dev/tty when standard input is none). Errors: USAGE with a message for a
 * person when there is no terminal, TERM is unset or "dumb", or its terminfo entry has no way to
 * move the cursor; where there is no entry another one stands in. Sets the locale (C.UTF-8 when the
 * person's own is broken). */
enum err_code screen_open(struct screen **out, const struct screen_options *options,
                          struct err *e) ERR_CHECKED;
/* Gives the terminal back. NULL and a second call are legal. */
void screen_close(struct screen *s);

void screen_size(int *rows, int *columns, const struct screen *s);
enum colour_depth screen_depth(const struct screen *s);
bool screen_is_ascii(const struct screen *s);
/* The terminfo entry that stands in for the missing one of TERM, a literal; NULL: none does. */
const char *screen_stand_in(const struct screen *s);
/* Id of the theme that suits this terminal: "mono" without colours, "light" when the terminal says
 * that its background is light, else "dark". */
const char *screen_suggest_theme(const struct screen *s);

/* Shows the grid; only cells that differ from what is shown are sent. The hardware cursor goes to
 * the grid's. NULL maps: the theme's own. Never waits: a frame that the terminal does not take yet
 * is left out, and a DRAW event asks for a newer one when it does. */
void screen_blit(struct screen *s, const struct grid *g, const struct theme *theme,
                 const struct colour_map *diverging, const struct colour_map *sequential);
/* Everything is sent again at the next blit (Ctrl-L). */
void screen_redraw(struct screen *s);

/* Waits at most timeout_ms (−1: for ever) for an event, or for one of `fds` to become readable.
 * Ctrl-Z and SIGTSTP suspend inside this call; afterwards comes a RESIZE event. */
void screen_poll(struct input_event *out, struct screen *s, const int *fds, size_t n_fds,
                 int timeout_ms);

/* Leaves the screen for another program (an editor) and comes back; a RESIZE event follows. */
void screen_leave(struct screen *s);
void screen_return(struct screen *s);

void screen_mouse(struct screen *s, bool on);
/* Puts text on the clipboard: by OSC 52 where the terminal takes it, and always into a file. *path
 * names the file, borrowed until the next call. */
enum err_code screen_copy(const char **path, struct screen *s, const char *text, size_t n,
                          struct err *e) ERR_CHECKED;

#endif
