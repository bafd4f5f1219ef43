/* The heatmap, with the form, the detail and the text beside it where there is room. */
#include "app/tui/view.h"

#include "app/tui/context_shown.h"
#include "app/tui/layout.h"
#include "app/tui/shown.h"
#include "app/tui/state.h"
#include "app/tui/views/map_panes.h"
#include "app/tui/views/map_title.h"
#include "app/tui/views/nothing.h"
#include "backend/base/mem.h"
#include "views/screens/colours.h"
#include "views/screens/map_marks.h"
#include "views/widgets/paragraph.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define HIDDEN_WEIGHT 100 /* of how much is hidden, in the title */

/* What surrounds the cells: a box, or a rule above them where there is no room for one. */
static void draw_frame(struct grid *g, const struct app_layout *l, const struct app *a) {
    const struct scroll hidden = map_scroll(&a->map, l->map.rows, l->map.columns);
    const bool boxed = l->map.column != l->map_box.column;
    struct parts title = {0};
    const struct legend legend = a->has_shown ? colours_of_map(&a->map) : (struct legend){0};
    char more[SCROLL_TEXT];
    map_title(&title, a);
    if (boxed) {
        pane_box(g, l->map_box, !a->form_focus, &title);
        scroll_box(g, l->map_box, &hidden);
        legend_box(g, l->map_box, &legend, &hidden);
    } else {
        scroll_text(more, &hidden);
        parts_add(&title, HIDDEN_WEIGHT, STYLE_TITLE, "%s", more);
        struct area whole = l->map_box, rule = whole;
        rule.columns -= legend_columns(&legend);
        pane_rule(g, rule, !a->form_focus, &title);
        legend_row(g, area_take_top(&whole, 1), &legend);
        scroll_bar(g, (struct area){l->map.row, l->map.column, l->map.rows, l->map.columns + 1},
                   &hidden.rows);
    }
    parts_dispose(&title);
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
    (void)app_show_context(a);
    struct app_layout l = app_lay_out(a, body);
    if (l.summary.rows > 0)
        pane_summary(g, l.summary, a);
    if (l.map_box.rows > 0)
        draw_cells(g, &l, a);
    if (l.context.rows > 0)
        pane_context(g, l.context, a);
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

/* A drag selects from where it began. */
static void select_to(struct app *a, const struct input_mouse *m) {
    if (m->kind == MOUSE_DRAG && !a->map.selecting) {
        a->map.selecting = true;
        a->map.anchor_row = a->map.row;
        a->map.anchor_column = a->map.column;
    } else if (m->kind == MOUSE_PRESS) {
        a->map.selecting = false;
    }
}

static void go_to(struct app *a, const struct hit *hit) {
    const bool row = hit->kind == HIT_CELL || hit->kind == HIT_ROW, column = hit->kind != HIT_ROW;
    a->form_focus = false;
    map_go(&a->map, row ? (size_t)hit->row : a->map.row, column ? hit->column : a->map.column);
    a->map.follow = false;
    a->text.column = a->map.column;
}

/* A fold that is pressed once more. */
static bool opens_fold(struct app *a, const struct hit *hit) {
    if ((size_t)hit->row != a->map.row || !map_on_fold(&a->map))
        return false;
    map_open_fold(&a->map);
    return true;
}

static bool press_map(struct app *a, const struct hit *hit, const struct input_mouse *m) {
    switch (hit->kind) {
    case HIT_FIELD:
        a->form_focus = true;
        form_press(&a->form.form, (size_t)hit->row);
        return true;
    case HIT_FORM:
        a->form_focus = true;
        return false;
    case HIT_SORT:
        map_set_order(&a->map, (enum map_order)hit->column);
        return false;
    case HIT_TEXT:
        if (hit->column < 0)
            return false;
        go_to(a, hit);
        return true;
    case HIT_CELL:
    case HIT_ROW:
        if (m->kind == MOUSE_PRESS && opens_fold(a, hit))
            return true;
        /* fall through */
    case HIT_COLUMN:
        select_to(a, m);
        go_to(a, hit);
        return true;
    default:
        return false;
    }
}

/* What is under it: the form's fields, the text, the map. A detail has nothing to scroll. */
static void wheel_map(struct app *a, const struct hit *hit, long rows, long columns) {
    if (hit->kind == HIT_FIELD || hit->kind == HIT_FORM)
        form_step(&a->form.form, rows + columns < 0 ? -1 : 1);
    else if (hit->kind == HIT_TEXT)
        text_view_move(&a->text, 0, rows);
    else if (hit->kind != HIT_DETAIL)
        move_map(a, rows, columns);
}

static struct search_found found_rows(const struct app *a) {
    return (struct search_found){map_n_matches(&a->map), a->map.n_rows, a->map.search};
}

/* What is typed is looked for from where the cursor was when the search began. */
static void go_back(struct app *a) {
    map_go(&a->map, map_line_of(&a->map, a->search_row), a->map.column);
}

static struct search_found search_map(struct app *a, enum search_step step, const char *text) {
    switch (step) {
    case SEARCH_COUNT:
        break;
    case SEARCH_BEGIN:
        a->search_row = map_place(&a->map);
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
    int64_t layers, heads;
    if (a->map.selecting)
        return "{LEFT}{DOWN}{UP}{RIGHT} extend  {SPAN} explain its steps as one target  {SELECT} "
               "{BACK} end  {HELP} help";
    if (map_on_fold(&a->map))
        return "{OPEN_DETAIL} open these rows  {FOLD} show all rows  {LARGEST} the largest value  "
               "{ORDER} sort  {HELP} help";
    if (a->map.search)
        return "{NEXT_MATCH} next match  {PREVIOUS_MATCH} previous  {BACK} end the search  {HELP} "
               "help";
    if (!a->has_shown)
        return hints_of_nothing(a);
    if (a->map.context && a->map.context->n)
        return "{LEFT}{DOWN}{UP}{RIGHT} move  {NEXT_CHANGED} {PREVIOUS_CHANGED} changed tokens  "
               "{TO_CUE} to the cue, back  {SEARCH} search  {METHOD} method  {HELP} help";
    app_layers_heads(a, &layers, &heads);
    if (!layers && a->map.page > 0 && a->map.n_rows > a->map.page)
        return "{LEFT}{DOWN}{UP}{RIGHT} move  {LARGEST} largest  {ORDER} sort  {FOLD} fold  "
               "{SEARCH} "
               "search  {CONTRAST} contrast  {SELECT} select  {HELP} help";
    if (!layers)
        return "{LEFT}{DOWN}{UP}{RIGHT} move  {SEARCH} search  {CONTRAST} contrast  {SELECT} "
               "select  {METHOD} method  {SCALE} scale  {PALETTE} more  {HELP} help";
    return NULL;
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

/* "from", "to" and the value between tabs; of a fold what its rows have together. */
static char *cell_text(const struct map *m) {
    const size_t row = map_cursor_row(m);
    const struct token *from = row < m->n_rows ? map_row_token(m, row) : NULL,
                       *to = map_column_token(m, m->column);
    char fold[96] = "?";
    if (map_on_fold(m))
        map_fold_text(fold, sizeof fold, m, m->row, (int)sizeof fold);
    return mem_format("%s\t%s\t%.6g", from ? from->printable : fold, to ? to->printable : "?",
                      (double)map_line_value(m, m->row, m->column));
}

static char *copy_map(const struct app *a, bool column) {
    if (!a->has_shown || a->map.n_rows == 0 || a->map.n_columns == 0)
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
    .press = press_map,
    .wheel = wheel_map,
    .search = search_map,
    .copy = copy_map,
    .back = back_map};
