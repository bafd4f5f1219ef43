#include "views/widgets/frame.h"

#include "backend/base/text.h"
#include "views/terminal/hits.h"
#include "views/terminal/input.h"
#include "views/widgets/bar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROGRESS_COLUMNS 22

struct area frame_body(const struct grid *g) {
    struct area a = grid_area(g);
    area_take_top(&a, 2);
    area_take_bottom(&a, 2);
    return a;
}

/* Columns of a tab with its brackets or blanks, and the gap after it. */
static int tab_columns(const struct frame *f, size_t i) {
    return text_columns(f->tabs[i]) + 2;
}

static void draw_job(struct grid *g, struct area row, const struct frame *f) {
    const int job = f->job ? text_columns(f->job) : 0, stop = f->stop ? text_columns(f->stop) : 0,
              all = job + 2 + stop;
    if (job == 0 || row.columns < 1)
        return;
    if (stop > 0 && all <= row.columns) {
        grid_put(g, row, 0, row.columns - stop, STYLE_KEY, f->stop);
        area_take_right(&row, stop + 2);
    }
    const int shown = job < row.columns ? job : row.columns;
    grid_put_fit(g, row, 0, row.columns - shown, shown, STYLE_STATUS, f->job, false);
}

static void draw_tabs(struct grid *g, struct area row, const struct frame *f) {
    int at = 0;
    for (size_t i = 0; i < f->n_tabs; at += tab_columns(f, i), i++) {
        bool active = i == f->i_tab;
        char text[64];
        snprintf(text, sizeof text, active ? "[%s]" : " %s ", f->tabs[i]);
        grid_put(g, row, 0, at, active ? STYLE_TAB_ACTIVE : STYLE_TAB, text);
        hit_add(&g->hits, row, (struct area){0, at, 1, tab_columns(f, i)},
                (struct hit){HIT_TAB, (int64_t)i, 0});
    }
    area_take_left(&row, at + 1);
    draw_job(g, row, f);
}

/* The last two blanks in [text, end), NULL: none. */
static char *last_gap(char *text, const char *end) {
    char *found = NULL;
    for (char *at = text; (at = strstr(at, "  ")) && at < end; at++)
        found = at;
    return found;
}

/* Where there is no room for all, those before the last one go first: the first is what matters
 * most, the last one is the help. */
static void draw_hints(struct grid *g, struct area row, const char *hints) {
    char *text = mem_text(hints), *last;
    while (text_columns(text) > row.columns && (last = last_gap(text, text + strlen(text)))) {
        char *before = last_gap(text, last);
        if (!before)
            break;
        memmove(before, last, strlen(last) + 1);
    }
    grid_put_fit(g, row, 0, 0, row.columns, STYLE_DIM, text, false);
    free(text);
}

static void draw_status(struct grid *g, struct area row, const struct frame *f) {
    int at = 0;
    if (f->progress >= 0) {
        grid_put(g, row, 0, 0, STYLE_TEXT, "[");
        bar_draw(g, row, 0, 1, PROGRESS_COLUMNS - 2, f->progress, STYLE_PROGRESS, BAR_LINE);
        grid_put(g, row, 0, PROGRESS_COLUMNS - 1, STYLE_TEXT, "]");
        at = PROGRESS_COLUMNS + 1;
    }
    area_take_left(&row, at);
    if (f->message && *f->message)
        grid_put_fit(g, row, 0, 0, row.columns, f->message_role, f->message, false);
    else
        draw_hints(g, row, f->hints ? f->hints : "");
}

/* The number of the function key among a command's keys, 0 if there is none. */
static int function_key(const struct command *c) {
    for (const char *at = c->keys; at && *at; at += *at == ' ') {
        size_t n = strcspn(at, " ");
        if (n >= 2 && n <= 3 && at[0] == 'F' && at[1] >= '1' && at[1] <= '9')
            return atoi(at + 1);
        at += n;
    }
    return 0;
}

static const struct command *key_command(const struct frame *f, int number) {
    const struct command *other = NULL;
    for (size_t i = 0; i < f->n_commands; i++) {
        if (!f->commands[i].bar || function_key(&f->commands[i]) != number)
            continue;
        if (f->commands[i].context & f->context)
            return &f->commands[i];
        other = &f->commands[i];
    }
    return other;
}

/* Where the label of key i (0 … 10: the end) begins: labels one after the other, spare columns
 * shared out between them. */
static int key_column(const struct frame *f, int i, int columns) {
    int needed = 0, before = 0;
    for (int k = 0; k < 10; k++) {
        const struct command *c = key_command(f, k + 1);
        const int label = c ? text_columns(c->bar) : 0, n = (k < 9 ? 2 : 3) + label + 1;
        needed += n;
        if (k < i)
            before += n;
    }
    if (columns > needed)
        before += i * (columns - needed) / 10;
    return before;
}

static void draw_keys(struct grid *g, struct area row, const struct frame *f) {
    for (int i = 0; i < 10; i++) {
        const struct command *c = key_command(f, i + 1);
        int at = key_column(f, i, row.columns), end = key_column(f, i + 1, row.columns);
        char key[8];
        snprintf(key, sizeof key, "F%d", i + 1);
        int n = grid_put(g, row, 0, at, STYLE_KEY, key);
        grid_put_fit(g, row, 0, at + n, end - at - n - 1,
                     !c || c->context & f->context ? STYLE_KEY_LABEL : STYLE_DIM, c ? c->bar : "",
                     false);
        if (c)
            hit_add(&g->hits, row, (struct area){0, at, 1, end - at},
                    (struct hit){HIT_KEY, c->id, 0});
    }
}

struct area frame_draw(struct grid *g, const struct frame *f) {
    struct area whole = grid_area(g), body = frame_body(g);
    struct area title = area_take_top(&whole, 1), tabs = area_take_top(&whole, 1);
    struct area keys = area_take_bottom(&whole, 1), status = area_take_bottom(&whole, 1);
    int right = f->title_right ? text_columns(f->title_right) : 0;
    if (right + 2 > title.columns)
        right = 0;
    grid_put_fit(g, title, 0, 0, title.columns - right - (right > 0), STYLE_TITLE,
                 f->title ? f->title : "", false);
    if (right > 0)
        grid_put(g, title, 0, title.columns - right, STYLE_DIM, f->title_right);
    draw_tabs(g, tabs, f);
    draw_status(g, status, f);
    draw_keys(g, keys, f);
    return body;
}
