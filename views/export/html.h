/*
 * A result as one self-contained page: heatmaps with values under pointer and keyboard, layers and
 * heads to choose from, step scores, light and dark, print. No network: a content security policy
 * in the page forbids it. Every text is sanitised and escaped. Any thread.
 */
#ifndef TINSEQ_VIEWS_HTML_H
#define TINSEQ_VIEWS_HTML_H

#include "backend/base/err.h"
#include "backend/base/mem.h"
#include "methods/result/attribution.h"
#include "themes/theme.h"
#include "views/export/export.h"
#include "views/export/heat.h"

/* What a page holds at most; what is left out is said in the page. */
#define HTML_MAX_ROWS 4000 /* of one text */
#define HTML_MAX_COLUMNS 1000
#define HTML_MAX_CELLS 400000  /* of all texts together */
#define HTML_MAX_TABLES 20000  /* cells that stand in tables; the rest are drawn by the script */
#define HTML_TITLED_CELLS 4000 /* of a text whose cells say their value without script */
#define HTML_MAX_RAW (4 << 20) /* layer and head scores of all texts together */

struct html_options {
    const struct colour_map *map; /* NULL: the light theme's diverging map on a light page, the dark
                                     theme's on a dark one */
    const char *function;         /* that was explained; NULL: none takes part */
    struct heat_ends ends;        /* of the colours, where they are fixed */
    struct export_pair pair;      /* that stand beside what is shown, their difference */
};

/* Appends the page. `shown` is `raw` aggregated (it is reduced further by class when dimensions are
 * left); `raw` feeds the choice of layers and heads and must be of the same sequences; give `shown`
 * for it where that choice makes no sense (an aggregation of the caller's own). Errors: SHAPE,
 * NOMEM. */
enum err_code html_write(struct text_buffer *b, const struct attribution *raw,
                         const struct attribution *shown, const struct html_options *o,
                         struct err *e) ERR_CHECKED;

/* The page's constant parts: the files of page/, embedded at build. */
extern const char html_style[], html_script[];

#endif
