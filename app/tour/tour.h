/*
 * The tour: published findings, step by step, for the command line and the program. All of it is
 * static and borrowed for ever. Any thread.
 */
#ifndef TINSEQ_APP_TOUR_H
#define TINSEQ_APP_TOUR_H

#include "methods/request/request.h"

#include <stddef.h>

enum tour_step_id {
#define STEP(ID, name, title, text, commands, look) TOUR_##ID,
#define RUN(ID, model, look, ...)
#include "app/tour/tour.def"
#undef STEP
#undef RUN
    TOUR_STEPS
};

struct tour_step {
    const char *name; /* of its page, docs/findings/NAME.md */
    const char *title;
    const char *text;     /* what it is about */
    const char *commands; /* a shell's, a line each; one that ends in \ goes on in the next */
    const char *look;     /* what to look at in what they print */
};
const struct tour_step *tour_step(size_t i); /* i < TOUR_STEPS */

/* Files that commands read, by the names that they call them. */
struct tour_file {
    const char *name, *text;
};
const struct tour_file *tour_files(size_t *n);

/* A place of the tour in the program: a step, and one of its runs. */
struct tour_stop {
    enum tour_step_id step;
    const char *model;
    const char *look; /* what to look at, and by which keys: a hint of commands.def's names */
    struct attribute_request request;
};
size_t tour_stops(void);
const struct tour_stop *tour_stop(size_t i);

#endif
