/*
 * The terminal program without its terminal, for golden screens: the state, a worker over the
 * scripted engine, a clock that stands still, a home of its own. Events are taken when a test asks
 * for it, so that every screen is exact. One session a process.
 */
#ifndef TINSEQ_TESTS_APP_SESSION_H
#define TINSEQ_TESTS_APP_SESSION_H

#include "app/tui/state.h"

/* model: "fake", "fake-mt", "fake-many-mt", "fake-big"; the request's text is run at once, NULL:
 * the form waits. gated: the engine waits for session_steps. */
struct app *session_begin(const char *model, const struct attribute_request *request, bool gated);
void session_end(void);
/* A model of that name is found on this machine; it runs as the fake of its name does. */
void session_model(const char *name);
/* A file of the session's home, with a date that stands still. */
void session_file(const char *leaf, const char *text);
/* Opens one, and takes what the background has to tell until nothing is done there. */
void session_open(const char *leaf);
void session_wait_background(void);
/* Bytes that a run may take from now on. */
void session_memory(int64_t bytes);
void session_steps(int n);
/* Takes the worker's events until nothing runs. */
void session_wait(void);
/* The same until so many columns of the run are done. */
void session_wait_columns(int64_t n);
/* Keys by name, separated by blanks; a text as if it were typed. */
void session_keys(const char *names);
void session_type(const char *text);
/* The mouse on the first place of a screen of that size where a text stands; false: nowhere. */
bool session_mouse(enum input_mouse_kind kind, int rows, int columns, const char *text);
/* The screens at 80×24 and 200×60 are those of tests/app/golden/NAME-80x24.screen and -200x60
 * (UPDATE_GOLDEN=1 writes them). False: one is not. */
bool session_shows(const char *name);

#endif
