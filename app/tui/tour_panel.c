#include "app/tui/tour_panel.h"

#include "app/commands/command_table.h"
#include "app/tour/tour.h"
#include "app/tui/state.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/widgets/paragraph.h"
#include "views/widgets/parts.h"

#include <stdlib.h>

#define SHARE 3 /* of the body's rows, at most one in so many */
/* The rule's ends, the blanks around its texts, and some line between. */
#define AROUND_TITLES 9
#define LEAST_TITLE 12

/* The run of this stop is shown, complete. */
static bool is_done(const struct app *a, const struct tour_stop *stop) {
    const struct run *r = a->current;
    return r && r->status == RUN_DONE && text_same(r->model, stop->model) &&
           request_equal(&r->request, &a->tour.request);
}

/* What it is about, or what it lacks; owned by the caller. */
static char *about_text(const struct app *a, const struct tour_stop *stop) {
    if (!a->tour.missing)
        return mem_text(tour_step(stop->step)->text);
    char *hint = mem_format("The model %s is not among those found on this machine: 'make models' "
                            "in Tinseq's folder fetches it (130 MB for all three); {RUN} then runs "
                            "this step.",
                            stop->model),
         *text = app_hint_format(hint, app_types(a), false);
    free(hint);
    return text;
}

static char *look_text(const struct app *a, const struct tour_stop *stop) {
    char *look = app_hint_format(stop->look, app_types(a), false),
         *text = mem_format("Look at: %s", look);
    free(look);
    return text;
}

/* Room for both from the start: nothing moves when the run is done. */
static int rows_needed(const struct app *a, int columns) {
    const struct tour_stop *stop = tour_stop(a->tour.at);
    char *about = about_text(a, stop), *look = look_text(a, stop);
    const int rows = paragraph_rows(columns, about) + paragraph_rows(columns, look);
    free(about);
    free(look);
    return rows;
}

/* Within the rule's ends. */
static int text_width(struct area body) {
    return body.columns - 2;
}

struct area tour_panel_take(struct area *body, const struct app *a) {
    if (!a->tour.on)
        return (struct area){body->row + body->rows, body->column, 0, body->columns};
    const int needed = 1 + rows_needed(a, text_width(*body)), most = body->rows / SHARE;
    return area_take_bottom(body, needed < most ? needed : most);
}

static void draw_rule(struct grid *g, struct area row, const struct app *a) {
    const struct tour_stop *stop = tour_stop(a->tour.at);
    char *keys =
        app_hint("{TOUR_NEXT} next  {TOUR_PREVIOUS} back  {TOUR_LEAVE} leave", app_types(a));
    struct parts p = {0};
    for (int i = 0; i < row.columns; i++)
        grid_put(g, row, 0, i, STYLE_BORDER_FOCUS, "─");
    parts_add(&p, 0, STYLE_TITLE, "tour %zu/%zu: %s", a->tour.at + 1, tour_stops(),
              tour_step(stop->step)->title);
    parts_shrink(&p, LEAST_TITLE);
    parts_add_right(&p, 1, STYLE_KEY, "%s", keys);
    parts_fit(&p, row.columns - AROUND_TITLES);
    char *left = parts_text(&p, false), *right = parts_text(&p, true);
    grid_format(g, row, 0, 2, STYLE_TITLE, " %s ", left);
    grid_format(g, row, 0, row.columns - text_columns(right) - 4, STYLE_KEY, " %s ", right);
    free(left);
    free(right);
    free(keys);
    parts_dispose(&p);
}

/* From the area's first row on; a "~" where the rest has no room. */
static void draw_text(struct grid *g, struct area *a, enum style_role role, const char *text) {
    const struct area whole = *a;
    area_take_top(a, paragraph_draw(g, whole, role, text));
    if (paragraph_rows(whole.columns, text) > whole.rows)
        grid_put(g, whole, whole.rows - 1, whole.columns - 1, STYLE_DIM, "~");
}

void tour_panel_draw(struct grid *g, struct area panel, const struct app *a) {
    const struct tour_stop *stop = tour_stop(a->tour.at);
    if (panel.rows < 1)
        return;
    draw_rule(g, area_take_top(&panel, 1), a);
    area_take_left(&panel, 1);
    panel.columns--;
    char *about = about_text(a, stop), *look = look_text(a, stop);
    draw_text(g, &panel, STYLE_TEXT, about);
    if (is_done(a, stop))
        draw_text(g, &panel, STYLE_STRONG, look);
    free(about);
    free(look);
}
