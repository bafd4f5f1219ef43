/*
 * Where things are in the body at the present size. Interface thread only.
 */
#ifndef TINSEQ_APP_LAYOUT_H
#define TINSEQ_APP_LAYOUT_H

#include "views/terminal/grid.h"

struct app;

/* Of the map, the form and what is around them; rows 0: not shown. */
struct app_layout {
    struct area summary, form, map_box, map, context, notices, detail_box, detail, text_box;
};
struct app_layout app_lay_out(const struct app *a, struct area body);
struct area app_body(const struct app *a);

#endif
