/* The texts of a file that holds several: filtered, searched, sorted, marked; one opens its map. */
#include "app/tui/view.h"

#include "app/commands/command_table.h"
#include "app/tui/lists.h"
#include "app/tui/state.h"
#include "backend/base/clamp.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/screens/listing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a text is cut to before columns are left out. */
static int least_of(enum row_column_kind kind) {
    switch (kind) {
    case ROW_PROMPT:
        return 24;
    case ROW_GENERATED:
        return 12;
    case ROW_STRONGEST:
        return 14;
    default:
        return 8;
    }
}

/* The columns that are shown, in their order, and which of the table's they are. */
struct shown_columns {
    struct listing_column columns[ROW_COLUMNS];
    int which[ROW_COLUMNS];
    size_t n;
};

static void find_columns(struct shown_columns *s, const struct row_list *l) {
    s->n = row_list_shown(s->which, l);
    for (size_t i = 0; i < s->n; i++) {
        const struct row_column c = row_table_column(l->table, (size_t)s->which[i]);
        const int share = c.kind == ROW_STRONGEST ? (int)strlen(" 0.12") : 0;
        s->columns[i] = (struct listing_column){.heading = c.name,
                                                .widest = c.widest + share,
                                                .least = least_of(c.kind),
                                                .right = c.numeric};
    }
}

/* --- what is drawn --- */

struct drawer {
    const struct row_list *list;
    const struct shown_columns *shown;
    char *text; /* of the last cell */
};

static char mark_of(const struct row_list *l, uint32_t row) {
    if (!l->marked[row])
        return 0;
    for (size_t i = 0; i < l->n_marks && i < RUN_MARKS; i++)
        if (l->marks[i] == row)
            return (char)('A' + i);
    return '+';
}

static void draw_row(void *user, size_t i, struct listing_row *out) {
    const struct drawer *d = user;
    const struct row_list *l = d->list;
    const uint32_t row = l->items[i];
    *out = (struct listing_row){.number = (int64_t)row + 1,
                                .mark = mark_of(l, row),
                                .wrong = row_table_damage(l->table, row),
                                .match =
                                    l->looked_for && row_filter_passes(&l->search, l->table, row)};
}

/* ".123", "12.5", "1.2e-05". */
static char *number_text(double number) {
    const double size = fabs(number);
    char buf[32];
    if (isnan(number))
        return mem_text("");
    const bool plain = size < 1000 && (size >= 0.0005 || size == 0);
    snprintf(buf, sizeof buf, plain ? "%.3f" : "%.3g", number);
    return mem_text(buf);
}

static const char *draw_cell(void *user, size_t i, size_t column) {
    struct drawer *d = user;
    const size_t at = (size_t)d->shown->which[column];
    const struct row_cell cell = row_table_cell(d->list->table, d->list->items[i], at);
    free(d->text);
    d->text = NULL;
    if (!cell.text)
        d->text = number_text(cell.number);
    else if (row_table_column(d->list->table, at).kind == ROW_STRONGEST)
        d->text = mem_format("%s %.2f", cell.text, cell.number);
    return d->text ? d->text : cell.text;
}

static int sorted_column(const struct row_list *l, const struct shown_columns *s) {
    for (size_t i = 0; i < s->n; i++)
        if (s->which[i] == l->sort)
            return (int)i;
    return l->sort == ROW_LIST_FILE_ORDER ? -1 : -2;
}

static void draw_table(struct grid *g, struct area body, struct row_list *l) {
    struct shown_columns shown;
    find_columns(&shown, l);
    struct drawer drawer = {.list = l, .shown = &shown};
    struct listing list = {.columns = shown.columns,
                           .n_columns = shown.n,
                           .row = draw_row,
                           .cell = draw_cell,
                           .user = &drawer,
                           .largest = (int64_t)row_table_count(l->table),
                           .n = l->n,
                           .cursor = l->cursor,
                           .top = l->top,
                           .column = l->column,
                           .left = l->left,
                           .sort = sorted_column(l, &shown),
                           .descending = l->descending};
    listing_draw(g, body, &list);
    l->top = list.top;
    l->left = list.left;
    l->column = list.column;
    free(drawer.text);
}

/* What the filter leaves out, or what is looked for, is told as long as it is. */
static void draw_line(struct grid *g, struct area row, const char *what, const char *typed,
                      const char *note, char *count, const char *way_out) {
    char *clean = text_clean(typed), *out = app_hint(way_out, false),
         *text =
             mem_format("%s: %s   %s%s%s", what, clean, note ? note : "", note ? "   " : "", count);
    const int right = text_columns(out) + 2;
    grid_put_fit(g, row, 0, 2, row.columns - right - 3, STYLE_NOTICE, text, false);
    grid_put(g, row, 0, row.columns - right, STYLE_KEY, out);
    free(text);
    free(out);
    free(clean);
    free(count);
}

static void draw_typed(struct grid *g, struct area *body, struct row_list *l) {
    if (l->typed)
        draw_line(g, area_take_top(body, 1), "filter", l->typed, l->filter.note,
                  mem_format("%zu of %zu rows", l->n, row_table_count(l->table)),
                  "{FILTER_ROWS}: change   {BACK}: all rows");
    if (l->looked_for)
        draw_line(g, area_take_top(body, 1), "search", l->looked_for, l->search.note,
                  mem_format("%zu of %zu rows", l->n_matches, l->n),
                  "{NEXT_LISTED} {PREVIOUS_LISTED}: next, previous   {BACK}: leave");
}

/* Below the list: what of the file is in it. */
static void draw_foot(struct grid *g, struct area foot, const struct row_list *l) {
    const struct row_table *t = l->table;
    const size_t ready = row_table_ready(t), n = row_table_count(t), cut = row_table_cut(t);
    int at = 2;
    if (ready < n)
        at += grid_format(g, foot, 0, at, STYLE_STATUS, "%zu of %zu rows %s   ", ready, n,
                          l->failed ? "were read" : "are read");
    else
        at += grid_format(g, foot, 0, at, STYLE_DIM, "%zu rows   ", n);
    if (l->n_marks)
        at += grid_format(g, foot, 0, at, STYLE_MARK_A, "%zu marked   ", l->n_marks);
    if (row_table_damaged(t))
        at += grid_format(g, foot, 0, at, STYLE_ERROR, "%zu damaged   ", row_table_damaged(t));
    if (cut && l->typed)
        at +=
            grid_format(g, foot, 0, at, STYLE_DIM, "the filter sees %zu texts' beginnings   ", cut);
    const char *slash = strrchr(l->run->path, '/');
    char *name = text_clean(slash ? slash + 1 : l->run->path);
    grid_put_fit(g, foot, 0, at, foot.columns - at, STYLE_DIM, name, false);
    free(name);
}

static const char *nothing_to_list(const struct row_list *l) {
    if (l->typed && row_table_ready(l->table))
        return "No row matches.";
    return "Its rows are being read.";
}

static void draw_none(struct grid *g, struct area body) {
    char *text = app_hint("No data set is open. {OPEN_FILE} opens a file of several texts (.jsonl, "
                          ".jsonl.gz, .json): they are listed here.",
                          false);
    grid_put(g, body, 1, 2, STYLE_DIM, text);
    free(text);
}

static void draw_list(struct grid *g, struct area body, struct app *a) {
    struct row_list *l = app_list(a);
    if (!l) {
        draw_none(g, body);
        return;
    }
    const struct area foot = area_take_bottom(&body, 1);
    draw_typed(g, &body, l);
    draw_table(g, body, l);
    if (l->n == 0)
        grid_put(g, body, 2, 2, STYLE_DIM, nothing_to_list(l));
    draw_foot(g, foot, l);
}

/* --- moving --- */

static void move_list(struct app *a, long rows, long columns) {
    struct row_list *l = app_list(a);
    struct shown_columns shown;
    if (!l)
        return;
    find_columns(&shown, l);
    row_list_go(l, (int64_t)l->cursor + rows);
    l->column = (size_t)clamped((int64_t)l->column + columns, 0, (int64_t)shown.n - 1);
}

static bool press_list(struct app *a, const struct hit *hit, const struct input_mouse *m) {
    struct row_list *l = app_list(a);
    struct shown_columns shown;
    if (!l)
        return false;
    find_columns(&shown, l);
    if (hit->kind == HIT_SORT && m->kind == MOUSE_PRESS && hit->column < (int64_t)shown.n)
        row_list_sort(l, hit->column < 0 ? ROW_LIST_FILE_ORDER : shown.which[hit->column]);
    if (hit->kind != HIT_ROW || hit->row >= (int64_t)l->n)
        return false;
    row_list_go(l, hit->row);
    return true;
}

/* --- the filter --- */

static struct search_found search_list(struct app *a, enum search_step step, const char *text) {
    struct row_list *l = app_list(a);
    if (!l)
        return (struct search_found){0};
    if (step == SEARCH_FIND || step == SEARCH_LEAVE)
        row_list_filter(l, step == SEARCH_FIND ? text : NULL);
    else if (step == SEARCH_NEXT || step == SEARCH_PREVIOUS)
        move_list(a, step == SEARCH_NEXT ? 1 : -1, 0);
    if (l->finding)
        return (struct search_found){l->n_matches, l->n, l->looked_for};
    return (struct search_found){l->n, row_table_count(l->table), l->typed};
}

/* First the search is left, then the filter. */
static bool back_list(struct app *a) {
    struct row_list *l = app_list(a);
    if (!l || (!l->looked_for && !l->typed))
        return false;
    if (l->looked_for)
        row_list_search(l, NULL);
    else
        row_list_filter(l, NULL);
    return true;
}

static char *copy_row(const struct app *a, bool column) {
    const struct row_list *l = app_list(a);
    struct shown_columns shown;
    struct text_buffer b = {0};
    (void)column;
    if (!l || l->at < 0)
        return NULL;
    find_columns(&shown, l);
    struct drawer drawer = {.list = l, .shown = &shown};
    text_buffer_format(&b, "%lld", (long long)l->at + 1);
    for (size_t c = 0; c < shown.n; c++)
        text_buffer_format(&b, "\t%s", draw_cell(&drawer, l->cursor, c));
    free(drawer.text);
    return text_buffer_take(&b);
}

static const char *hints_list(const struct app *a) {
    const struct row_list *l = app_list(a);
    if (!l)
        return "{OPEN_FILE} open a file  {BACK} back  {HELP} help";
    if (l->n_marks > 1)
        return "{COMPARE} compare the marked rows  {EXPORT_ROWS} export them  {MARK_LISTED} mark "
               "another  {UNMARK} clear  {HELP} help";
    if (l->n_marks == 1)
        return "{MARK_LISTED} mark another  {EXPORT_ROWS} export it  {UNMARK} clear the mark  "
               "{HELP} help";
    if (l->typed)
        return "{OPEN_ROW} map  {FILTER_ROWS} change the filter  {BACK} all rows  {EXPORT_ROWS} "
               "export these  {HELP} help";
    return NULL;
}

const struct view_ops view_list = {
    .title = "List",
    .hints = "{OPEN_ROW} map  {FILTER_ROWS} filter  {FIND_ROW} find  {SORT_HERE} sort  "
             "{MARK_LISTED} mark  {COMPARE} compare  {MEANS} means  {EXPORT_ROWS} export  "
             "{HELP} help",
    .hints_now = hints_list,
    .draw = draw_list,
    .move = move_list,
    .press = press_list,
    .search = search_list,
    .filters = "rows",
    .sought = "word, probability<0.5, column=word",
    .copy = copy_row,
    .back = back_list,
    .back_to = VIEW_RUNS};
