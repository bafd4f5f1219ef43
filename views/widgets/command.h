/*
 * Commands as data: one table feeds the key dispatcher, the help overlay, the command palette, the
 * function-key bar and the documentation. The application owns the table and what each command
 * does; views only show it. Any thread.
 */
#ifndef TINSEQ_VIEWS_COMMAND_H
#define TINSEQ_VIEWS_COMMAND_H

#include <stdint.h>

/* Where a command works; a command may work in several places. */
enum command_context {
    CONTEXT_FORM = 1 << 0,
    CONTEXT_MAP = 1 << 1,
    CONTEXT_ATLAS = 1 << 2,
    CONTEXT_RUNS = 1 << 3,
    CONTEXT_COMPARE = 1 << 4,
    CONTEXT_TEXT = 1 << 5,
    CONTEXT_LOG = 1 << 6,
    CONTEXT_OVERLAY = 1 << 7, /* help, palette, pickers */
    CONTEXT_MODELS = 1 << 8,
    CONTEXT_VIEWS =
        CONTEXT_MAP | CONTEXT_ATLAS | CONTEXT_RUNS | CONTEXT_COMPARE | CONTEXT_TEXT | CONTEXT_LOG,
    CONTEXT_ALL = CONTEXT_FORM | CONTEXT_VIEWS
};

struct command {
    int id;            /* the application's own enum; views pass it back */
    const char *keys;  /* names as input_name writes them, separated by blanks: "x F9 Ctrl-C"; ""
                          when it has none */
    const char *title; /* "cancel the job": lower case, imperative, shown in help and palette */
    const char *help;  /* one sentence more, or NULL */
    const char
        *group; /* heading in the help overlay: "MOVE", "RUN", "VIEW", "SELECT", "OUTPUT", "APP" */
    uint32_t context; /* enum command_context values joined by | */
    const char *bar;  /* short label for the function-key bar ("Help"), or NULL */
};

#endif
