/* A dialogue with several answers, each one key away. */
#include "app/tui/overlays/overlay.h"

#include "backend/base/clamp.h"
#include "backend/base/mem.h"
#include "views/widgets/hint.h"
#include "views/widgets/paragraph.h"

#include <stdlib.h>

#define WIDEST 76

static void dispose_offer(struct overlay *o) {
    for (size_t i = 0; i < o->n_choices; i++)
        free(o->choices[i].text);
    free(o->choices);
}

static void key_offer(struct overlay_answer *out, struct overlay *o, int key) {
    if (widget_key(WIDGET_CLOSE, key) || key == 'q') {
        overlay_say(out, o, OVERLAY_LEFT, -1, NULL);
        return;
    }
    for (size_t i = 0; i < o->n_choices; i++)
        if (o->choices[i].key == key) {
            overlay_say(out, o, OVERLAY_CHOSEN, key, NULL);
            return;
        }
}

/* The box, what is said in it, and its answers below. */
static struct area box_of(const struct overlay *o, struct area within, struct area *text,
                          struct area *list) {
    int columns = within.columns - 4 < WIDEST ? within.columns - 4 : WIDEST;
    if (columns < 8 || within.rows < 6) {
        *text = *list = (struct area){0, 0, 0, 0};
        return *list;
    }
    int n_text = paragraph_rows(columns - 4, o->text), n_list = 0;
    for (size_t i = 0; i < o->n_choices; i++)
        n_list += paragraph_rows(columns - 7, o->choices[i].text);
    int rows = n_text + n_list + 3, most = within.rows - 2;
    rows = rows < most ? rows : most;
    struct area box = {within.row + (within.rows - rows) / 2,
                       within.column + (within.columns - columns) / 2, rows, columns},
                inner = area_inner(box);
    inner.column++;
    inner.columns -= 2;
    /* Where rows are few the answers go first: they say what can be done. */
    int room = inner.rows - n_list - 1;
    *text = area_take_top(&inner, (int)clamped(room, 0, n_text));
    if (room > 0)
        area_take_top(&inner, 1);
    *list = inner;
    return box;
}

static void draw_offer(struct grid *g, struct overlay *o) {
    struct area text, list, box = box_of(o, grid_area(g), &text, &list);
    if (box.rows == 0)
        return;
    grid_cover(g, box);
    char *hint = widget_hint("{CLOSE}: none of these");
    grid_box(g, box, true, o->title, hint);
    free(hint);
    paragraph_draw(g, text, STYLE_TEXT, o->text);
    grid_set_cursor(g, list, 0, 0);
    for (size_t i = 0; i < o->n_choices && list.rows > 0; i++) {
        char name[INPUT_NAME_SIZE];
        input_name(name, o->choices[i].key);
        grid_put(g, list, 0, 0, STYLE_KEY, name);
        struct area words = {list.row, list.column + 3, list.rows, list.columns - 3};
        const struct area choice =
            area_take_top(&list, paragraph_draw(g, words, STYLE_TEXT, o->choices[i].text));
        hit_add(&g->hits, choice, (struct area){0, 0, choice.rows, choice.columns},
                (struct hit){HIT_ITEM, (int64_t)i, 0});
    }
}

static void mouse_offer(struct overlay_answer *out, struct overlay *o, const struct hit *hit,
                        const struct input_mouse *m) {
    if (m->kind == MOUSE_PRESS && hit->kind == HIT_ITEM && hit->row < (int64_t)o->n_choices)
        key_offer(out, o, o->choices[hit->row].key);
}

static const struct overlay_ops offer = {
    .key = key_offer, .mouse = mouse_offer, .draw = draw_offer, .dispose = dispose_offer};

void overlay_offer(struct overlay *o, const char *title, const char *text,
                   const struct overlay_choice *choices, size_t n) {
    overlay_open(o, &offer);
    o->title = mem_text(title);
    o->text = mem_text(text);
    o->choices = mem_alloc((n + 1) * sizeof *o->choices);
    o->n_choices = n;
    for (size_t i = 0; i < n; i++)
        o->choices[i] = (struct overlay_choice){choices[i].key, mem_text(choices[i].text)};
}
