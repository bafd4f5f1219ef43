/* A dialogue with several answers, each one key away. */
#include "app/tui/app.h"

#include "backend/base/mem.h"
#include "views/widgets/paragraph.h"

#include <stdlib.h>

#define WIDEST 76

void overlay_offer(struct app *a, const char *title, const char *text,
                   const struct overlay_answer *answers, size_t n,
                   void (*answered)(struct app *a, int key)) {
    overlay_close(a);
    struct overlay *o = &a->overlay;
    o->kind = OVERLAY_OFFER;
    o->title = mem_text(title);
    o->text = mem_text(text);
    o->answers = mem_alloc((n + 1) * sizeof *o->answers);
    o->n_answers = n;
    for (size_t i = 0; i < n; i++)
        o->answers[i] = (struct overlay_answer){answers[i].key, mem_text(answers[i].text)};
    o->answered = answered;
}

void overlay_offer_dispose(struct overlay *o) {
    for (size_t i = 0; i < o->n_answers; i++)
        free(o->answers[i].text);
    free(o->answers);
}

void overlay_offer_key(struct app *a, int key) {
    void (*answered)(struct app *, int) = a->overlay.answered;
    if (key == INPUT_ESCAPE || key == 'q') {
        overlay_close(a);
        return;
    }
    for (size_t i = 0; i < a->overlay.n_answers; i++)
        if (a->overlay.answers[i].key == key) {
            overlay_close(a);
            answered(a, key);
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
    for (size_t i = 0; i < o->n_answers; i++)
        n_list += paragraph_rows(columns - 7, o->answers[i].text);
    int rows = n_text + n_list + 3, most = within.rows - 2;
    rows = rows < most ? rows : most;
    struct area box = {within.row + (within.rows - rows) / 2,
                       within.column + (within.columns - columns) / 2, rows, columns},
                inner = area_inner(box);
    inner.column++;
    inner.columns -= 2;
    /* Where rows are few the answers go first: they say what can be done. */
    int room = inner.rows - n_list - 1;
    *text = area_take_top(&inner, room < 1 ? 0 : room < n_text ? room : n_text);
    if (room > 0)
        area_take_top(&inner, 1);
    *list = inner;
    return box;
}

void overlay_offer_draw(struct grid *g, const struct overlay *o) {
    struct area text, list, box = box_of(o, grid_area(g), &text, &list);
    if (box.rows == 0)
        return;
    grid_fill(g, box, STYLE_OVERLAY);
    grid_box(g, box, true, o->title, "Esc: none of these");
    paragraph_draw(g, text, STYLE_TEXT, o->text);
    grid_set_cursor(g, list, 0, 0);
    for (size_t i = 0; i < o->n_answers && list.rows > 0; i++) {
        char name[INPUT_NAME_SIZE];
        input_name(name, o->answers[i].key);
        grid_put(g, list, 0, 0, STYLE_KEY, name);
        struct area words = {list.row, list.column + 3, list.rows, list.columns - 3};
        area_take_top(&list, paragraph_draw(g, words, STYLE_TEXT, o->answers[i].text));
    }
}

int overlay_offer_hit(const struct overlay *o, struct area within, int row) {
    struct area text, list;
    box_of(o, within, &text, &list);
    for (size_t i = 0; i < o->n_answers; i++) {
        struct area one =
            area_take_top(&list, paragraph_rows(list.columns - 3, o->answers[i].text));
        if (row >= one.row && row < one.row + one.rows)
            return o->answers[i].key;
    }
    return INPUT_NONE;
}
