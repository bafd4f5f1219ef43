#include "views/widgets/picker.h"

#include "backend/base/clamp.h"
#include "backend/base/text.h"
#include "views/terminal/hits.h"
#include "views/terminal/input.h"
#include "views/widgets/bar.h"
#include "views/widgets/fuzzy.h"
#include "views/widgets/hint.h"
#include "views/widgets/scroll.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARK_COLUMNS 2 /* before an item: the cursor and its mark */
#define MARK_PART 1    /* the column of their hit */
#define MOST_ROWS 18   /* of the list */

void picker_init(struct picker *p, const char *title) {
    *p = (struct picker){.title = mem_text(title), .detail_rows = 2};
}

void picker_clear(struct picker *p) {
    for (size_t i = 0; i < p->n_items; i++) {
        free(p->items[i].title);
        free(p->items[i].right);
        free(p->items[i].detail);
    }
    free(p->items);
    p->items = NULL;
    p->n_items = p->n_shown = p->cursor = 0;
}

/* What items are filtered by. */
static const char *pattern(const struct picker *p) {
    const size_t n = edit_bytes(&p->filter);
    return edit_text(&p->filter) + (p->skip < n ? p->skip : n);
}

static const char *prompt(const struct picker *p) {
    if (p->prompt)
        return p->prompt;
    return p->takes_text ? "type to filter, or a text of your own" : "type to filter";
}

void picker_dispose(struct picker *p) {
    picker_clear(p);
    free(p->shown);
    free(p->title);
    edit_dispose(&p->filter);
    *p = (struct picker){0};
}

struct picker_item *picker_add(struct picker *p, int id, const char *title, const char *right,
                               const char *detail) {
    if ((p->n_items & (p->n_items + 1)) == 0) /* grows at 0, 1, 3, 7, … */
        p->items = mem_resize(p->items, (p->n_items * 2 + 1) * sizeof *p->items);
    struct picker_item *item = &p->items[p->n_items++];
    *item = (struct picker_item){.id = id,
                                 .title = mem_text(title),
                                 .right = mem_text(right),
                                 .detail = mem_text(detail),
                                 .share = -1};
    return item;
}

struct match {
    size_t index;
    int score;
};

static int by_score(const void *a, const void *b) {
    const struct match *x = a, *y = b;
    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    return (x->index > y->index) - (x->index < y->index);
}

static void filter_items(struct picker *p) {
    struct match *matches = mem_alloc(p->n_items * sizeof *matches);
    size_t n = 0;
    for (size_t i = 0; i < p->n_items; i++) {
        int score = fuzzy_score(NULL, NULL, pattern(p), p->items[i].title);
        if (score >= 0)
            matches[n++] = (struct match){i, score - (p->items[i].disabled ? 1000 : 0)};
    }
    if (*pattern(p))
        qsort(matches, n, sizeof *matches, by_score);
    for (size_t i = 0; i < n; i++)
        p->shown[i] = matches[i].index;
    p->n_matching = n;
    if (p->takes_text && n && *pattern(p))
        p->shown[n++] = p->n_items; /* what is typed itself, which may be none of them */
    p->n_shown = n;
    p->cursor = p->top = 0;
    free(matches);
}

/* NULL: what is typed itself. */
static struct picker_item *item_at(const struct picker *p, size_t i) {
    return p->shown[i] < p->n_items ? &p->items[p->shown[i]] : NULL;
}

void picker_ready(struct picker *p, int id) {
    p->shown = mem_resize(p->shown, (p->n_items + 1) * sizeof *p->shown);
    filter_items(p);
    for (size_t i = 0; i < p->n_shown; i++)
        if (item_at(p, i) && item_at(p, i)->id == id) {
            p->cursor = i;
            break;
        }
}

const struct picker_item *picker_selected(const struct picker *p) {
    return p->cursor < p->n_shown ? item_at(p, p->cursor) : NULL;
}

const char *picker_typed(const struct picker *p) {
    return edit_text(&p->filter);
}

void picker_move(struct picker *p, long by) {
    p->cursor = (size_t)clamped((int64_t)p->cursor + by, 0, (int64_t)p->n_shown - 1);
}

bool picker_paste(struct picker *p, const char *bytes, size_t n) {
    if (!edit_insert(&p->filter, bytes, n))
        return false;
    filter_items(p);
    return true;
}

size_t picker_n_marked(const struct picker *p) {
    size_t n = 0;
    for (size_t i = 0; i < p->n_items; i++)
        n += p->items[i].marked;
    return n;
}

/* The item under the cursor, or no more; then the next. */
static void mark(struct picker *p) {
    struct picker_item *item = p->cursor < p->n_shown ? item_at(p, p->cursor) : NULL;
    if (item && !item->disabled)
        item->marked = !item->marked;
    picker_move(p, 1);
}

static enum picker_result choose(const struct picker *p) {
    const struct picker_item *item = picker_selected(p);
    if (picker_n_marked(p))
        return PICKER_CHOSEN;
    if (item)
        return item->disabled ? PICKER_HANDLED : PICKER_CHOSEN;
    return p->takes_text && !edit_is_empty(&p->filter) ? PICKER_CHOSEN : PICKER_HANDLED;
}

enum picker_result picker_key(struct picker *p, int key) {
    size_t before = p->cursor;
    bool empty = edit_is_empty(&p->filter);
    if (widget_key(WIDGET_CLOSE, key))
        return PICKER_CLOSED;
    if (widget_key(WIDGET_CHOOSE, key))
        return choose(p);
    if (key == INPUT_UP || key == (INPUT_CTRL | 'P'))
        picker_move(p, p->cursor == 0 ? (long)p->n_shown : -1); /* round at the ends */
    else if (key == INPUT_DOWN || key == (INPUT_CTRL | 'N') || key == INPUT_TAB)
        picker_move(p, p->cursor + 1 >= p->n_shown ? -(long)p->n_shown : 1);
    else if (p->marks && empty && widget_key(WIDGET_MARK, key))
        mark(p);
    else if (key == INPUT_PAGE_UP)
        picker_move(p, -(MOST_ROWS - 2));
    else if (key == INPUT_PAGE_DOWN)
        picker_move(p, MOST_ROWS - 2);
    else if (key == INPUT_HOME && empty)
        p->cursor = 0;
    else if (key == INPUT_END && empty)
        picker_move(p, (long)p->n_shown);
    else {
        const unsigned typed = p->filter.changes;
        const bool took = edit_key(&p->filter, key), changed = p->filter.changes != typed;
        if (changed)
            filter_items(p);
        if (changed)
            return PICKER_MOVED;
        return took ? PICKER_HANDLED : PICKER_IGNORED;
    }
    return p->cursor == before ? PICKER_HANDLED : PICKER_MOVED;
}

/* ---- drawing ---- */

static int widest(const struct picker *p) {
    int most = text_columns(p->title) + 8;
    for (size_t i = 0; i < p->n_items; i++) {
        const struct picker_item *item = &p->items[i];
        int wide = text_columns(item->title) + 6;
        if (item->right)
            wide += text_columns(item->right) + 2;
        if (item->share >= 0)
            wide += 14;
        most = wide > most ? wide : most;
    }
    return most;
}

static bool has_details(const struct picker *p) {
    for (size_t i = 0; i < p->n_items; i++)
        if (p->items[i].detail)
            return true;
    return false;
}

struct area picker_area(const struct picker *p, struct area within) {
    const bool details = has_details(p);
    int columns = widest(p), rows = (int)clamped((int64_t)p->n_items, 0, MOST_ROWS) + 3;
    if (details)
        rows += p->detail_rows + 1;
    int least = details ? 58 : 44, least_rows = p->least_rows > 8 ? p->least_rows : 8;
    least = p->least_columns > least ? p->least_columns : least;
    columns = columns < least ? least : columns;
    columns = columns < within.columns - 4 ? columns : within.columns - 4;
    rows = rows < least_rows ? least_rows : rows;
    rows = rows < within.rows - 2 ? rows : within.rows - 2;
    if (columns < 1 || rows < 1)
        return (struct area){within.row, within.column, 0, 0};
    return (struct area){within.row + (within.rows - rows) / 3,
                         within.column + (within.columns - columns) / 2, rows, columns};
}

/* The rows of the list: below the filter line, above the details. */
static struct area list_area(const struct picker *p, struct area box) {
    struct area list = area_inner(box);
    area_take_top(&list, 1);
    if (has_details(p))
        area_take_bottom(&list, p->detail_rows + 1);
    return list;
}

static void draw_item(struct grid *g, struct area row, const struct picker *p,
                      const struct picker_item *item, bool selected) {
    enum style_role role = item->disabled ? STYLE_DIM : STYLE_TEXT,
                    right_role = item->disabled ? STYLE_DIM : STYLE_KEY;
    if (selected)
        role = right_role = STYLE_CURSOR;
    int right = item->right ? text_columns(item->right) : 0, end = row.columns - 1;
    grid_fill(g, row, role);
    grid_put(g, row, 0, 0, role, selected ? "▸" : " ");
    grid_put(g, row, 0, 1, role, item->marked ? "●" : " ");
    if (right > 0 && right < row.columns / 2) {
        end -= right + 1;
        grid_put(g, row, 0, end + 1, right_role, item->right);
    }
    if (item->share >= 0 && row.columns >= 40) {
        end -= 13;
        bar_draw(g, row, 0, end + 1, 12, (double)item->share, selected ? role : STYLE_PROGRESS,
                 BAR_BARE);
    }
    int wide = text_columns(item->title);
    if (wide <= end - 2)
        grid_put(g, row, 0, 2, role, item->title);
    else
        grid_put_fit(g, row, 0, 2, end - 2, role, item->title, false);
    size_t places[FUZZY_MOST], n = 0;
    if (fuzzy_score(places, &n, pattern(p), item->title) < 0)
        n = 0;
    for (size_t i = 0; i < n; i++) {
        char *before = mem_text_n(item->title, places[i]);
        int at = text_columns(before);
        free(before);
        if (at < end - 3)
            grid_mark(g, row, 0, 2 + at, 1, false, true, true);
    }
}

static void draw_typed(struct grid *g, struct area row, const struct picker *p, bool selected) {
    const enum style_role role = selected ? STYLE_CURSOR : STYLE_DIM;
    char *clean = text_clean(picker_typed(p)), *text = mem_format("“%s” as it is typed", clean);
    grid_fill(g, row, role);
    grid_put(g, row, 0, 0, role, selected ? "▸" : " ");
    grid_put_fit(g, row, 0, 2, row.columns - 3, role, text, false);
    free(clean);
    free(text);
}

/* A text over at most `a.rows` rows, broken at blanks. */
static void draw_wrapped(struct grid *g, struct area a, enum style_role role, const char *text) {
    for (int row = 0; row < a.rows && *text; row++) {
        const char *at = text, *cut = NULL;
        char glyph[CELL_BYTES];
        int used = 0;
        while (*at) {
            const char *start = at;
            int wide = grid_next_glyph(glyph, &at);
            if (used + wide > a.columns) {
                at = start;
                break;
            }
            used += wide;
            if (*at == ' ' || *at == '\0')
                cut = at;
        }
        const char *end = *at && cut && row + 1 < a.rows ? cut : at;
        char *line = mem_text_n(text, (size_t)(end - text));
        if (*end && row + 1 == a.rows)
            grid_put_fit(g, a, row, 0, a.columns, role, text, false);
        else
            grid_put(g, a, row, 0, role, line);
        free(line);
        text = end;
        while (*text == ' ')
            text++;
    }
}

/* The lower edge: what the keys do, and how much of the list is hidden. */
static void draw_foot(struct grid *g, struct area box, const struct picker *p, struct area list) {
    const struct scroll s = {.rows = scroll_axis(p->top, (size_t)list.rows, p->n_shown)};
    char *hint = widget_hint(p->hint ? p->hint : "{CHOOSE} choose  {CLOSE} close"),
         more[SCROLL_TEXT];
    scroll_text(more, &s);
    const int columns = box.columns - (*more ? text_columns(more) + 4 : 0);
    if (text_columns(hint) + 6 <= columns)
        grid_format(g, box, box.rows - 1, 2, STYLE_DIM, " %s ", hint);
    free(hint);
    scroll_bar(g, (struct area){list.row, box.column, list.rows, box.columns}, &s.rows);
    scroll_row(g, (struct area){box.row + box.rows - 1, box.column + 2, 1, box.columns - 4}, &s);
}

void picker_draw(struct grid *g, struct area within, struct picker *p) {
    struct area box = picker_area(p, within), inner = area_inner(box), list = list_area(p, box);
    char right[48];
    if (box.rows < 4 || box.columns < 12)
        return;
    grid_cover(g, box);
    const size_t n_marked = picker_n_marked(p);
    if (n_marked)
        snprintf(right, sizeof right, "%zu marked, %zu of %zu", n_marked, p->n_matching,
                 p->n_items);
    else
        snprintf(right, sizeof right, "%zu of %zu", p->n_matching, p->n_items);
    grid_box(g, box, true, p->title, right);
    struct area line = area_take_top(&inner, 1);
    grid_fill(g, line, STYLE_FIELD_FOCUS);
    grid_put(g, line, 0, 0, STYLE_FIELD_FOCUS, "> ");
    area_take_left(&line, 2);
    edit_draw(g, line, &p->filter, STYLE_FIELD_FOCUS, prompt(p), true);
    if (p->cursor < p->top)
        p->top = p->cursor;
    if (list.rows > 0 && p->cursor >= p->top + (size_t)list.rows)
        p->top = p->cursor - (size_t)list.rows + 1;
    for (int row = 0; row < list.rows && p->top + (size_t)row < p->n_shown; row++) {
        size_t i = p->top + (size_t)row;
        hit_add(&g->hits, list, (struct area){row, 0, 1, list.columns},
                (struct hit){HIT_ITEM, (int64_t)i, 0});
        hit_add(&g->hits, list, (struct area){row, 0, 1, p->marks ? MARK_COLUMNS : 0},
                (struct hit){HIT_ITEM, (int64_t)i, MARK_PART});
        const struct area line_of = {list.row + row, list.column, 1, list.columns};
        if (item_at(p, i))
            draw_item(g, line_of, p, item_at(p, i), i == p->cursor);
        else
            draw_typed(g, line_of, p, i == p->cursor);
    }
    if (p->n_shown == 0 && list.rows > 0) {
        char *text =
            widget_hint(p->takes_text && !edit_is_empty(&p->filter) ? "{CHOOSE} takes this text"
                                                                    : "nothing matches");
        grid_put(g, list, 0, 2, STYLE_DIM, text);
        free(text);
    }
    const struct picker_item *item = picker_selected(p);
    if (has_details(p) && inner.rows >= p->detail_rows + 2) {
        struct area below = area_take_bottom(&inner, p->detail_rows + 1),
                    rule = area_take_top(&below, 1);
        for (int column = 1; column < rule.columns - 1; column++)
            grid_put(g, rule, 0, column, STYLE_BORDER, "─");
        below.column += 1;
        below.columns -= 2;
        if (item && item->detail)
            draw_wrapped(g, below, STYLE_DIM, item->detail);
    }
    draw_foot(g, box, p, list);
}

bool picker_press(struct picker *p, const struct hit *hit) {
    if (hit->kind != HIT_ITEM || hit->row < 0 || hit->row >= (int64_t)p->n_shown)
        return false;
    p->cursor = (size_t)hit->row;
    if (hit->column == MARK_PART)
        mark(p);
    p->cursor = (size_t)hit->row; /* where the mouse is, not on the next one */
    return true;
}
