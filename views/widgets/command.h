/*
 * Commands as data: one table feeds the key dispatcher, the help overlay, the command palette, the
 * function-key bar and the documentation. The application owns the table and what each command
 * does; views only show it. Any thread.
 */
#ifndef TINSEQ_VIEWS_COMMAND_H
#define TINSEQ_VIEWS_COMMAND_H

#include <stdint.h>

struct command {
    int id;            /* the application's own enum; views pass it back */
    const char *keys;  /* names as input_name writes them, separated by blanks: "x F9 Ctrl-C"; ""
                          when it has none */
    const char *title; /* "cancel the job": lower case, imperative, shown in help and palette */
    const char *help;  /* one sentence more, or NULL */
    /* heading in the help overlay: "MOVE", "RUN", "VIEW", "SELECT", "OUTPUT", "APP" */
    const char *group;
    uint32_t context; /* where it works: bits of the application's, joined */
    const char *bar;  /* short label for the function-key bar ("Help"), or NULL */
    const char *name; /* what a hint calls it (views/widgets/hint.h): "RUN"; NULL: no hint does */
};

#endif
