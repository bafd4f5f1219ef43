#include "views/terminal/hits.h"

#include "backend/base/clamp.h"
#include "backend/base/mem.h"

#include <stdbool.h>
#include <stdlib.h>

struct hit_box {
    struct area area;
    struct hit first;
    int each_rows, each_columns; /* of one thing; 0: the area is one thing that way */
};

void hits_dispose(struct hits *h) {
    free(h->boxes);
    *h = (struct hits){0};
}

void hits_forget(struct hits *h) {
    h->n = 0;
}

static struct area clipped(struct area within, struct area at) {
    const int64_t top = clamped(at.row, 0, within.rows),
                  left = clamped(at.column, 0, within.columns),
                  bottom = clamped(at.row + at.rows, 0, within.rows),
                  right = clamped(at.column + at.columns, 0, within.columns);
    return (struct area){within.row + (int)top, within.column + (int)left, (int)(bottom - top),
                         (int)(right - left)};
}

void hit_add_each(struct hits *h, struct area within, struct area at, struct hit first,
                  int each_rows, int each_columns) {
    const struct area area = clipped(within, at);
    if (area.rows <= 0 || area.columns <= 0)
        return;
    if ((h->n & (h->n + 1)) == 0) /* grows at 0, 1, 3, 7, … */
        h->boxes = mem_resize(h->boxes, (h->n * 2 + 1) * sizeof *h->boxes);
    h->boxes[h->n++] = (struct hit_box){area, first, each_rows, each_columns};
}

void hit_add(struct hits *h, struct area within, struct area at, struct hit what) {
    hit_add_each(h, within, at, what, 0, 0);
}

static bool contains(const struct area *a, int row, int column) {
    return row >= a->row && row < a->row + a->rows && column >= a->column &&
           column < a->column + a->columns;
}

static struct hit found(const struct hit_box *box, int row, int column) {
    struct hit hit = box->first;
    if (box->each_rows > 0)
        hit.row += (row - box->area.row) / box->each_rows;
    if (box->each_columns > 0)
        hit.column += (column - box->area.column) / box->each_columns;
    return hit;
}

/* The top one among those kinds, as bits. */
static struct hit find(const struct hits *h, int row, int column, unsigned kinds) {
    for (size_t i = h->n; i-- > 0;)
        if (contains(&h->boxes[i].area, row, column) && kinds & 1u << h->boxes[i].first.kind)
            return found(&h->boxes[i], row, column);
    return (struct hit){HIT_NONE, 0, 0};
}

struct hit hit_find(const struct hits *h, int row, int column) {
    return find(h, row, column, ~(1u << HIT_EDIT));
}

struct hit hit_find_below_keys(const struct hits *h, int row, int column) {
    return find(h, row, column, ~(1u << HIT_EDIT | 1u << HIT_KEY));
}

struct hit hit_find_edit(const struct hits *h, int row, int column) {
    return find(h, row, column, 1u << HIT_EDIT);
}
