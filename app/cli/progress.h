/*
 * A progress bar on standard error, when that is a terminal. Main thread, which is also the one
 * that computes for the command line.
 */
#ifndef TINSEQ_APP_CLI_PROGRESS_H
#define TINSEQ_APP_CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cli_progress {
    bool at_worst; /* what is left may end sooner: the text decides on it */
    bool shown;    /* set to draw at all */
    bool lines;    /* no terminal, but somebody looks on: a line every ten seconds */
    size_t i_input, n_inputs;
    const char *unit;  /* whose rate is told, "rows"; NULL: none is */
    const char *phase; /* the latest */
    double phase_started, drawn;
    int64_t phase_done; /* before it began */
    bool on_screen;
};

void cli_progress_update(struct cli_progress *p, const char *phase, int64_t done, int64_t total);
/* Takes the bar away, so that other text may follow. */
void cli_progress_clear(struct cli_progress *p);

#endif
