/* Commands that move, in whichever view has the keys. */
#include "app/commands/commands.h"

/* Rows of cells on the screen. */
static void page_size(const struct app *a, int *rows, int *columns) {
    struct area body = app_body(a);
    *rows = body.rows > 2 ? body.rows - 2 : 1;
    *columns = 1;
    if (a->view == VIEW_MAP) {
        struct app_layout l = app_lay_out(a, body);
        map_page(&a->map, l.map.rows, l.map.columns, rows, columns);
    } else if (a->view == VIEW_COMPARE) {
        *columns = 8;
    }
}

static void move_list(size_t *cursor, size_t n, long by) {
    long to = (long)*cursor + by;
    *cursor = to < 0 || n == 0 ? 0 : (size_t)to >= n ? n - 1 : (size_t)to;
}

static void sync_text(struct app *a) {
    a->text.column = a->map.column;
}

void command_move_rows(struct app *a, int by) {
    int rows, columns;
    page_size(a, &rows, &columns);
    switch (a->view) {
    case VIEW_MAP:
        map_move(&a->map, by, 0);
        break;
    case VIEW_ATLAS:
        atlas_move(&a->atlas, a->atlas.has_heads ? by : 0,
                   a->atlas.has_heads ? 0 : by); /* rows are layers, or tokens */
        break;
    case VIEW_RUNS:
        move_list(&a->runs.cursor, a->store.n, by);
        break;
    case VIEW_TEXT:
        text_view_move(&a->text, 0, by);
        break;
    case VIEW_LOG:
        log_view_move(&a->log, by, rows + 2);
        break;
    case VIEW_COMPARE:
        compare_move(&a->compare, by, 0);
        break;
    case VIEW_MODELS:
        break;
    }
}

void command_move_columns(struct app *a, int by) {
    switch (a->view) {
    case VIEW_MAP:
        map_move(&a->map, 0, by);
        sync_text(a);
        break;
    case VIEW_ATLAS:
        atlas_move(&a->atlas, a->atlas.has_heads ? 0 : by, a->atlas.has_heads ? by : 0);
        break;
    case VIEW_TEXT:
        text_view_move(&a->text, by, 0);
        map_go(&a->map, a->map.row, a->text.column);
        a->map.follow = false;
        break;
    case VIEW_COMPARE:
        compare_move(&a->compare, 0, by);
        break;
    case VIEW_RUNS:
    case VIEW_LOG:
    case VIEW_MODELS:
        break;
    }
}

void command_half_page(struct app *a, int direction) {
    int rows, columns;
    page_size(a, &rows, &columns);
    command_move_rows(a, direction * (rows > 1 ? rows / 2 : 1));
}

void command_page(struct app *a, int direction) {
    int rows, columns;
    page_size(a, &rows, &columns);
    command_move_rows(a, direction * rows);
}

void command_end_row(struct app *a, int direction) {
    command_move_rows(a, direction * 1000000);
}

void command_end_column(struct app *a, int direction) {
    command_move_columns(a, direction * 1000000);
}

void command_scroll(struct app *a, int direction) {
    int rows, columns;
    page_size(a, &rows, &columns);
    command_move_columns(a, direction * columns);
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

/* What is typed is looked for at once, from where the cursor was. */
static void go_back(struct app *a) {
    a->map.row = a->search_row < a->map.n_rows ? a->search_row : a->map.row;
}

static void watch_search(struct app *a, const struct overlay_answer *answer) {
    if (answer->said == OVERLAY_STEPPED) {
        map_search_step(&a->map, answer->id);
    } else if (answer->said == OVERLAY_LEFT) {
        map_search(&a->map, NULL);
        go_back(a);
    } else {
        go_back(a);
        map_search(&a->map, answer->text);
    }
}

static void kept_search(struct app *a, const struct overlay_answer *answer) {
    (void)answer;
    if (a->map.search)
        app_say(a, STYLE_NOTICE,
                "%zu of %zu rows match \"%s\"   n N: next, previous   Esc: leave the search",
                map_n_matches(&a->map), a->map.n_rows, a->map.search);
}

void command_search(struct app *a, int unused) {
    (void)unused;
    if (!a->has_shown) {
        app_say(a, STYLE_NOTICE, "nothing to search yet");
        return;
    }
    app_go(a, VIEW_MAP);
    a->search_row = a->map.row;
    overlay_search(app_overlay_watched(a, kept_search, watch_search), a->map.search);
}

void command_match(struct app *a, int direction) {
    if (!a->map.search)
        app_say(a, STYLE_NOTICE, "/ begins a search");
    else if (!map_search_step(&a->map, direction))
        app_say(a, STYLE_NOTICE, "no row matches \"%s\"", a->map.search);
}
