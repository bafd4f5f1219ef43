/* The heatmap, with the form, the detail and the text beside it where there is room. */
#include "app/tui/view.h"

#include "app/tui/layout.h"
#include "app/tui/shown.h"
#include "app/tui/state.h"
#include "app/tui/views/map_panes.h"
#include "backend/base/mem.h"
#include "methods/request/request.h"
#include "views/widgets/paragraph.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* How columns are scaled. One of several tokens sums to how many they are. */
static const char *norm_title(const struct app *a) {
    static const char *const norms[] = {[NORM_COLUMNS] = "columns sum to 1",
                                        [NORM_NONE] = "as computed",
                                        [NORM_LARGEST] = "largest is 1"};
    const bool joined = a->reduction.norm == NORM_COLUMNS && a->made.target.items;
    return joined ? "each token's sum is 1" : norms[a->reduction.norm];
}

/* "columns sum to 1 log  |max| .61". */
static void describe_scale(char *buf, size_t n, const struct app *a) {
    static const char *const scales[] = {
        [MAP_LINEAR] = "", [MAP_MAGNITUDE] = " magnitude", [MAP_LOG] = " log"};
    static const char *const ranges[] = {
        [MAP_RANGE_ALL] = "", [MAP_RANGE_COLUMN] = " by column", [MAP_RANGE_ROW] = " by row"};
    static const char *const orders[] = {
        [MAP_ORDER_TEXT] = "", [MAP_ORDER_COLUMN] = " sorted", [MAP_ORDER_SUM] = " sorted by sum"};
    char part[48] = "", number[32];
    int64_t layers, heads;
    app_layers_heads(a, &layers, &heads);
    if (layers && a->reduction.layer >= 0 && heads && a->reduction.head >= 0)
        snprintf(part, sizeof part, "L%lld H%lld  ", (long long)a->reduction.layer,
                 (long long)a->reduction.head);
    else if (layers && a->reduction.layer >= 0)
        snprintf(part, sizeof part, "L%lld, %s heads  ", (long long)a->reduction.layer,
                 a->reduction.function ? a->reduction.function->id : "mean of");
    else if (heads && a->reduction.head >= 0)
        snprintf(part, sizeof part, "H%lld, all layers  ", (long long)a->reduction.head);
    else if (a->reduction.function)
        snprintf(part, sizeof part, "%s  ", a->reduction.function->id);
    else if (layers)
        snprintf(part, sizeof part, "all layers  ");
    map_number(number, sizeof number, a->map.magnitude, 5, false);
    snprintf(buf, n, "%s%s%s%s%s  |max| %s", part, norm_title(a), scales[a->map.scale],
             ranges[a->map.range], orders[a->map.sorted], number);
}

static void name_map(char *title, size_t n, const struct app *a) {
    const struct unit *unit = a->reduction.unit;
    char how[48];
    snprintf(how, sizeof how, "%s%s%s%s", unit ? unit->title : "",
             unit ? app_unit_side_name(a->reduction.unit_side) : "", unit ? ", " : "",
             app_joined(a) ? "joined, " : "");
    char *span = a->current ? span_description(&a->current->request.span) : NULL;
    if (!a->has_shown)
        snprintf(title, n, "map");
    else if (span)
        snprintf(title, n, "%s%zu rows × span %s", how, a->map.n_rows, span);
    else
        snprintf(title, n, "%s%zu rows × %lld generated", how, a->map.n_rows,
                 (long long)a->map.n_columns);
    free(span);
}

/* What surrounds the cells: a box, or a rule above them where there is no room for one. */
static void draw_frame(struct grid *g, const struct app_layout *l, const struct app *a) {
    char scale[160] = "", title[96], more[SCROLL_TEXT];
    const struct scroll hidden = map_scroll(&a->map, l->map.rows, l->map.columns);
    name_map(title, sizeof title, a);
    if (a->has_shown)
        describe_scale(scale, sizeof scale, a);
    if (l->map.column != l->map_box.column) {
        grid_box(g, l->map_box, !a->form_focus, title, scale);
        scroll_box(g, l->map_box, &hidden);
        return;
    }
    scroll_text(more, &hidden);
    char *both = mem_format("%s%s%s", title, *more ? "  " : "", more);
    pane_rule(g, l->map_box, !a->form_focus, both, scale);
    scroll_bar(g, (struct area){l->map.row, l->map.column, l->map.rows, l->map.columns + 1},
               &hidden.rows);
    free(both);
}

static void draw_cells(struct grid *g, const struct app_layout *l, struct app *a) {
    if (a->has_shown)
        map_fit(&a->map, l->map.rows, l->map.columns);
    draw_frame(g, l, a);
    if (!a->has_shown) {
        pane_waiting(g, l->map, a);
        return;
    }
    a->map.stopped = !a->job.run || a->current != a->job.run;
    map_draw(g, l->map, &a->map);
}

static void draw_map(struct grid *g, struct area body, struct app *a) {
    struct app_layout l = app_lay_out(a, body);
    if (l.summary.rows > 0)
        pane_summary(g, l.summary, a);
    if (l.map_box.rows > 0)
        draw_cells(g, &l, a);
    if (l.notices.rows > 0)
        paragraph_draw(g, l.notices, STYLE_WARNING, a->notices);
    if (l.detail_box.rows > 0)
        pane_detail(g, &l, a);
    if (l.text_box.rows > 0)
        pane_text(g, l.text_box, a);
    if (l.form.rows > 0)
        pane_form(g, l.form, a);
}

static void move_map(struct app *a, long rows, long columns) {
    map_move(&a->map, rows, columns);
    if (columns)
        a->text.column = a->map.column;
}

static void page_map(const struct app *a, struct area body, int *rows, int *columns) {
    struct app_layout l = app_lay_out(a, body);
    map_page(&a->map, l.map.rows, l.map.columns, rows, columns);
}

static bool hit_map(struct app *a, struct area body, const struct input_mouse *m) {
    struct app_layout l = app_lay_out(a, body);
    size_t row;
    int64_t column;
    if (l.form.rows > 0 &&
        form_hit(&a->form.form, area_inner(l.form), m->row, m->column) < a->form.form.n_fields) {
        a->form_focus = true;
        a->form.form.focus = form_hit(&a->form.form, area_inner(l.form), m->row, m->column);
        return true;
    }
    if (!map_hit(&a->map, l.map, m->row, m->column, &row, &column))
        return false;
    a->form_focus = false;
    if (m->kind == MOUSE_DRAG && !a->map.selecting) {
        a->map.selecting = true;
        a->map.anchor_row = a->map.row;
        a->map.anchor_column = a->map.column;
    } else if (m->kind == MOUSE_PRESS) {
        a->map.selecting = false;
    }
    map_go(&a->map, row, column);
    a->map.follow = false;
    a->text.column = column;
    return true;
}

static struct search_found found_rows(const struct app *a) {
    return (struct search_found){map_n_matches(&a->map), a->map.n_rows, a->map.search};
}

/* What is typed is looked for from where the cursor was when the search began. */
static void go_back(struct app *a) {
    a->map.row = a->search_row < a->map.n_rows ? a->search_row : a->map.row;
}

static struct search_found search_map(struct app *a, enum search_step step, const char *text) {
    switch (step) {
    case SEARCH_COUNT:
        break;
    case SEARCH_BEGIN:
        a->search_row = a->map.row;
        break;
    case SEARCH_FIND:
        go_back(a);
        map_search(&a->map, text);
        break;
    case SEARCH_NEXT:
    case SEARCH_PREVIOUS:
        map_search_step(&a->map, step == SEARCH_NEXT ? 1 : -1);
        break;
    case SEARCH_LEAVE:
        map_search(&a->map, NULL);
        go_back(a);
        break;
    }
    return found_rows(a);
}

static const char *hints_map(const struct app *a) {
    return a->map.selecting ? "{LEFT}{DOWN}{UP}{RIGHT} extend  {SPAN} explain its steps as one "
                              "target  {SELECT} {BACK} end  {HELP} help"
                            : NULL;
}

static bool back_map(struct app *a) {
    bool going_on = a->map.selecting || a->map.search;
    if (a->map.selecting)
        a->map.selecting = false;
    else if (a->map.search)
        map_search(&a->map, NULL);
    return going_on;
}

static char *column_text(const struct map *m) {
    struct text_buffer b = {0};
    const struct token *t = map_column_token(m, m->column);
    text_buffer_format(&b, "token\t%s\n", t ? t->printable : "?");
    for (size_t r = 0; r < m->n_rows; r++) {
        const struct token *from = map_row_token(m, r);
        text_buffer_format(&b, "%s\t", from ? from->printable : "?");
        if (!isnan(map_value(m, r, m->column)))
            text_buffer_format(&b, "%.6g", (double)map_value(m, r, m->column));
        text_buffer_puts(&b, "\n");
    }
    return text_buffer_take(&b);
}

static char *cell_text(const struct map *m) {
    size_t row = map_cursor_row(m);
    const struct token *from = map_row_token(m, row), *to = map_column_token(m, m->column);
    return mem_format("%s\t%s\t%.6g", from ? from->printable : "?", to ? to->printable : "?",
                      (double)map_value(m, row, m->column));
}

static char *copy_map(const struct app *a, bool column) {
    if (!a->has_shown || map_cursor_row(&a->map) >= a->map.n_rows || a->map.n_columns == 0)
        return NULL;
    return column ? column_text(&a->map) : cell_text(&a->map);
}

const struct view_ops view_map = {
    .title = "Map",
    .hints = "{LEFT}{DOWN}{UP}{RIGHT} move  {SEARCH} search  {CONTRAST} contrast  {SELECT} select  "
             "{PREVIOUS_LAYER} {NEXT_LAYER} layer  {SCALE} scale  {PALETTE} more  {HELP} help",
    .hints_now = hints_map,
    .result = true,
    .draw = draw_map,
    .move = move_map,
    .page = page_map,
    .hit = hit_map,
    .search = search_map,
    .copy = copy_map,
    .back = back_map};
