/* A list to choose from. */
#include "app/tui/overlays/overlay.h"

#include "backend/base/mem.h"

static void tell_selected(struct overlay_answer *out, const struct overlay *o) {
    const struct picker_item *item = picker_selected(&o->picker);
    if (item)
        *out = (struct overlay_answer){.said = OVERLAY_CHANGED, .id = item->id};
}

static void choose_marked(struct overlay_answer *out, struct overlay *o, size_t n) {
    const struct picker *p = &o->picker;
    int *ids = mem_alloc(n * sizeof *ids);
    for (size_t i = 0, k = 0; i < p->n_items; i++)
        if (p->items[i].marked)
            ids[k++] = p->items[i].id;
    overlay_say(out, o, OVERLAY_CHOSEN, -1, NULL);
    out->marked = ids;
    out->n_marked = n;
}

/* The item under the cursor, or what was typed where nothing matches. */
static void choose(struct overlay_answer *out, struct overlay *o) {
    const struct picker_item *item = picker_selected(&o->picker);
    const size_t n_marked = picker_n_marked(&o->picker);
    if (n_marked)
        choose_marked(out, o, n_marked);
    else if (!item)
        overlay_say(out, o, OVERLAY_CHOSEN, -1, mem_text(picker_typed(&o->picker)));
    else if (!item->disabled)
        overlay_say(out, o, OVERLAY_CHOSEN, item->id, NULL);
}

static void key_picker(struct overlay_answer *out, struct overlay *o, int key) {
    switch (picker_key(&o->picker, key)) {
    case PICKER_CHOSEN:
        choose(out, o);
        break;
    case PICKER_CLOSED:
        overlay_say(out, o, OVERLAY_LEFT, -1, NULL);
        break;
    case PICKER_MOVED:
        tell_selected(out, o);
        break;
    case PICKER_IGNORED:
    case PICKER_HANDLED:
        break;
    }
}

static bool paste_picker(struct overlay_answer *out, struct overlay *o, const char *text,
                         size_t n) {
    (void)out;
    return picker_paste(&o->picker, text, n);
}

static void mouse_picker(struct overlay_answer *out, struct overlay *o, const struct hit *hit,
                         const struct input_mouse *m) {
    if (m->kind == MOUSE_WHEEL_UP || m->kind == MOUSE_WHEEL_DOWN) {
        picker_move(&o->picker, m->kind == MOUSE_WHEEL_UP ? -3 : 3);
        return;
    }
    if ((m->kind != MOUSE_PRESS && m->kind != MOUSE_DOUBLE) || !picker_press(&o->picker, hit))
        return;
    tell_selected(out, o);
    if (m->kind == MOUSE_DOUBLE && hit->column == 0) /* not on its mark */
        choose(out, o);
}

static void draw_picker(struct grid *g, struct overlay *o) {
    picker_draw(g, grid_area(g), &o->picker);
}

static void dispose_picker(struct overlay *o) {
    picker_dispose(&o->picker);
}

static const struct overlay_ops pick = {.key = key_picker,
                                        .paste = paste_picker,
                                        .mouse = mouse_picker,
                                        .draw = draw_picker,
                                        .dispose = dispose_picker};

void overlay_pick(struct overlay *o, struct picker *picker) {
    overlay_open(o, &pick);
    o->picker = *picker;
    o->typed = &o->picker.filter;
}
