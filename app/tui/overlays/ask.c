/* A question to answer with yes or no, and a line to type. */
#include "app/tui/overlays/overlay.h"

#include "backend/base/clamp.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/widgets/hint.h"
#include "views/widgets/paragraph.h"

#include <stdlib.h>
#include <string.h>

#define WIDEST 76

/* Draws the box and its text, and returns the `rows` below it that are for the answer. */
static struct area draw_box(struct grid *g, const struct overlay *o, int rows, const char *title,
                            const char *right) {
    const int columns = g->columns - 8 < WIDEST ? g->columns - 8 : WIDEST,
              needed = paragraph_rows(columns - 4, o->text),
              text = (int)clamped(needed, 1, g->rows - rows - 2), height = text + rows + 2;
    struct area box = {(g->rows - height) / 2, (g->columns - columns) / 2, height, columns},
                inner = area_inner(box);
    grid_cover(g, box);
    grid_box(g, box, true, title, right);
    inner.column++;
    inner.columns -= 2;
    paragraph_draw(g, area_take_top(&inner, text), STYLE_TEXT, o->text);
    return inner;
}

/* --- a question --- */

static void key_ask(struct overlay_answer *out, struct overlay *o, int key) {
    if (widget_key(WIDGET_YES, key))
        overlay_say(out, o, OVERLAY_CHOSEN, -1, NULL);
    else if (widget_key(WIDGET_NO, key))
        overlay_say(out, o, OVERLAY_LEFT, -1, NULL);
}

static void draw_ask(struct grid *g, struct overlay *o) {
    struct area inner = draw_box(g, o, 1, "Question", NULL);
    char *hint = widget_hint("{YES}: yes   {NO}: no");
    grid_put(g, inner, 0, 0, STYLE_KEY, hint);
    free(hint);
    grid_set_cursor(g, inner, 0, 0);
}

static const struct overlay_ops ask = {.key = key_ask, .draw = draw_ask};

void overlay_ask(struct overlay *o, const char *text) {
    overlay_open(o, &ask);
    o->text = text_sanitise(text, strlen(text), false);
}

/* --- a line --- */

static void key_input(struct overlay_answer *out, struct overlay *o, int key) {
    if (widget_key(WIDGET_CLOSE, key))
        overlay_say(out, o, OVERLAY_LEFT, -1, NULL);
    else if (widget_key(WIDGET_CHOOSE, key))
        overlay_say(out, o, OVERLAY_CHOSEN, -1, mem_text(edit_text(&o->edit)));
    else
        edit_key(&o->edit, key);
}

static bool paste_input(struct overlay_answer *out, struct overlay *o, const char *text, size_t n) {
    (void)out;
    return edit_insert(&o->edit, text, n);
}

static void draw_input(struct grid *g, struct overlay *o) {
    char *hint = widget_hint("{CHOOSE}: yes   {CLOSE}: no");
    struct area field = draw_box(g, o, 2, o->title, hint);
    free(hint);
    area_take_top(&field, 1);
    edit_draw(g, field, &o->edit, STYLE_FIELD_FOCUS, NULL, true);
}

static const struct overlay_ops input = {
    .key = key_input, .paste = paste_input, .draw = draw_input};

void overlay_input(struct overlay *o, const char *title, const char *text, const char *prefill) {
    overlay_open(o, &input);
    o->title = mem_text(title);
    o->text = text_sanitise(text, strlen(text), false);
    edit_set(&o->edit, prefill);
    o->typed = &o->edit;
}

bool overlay_is_input(const struct overlay *o) {
    return o->ops == &input;
}
