/*
 * Signals of a program that owns a terminal. Crashes restore the terminal first and then die as
 * they would have; signals that ask for something are queued for the main loop through a pipe. When
 * the program shall end and the terminal takes no more output (a connection that hangs, Ctrl-S),
 * what is still written goes nowhere, so that the end does not wait for it. One user at a time;
 * handlers are async-signal-safe.
 */
#ifndef TINSEQ_VIEWS_RESCUE_H
#define TINSEQ_VIEWS_RESCUE_H

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

/* Installs handlers. On a crash `farewell` (copied) is written to fd_out, the terminal's modes
 * become *modes (NULL: left), standard error becomes fd_error again (−1: left), and the signal
 * takes its old course. Returns a file descriptor that is readable when a signal waits. */
int rescue_start(int fd_out, int fd_error, const struct termios *modes, const char *farewell,
                 size_t n);
/* The next waiting signal (SIGWINCH, SIGTSTP, SIGCONT, SIGINT, SIGTERM, SIGHUP), or 0. */
int rescue_next(void);
/* Stops the process (its whole group, as Ctrl-Z does) until it is continued. False when that is not
 * possible: nobody would continue it. */
bool rescue_stop_process(void);
/* Puts the old handlers back. */
void rescue_end(void);

#endif
