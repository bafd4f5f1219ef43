/*
 * A line chart in cells: a line in braille dots, another one in dashes with a band of its deviation
 * behind it, an axis to the left and one below. Without UTF-8 the same in stars, dashes and dots.
 * Pure. Interface thread, or the main thread of a command.
 */
#ifndef TINSEQ_VIEWS_CHART_H
#define TINSEQ_VIEWS_CHART_H

#include "views/terminal/grid.h"

#include <stddef.h>

/* All borrowed; points lie evenly from left to right. NaN: there is no point. */
struct chart {
    const char *title;               /* sanitised */
    const char *ends[2];             /* below the axis, left and right */
    size_t n;                        /* at least 2 */
    const double *line;              /* [n] */
    const double *other, *deviation; /* [n]; NULL: none */
    double low, high;                /* of the axis; what lies beyond is drawn at its end */
};

/* Widens [*low, *high] so that the chart's lines fit. Start with NaN. */
void chart_fit(double *low, double *high, const struct chart *c);
/* Two rows below the plot and one above it are taken of the area. */
void chart_draw(struct grid *g, struct area a, const struct chart *c);

#endif
