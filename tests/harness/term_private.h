/* What the parts of the harness share. */
#ifndef TINSEQ_TESTS_HARNESS_TERM_PRIVATE_H
#define TINSEQ_TESTS_HARNESS_TERM_PRIVATE_H

#include "harness/term.h"

#include "backend/base/mem.h"

#include <sys/types.h>
#include <vterm.h>

struct delayed;

struct term {
    VTerm *vterm;
    VTermScreen *screen;
    int rows, columns;
    struct term_modes modes;
    struct text_buffer raw;
    int master; /* of the pseudo-terminal; −1: the screen of this process */
    pid_t child;
    bool ended; /* the program has closed the terminal */
    int status; /* of the child; −1: not reaped */
    /* this process's own screen */
    struct screen *own;
    FILE *in, *out;
    int keys; /* the pipe's writing end */
    off_t read_to;
    long n_sent;               /* bytes to the program so far: keys, and the terminal's answers */
    int delay_ms;              /* of bytes either way */
    struct delayed *to, *from; /* the program: the oldest first */
};

/* Keeps bytes until the delay is over; delay_take hands out what is due, one after the other:
 * false: nothing is. */
void delay_put(struct delayed **queue, const struct term *t, const char *bytes, size_t n);
bool delay_take(struct text_buffer *out, struct delayed **queue);
void delay_dispose(struct delayed **queue);

#endif
