#include "views/screens/listing.h"

#include "backend/base/clamp.h"
#include "backend/base/text.h"
#include "views/widgets/scroll.h"

#include <stdio.h>

#define BEFORE 2       /* the cursor */
#define MARK 2         /* behind the number */
#define COLUMNS 80     /* that are shown at most */
#define ARROW 1        /* behind the heading that it is sorted by */
#define FIRST_LEAST 16 /* what the first column keeps while others are scrolled */

/* Which columns are shown, and where. */
struct layout {
    int number; /* columns of the number */
    size_t n, shown[COLUMNS];
    int at[COLUMNS], columns[COLUMNS];
};

/* ---- widths ---- */

static int smaller(int a, int b) {
    return a < b ? a : b;
}

static int larger(int a, int b) {
    return a > b ? a : b;
}

/* What it takes with all its texts whole. */
static int most_of(const struct listing_column *c) {
    return larger(c->widest, text_columns(c->heading) + ARROW);
}

static int least_of(const struct listing_column *c, bool first) {
    const int least = larger(c->least, smaller(text_columns(c->heading) + ARROW, 12));
    return smaller(most_of(c), first ? larger(FIRST_LEAST, least) : least);
}

static void add(struct layout *out, const struct listing *l, size_t column, int *left) {
    out->shown[out->n] = column;
    out->columns[out->n++] = least_of(&l->columns[column], column == 0);
    *left -= out->columns[out->n - 1] + 1;
}

/* The first one, and as many from `from` on as there is room for. */
static struct layout place(const struct listing *l, size_t from, int width) {
    struct layout out = {0};
    char number[32];
    out.number = larger(3, snprintf(number, sizeof number, "%lld", (long long)l->largest));
    int left = width - 1 - BEFORE - MARK - out.number - 1; /* the scroll bar's */
    if (l->n_columns)
        add(&out, l, 0, &left);
    for (size_t c = larger((int)from, 1); c < l->n_columns && out.n < COLUMNS; c++) {
        if (least_of(&l->columns[c], false) + 1 > left && out.n > 1)
            break;
        add(&out, l, c, &left);
    }
    for (size_t i = 0; i < out.n; i++) { /* what is left, from left to right */
        const int more =
            (int)clamped(most_of(&l->columns[out.shown[i]]) - out.columns[i], 0, larger(left, 0));
        out.columns[i] += more;
        left -= more;
    }
    for (size_t i = 0, at = (size_t)(BEFORE + out.number + MARK + 1); i < out.n; i++) {
        out.at[i] = (int)at;
        at += (size_t)out.columns[i] + 1;
    }
    return out;
}

static bool shows(const struct layout *l, size_t column) {
    for (size_t i = 0; i < l->n; i++)
        if (l->shown[i] == column)
            return true;
    return false;
}

/* So far to the right that the column under the cursor is seen. */
static struct layout lay_out(struct listing *l, int width) {
    if (l->column >= l->n_columns)
        l->column = l->n_columns ? l->n_columns - 1 : 0;
    if (l->column < l->left || l->column == 0)
        l->left = l->column;
    struct layout out = place(l, l->left, width);
    while (!shows(&out, l->column) && l->left < l->column)
        out = place(l, ++l->left, width);
    return out;
}

/* ---- drawing ---- */

static const char *arrow(const struct listing *l) {
    return l->descending ? "▾" : "▴";
}

static void draw_heading(struct grid *g, struct area a, const struct listing *l, size_t column,
                         struct area at) {
    const bool sorted = l->sort == (int)column, here = l->column == column;
    const struct listing_column *c = &l->columns[column];
    char text[264], fitted[256];
    const int room = at.columns - (sorted ? ARROW : 0);
    text_fit(fitted, sizeof fitted, c->heading, room, false);
    snprintf(text, sizeof text, "%s%s", fitted, sorted ? arrow(l) : "");
    grid_put_fit(g, a, 0, at.column, at.columns, sorted || here ? STYLE_STRONG : STYLE_DIM, text,
                 c->right);
    if (here)
        grid_mark(g, a, 0, at.column, at.columns, false, true, false);
    hit_add(&g->hits, a, at, (struct hit){HIT_SORT, 0, (int64_t)column});
}

static void draw_headings(struct grid *g, struct area a, const struct listing *l,
                          const struct layout *lay) {
    char text[16];
    const struct area number = {0, BEFORE, 1, lay->number};
    snprintf(text, sizeof text, "#%s", l->sort == -1 ? arrow(l) : "");
    grid_put_fit(g, a, 0, BEFORE, lay->number, l->sort == -1 ? STYLE_STRONG : STYLE_DIM, text,
                 true);
    hit_add(&g->hits, a, number, (struct hit){HIT_SORT, 0, -1});
    for (size_t i = 0; i < lay->n; i++)
        draw_heading(g, a, l, lay->shown[i], (struct area){0, lay->at[i], 1, lay->columns[i]});
}

static void draw_cells(struct grid *g, struct area row, const struct listing *l,
                       const struct layout *lay, size_t i, bool here, bool match) {
    for (size_t k = 0; k < lay->n; k++) {
        const size_t column = lay->shown[k];
        enum style_role role = here ? STYLE_STRONG : STYLE_TEXT;
        if (match && column == 0)
            role = STYLE_MATCH;
        const char *text = l->cell(l->user, i, column);
        grid_put_fit(g, row, 0, lay->at[k], lay->columns[k], role, text, l->columns[column].right);
    }
}

static void draw_row(struct grid *g, struct area row, const struct listing *l,
                     const struct layout *lay, size_t i) {
    const bool here = i == l->cursor;
    struct listing_row r = {0};
    char number[32];
    l->row(l->user, i, &r);
    const char mark[] = {r.mark ? r.mark : ' ', '\0'};
    snprintf(number, sizeof number, "%lld", (long long)r.number);
    grid_put(g, row, 0, 0, here ? STYLE_CURSOR : STYLE_TEXT, here ? ">" : " ");
    grid_put_fit(g, row, 0, BEFORE, lay->number, here ? STYLE_STRONG : STYLE_DIM, number, true);
    grid_put(g, row, 0, BEFORE + lay->number + 1, r.mark == 'A' ? STYLE_MARK_A : STYLE_MARK_B,
             mark);
    const int at = BEFORE + lay->number + MARK + 1;
    if (r.wrong)
        grid_put_fit(g, row, 0, at, row.columns - 1 - at, STYLE_ERROR, r.wrong, false);
    else
        draw_cells(g, row, l, lay, i, here, r.match);
    if (here)
        grid_set_cursor(g, row, 0, 0);
}

static void scroll(struct listing *l, size_t page) {
    if (l->cursor >= l->n)
        l->cursor = l->n - 1;
    if (l->cursor < l->top)
        l->top = l->cursor;
    if (l->cursor >= l->top + page)
        l->top = l->cursor + 1 - page;
    if (l->top + page > l->n)
        l->top = l->n > page ? l->n - page : 0;
}

/* Columns on either side that are not shown. */
static struct scroll_axis hidden_columns(const struct listing *l, const struct layout *lay) {
    const size_t last = lay->n ? lay->shown[lay->n - 1] : 0;
    const size_t first = lay->n > 1 ? lay->shown[1] : 1;
    return (struct scroll_axis){first - 1, lay->n, l->n_columns ? l->n_columns - 1 - last : 0};
}

void listing_draw(struct grid *g, struct area a, struct listing *l) {
    const struct layout lay = lay_out(l, a.columns);
    const struct scroll_axis columns = hidden_columns(l, &lay);
    const bool more = a.rows > 3 && (l->n > (size_t)a.rows - 1 || columns.before || columns.after);
    const size_t page = a.rows - 1 - more > 1 ? (size_t)(a.rows - 1 - more) : 1;
    draw_headings(g, area_take_top(&a, 1), l, &lay);
    if (l->n == 0)
        return;
    scroll(l, page);
    for (size_t i = l->top; i < l->n && i < l->top + page; i++) {
        const struct area row = {a.row + (int)(i - l->top), a.column, 1, a.columns};
        hit_add(&g->hits, row, (struct area){0, 0, 1, row.columns},
                (struct hit){HIT_ROW, (int64_t)i, 0});
        draw_row(g, row, l, &lay, i);
    }
    const struct scroll s = {.rows = scroll_axis(l->top, page, l->n), .columns = columns};
    scroll_bar(g, (struct area){a.row, a.column, (int)page, a.columns}, &s.rows);
    if (more)
        scroll_row(g, (struct area){a.row + a.rows - 1, a.column, 1, a.columns}, &s);
}
