/* Commands that move, in whichever view has the keys. */
#include "app/commands/handlers.h"

#include "app/tui/front.h"
#include "app/tui/layout.h"
#include "app/tui/state.h"

#define TO_THE_END 1000000 /* more than there are rows or columns */

/* Rows and columns of cells on the screen. */
static void page_size(const struct app *a, int *rows, int *columns) {
    struct area body = app_body(a);
    *rows = body.rows > 2 ? body.rows - 2 : 1;
    *columns = 1;
    if (app_ops(a)->page)
        app_ops(a)->page(a, body, rows, columns);
}

static void move(struct app *a, long rows, long columns) {
    if (app_ops(a)->move)
        app_ops(a)->move(a, rows, columns);
}

void command_move_rows(struct app *a, int by) {
    move(a, by, 0);
}

void command_move_columns(struct app *a, int by) {
    move(a, 0, by);
}

void command_half_page(struct app *a, int direction) {
    int rows, columns;
    page_size(a, &rows, &columns);
    move(a, direction * (rows > 1 ? rows / 2 : 1), 0);
}

void command_page(struct app *a, int direction) {
    int rows, columns;
    page_size(a, &rows, &columns);
    move(a, direction * rows, 0);
}

void command_scroll(struct app *a, int direction) {
    int rows, columns;
    page_size(a, &rows, &columns);
    move(a, 0, direction * columns);
}

void command_end_row(struct app *a, int direction) {
    move(a, direction * TO_THE_END, 0);
}

void command_end_column(struct app *a, int direction) {
    move(a, 0, direction * TO_THE_END);
}

void command_center(struct app *a, int unused) {
    (void)unused;
    struct app_layout l = app_lay_out(a, app_body(a));
    map_center(&a->map, l.map.rows, l.map.columns);
}

void command_peak(struct app *a, int direction) {
    if (a->view == VIEW_ATLAS)
        atlas_step_rank(&a->atlas, direction);
    else
        map_step_peak(&a->map, direction);
}

/* Wherever it is: it comes to the middle of the screen. */
void command_largest(struct app *a, int unused) {
    (void)unused;
    if (a->view == VIEW_ATLAS) {
        atlas_go_rank(&a->atlas, 0);
        return;
    }
    if (!map_go_largest(&a->map)) {
        app_say(a, STYLE_NOTICE, "there is no value yet but zeros");
        return;
    }
    a->text.column = a->map.column;
    command_center(a, 0);
}

void command_follow(struct app *a, int unused) {
    (void)unused;
    a->map.follow = !a->map.follow;
    if (a->map.follow)
        for (int64_t g = a->map.n_columns; g-- > 0;)
            if (map_column_done(&a->map, g)) {
                map_go(&a->map, a->map.row, g);
                break;
            }
    app_say(a, STYLE_NOTICE,
            a->map.follow ? "the cursor follows the newest column" : "the cursor stays");
}

/* --- searching: in the view, or on the map where the view has no search of its own --- */

static void watch_search(struct app *a, const struct overlay_answer *answer) {
    const struct view_ops *ops = view_ops(a->view);
    if (answer->said == OVERLAY_STEPPED)
        ops->search(a, answer->id > 0 ? SEARCH_NEXT : SEARCH_PREVIOUS, NULL);
    else if (answer->said == OVERLAY_LEFT)
        ops->search(a, SEARCH_LEAVE, NULL);
    else
        ops->search(a, SEARCH_FIND, answer->text);
}

static void kept_search(struct app *a, const struct overlay_answer *answer) {
    struct search_found found = view_ops(a->view)->search(a, SEARCH_COUNT, NULL);
    const char *filters = view_ops(a->view)->filters;
    (void)answer;
    if (found.text && filters)
        app_say(a, STYLE_NOTICE, "%zu of %zu %s   {SEARCH}: change the filter   {BACK}: all %s",
                found.n, found.all, filters, filters);
    else if (found.text)
        app_say(a, STYLE_NOTICE,
                "%zu of %zu rows match \"%s\"   {NEXT_MATCH} {PREVIOUS_MATCH}: next, previous   "
                "{BACK}: leave the "
                "search",
                found.n, found.all, found.text);
}

void command_search(struct app *a, int unused) {
    (void)unused;
    const bool any = a->view == VIEW_RUNS ? a->store.n > 0 : a->has_shown || a->view == VIEW_LIST;
    if (!any) {
        app_say(a, STYLE_NOTICE, "nothing to search yet");
        return;
    }
    if (!view_ops(a->view)->search)
        app_go(a, VIEW_MAP);
    struct search_found found = view_ops(a->view)->search(a, SEARCH_BEGIN, NULL);
    const bool filters = view_ops(a->view)->filters != NULL;
    overlay_search(app_overlay_watched(a, kept_search, watch_search), filters ? "filter" : "search",
                   view_ops(a->view)->sought ? view_ops(a->view)->sought : "part of a token",
                   found.text);
}

void command_match(struct app *a, int direction) {
    const struct view_ops *ops = view_ops(a->view);
    struct search_found found = ops->search(a, SEARCH_COUNT, NULL);
    if (!found.text)
        app_say(a, STYLE_NOTICE, "{SEARCH} begins a search");
    else if (found.n == 0)
        app_say(a, STYLE_NOTICE, "no row matches \"%s\"", found.text);
    else
        ops->search(a, direction > 0 ? SEARCH_NEXT : SEARCH_PREVIOUS, NULL);
}
