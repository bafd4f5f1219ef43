/*
 * The terminal program: what `tinseq` without a subcommand and `tinseq open FILE` start. Needs a
 * terminal on standard output; the engine (app/jobs/engine.h) computes on a worker thread,
 * everything else happens on the caller's thread. Call from the main thread, once.
 */
#ifndef TINSEQ_APP_TUI_H
#define TINSEQ_APP_TUI_H

#include "app/tui/options.h"

/* Runs until the person quits. Errors: IO, UNSUPPORTED (no terminal, too dumb a terminal, a run
 * that could not be kept: of several the last one, the others are told on standard error). The
 * terminal is as it was before, also after SIGTERM, SIGHUP and crashes. */
enum err_code tui_main(const struct tui_options *options, struct err *e) ERR_CHECKED;

#endif
