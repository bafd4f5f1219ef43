#include "app/tui/app.h"

#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <stdlib.h>
#include <string.h>

void overlay_close(struct app *a) {
    struct overlay *o = &a->overlay;
    if (o->kind == OVERLAY_PICKER)
        picker_dispose(&o->picker);
    if (o->kind == OVERLAY_HELP)
        help_dispose(&o->help);
    overlay_offer_dispose(o);
    edit_dispose(&o->edit);
    free(o->title);
    free(o->text);
    *o = (struct overlay){0};
}

void overlay_ask(struct app *a, const char *text, void (*yes)(struct app *a, const char *typed)) {
    overlay_close(a);
    a->overlay.kind = OVERLAY_ASK;
    a->overlay.text = text_sanitise(text, strlen(text), false);
    a->overlay.answer = yes;
}

void overlay_input(struct app *a, const char *title, const char *text, const char *prefill,
                   void (*answer)(struct app *a, const char *typed)) {
    char *owned = mem_text(prefill); /* may belong to the overlay that closes */
    overlay_close(a);
    a->overlay.kind = OVERLAY_INPUT;
    a->overlay.title = mem_text(title);
    a->overlay.text = text_sanitise(text, strlen(text), false);
    edit_set(&a->overlay.edit, owned);
    a->overlay.answer = answer;
    free(owned);
}

void overlay_text(struct app *a, const char *title, const char *text) {
    overlay_close(a);
    a->overlay.kind = OVERLAY_TEXT;
    a->overlay.title = mem_text(title);
    a->overlay.text = mem_text(text);
}

void overlay_search(struct app *a) {
    overlay_close(a);
    a->overlay.kind = OVERLAY_SEARCH;
    a->overlay.search_row = a->map.row;
    edit_set(&a->overlay.edit, a->map.search);
}

void overlay_pick(struct app *a, struct picker *picker,
                  void (*chosen)(struct app *a, int id, const char *typed),
                  void (*moved)(struct app *a, int id), void (*left)(struct app *a)) {
    overlay_close(a);
    a->overlay.kind = OVERLAY_PICKER;
    a->overlay.picker = *picker;
    a->overlay.chosen = chosen;
    a->overlay.moved = moved;
    a->overlay.left = left;
}

void overlay_help(struct app *a, const char *title, uint32_t context) {
    size_t n;
    const struct command *commands = app_commands(&n);
    overlay_close(a);
    a->overlay.kind = OVERLAY_HELP;
    help_open(&a->overlay.help, title, commands, n, context);
}

/* --- keys
 * ---------------------------------------------------------------------------------------------------------------------------------
 */

static void key_ask(struct app *a, int key) {
    void (*yes)(struct app *, const char *) = a->overlay.answer;
    if (key == 'y' || key == 'Y' || key == INPUT_ENTER) {
        overlay_close(a);
        yes(a, NULL);
    } else if (key == 'n' || key == 'N' || key == 'q' || key == INPUT_ESCAPE) {
        overlay_close(a);
    }
}

static void key_input(struct app *a, int key) {
    if (key == INPUT_ESCAPE) {
        overlay_close(a);
    } else if (key == INPUT_ENTER) {
        void (*answer)(struct app *, const char *) = a->overlay.answer;
        char *typed = mem_text(edit_text(&a->overlay.edit));
        overlay_close(a);
        answer(a, typed);
        free(typed);
    } else {
        edit_key(&a->overlay.edit, key);
    }
}

static void search_now(struct app *a) {
    a->map.row = a->overlay.search_row < a->map.n_rows ? a->overlay.search_row : a->map.row;
    map_search(&a->map, edit_text(&a->overlay.edit));
}

static void key_search(struct app *a, int key) {
    if (key == INPUT_ESCAPE) {
        map_search(&a->map, NULL);
        a->map.row = a->overlay.search_row < a->map.n_rows ? a->overlay.search_row : a->map.row;
        overlay_close(a);
    } else if (key == INPUT_ENTER) {
        overlay_close(a);
        if (a->map.search)
            app_say(a, STYLE_NOTICE,
                    "%zu of %zu rows match \"%s\"   n N: next, previous   Esc: leave the search",
                    map_n_matches(&a->map), a->map.n_rows, a->map.search);
    } else if (key == INPUT_UP || key == INPUT_DOWN) {
        map_search_step(&a->map, key == INPUT_DOWN ? 1 : -1);
    } else if (edit_key(&a->overlay.edit, key)) {
        search_now(a);
    }
}

static void choose(struct app *a) {
    void (*chosen)(struct app *, int, const char *) = a->overlay.chosen;
    const struct picker_item *item = picker_selected(&a->overlay.picker);
    char *typed = item ? NULL : mem_text(picker_typed(&a->overlay.picker));
    int id = item ? item->id : -1;
    if (item && item->disabled)
        return;
    overlay_close(a);
    chosen(a, id, typed);
    free(typed);
}

static void key_picker(struct app *a, int key) {
    void (*left)(struct app *) = a->overlay.left;
    const struct picker_item *item;
    switch (picker_key(&a->overlay.picker, key)) {
    case PICKER_CHOSEN:
        choose(a);
        break;
    case PICKER_CLOSED:
        overlay_close(a);
        if (left)
            left(a);
        break;
    case PICKER_MOVED:
        item = picker_selected(&a->overlay.picker);
        if (item && a->overlay.moved)
            a->overlay.moved(a, item->id);
        break;
    case PICKER_IGNORED:
    case PICKER_HANDLED:
        break;
    }
}

static void key_text(struct app *a, int key) {
    int by = key == INPUT_DOWN || key == 'j' ? 1
             : key == INPUT_UP || key == 'k' ? -1
             : key == INPUT_PAGE_DOWN        ? 10
             : key == INPUT_PAGE_UP          ? -10
                                             : 0;
    if (by)
        a->overlay.top += by; /* kept inside when drawn */
    else
        overlay_close(a);
}

void overlay_key(struct app *a, int key) {
    switch (a->overlay.kind) {
    case OVERLAY_ASK:
        key_ask(a, key);
        break;
    case OVERLAY_INPUT:
        key_input(a, key);
        break;
    case OVERLAY_SEARCH:
        key_search(a, key);
        break;
    case OVERLAY_PICKER:
        key_picker(a, key);
        break;
    case OVERLAY_HELP:
        if (!help_key(&a->overlay.help, key))
            overlay_close(a);
        break;
    case OVERLAY_TEXT:
        key_text(a, key);
        break;
    case OVERLAY_OFFER:
        overlay_offer_key(a, key);
        break;
    case OVERLAY_NONE:
        break;
    }
}

void overlay_paste(struct app *a, const char *text, size_t n) {
    if (a->overlay.kind == OVERLAY_PICKER) {
        picker_paste(&a->overlay.picker, text, n);
    } else if (a->overlay.kind == OVERLAY_HELP) {
        edit_insert(&a->overlay.help.filter, text, n);
    } else if (a->overlay.kind == OVERLAY_INPUT || a->overlay.kind == OVERLAY_SEARCH) {
        edit_insert(&a->overlay.edit, text, n);
        if (a->overlay.kind == OVERLAY_SEARCH)
            search_now(a);
    }
}

void overlay_mouse(struct app *a, const struct input_mouse *m) {
    struct area whole = {0, 0, a->rows, a->columns};
    struct overlay *o = &a->overlay;
    bool wheel = m->kind == MOUSE_WHEEL_UP || m->kind == MOUSE_WHEEL_DOWN;
    int direction = m->kind == MOUSE_WHEEL_UP ? -1 : 1;
    if (o->kind == OVERLAY_HELP && wheel)
        help_move(&o->help, direction);
    if (o->kind == OVERLAY_OFFER && m->kind == MOUSE_PRESS)
        overlay_offer_key(a, overlay_offer_hit(o, whole, m->row));
    if (o->kind != OVERLAY_PICKER)
        return;
    if (wheel)
        picker_move(&o->picker, 3L * direction);
    else if ((m->kind == MOUSE_PRESS || m->kind == MOUSE_DOUBLE) &&
             picker_hit(&o->picker, whole, m->row, m->column)) {
        const struct picker_item *item = picker_selected(&o->picker);
        if (item && o->moved)
            o->moved(a, item->id);
        if (m->kind == MOUSE_DOUBLE)
            choose(a);
    }
}

/* --- drawing
 * ------------------------------------------------------------------------------------------------------------------------------
 */

static void draw_box(struct grid *g, const struct overlay *o) {
    int columns = g->columns - 8 < 76 ? g->columns - 8 : 76,
        rows = o->kind == OVERLAY_INPUT ? 5 : 4;
    struct area box = {(g->rows - rows) / 2, (g->columns - columns) / 2, rows, columns}, inner;
    grid_fill(g, box, STYLE_OVERLAY);
    grid_box(g, box, true, o->title ? o->title : "Question",
             o->kind == OVERLAY_INPUT ? "Enter: yes   Esc: no" : NULL);
    inner = area_inner(box);
    grid_put_fit(g, inner, 0, 1, inner.columns - 2, STYLE_TEXT, o->text, false);
    if (o->kind == OVERLAY_INPUT) {
        struct area field = {inner.row + 2, inner.column + 1, 1, inner.columns - 2};
        edit_draw(g, field, (struct edit *)&o->edit, STYLE_FIELD_FOCUS, NULL, true);
    } else {
        grid_put(g, inner, 1, 1, STYLE_KEY, "y: yes   n: no");
        grid_set_cursor(g, inner, 1, 1);
    }
}

static void draw_text(struct grid *g, struct overlay *o) {
    int lines = 1, most = g->rows - 4;
    for (const char *at = o->text; *at; at++)
        lines += *at == '\n' && at[1];
    int rows = (lines < most ? lines : most) + 2,
        columns = g->columns - 4 < 100 ? g->columns - 4 : 100;
    struct area box = {(g->rows - rows) / 2, (g->columns - columns) / 2, rows, columns},
                inner = area_inner(box);
    o->top = o->top > lines - inner.rows ? lines - inner.rows : o->top;
    o->top = o->top < 0 ? 0 : o->top;
    grid_fill(g, box, STYLE_OVERLAY);
    grid_box(g, box, true, o->title,
             lines > inner.rows ? "j k: scroll   Esc: close" : "Esc: close");
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

static void draw_search(struct grid *g, struct app *a) {
    struct area row = {g->rows - 2, 0, 1, g->columns};
    char *count = mem_format("%zu of %zu rows   Enter: keep   Esc: leave", map_n_matches(&a->map),
                             a->map.n_rows);
    int right = text_columns(count), at;
    grid_put_fit(g, row, 0, 0, row.columns, STYLE_STATUS, "", false);
    at = grid_put(g, row, 0, 0, STYLE_KEY, "search: ");
    struct area field = {row.row, at, 1,
                         row.columns - at - right - 2 > 8 ? row.columns - at - right - 2
                                                          : row.columns - at};
    if (at + right + 10 < row.columns)
        grid_put(g, row, 0, row.columns - right, STYLE_DIM, count);
    edit_draw(g, field, &a->overlay.edit, STYLE_FIELD_FOCUS, "part of a token", true);
    free(count);
}

void overlay_draw(struct grid *g, struct app *a) {
    struct area whole = grid_area(g);
    switch (a->overlay.kind) {
    case OVERLAY_ASK:
    case OVERLAY_INPUT:
        draw_box(g, &a->overlay);
        break;
    case OVERLAY_SEARCH:
        draw_search(g, a);
        break;
    case OVERLAY_PICKER:
        picker_draw(g, whole, &a->overlay.picker);
        break;
    case OVERLAY_HELP:
        help_draw(g, whole, &a->overlay.help);
        break;
    case OVERLAY_TEXT:
        draw_text(g, &a->overlay);
        break;
    case OVERLAY_OFFER:
        overlay_offer_draw(g, &a->overlay);
        break;
    case OVERLAY_NONE:
        break;
    }
}
