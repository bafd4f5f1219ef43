#include "views/screens/runs.h"

#include "backend/base/clamp.h"
#include "backend/base/text.h"
#include "views/widgets/scroll.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define BEFORE 2         /* the cursor */
#define MARK 2           /* behind the number */
#define ROOMY 28         /* what the text gets before others grow */
#define DATE_AND_TIME 12 /* "29 Nov 21:17" */

struct column_decl {
    const char *heading, *name;
    int least, most;
};
static const struct column_decl decls[RUN_COLUMNS] = {
#define X(ID, heading, name, least, most) [RUN_COLUMN_##ID] = {heading, name, least, most},
    RUN_COLUMN_LIST(X)
#undef X
};

const char *run_column_name(enum run_column column) {
    return decls[column].name;
}

/* ---- widths ---- */

struct layout {
    int at[RUN_COLUMNS], columns[RUN_COLUMNS]; /* 0 columns: it is not shown */
};

/* Which columns come first where there is no room for all. */
static const enum run_column by_worth[RUN_COLUMNS] = {
    RUN_COLUMN_NUMBER, RUN_COLUMN_METHOD,    RUN_COLUMN_TEXT,  RUN_COLUMN_STATUS,
    RUN_COLUMN_DATE,   RUN_COLUMN_NAME,      RUN_COLUMN_MODEL, RUN_COLUMN_CONTRAST,
    RUN_COLUMN_TIME,   RUN_COLUMN_GENERATED, RUN_COLUMN_ROWS};
/* Which grow first, and by how much at a time; the rest is the text's. */
static const enum run_column by_growth[] = {
    RUN_COLUMN_METHOD,   RUN_COLUMN_DATE,   RUN_COLUMN_NAME,   RUN_COLUMN_MODEL,
    RUN_COLUMN_CONTRAST, RUN_COLUMN_STATUS, RUN_COLUMN_NUMBER, RUN_COLUMN_GENERATED,
    RUN_COLUMN_ROWS,     RUN_COLUMN_TIME};

static bool is_wanted(const struct runs_view *v, enum run_column column) {
    return (column != RUN_COLUMN_NAME || v->any_name) &&
           (column != RUN_COLUMN_CONTRAST || v->any_contrast);
}

/* What a column takes of what is left: a date is the day's name, with the time, or all of it. */
static int more_columns(enum run_column column, int left) {
    const int least = decls[column].least;
    int most = decls[column].most;
    if (column == RUN_COLUMN_DATE && left < most - least)
        most = DATE_AND_TIME;
    if (column == RUN_COLUMN_DATE && left < most - least)
        most = least;
    return (int)clamped(most - least, 0, left);
}

static struct layout lay_out(const struct runs_view *v, int width) {
    struct layout l = {0};
    int left = width - 1 - BEFORE - MARK; /* the scroll bar's */
    for (int i = 0; i < RUN_COLUMNS; i++) {
        const enum run_column c = by_worth[i];
        if (!is_wanted(v, c) || decls[c].least + 1 > left)
            continue;
        l.columns[c] = decls[c].least;
        left -= decls[c].least + 1;
    }
    int text = (int)clamped(ROOMY - l.columns[RUN_COLUMN_TEXT], 0, left);
    l.columns[RUN_COLUMN_TEXT] += text;
    left -= text;
    for (size_t i = 0; i < sizeof by_growth / sizeof *by_growth; i++) {
        const enum run_column c = by_growth[i];
        const int more = more_columns(c, left);
        if (!l.columns[c])
            continue;
        l.columns[c] += more;
        left -= more;
    }
    l.columns[RUN_COLUMN_TEXT] += left;
    for (int c = 0, at = BEFORE; c < RUN_COLUMNS; c++) {
        l.at[c] = at;
        at += l.columns[c] ? l.columns[c] + 1 : 0;
        at += c == RUN_COLUMN_NUMBER ? MARK : 0;
    }
    return l;
}

/* ---- texts ---- */

/* As much of a date as there is room for: today's time alone, else the day. */
static void put_date(char *buf, size_t n, int64_t seconds, int64_t now, int columns) {
    const time_t when = (time_t)seconds, today = (time_t)now;
    struct tm tm, tm_now;
    localtime_r(&when, &tm);
    localtime_r(&today, &tm_now);
    const bool same_year = tm.tm_year == tm_now.tm_year,
               same_day = same_year && tm.tm_yday == tm_now.tm_yday;
    const char *narrow = same_day ? "%H:%M" : "%d %b", *format = columns >= 16 ? "%F %R" : narrow;
    if (columns >= DATE_AND_TIME && columns < 16)
        format = same_year ? "%d %b %R" : "%F";
    else if (!same_year && columns < DATE_AND_TIME)
        format = columns >= 10 ? "%F" : "%b %y";
    if (seconds <= 0 || strftime(buf, n, format, &tm) == 0)
        *buf = 0;
}

static void put_time(char *buf, size_t n, double seconds) {
    const long long whole = (long long)seconds;
    if (seconds < 0)
        *buf = 0;
    else if (seconds < 60)
        snprintf(buf, n, "%.1fs", seconds);
    else if (seconds < 3600)
        snprintf(buf, n, "%lld:%02lld", whole / 60, whole % 60);
    else
        snprintf(buf, n, "%lldh%02lld", whole / 3600, whole / 60 % 60);
}

static void put_count(char *buf, size_t n, int64_t count, bool known) {
    *buf = 0;
    if (known)
        snprintf(buf, n, "%lld", (long long)count);
}

/* What stands in a cell: a text of the line's, or one made in `buf`. */
static const char *cell_text(const struct run_line *l, const struct runs_view *v,
                             enum run_column column, int columns, char *buf, size_t n) {
    switch (column) {
    case RUN_COLUMN_NAME:
        return l->name;
    case RUN_COLUMN_METHOD:
        return l->method;
    case RUN_COLUMN_MODEL:
        return l->model;
    case RUN_COLUMN_TEXT:
        return l->prompt;
    case RUN_COLUMN_CONTRAST:
        return l->contrast;
    case RUN_COLUMN_STATUS:
        return l->status;
    case RUN_COLUMN_NUMBER:
        put_count(buf, n, l->number, true);
        break;
    case RUN_COLUMN_DATE:
        put_date(buf, n, l->started, v->now, columns);
        break;
    case RUN_COLUMN_ROWS:
        put_count(buf, n, l->n_rows, l->n_columns > 0);
        break;
    case RUN_COLUMN_GENERATED:
        if (l->span && *l->span)
            return l->span;
        put_count(buf, n, l->n_columns, l->n_columns > 0);
        break;
    case RUN_COLUMN_TIME:
        put_time(buf, n, l->seconds);
        break;
    case RUN_COLUMNS:
        *buf = 0;
        break;
    }
    return buf;
}

static bool is_number(enum run_column column) {
    return column == RUN_COLUMN_NUMBER || column == RUN_COLUMN_ROWS ||
           column == RUN_COLUMN_GENERATED || column == RUN_COLUMN_TIME;
}

/* ---- drawing ---- */

static void draw_headings(struct grid *g, struct area a, const struct layout *l,
                          const struct runs_view *v) {
    for (int c = 0; c < RUN_COLUMNS; c++) {
        const bool sorted = v->sort == (enum run_column)c;
        char text[32];
        snprintf(text, sizeof text, "%s%s", decls[c].heading,
                 !sorted ? "" : (const char *[]){"▾", "▴"}[v->reversed]);
        hit_add(&g->hits, a, (struct area){0, l->at[c], 1, l->columns[c]},
                (struct hit){HIT_SORT, 0, c});
        if (l->columns[c])
            grid_put_fit(g, a, 0, l->at[c], l->columns[c], sorted ? STYLE_STRONG : STYLE_DIM, text,
                         is_number((enum run_column)c));
    }
}

static enum style_role role_of(const struct run_line *l, enum run_column column, bool here) {
    if (column == RUN_COLUMN_STATUS && l->role != STYLE_TEXT)
        return l->role;
    if (column == RUN_COLUMN_GENERATED && l->span && *l->span)
        return STYLE_MARK_A;
    if (here)
        return STYLE_STRONG;
    return column == RUN_COLUMN_DATE ? STYLE_DIM : STYLE_TEXT;
}

static void draw_line(struct grid *g, struct area row, const struct layout *l,
                      const struct runs_view *v, const struct run_line *line, bool here) {
    const char mark[] = {line->mark ? line->mark : ' ', '\0'};
    char buf[32];
    grid_put(g, row, 0, 0, here ? STYLE_CURSOR : STYLE_TEXT, here ? ">" : " ");
    for (int c = 0; c < RUN_COLUMNS; c++) {
        const enum run_column column = (enum run_column)c;
        const char *text = cell_text(line, v, column, l->columns[c], buf, sizeof buf);
        if (l->columns[c])
            grid_put_fit(g, row, 0, l->at[c], l->columns[c], role_of(line, column, here),
                         text ? text : "", is_number(column));
    }
    grid_put(g, row, 0, l->at[RUN_COLUMN_NUMBER] + l->columns[RUN_COLUMN_NUMBER] + 1,
             line->mark == 'A' ? STYLE_MARK_A : STYLE_MARK_B, mark);
    if (here)
        grid_set_cursor(g, row, 0, 0);
}

static void scroll(struct runs_view *v, size_t page) {
    if (v->cursor >= v->n)
        v->cursor = v->n - 1;
    if (v->cursor < v->top)
        v->top = v->cursor;
    if (v->cursor >= v->top + page)
        v->top = v->cursor + 1 - page;
}

/* Lines below the heading; where they are too few the last row says how many there are beside
 * them. */
static size_t page_rows(const struct runs_view *v, struct area a) {
    const int rows = a.rows - 1 - (a.rows > 3 && v->n > (size_t)a.rows - 1);
    return rows > 1 ? (size_t)rows : 1;
}

static void mark_more(struct grid *g, struct area a, const struct runs_view *v, size_t page) {
    const struct scroll s = {.rows = scroll_axis(v->top, page, v->n)};
    scroll_bar(g, (struct area){a.row + 1, a.column, (int)page, a.columns}, &s.rows);
    if (page + 1 < (size_t)a.rows)
        scroll_row(g, (struct area){a.row + a.rows - 1, a.column, 1, a.columns}, &s);
}

void runs_draw(struct grid *g, struct area a, struct runs_view *v) {
    const size_t page = page_rows(v, a);
    const struct layout l = lay_out(v, a.columns);
    if (v->n == 0) {
        grid_put(g, a, 1, 2, STYLE_DIM, v->none ? v->none : "");
        return;
    }
    scroll(v, page);
    draw_headings(g, a, &l, v);
    for (size_t i = v->top; i < v->n && i < v->top + page; i++) {
        const struct area row = {a.row + 1 + (int)(i - v->top), a.column, 1, a.columns};
        struct run_line line = {0};
        hit_add(&g->hits, row, (struct area){0, 0, 1, row.columns},
                (struct hit){HIT_ROW, (int64_t)i, 0});
        v->line(v->user, i, &line);
        draw_line(g, row, &l, v, &line, i == v->cursor);
    }
    mark_more(g, a, v, page);
}
