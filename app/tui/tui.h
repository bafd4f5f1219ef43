/*
 * The terminal program: what `tinseq` without a subcommand and `tinseq open FILE` start. Needs a
 * terminal on standard output; the engine (app/jobs/engine.h) computes on a worker thread,
 * everything else happens on the caller's thread. Call from the main thread, once.
 */
#ifndef TINSEQ_APP_TUI_H
#define TINSEQ_APP_TUI_H

#include "app/tui/options.h"

/* Runs until the person quits. Returns the process's exit status: 0, or 1 after saying why on
 * standard error (no terminal, too dumb a terminal, a file that cannot be opened). The terminal is
 * as it was before, also after SIGTERM, SIGHUP and crashes. */
int tui_main(const struct tui_options *options);

#endif
