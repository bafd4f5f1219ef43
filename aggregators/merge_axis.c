#include "aggregators/merge_axis.h"

#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* An array seen as [outer, n, inner]: the axis that merges is the one in the middle. */
struct axis {
    int64_t outer, n, inner;
};

static struct axis axis_of(const struct scores *s, int at) {
    struct axis a = {1, s->dims[at], 1};
    for (int i = 0; i < at; i++)
        a.outer *= s->dims[i];
    for (int i = at + 1; i < s->n_dims; i++)
        a.inner *= s->dims[i];
    return a;
}

static bool left_out(const struct merge_unseen *u, int64_t row, int64_t column) {
    return !u->limit || row >= u->limit[column];
}

/* Where one value is: element i of [outer, n, inner] of an array with columns on axis 1. */
struct place {
    int64_t row, column;
};

static struct place place_of(const struct axis *a, int at, const struct scores *s, int64_t outer,
                             int64_t member, int64_t inner) {
    if (at == 0)
        return (struct place){member, s->n_dims > 1 ? inner / (a->inner / s->dims[1]) : 0};
    return (struct place){outer, member};
}

struct merging {
    const struct scores *from;
    struct axis axis;
    int at;
    const struct merge_unseen *unseen;
    const struct merge_how *how;
    float *values; /* room for the longest span */
};

/* One number of the values of a span. */
static float merge_span(const struct merging *m, int64_t outer, const struct token_span *span,
                        int64_t inner) {
    const struct axis *a = &m->axis;
    size_t n = 0;
    for (int64_t i = span->from; i < span->to; i++) {
        const float x = m->from->data[(outer * a->n + i) * a->inner + inner];
        const struct place p = place_of(a, m->at, m->from, outer, i, inner);
        if (!isnan(x))
            m->values[n++] = x;
        else if (!left_out(m->unseen, p.row, p.column))
            return NAN;
    }
    if (n == 0)
        return NAN;
    if (span->to - span->from == 1)
        return m->values[0];
    return m->how->function->reduce(m->values, n, 1, m->how->order);
}

static int64_t longest(const struct partition *p) {
    int64_t most = 1;
    for (size_t i = 0; i < p->n; i++)
        if (p->items[i].to - p->items[i].from > most)
            most = p->items[i].to - p->items[i].from;
    return most;
}

enum err_code merge_axis(struct scores *s, int at, const struct partition *p,
                         const struct merge_unseen *unseen, const struct merge_how *how,
                         struct err *e) {
    struct scores to;
    int64_t dims[SCORES_MAX_DIMS];
    if (!s->data || partition_is_whole(p, (size_t)s->dims[at]))
        return ERR_OK;
    memcpy(dims, s->dims, sizeof dims);
    dims[at] = (int64_t)p->n;
    if (!scores_reserve(&to, s->n_dims, dims))
        return err_set(e, ERR_NOMEM, "no memory to merge tokens");
    const struct merging m = {.from = s,
                              .axis = axis_of(s, at),
                              .at = at,
                              .unseen = unseen,
                              .how = how,
                              .values = mem_alloc((size_t)longest(p) * sizeof(float))};
    float *next = to.data;
    for (int64_t outer = 0; outer < m.axis.outer; outer++)
        for (size_t i = 0; i < p->n; i++)
            for (int64_t inner = 0; inner < m.axis.inner; inner++)
                *next++ = merge_span(&m, outer, &p->items[i], inner);
    free(m.values);
    to.integer = s->integer;
    scores_dispose(s);
    *s = to;
    return ERR_OK;
}
