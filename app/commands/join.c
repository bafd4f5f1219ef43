/* Rows and columns joined by hand: selected on the map, merged to one. */
#include "app/commands/handlers.h"

#include "app/tui/shown.h"
#include "app/tui/state.h"

/* From the first of two places to the last. */
struct range {
    size_t from, to; /* inclusive */
};

static struct range range_of(size_t a, size_t b) {
    return a < b ? (struct range){a, b} : (struct range){b, a};
}

/* Tokens of one side that the selected rows are made of; empty: none is of it. */
static struct token_span selected_rows(const struct app *a, bool target) {
    const struct map *m = &a->map;
    const struct map_line rows = map_selected(m);
    struct token_span all = {0, 0};
    for (size_t i = rows.from; i < rows.from + rows.n; i++) {
        const struct map_row *row = &m->rows[m->order[i]];
        if (row->target != target)
            continue;
        const struct token_span s = app_raw_rows(a, target, row->index);
        const bool first = all.to == 0;
        all.from = first || s.from < all.from ? s.from : all.from;
        all.to = s.to > all.to ? s.to : all.to;
    }
    return all;
}

static struct token_span selected_columns(const struct app *a) {
    const struct map *m = &a->map;
    const struct range r = range_of((size_t)m->anchor_column, (size_t)m->column);
    const int64_t start = app_sequence(a)->attr_pos_start;
    return (struct token_span){start + app_raw_columns(a, (int64_t)r.from).from,
                               start + app_raw_columns(a, (int64_t)r.to).to};
}

static void join(struct app *a, bool target, struct token_span s) {
    if (s.to - s.from > 1)
        app_join(a, target, s);
}

static void take_apart(struct app *a) {
    if (app_joined(a)) {
        app_take_apart(a);
        app_say(a, STYLE_NOTICE, "what was joined by hand is apart again");
    } else {
        app_say(a, STYLE_NOTICE, "{SELECT} selects rows and columns, {JOIN} joins them to one");
    }
}

void command_join(struct app *a, int unused) {
    const struct map *m = &a->map;
    (void)unused;
    if (!m->selecting || !a->has_shown || !app_sequence(a)) {
        take_apart(a);
        return;
    }
    const bool rows = map_selected(m).n > 1, columns = m->anchor_column != m->column;
    if (rows && m->sorted != MAP_ORDER_TEXT) {
        app_say(a, STYLE_WARNING, "sorted rows are no neighbours in the text: {ORDER} first");
        return;
    }
    /* All before the first is joined: then the map has other rows. */
    const struct token_span source = selected_rows(a, false), target = selected_rows(a, true),
                            written = selected_columns(a);
    if (rows) {
        join(a, false, source);
        join(a, true, target);
    }
    if (columns)
        join(a, true, written);
    app_say(a, STYLE_NOTICE,
            rows || columns ? "joined, their scores summed   {JOIN}: apart again"
                            : "one cell is selected: move to select several");
}
