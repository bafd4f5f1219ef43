/* Pictures as pixels, by cairo, which librsvg brings along. */
#ifndef TINSEQ_TESTS_VIEWS_PIXELS_H
#define TINSEQ_TESTS_VIEWS_PIXELS_H

#include "backend/base/mem.h"

#include <stddef.h>
#include <stdint.h>

struct pixels {
    uint32_t *rgb; /* [height][width], 0xRRGGBB */
    int width, height;
};

/* Of a PNG; an empty one where it is none. Dispose of it. */
struct pixels pixels_of_png(const char *png, size_t n);
/* Of an SVG that this program wrote, `scale` pixels to one of its own. */
struct pixels pixels_of_svg(const char *svg, size_t n, int scale);
/* The means of squares of that many pixels a side: what a font's or a library's version changes at
 * the edges of letters is gone then, a colour or a letter is not. */
struct pixels pixels_coarse(const struct pixels *p, int side);
/* The share of pixels of which a channel differs by more than `tolerance`; 1: other sizes. */
double pixels_different(const struct pixels *a, const struct pixels *b, int tolerance);
void pixels_dispose(struct pixels *p);

#endif
