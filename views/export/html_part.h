/* One text's maps on the page: what of them is shown, and how. Internal to the page. Any thread. */
#ifndef TINSEQ_VIEWS_EXPORT_HTML_PART_H
#define TINSEQ_VIEWS_EXPORT_HTML_PART_H

#include "methods/result/attribution.h"
#include "views/export/heat.h"

#include <stdbool.h>
#include <stdint.h>

struct html_part {
    const struct attribution_sequence *raw, *flat;
    struct heat heat;
    int64_t steps, columns; /* G, and how many of them are shown */
    int64_t rows[2];        /* that are shown of the source's and the target's scores */
    bool own_map;           /* the caller's sequential map colours it */
    bool contrast;          /* names have arrows to foils: html_contrast.h */
    bool still; /* too large for a table: a picture stands for it where there is no script */
};

/* The scores of a side; their data is NULL where there are none. */
static inline const struct scores *html_side(const struct attribution_sequence *s, int side) {
    return side == 0 ? &s->source_attributions : &s->target_attributions;
}

static inline int64_t html_cells(const struct html_part *p) {
    return (p->rows[0] + p->rows[1]) * p->columns;
}

/* Whether all of the text is shown: a part of it has other sums. */
static inline bool html_is_whole(const struct html_part *p) {
    return p->columns == p->steps && p->rows[0] == attribution_visible_rows(p->flat, false) &&
           p->rows[1] == attribution_visible_rows(p->flat, true);
}

#endif
