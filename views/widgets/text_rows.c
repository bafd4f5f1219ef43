#include "views/widgets/text_rows.h"

#include "backend/base/mem.h"
#include "views/widgets/graphemes.h"

#include <stdlib.h>

void text_rows_dispose(struct text_rows *r) {
    free(r->starts);
    *r = (struct text_rows){0};
}

/* A row begins where it does because of what lies before it and of the first grapheme that did not
 * fit there, which may be the first of the row behind it: the last two rows that begin before the
 * change go too. */
void text_rows_cut(struct text_rows *r, size_t at) {
    while (r->n > 1 && r->starts[r->n - 1] >= at)
        r->n--;
    for (int i = 0; i < 2 && r->n > 1; i++)
        r->n--;
    r->whole = false;
}

static void add(struct text_rows *r, size_t start) {
    if (r->n == r->capacity) {
        r->capacity = r->capacity ? 2 * r->capacity : 16;
        r->starts = mem_resize(r->starts, r->capacity * sizeof *r->starts);
    }
    r->starts[r->n++] = start;
}

/* Lays out the last known row: adds the one behind it, or finds that there is none. */
static void lay_out(struct text_rows *r, const struct gap_text *t) {
    const size_t n = gap_text_size(t), start = r->starts[r->n - 1];
    size_t word = start; /* where the last one in the row begins */
    int column = 0;
    for (size_t at = start, next; at < n; at = next) {
        next = grapheme_next(t, at);
        column += grapheme_columns(t, at, next);
        const char c = gap_text_at(t, at);
        if (column > r->width && at > start) {
            add(r, word > start && c != ' ' ? word : at);
            return;
        }
        if (c == ' ')
            word = next;
        if (c == '\n') {
            add(r, next);
            return;
        }
    }
    if (column >= r->width) /* the cursor behind a full row */
        add(r, n);
    else
        r->whole = true;
}

static void begin(struct text_rows *r, int width) {
    width = width > 1 ? width : 2;
    if (r->width == width && r->n > 0)
        return;
    r->width = width;
    r->n = 0;
    r->whole = false;
    add(r, 0);
}

size_t text_rows_find(struct text_rows *r, const struct gap_text *t, int width, size_t at) {
    begin(r, width);
    while (!r->whole && r->starts[r->n - 1] <= at)
        lay_out(r, t);
    size_t low = 0, high = r->n; /* the row lies in [low, high) */
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (r->starts[middle] <= at)
            low = middle;
        else
            high = middle;
    }
    return low;
}

size_t text_rows_count(struct text_rows *r, const struct gap_text *t, int width, size_t most) {
    begin(r, width);
    while (!r->whole && r->n <= most) /* one more: where the last one ends */
        lay_out(r, t);
    return r->n < most ? r->n : most;
}

void text_rows_bytes(size_t *from, size_t *to, struct text_rows *r, const struct gap_text *t,
                     size_t row) {
    *from = r->starts[row];
    *to = row + 1 < r->n ? r->starts[row + 1] : gap_text_size(t);
}
