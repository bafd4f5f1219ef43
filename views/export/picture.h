/*
 * A result as a picture: a heat map a side with tokens, numbers where there is room for them, step
 * scores and a legend. Any thread.
 */
#ifndef TINSEQ_VIEWS_EXPORT_PICTURE_H
#define TINSEQ_VIEWS_EXPORT_PICTURE_H

#include "views/export/export.h"

/* What a picture has at most of one text; what is left out is said in it, and told. */
#define PICTURE_MAX_ROWS 600
#define PICTURE_MAX_COLUMNS 200

struct picture {
    struct text_buffer svg;
    struct text_buffer text; /* what is written in it, a line a text */
    int width, height;       /* pixels at 96 to the inch */
};

/* Draws the texts [from, to) of what is shown, one below the other. `follows`: without a theme it
 * is dark where its viewer is, else light. Dispose of it. Errors: SHAPE, NOMEM. */
enum err_code picture_draw(struct picture *out, const struct export_input *in, size_t from,
                           size_t to, bool follows, struct err *e) ERR_CHECKED;
void picture_dispose(struct picture *p);

#endif
