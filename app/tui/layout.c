#include "app/tui/layout.h"

#include "app/tui/state.h"
#include "app/tui/tour_panel.h"
#include "views/widgets/frame.h"
#include "views/widgets/paragraph.h"

#define FORM_COLUMNS 46
#define DETAIL_COLUMNS 40
#define LEAST_TEXT_ROWS 7
#define MOST_TEXT_ROWS 16
#define LEAST_MAP_ROWS 8
#define CONTEXT_ROWS 2
#define MOST_NOTICE_ROWS 3

static struct area no_area(void) {
    return (struct area){0, 0, 0, 0};
}

struct area app_body(const struct app *a) {
    struct grid g = {.rows = a->rows, .columns = a->columns};
    struct area body = frame_body(&g);
    tour_panel_take(&body, a);
    return body;
}

/* ≥ 140 columns: form, map, detail side by side. ≥ 100: map and detail. Else the detail below
 * the map, if there are rows for it. While the form has the focus and no pane of its own it takes
 * the whole body. */
struct app_layout app_lay_out(const struct app *a, struct area body) {
    struct app_layout l = {no_area(), no_area(), no_area(), no_area(), no_area(),
                           no_area(), no_area(), no_area(), no_area()};
    bool pane = body.columns >= 140;
    if (pane) {
        l.form = area_take_left(&body, FORM_COLUMNS);
    } else if (a->form_focus) {
        l.form = body;
        return l;
    } else if (body.rows >= 14) {
        l.summary = area_take_top(&body, 2);
    }
    if (a->detail && body.columns >= 100 - (pane ? FORM_COLUMNS : 0))
        l.detail_box = area_take_right(&body, DETAIL_COLUMNS);
    else if (a->detail && body.rows >= 14)
        l.detail_box = area_take_bottom(&body, 4);
    int notices = a->notices ? paragraph_rows(body.columns - 2, a->notices) : 0;
    notices = notices < MOST_NOTICE_ROWS ? notices : MOST_NOTICE_ROWS;
    notices = notices < body.rows - LEAST_MAP_ROWS ? notices : body.rows - LEAST_MAP_ROWS;
    if (notices > 0) {
        l.notices = area_take_bottom(&body, notices);
        area_take_left(&l.notices, 1);
    }
    /* Rows that the map leaves free show the text, if they are enough for it. */
    const int context = a->map.context ? CONTEXT_ROWS + 1 : 0;
    int needed =
        (int)a->map.n_rows + 3 + context + (a->has_shown ? (int)a->shown.n_step_scores : 0);
    if (pane && a->has_shown && body.rows >= needed + LEAST_TEXT_ROWS)
        l.text_box = area_take_bottom(
            &body, body.rows - needed < MOST_TEXT_ROWS ? body.rows - needed : MOST_TEXT_ROWS);
    /* Of a context, what the marks say and mean. */
    if (a->map.context && body.rows >= LEAST_MAP_ROWS + CONTEXT_ROWS) {
        l.context = area_take_bottom(&body, CONTEXT_ROWS);
        area_take_left(&l.context, 1);
    }
    l.map_box = body;
    bool beside = l.detail_box.row == body.row && l.detail_box.rows > 0;
    if (pane || beside) {
        l.map = area_inner(body);
        l.detail = beside ? area_inner(l.detail_box) : l.detail_box;
    } else { /* rules instead of boxes: rows are few */
        l.map = body;
        area_take_top(&l.map, 1);
        area_take_right(&l.map, 1); /* the scroll bar's */
        l.detail = l.detail_box;
    }
    if (l.detail_box.rows > 0 && !beside) {
        l.detail = l.detail_box;
        area_take_top(&l.detail, 1);
    }
    return l;
}
