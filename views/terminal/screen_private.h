/*
 * What the parts of the screen share: screen.c (ncurses), screen_show.c (frames),
 * screen_streams.c (file descriptors) and screen_poll.c (waiting). Private to views/.
 */
#ifndef TINSEQ_VIEWS_SCREEN_PRIVATE_H
#define TINSEQ_VIEWS_SCREEN_PRIVATE_H

#include "views/terminal/burst.h"
#include "views/terminal/capabilities.h"
#include "views/terminal/flow.h"
#include "views/terminal/look.h"
#include "views/terminal/outlet.h"
#include "views/terminal/paint.h"
#include "views/terminal/screen.h"

#include <stdbool.h>
#include <stdio.h>

struct screen {
    void *curses;         /* SCREEN */
    FILE *in, *out, *tty; /* tty: opened here, or NULL */
    int fd_in, fd_out, fd_signals;
    int fd_error; /* what standard error was */
    struct palette palette;
    bool mouse, away, light, test, stale; /* stale: what is shown is unknown */
    char *term;
    const char *stand_in; /* NULL: none */
    struct capabilities can;
    struct outlet outlet;
    struct grid shown;
    struct text_buffer frame; /* the last one's bytes; kept for its room */
    int cursor_shown;         /* −1: not known */
    struct flow flow;
    bool owed;         /* a frame was left out: the ones before are on their way still */
    bool synchronised; /* it shows what stands between two marks at once */
    struct input_decoder decoder;
    struct burst burst;
    int64_t read_ms; /* when bytes came last */
    int n_asked;     /* answers that the terminal owes, which would otherwise come to the shell */
    int64_t asked_ms;
    bool resized;
    bool stopped; /* by ourselves: the next SIGCONT is the answer to that */
    int rows, columns;
};

/* screen.c: asks the terminal for its size. */
void screen_take_size(struct screen *s);

/* screen_streams.c: input and output are the terminal, whatever standard input and output are. */
enum err_code screen_choose_streams(struct screen *s, const struct screen_options *options,
                                    struct err *e) ERR_CHECKED;
/* Never waits. */
void screen_send(struct screen *s, const char *bytes, size_t n);
/* Switches on or off what terminfo does not know: paste and mouse reports, the order of
 * right-to-left text. */
void screen_send_modes(struct screen *s, bool on);
void screen_send_mouse(struct screen *s, bool on);
/* The sequences that switch all of it off, for a crash. */
const char *screen_modes_off(void);
/* screen_poll.c: asks for the background's colour and what else there is to know. */
void screen_ask(struct screen *s);
/* Asks the terminal when it comes to what was sent until now. */
void screen_ask_flow(struct screen *s);
/* Takes answers that are under way out of the input, lest the shell gets them. */
void screen_await_answers(struct screen *s);
/* Standard error to a file (NULL: nowhere), and back. */
void screen_quiet_stderr(struct screen *s, const char *path);
void screen_loud_stderr(struct screen *s);

#endif
