/* A line at the foot of the screen that tells of each change of what is looked for. */
#include "app/tui/overlays/overlay.h"

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/widgets/hint.h"

#include <stdlib.h>

static void tell(struct overlay_answer *out, const struct overlay *o) {
    *out = (struct overlay_answer){
        .said = OVERLAY_CHANGED, .id = -1, .text = mem_text(edit_text(&o->edit))};
}

static void key_search(struct overlay_answer *out, struct overlay *o, int key) {
    if (widget_key(WIDGET_CLOSE, key))
        overlay_say(out, o, OVERLAY_LEFT, -1, NULL);
    else if (widget_key(WIDGET_CHOOSE, key))
        overlay_say(out, o, OVERLAY_CHOSEN, -1, mem_text(edit_text(&o->edit)));
    else if (key == INPUT_UP || key == INPUT_DOWN)
        *out = (struct overlay_answer){.said = OVERLAY_STEPPED, .id = key == INPUT_DOWN ? 1 : -1};
    else if (edit_key(&o->edit, key))
        tell(out, o);
}

static bool paste_search(struct overlay_answer *out, struct overlay *o, const char *text,
                         size_t n) {
    if (!edit_insert(&o->edit, text, n))
        return false;
    tell(out, o);
    return true;
}

static void draw_search(struct grid *g, struct overlay *o) {
    struct area row = {g->rows - 2, 0, 1, g->columns};
    char *hint = widget_hint("{CHOOSE}: keep   {CLOSE}: clear");
    char *count = mem_format("%s   %s", o->text ? o->text : "", hint);
    int right = text_columns(count), at;
    grid_put_fit(g, row, 0, 0, row.columns, STYLE_STATUS, "", false);
    at = grid_format(g, row, 0, 0, STYLE_KEY, "%s: ", o->title);
    int left = row.columns - at;
    struct area field = {row.row, at, 1, left - right - 2 > 8 ? left - right - 2 : left};
    if (at + right + 10 < row.columns)
        grid_put(g, row, 0, row.columns - right, STYLE_DIM, count);
    edit_draw(g, field, &o->edit, STYLE_FIELD_FOCUS, o->placeholder, true);
    free(count);
    free(hint);
}

static const struct overlay_ops search = {
    .key = key_search, .paste = paste_search, .draw = draw_search, .covers_line = true};

void overlay_search(struct overlay *o, const char *title, const char *placeholder,
                    const char *prefill) {
    overlay_open(o, &search);
    o->title = mem_text(title);
    o->placeholder = placeholder;
    edit_set(&o->edit, prefill);
    o->typed = &o->edit;
}

bool overlay_is_search(const struct overlay *o) {
    return o->ops == &search;
}

void overlay_count(struct overlay *o, const char *text) {
    mem_replace(&o->text, mem_text(text));
}
