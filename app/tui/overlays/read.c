/* What is only read: help, and lines of text. */
#include "app/tui/overlays/overlay.h"

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/widgets/hint.h"
#include "views/widgets/scroll.h"

#include <stdlib.h>
#include <string.h>

#define WHEEL_LINES 3

/* --- help --- */

static void key_help(struct overlay_answer *out, struct overlay *o, int key) {
    if (!help_key(&o->help, key))
        overlay_say(out, o, OVERLAY_LEFT, -1, NULL);
}

static bool paste_help(struct overlay_answer *out, struct overlay *o, const char *text, size_t n) {
    (void)out;
    return edit_insert(&o->help.filter, text, n);
}

/* A double click on a command does it. */
static void mouse_help(struct overlay_answer *out, struct overlay *o, const struct hit *hit,
                       const struct input_mouse *m) {
    if (m->kind == MOUSE_WHEEL_UP || m->kind == MOUSE_WHEEL_DOWN)
        help_move(&o->help, m->kind == MOUSE_WHEEL_UP ? -WHEEL_LINES : WHEEL_LINES);
    else if (m->kind == MOUSE_DOUBLE && hit->kind == HIT_ITEM)
        overlay_say(out, o, OVERLAY_CHOSEN, (int)hit->row, NULL);
}

static void draw_help(struct grid *g, struct overlay *o) {
    help_draw(g, grid_area(g), &o->help);
}

static void dispose_help(struct overlay *o) {
    help_dispose(&o->help);
}

static const struct overlay_ops help = {.key = key_help,
                                        .paste = paste_help,
                                        .mouse = mouse_help,
                                        .draw = draw_help,
                                        .dispose = dispose_help};

void overlay_help(struct overlay *o, const char *title, const struct command *commands, size_t n,
                  uint32_t context) {
    overlay_open(o, &help);
    help_open(&o->help, title, commands, n, context);
    o->typed = &o->help.filter;
}

/* --- lines --- */

static int lines_by(int key) {
    static const int by[WIDGET_KEYS] = {[WIDGET_SCROLL_DOWN] = 1,
                                        [WIDGET_SCROLL_UP] = -1,
                                        [WIDGET_SCREEN_DOWN] = 10,
                                        [WIDGET_SCREEN_UP] = -10};
    for (int what = 0; what < WIDGET_KEYS; what++)
        if (by[what] && widget_key((enum widget_key)what, key))
            return by[what];
    return 0;
}

static void key_text(struct overlay_answer *out, struct overlay *o, int key) {
    int by = lines_by(key);
    if (by)
        o->top += by; /* kept inside when drawn */
    else
        overlay_say(out, o, OVERLAY_LEFT, -1, NULL);
}

static int count_lines(const char *text) {
    int lines = 1;
    for (; *text; text++)
        lines += *text == '\n' && text[1];
    return lines;
}

/* Half of what there is at least is for the lines, unless they need less. */
static int picture_rows(const struct overlay *o, int lines, int most) {
    const int least = lines + 1 < most / 3 ? lines + 1 : most / 3;
    return o->picture.rows ? o->picture.rows(most - least) : 0;
}

/* The picture, and a free row below it. */
static void draw_picture(struct grid *g, struct area *inner, int rows, const struct overlay *o) {
    if (rows < 1)
        return;
    struct area picture = area_take_top(inner, rows);
    area_take_top(inner, 1);
    area_take_left(&picture, 1);
    area_take_right(&picture, 1);
    o->picture.draw(g, picture, o->picture.of);
}

static void draw_text(struct grid *g, struct overlay *o) {
    int lines = count_lines(o->text), most = g->rows - 4 > 3 ? g->rows - 4 : 3;
    const int above = picture_rows(o, lines, most - 2), all = lines + (above ? above + 1 : 0);
    int rows = (all < most - 2 ? all : most - 2) + 2,
        columns = g->columns - 4 < 100 ? g->columns - 4 : 100;
    struct area box = {(g->rows - rows) / 2, (g->columns - columns) / 2, rows, columns},
                inner = area_inner(box);
    grid_cover(g, box);
    draw_picture(g, &inner, above, o);
    o->top = o->top > lines - inner.rows ? lines - inner.rows : o->top;
    o->top = o->top < 0 ? 0 : o->top;
    char *hint =
        widget_hint(lines > inner.rows ? "{SCROLL_DOWN} {SCROLL_UP}: scroll   {CLOSE}: close"
                                       : "{CLOSE}: close");
    grid_box(g, box, true, o->title, hint);
    free(hint);
    const struct scroll s = {.rows =
                                 scroll_axis((size_t)o->top, (size_t)inner.rows, (size_t)lines)};
    scroll_box(g, box, &s);
    const char *at = o->text;
    for (int line = 0; line < lines && line < o->top + inner.rows; line++) {
        size_t n = strcspn(at, "\n");
        char *text = text_sanitise(at, n, false);
        if (line >= o->top)
            grid_put_fit(g, inner, line - o->top, 1, inner.columns - 2, STYLE_TEXT, text, false);
        free(text);
        at += n + (at[n] == '\n');
    }
    grid_set_cursor(g, inner, 0, 1);
}

static void mouse_text(struct overlay_answer *out, struct overlay *o, const struct hit *hit,
                       const struct input_mouse *m) {
    (void)out, (void)hit;
    if (m->kind == MOUSE_WHEEL_UP || m->kind == MOUSE_WHEEL_DOWN)
        o->top += m->kind == MOUSE_WHEEL_UP ? -WHEEL_LINES : WHEEL_LINES;
}

static void dispose_text(struct overlay *o) {
    if (o->picture.free)
        o->picture.free(o->picture.of);
}

static const struct overlay_ops text = {
    .key = key_text, .mouse = mouse_text, .draw = draw_text, .dispose = dispose_text};

void overlay_text_take(struct overlay *o, const char *title, const char *lines,
                       struct overlay_picture picture) {
    overlay_open(o, &text);
    o->title = mem_text(title);
    o->text = mem_text(lines);
    o->picture = picture;
}
