/*
 * A terminal for tests: libvterm fed either by a program on a pseudo-terminal (term_spawn) or by
 * the screen of this very process (term_screen). Nothing sleeps: what is expected is waited for
 * until a deadline, and on failure the whole screen is printed. Functions that expect return false
 * on failure, so that they serve Criterion (`cr_assert(term_expect_text(…))`) as well as plain
 * programs.
 */
#ifndef TINSEQ_TESTS_HARNESS_TERM_H
#define TINSEQ_TESTS_HARNESS_TERM_H

#include "views/terminal/screen.h"

#include <stdbool.h>
#include <stddef.h>

struct term;

/* Runs argv (NULL-terminated, argv[0] a path) on a pseudo-terminal of that size. Its environment is
 * a clean one (TERM=xterm-256color, C.UTF-8, UTC, a HOME that does not exist, PATH, TINSEQ_* of
 * this process) changed by `env` ("NAME=value", or "NAME" to unset; NULL-terminated; may be
 * NULL). */
struct term *term_spawn(int rows, int columns, const char *const *argv, const char *const *env);
/* The screen of this process, opened on a memory file and a pipe. term_name NULL: xterm-256color;
 * depth −1: found out from the environment. NULL and *e set when the screen does not open. */
struct term *term_screen(struct screen **out, int rows, int columns, const char *term_name,
                         int depth, bool ascii, struct err *e);
void term_free(struct term *t); /* kills what still runs; closes the screen */

void term_send(struct term *t, const char *bytes, size_t n);
/* As a person types: the program has read one key when the next one comes (term_send: all come at
 * once). */
void term_type(struct term *t, const char *utf8);
void term_key(struct term *t, const char *name); /* "Ctrl-D", "F5", "Up", "a": as input_from_name */
void term_keys(struct term *t, const char *names); /* several, separated by blanks */
void term_paste(struct term *t, const char *utf8); /* bracketed, if the program asked for that */
void term_mouse(struct term *t, enum input_mouse_kind kind, int button, int row,
                int column); /* SGR report */
void term_resize(struct term *t, int rows, int columns);
/* Fills the screen with noise: when they are resized, terminals cut, move or wrap what they show,
 * each in its own way. Only when the program's last bytes have been read. */
void term_spoil(struct term *t);
void term_signal(struct term *t, int number);
/* From now on the terminal takes nothing, as after Ctrl-S: a program that writes waits. False when
 * that is not possible. */
bool term_stop_output(struct term *t);

/* And again it takes what is written. */
bool term_go_on(struct term *t);
/* From now on what is sent to the program and what comes from it arrives so much later, as over a
 * long line. */
void term_delay(struct term *t, int ms);

/* Reads what is there without waiting. */
void term_sync(struct term *t);
bool term_expect_text(struct term *t, const char *needle);
bool term_expect_no_text(struct term *t, const char *needle);
bool term_expect_row(struct term *t, int row,
                     const char *text); /* the whole row without trailing blanks */
bool term_expect_cursor(struct term *t, int row, int column);
/* The screen's text and styles against a file (tests/…/NAME.screen); UPDATE_GOLDEN=1 writes it; a
 * mismatch leaves FILE.actual. */
bool term_expect_screen(struct term *t, const char *file);
/* Waits for any condition on the terminal. */
bool term_expect(struct term *t, bool (*holds)(struct term *t, void *user), void *user,
                 const char *what);
/* Waits until the program has ended: its exit status, 128 + signal, or −1 at the deadline. */
int term_wait_exit(struct term *t);

/* What is on the screen now; text is owned by the caller. */
char *term_text(struct term *t);
char *term_row(struct term *t, int row);
void term_print(struct term *t); /* to standard error */

struct term_cell {
    char text[32];
    int fg, bg; /* −1 default; 0–255 palette; TERM_RGB | 0xRRGGBB */
    bool bold, underline, reverse;
};
#define TERM_RGB 0x1000000
struct term_cell term_cell(struct term *t, int row, int column);

struct term_modes {
    bool alternate, cursor_visible, bracketed_paste;
    int mouse;
    int cursor_row, cursor_column;
};
struct term_modes term_modes(struct term *t);
size_t term_bytes(const struct term *t); /* received so far */
/* All bytes received, for looking for sequences; borrowed until the next call. */
const char *term_raw(const struct term *t);

/* A picture of the screen (SVG), for the README and for looking at. background: the terminal's own,
 * 0xRRGGBB. */
char *term_svg(struct term *t, unsigned background, unsigned foreground, const char *title);

#endif
