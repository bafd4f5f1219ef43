/* What the command line asks of the terminal program: plain data, zero where nothing is asked. */
#ifndef TINSEQ_APP_OPTIONS_H
#define TINSEQ_APP_OPTIONS_H

#include "app/files/result_rows.h"
#include "app/jobs/engine.h"
#include "methods/request/attribute.h"

#include <stdbool.h>

struct tui_options {
    /* -m: a name or a path; NULL: the one used last, else the first that is found */
    const char *model;
    struct attribute_request request; /* prefills the form: strings borrowed during the call */
    bool run; /* run at once with the focus on the map (the options of `attribute` were given with
                 an input text) */
    const char *const *open_paths; /* browse these saved files */
    struct result_rows **opened;   /* [n_opened] what they hold: taken, and NULL afterwards; NULL:
                                      it is large, and still to be opened */
    size_t n_opened;
    const char *theme, *colour_map; /* ids; NULL: the saved setting, else chosen for the terminal */
    int colour_depth;               /* enum colour_depth, or −1: find out */
    bool ascii;                     /* only ASCII on the screen */
    bool no_mouse;
    struct engine *engine;                /* taken: freed when the program ends */
    struct engine_options engine_options; /* that it was made with: what runs beside it has them */
    const struct engine_ops *ops;
};

#endif
