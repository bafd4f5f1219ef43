#include "app/tui/overlays/overlay.h"

#include "backend/base/mem.h"

#include <stdlib.h>

void overlay_close(struct overlay *o) {
    if (o->ops && o->ops->dispose)
        o->ops->dispose(o);
    edit_dispose(&o->edit);
    free(o->title);
    free(o->text);
    *o = (struct overlay){0};
}

void overlay_open(struct overlay *o, const struct overlay_ops *ops) {
    overlay_close(o);
    o->ops = ops;
}

bool overlay_is_open(const struct overlay *o) {
    return o->ops != NULL;
}

bool overlay_takes_text(const struct overlay *o) {
    return o->ops && o->ops->paste;
}

void overlay_say(struct overlay_answer *out, struct overlay *o, enum overlay_said said, int id,
                 char *text) {
    *out = (struct overlay_answer){.said = said, .id = id, .text = text};
    overlay_close(o);
}

void overlay_key(struct overlay_answer *out, struct overlay *o, int key) {
    *out = (struct overlay_answer){.id = -1};
    if (o->ops)
        o->ops->key(out, o, key);
}

bool overlay_paste(struct overlay_answer *out, struct overlay *o, const char *text, size_t n) {
    *out = (struct overlay_answer){.id = -1};
    return overlay_takes_text(o) && o->ops->paste(out, o, text, n);
}

void overlay_mouse(struct overlay_answer *out, struct overlay *o, const struct hit *hit,
                   const struct input_mouse *m) {
    const bool press = m->kind == MOUSE_PRESS || m->kind == MOUSE_DOUBLE;
    *out = (struct overlay_answer){.id = -1};
    if (!o->ops)
        return;
    if (press && hit->kind == HIT_KEY && hit->row < 0) /* commands are the view's */
        o->ops->key(out, o, (int)-hit->row);
    else if (m->kind == MOUSE_PRESS && hit->kind == HIT_NONE && !o->ops->covers_line) /* beside */
        o->ops->key(out, o, INPUT_ESCAPE);
    else if (o->ops->mouse)
        o->ops->mouse(out, o, hit, m);
}

void overlay_draw(struct grid *g, struct overlay *o) {
    if (!o->ops)
        return;
    if (!o->ops->covers_line)
        hits_forget(&g->hits);
    o->ops->draw(g, o);
}
