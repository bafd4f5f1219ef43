/*
 * What changes the state: keys, pastes, mouse events and the worker's events in, commands run.
 * Interface thread only.
 */
#ifndef TINSEQ_APP_DISPATCH_H
#define TINSEQ_APP_DISPATCH_H

#include "app/jobs/worker.h"
#include "app/tui/options.h"
#include "views/terminal/input.h"

#include <stddef.h>

struct app;

/* What the command line asked for beyond the form (open the file, run), and the model to load.
 * After the first frame. */
void app_begin(struct app *a, const struct tui_options *options);

void app_key(struct app *a, int key);
void app_paste(struct app *a, const char *text, size_t n);
void app_mouse(struct app *a, const struct input_mouse *m);
/* Takes the event's contents. */
void app_worker_event(struct app *a, struct worker_event *event);
/* A run could not be written. */
void app_save_failed(struct app *a, const char *path, const struct err *why);

#endif
