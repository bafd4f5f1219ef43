#include "views/widgets/help.h"

#include "backend/base/text.h"
#include "views/terminal/hits.h"
#include "views/terminal/input.h"
#include "views/widgets/fuzzy.h"
#include "views/widgets/hint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS_COLUMNS 15 /* keys before the title */

void help_open(struct help *h, const char *title, const struct command *commands, size_t n,
               uint32_t context) {
    *h = (struct help){
        .commands = commands, .n_commands = n, .context = context, .title = title, .n_pages = 1};
}

void help_dispose(struct help *h) {
    edit_dispose(&h->filter);
}

void help_move(struct help *h, int pages) {
    h->page += pages;
    h->page = h->page >= h->n_pages ? h->n_pages - 1 : h->page;
    h->page = h->page < 0 ? 0 : h->page;
}

bool help_key(struct help *h, int key) {
    bool empty = edit_is_empty(&h->filter);
    bool close = widget_key(WIDGET_CLOSE, key);
    if (key == INPUT_F1 || (close && empty) || (empty && (key == '?' || key == 'q')))
        return false;
    if (close)
        edit_set(&h->filter, "");
    else if (widget_key(WIDGET_SCREEN_DOWN, key) || key == INPUT_DOWN || (empty && key == ' '))
        help_move(h, 1);
    else if (widget_key(WIDGET_SCREEN_UP, key) || key == INPUT_UP)
        help_move(h, -1);
    else if (edit_key(&h->filter, key))
        h->page = 0;
    return true;
}

static bool is_shown(const struct help *h, const struct command *c) {
    if (!(c->context & h->context))
        return false;
    char text[512];
    snprintf(text, sizeof text, "%s %s %s", c->title, c->keys, c->group ? c->group : "");
    return edit_is_empty(&h->filter) || strcasestr(text, edit_text(&h->filter)) ||
           fuzzy_score(NULL, NULL, edit_text(&h->filter), c->title) >= 8;
}

/* One line of the overlay: a heading (command NULL), or a command. */
struct line {
    const struct command *command;
    const char *heading;
};

/* Lines in the order of the groups' first commands; a blank line between groups. Returns their
 * number. */
static size_t collect_lines(struct line *lines, const struct help *h) {
    size_t n = 0;
    for (size_t i = 0; i < h->n_commands; i++) {
        const char *group = h->commands[i].group ? h->commands[i].group : "";
        bool seen = false;
        for (size_t k = 0; k < i && !seen; k++)
            seen = strcmp(h->commands[k].group ? h->commands[k].group : "", group) == 0;
        size_t start = n;
        for (size_t k = i; k < h->n_commands && !seen; k++) {
            const struct command *c = &h->commands[k];
            if (strcmp(c->group ? c->group : "", group) != 0 || !is_shown(h, c))
                continue;
            if (n == start) {
                if (n > 0)
                    lines[n++] = (struct line){NULL, ""};
                lines[n++] = (struct line){NULL, group};
            }
            lines[n++] = (struct line){c, NULL};
        }
    }
    return n;
}

/* Where each line goes, counted down the columns of `rows`: no blank line at a column's top, no
 * heading at its foot. Returns the last place. */
static size_t place_lines(size_t *places, const struct line *lines, size_t n, size_t rows) {
    size_t at = 0, last = 0;
    for (size_t i = 0; i < n; i++) {
        bool heading = !lines[i].command, blank = heading && !*lines[i].heading;
        if (heading && !blank && rows > 2 && at % rows == rows - 1)
            at++;
        places[i] = last = at;
        at += !(blank && at % rows == 0);
    }
    return last;
}

static struct area help_area(struct area within) {
    int columns = within.columns - 6 < 112 ? within.columns - 6 : 112,
        rows = within.rows - 2 < 40 ? within.rows - 2 : 40;
    if (columns < 1 || rows < 1)
        return (struct area){within.row, within.column, 0, 0};
    return (struct area){within.row + (within.rows - rows) / 2,
                         within.column + (within.columns - columns) / 2, rows, columns};
}

static void draw_line(struct grid *g, struct area column, int row, const struct line *line) {
    if (!line->command) {
        grid_put_fit(g, column, row, 0, column.columns, STYLE_TITLE, line->heading, false);
        return;
    }
    int keys = column.columns < 2 * KEYS_COLUMNS ? column.columns / 2 : KEYS_COLUMNS;
    grid_put_fit(g, column, row, 2, keys - 3, STYLE_KEY, line->command->keys, false);
    grid_put_fit(g, column, row, keys, column.columns - keys - 1, STYLE_TEXT, line->command->title,
                 false);
    hit_add(&g->hits, column, (struct area){row, 0, 1, column.columns},
            (struct hit){HIT_ITEM, line->command->id, 0});
}

void help_draw(struct grid *g, struct area within, struct help *h) {
    struct area box = help_area(within), inner = area_inner(box);
    if (box.rows < 6 || box.columns < 20)
        return;
    struct line *lines = mem_alloc((h->n_commands * 3 + 1) * sizeof *lines);
    size_t n = collect_lines(lines, h);
    struct area filter = area_take_top(&inner, 1);
    area_take_left(&inner, 1);
    int n_columns = inner.columns >= 64 ? 2 : 1, wide = inner.columns / n_columns,
        per_page = inner.rows * n_columns;
    size_t *places = mem_alloc((n + 1) * sizeof *places);
    h->n_pages =
        n > 0 ? (int)(place_lines(places, lines, n, (size_t)inner.rows) / (size_t)per_page) + 1 : 1;
    help_move(h, 0);
    char title[80], right[32];
    snprintf(title, sizeof title, "help: %s", h->title);
    snprintf(right, sizeof right, "%d/%d", h->page + 1, h->n_pages);
    grid_fill(g, box, STYLE_OVERLAY);
    grid_box(g, box, true, title, right);
    char *hint = widget_hint(" type to filter; {SCREEN_DOWN} for more; {CLOSE} closes");
    edit_draw(g, filter, &h->filter, STYLE_FIELD_FOCUS, hint, true);
    free(hint);
    for (size_t i = 0; i < n; i++) {
        int at = (int)places[i] - h->page * per_page;
        if (at >= 0 && at < per_page)
            draw_line(
                g,
                (struct area){inner.row, inner.column + at / inner.rows * wide, inner.rows, wide},
                at % inner.rows, &lines[i]);
    }
    if (n == 0)
        grid_put(g, inner, 1, 1, STYLE_DIM, "no command matches");
    free(places);
    free(lines);
}
