#include "views/widgets/help.h"

#include "backend/base/clamp.h"
#include "backend/base/text.h"
#include "views/terminal/hits.h"
#include "views/terminal/input.h"
#include "views/widgets/fuzzy.h"
#include "views/widgets/hint.h"
#include "views/widgets/paragraph.h"
#include "views/widgets/scroll.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INDENT 2        /* before keys, below a heading */
#define TWO_COLUMNS 100 /* from here on commands stand in two columns */
#define MOST_COLUMNS 150
#define MOST_ROWS 56

void help_open(struct help *h, const char *title, const struct command *commands, size_t n,
               uint32_t context) {
    *h = (struct help){.commands = commands, .n_commands = n, .context = context, .title = title};
}

void help_dispose(struct help *h) {
    edit_dispose(&h->filter);
}

void help_move(struct help *h, int rows) {
    h->top = (int)clamped((int64_t)h->top + rows, 0, h->most);
}

bool help_key(struct help *h, int key) {
    bool empty = edit_is_empty(&h->filter);
    bool close = widget_key(WIDGET_CLOSE, key);
    if (key == INPUT_F1 || (close && empty) || (empty && (key == '?' || key == 'q')))
        return false;
    if (close)
        edit_set(&h->filter, "");
    else if (widget_key(WIDGET_SCREEN_DOWN, key) || (empty && key == ' '))
        help_move(h, h->page);
    else if (widget_key(WIDGET_SCREEN_UP, key))
        help_move(h, -h->page);
    else if (key == INPUT_DOWN || key == INPUT_UP)
        help_move(h, key == INPUT_DOWN ? 1 : -1);
    else if (empty && (key == INPUT_HOME || key == INPUT_END))
        help_move(h, key == INPUT_HOME ? -h->most : h->most);
    else if (edit_key(&h->filter, key))
        h->top = 0;
    return true;
}

static bool is_shown(const struct help *h, const struct command *c) {
    if (!(c->context & h->context))
        return false;
    char text[512];
    snprintf(text, sizeof text, "%s %s %s %s", c->title, c->keys, c->group ? c->group : "",
             c->help ? c->help : "");
    return edit_is_empty(&h->filter) || strcasestr(text, edit_text(&h->filter)) ||
           fuzzy_score(NULL, NULL, edit_text(&h->filter), c->title) >= 8;
}

/* A heading (command NULL), or a command; where it stands among all of its column. */
struct item {
    const struct command *command;
    char *text; /* owned: the heading, or what the command does */
    int row, rows, column;
};
struct items {
    struct item *all; /* [n] */
    size_t n;
    int keys;    /* columns of the widest keys */
    int columns; /* 1 or 2 */
    int rows;    /* of the longest column */
};

/* "title. Help." */
static char *described(const struct help *h, const struct command *c) {
    if (!c->help)
        return mem_text(c->title);
    const size_t n = strlen(c->title);
    const bool ends = n > 0 && c->title[n - 1] == '.';
    char *help = hint_text(c->help, h->commands, h->n_commands, false),
         *text = mem_format("%s%s %s", c->title, ends ? "" : ".", help);
    free(help);
    return text;
}

static void add_item(struct items *t, const struct command *command, char *text) {
    t->all = mem_resize(t->all, (t->n + 1) * sizeof *t->all);
    t->all[t->n++] = (struct item){.command = command, .text = text};
    const int keys = command ? text_columns(command->keys) : 0;
    t->keys = keys > t->keys ? keys : t->keys;
}

static bool in_group(const struct command *c, const char *group) {
    return strcmp(c->group ? c->group : "", group) == 0;
}

/* The group's commands that are shown, below its heading. */
static void collect_group(struct items *t, const struct help *h, size_t from, const char *group) {
    const size_t before = t->n;
    for (size_t i = from; i < h->n_commands; i++) {
        if (!in_group(&h->commands[i], group) || !is_shown(h, &h->commands[i]))
            continue;
        if (t->n == before)
            add_item(t, NULL, mem_text(group));
        add_item(t, &h->commands[i], described(h, &h->commands[i]));
    }
}

/* In the order of the groups' first commands. */
static void collect(struct items *t, const struct help *h) {
    for (size_t i = 0; i < h->n_commands; i++) {
        const char *group = h->commands[i].group ? h->commands[i].group : "";
        size_t first = 0;
        while (!in_group(&h->commands[first], group))
            first++;
        if (first == i)
            collect_group(t, h, i, group);
    }
}

/* Columns for what a command does. */
static int text_room(const struct items *t, int wide) {
    const int room = wide - INDENT - t->keys - 3;
    return room > 8 ? room : 8;
}

/* Down one column after the other, a free row above each heading but a column's first; a heading
 * stays with what it heads. */
static void place(struct items *t, int wide) {
    int all = 0, row = 0, column = 0;
    for (size_t i = 0; i < t->n; i++) {
        struct item *x = &t->all[i];
        x->rows = x->command ? paragraph_rows(text_room(t, wide), x->text) : 1;
        all += x->rows + !x->command;
    }
    for (size_t i = 0; i < t->n; i++) {
        struct item *x = &t->all[i];
        const bool after_heading = i > 0 && !t->all[i - 1].command;
        if (column + 1 < t->columns && row * t->columns >= all && !after_heading) {
            column++;
            row = 0;
        }
        row += !x->command && row > 0;
        x->row = row;
        x->column = column;
        row += x->rows;
        t->rows = row > t->rows ? row : t->rows;
    }
}

static struct area help_area(struct area within) {
    const int columns = within.columns - 6 < MOST_COLUMNS ? within.columns - 6 : MOST_COLUMNS,
              rows = within.rows - 2 < MOST_ROWS ? within.rows - 2 : MOST_ROWS;
    if (columns < 1 || rows < 1)
        return (struct area){within.row, within.column, 0, 0};
    return (struct area){within.row + (within.rows - rows) / 2,
                         within.column + (within.columns - columns) / 2, rows, columns};
}

/* `row` may lie above the area: then its last rows are drawn. */
static void draw_item(struct grid *g, struct area column, int row, const struct items *t,
                      const struct item *x) {
    const int skip = row < 0 ? -row : 0, room = text_room(t, column.columns);
    if (skip >= x->rows || row >= column.rows)
        return;
    if (!x->command) {
        grid_put_fit(g, column, row, 0, column.columns, STYLE_TITLE, x->text, false);
        return;
    }
    struct area rest = column;
    area_take_top(&rest, row + skip);
    rest.rows = rest.rows < x->rows - skip ? rest.rows : x->rows - skip;
    hit_add(&g->hits, rest, (struct area){0, 0, rest.rows, rest.columns},
            (struct hit){HIT_ITEM, x->command->id, 0});
    if (skip == 0)
        grid_put(g, rest, 0, INDENT, STYLE_KEY, x->command->keys);
    area_take_left(&rest, column.columns - room - 1);
    area_take_right(&rest, 1);
    paragraph_draw(g, rest, STYLE_TEXT, paragraph_tail(room, x->rows - skip, x->text));
}

static void draw_items(struct grid *g, struct area inner, const struct help *h,
                       const struct items *t) {
    const int wide = inner.columns / t->columns;
    for (size_t i = 0; i < t->n; i++) {
        const struct item *x = &t->all[i];
        const struct area column = {inner.row, inner.column + x->column * wide, inner.rows, wide};
        draw_item(g, column, x->row - h->top, t, x);
    }
    if (t->n == 0)
        grid_put(g, inner, 1, 1, STYLE_DIM, "no command matches");
}

static void draw_frame(struct grid *g, struct area box, struct area filter, struct help *h) {
    char *title = mem_format("help: %s", h->title),
         *hint = widget_hint(" type to filter; {SCREEN_DOWN} for more; {CLOSE} closes");
    grid_cover(g, box);
    grid_box(g, box, true, title, NULL);
    edit_draw(g, filter, &h->filter, STYLE_FIELD_FOCUS, hint, true);
    free(hint);
    free(title);
}

void help_draw(struct grid *g, struct area within, struct help *h) {
    struct area box = help_area(within), inner = area_inner(box);
    if (box.rows < 6 || box.columns < 20)
        return;
    draw_frame(g, box, area_take_top(&inner, 1), h);
    area_take_left(&inner, 1);
    struct items t = {.columns = inner.columns >= TWO_COLUMNS ? 2 : 1};
    collect(&t, h);
    place(&t, inner.columns / t.columns);
    h->page = inner.rows;
    h->most = t.rows > inner.rows ? t.rows - inner.rows : 0;
    help_move(h, 0);
    const struct scroll s = {.rows =
                                 scroll_axis((size_t)h->top, (size_t)inner.rows, (size_t)t.rows)};
    scroll_box(g, box, &s);
    draw_items(g, inner, h, &t);
    for (size_t i = 0; i < t.n; i++)
        free(t.all[i].text);
    free(t.all);
}
