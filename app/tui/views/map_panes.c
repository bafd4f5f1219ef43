#include "app/tui/views/map_panes.h"

#include "app/commands/command_table.h"
#include "app/tui/context_shown.h"
#include "app/tui/layout.h"
#include "app/tui/shown.h"
#include "app/tui/state.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "methods/request/request.h"
#include "views/screens/detail.h"
#include "views/widgets/paragraph.h"

#include <stdio.h>
#include <stdlib.h>

/* Columns that a border takes around its titles: corners, blanks, and some line between. */
#define AROUND_TITLES 9

void pane_box(struct grid *g, struct area box, bool focus, struct parts *title) {
    parts_fit(title, box.columns - AROUND_TITLES);
    char *left = parts_text(title, false), *right = parts_text(title, true);
    grid_box(g, box, focus, left, right);
    free(left);
    free(right);
}

void pane_rule(struct grid *g, struct area row, bool focus, struct parts *title) {
    enum style_role role = focus ? STYLE_BORDER_FOCUS : STYLE_BORDER;
    for (int i = 0; i < row.columns; i++)
        grid_put(g, row, 0, i, role, "─");
    parts_fit(title, row.columns - AROUND_TITLES);
    char *left = parts_text(title, false), *right = parts_text(title, true);
    if (*left)
        grid_format(g, row, 0, 2, STYLE_TITLE, " %s ", left);
    if (*right)
        grid_format(g, row, 0, row.columns - text_columns(right) - 4, STYLE_DIM, " %s ", right);
    free(left);
    free(right);
}

/* What is left out first where the line of the method has no room: the order of these. */
enum { CONTRAST, CONTEXT, METHOD, SPAN };
#define LEAST_TEXT 20 /* columns that a text is cut to before anything is left out */

static void summarise_method(struct grid *g, struct area row, const struct run *r) {
    const struct attribute_request *q = &r->request;
    char *span = span_description(&q->span);
    struct parts p = {0};
    const char *function = run_function(r);
    parts_add(&p, METHOD, STYLE_TEXT, "%s%s%s", run_method(r), function ? " of " : "",
              function ? function : "");
    parts_shrink(&p, LEAST_TEXT);
    if (span)
        parts_add(&p, SPAN, STYLE_MARK_A, "span %s", span);
    if (q->documents.n)
        parts_add(&p, CONTEXT, STYLE_MARK_A, "%zu document%s", q->documents.n,
                  q->documents.n == 1 ? "" : "s");
    if (q->input_context || q->output_context) {
        char *text = text_clean_start(q->input_context ? q->input_context : q->output_context);
        parts_add(&p, CONTEXT, STYLE_MARK_A, "context \"%s\"", text);
        parts_shrink(&p, LEAST_TEXT);
        free(text);
    }
    if (r->foil) {
        parts_add(&p, CONTRAST, STYLE_MARK_B, "foil %s", r->foil);
    } else if (q->contrast_targets) {
        char *text = text_clean_start(q->contrast_targets);
        parts_add(&p, CONTRAST, STYLE_MARK_B, "contrast \"%s\"", text);
        free(text);
    }
    parts_shrink(&p, LEAST_TEXT); /* a contrast, most likely: it may be a whole text */
    parts_draw(g, row, 0, &p);
    parts_dispose(&p);
    free(span);
}

void pane_summary(struct grid *g, struct area area, const struct app *a) {
    const struct run *r = a->current;
    char *prompt = text_clean_start(r ? r->request.input_text : NULL);
    int at = grid_put(g, area, 0, 0, STYLE_DIM, "Prompt  ");
    grid_put_fit(g, area, 0, at, area.columns - at - 8, STYLE_STRONG, prompt, false);
    char *edit = app_hint("{EDIT}: edit", false);
    grid_put(g, area, 0, area.columns - text_columns(edit), STYLE_KEY, edit);
    free(edit);
    free(prompt);
    if (!r)
        return;
    struct area second = area;
    area_take_top(&second, 1);
    area_take_left(&second, grid_put(g, second, 0, 0, STYLE_DIM, "Method  "));
    summarise_method(g, second, r);
}

void pane_waiting(struct grid *g, struct area area, const struct app *a) {
    const struct run *r = a->current;
    int row = 1;
    if (r && r == a->job.run) {
        grid_format(g, area, row++, 2, STYLE_STRONG, "%s …",
                    a->job.phase ? a->job.phase : "starting");
        if (a->job.generated) {
            struct area rest = {area.row + row + 1, area.column + 2, area.rows - row - 2,
                                area.columns - 4};
            paragraph_draw(g, rest, STYLE_TEXT,
                           paragraph_tail(rest.columns, rest.rows, a->job.generated));
        }
        return;
    }
    if (r && r->status == RUN_FAILED) {
        grid_format(g, area, row++, 2, STYLE_ERROR, "run %lld failed", (long long)r->number);
        struct area rest = {area.row + row, area.column + 2, area.rows - row - 1, area.columns - 4};
        char *why = text_clean(r->error);
        paragraph_draw(g, rest, STYLE_TEXT, why);
        free(why);
        return;
    }
    grid_put(g, area, row++, 2, STYLE_STRONG, "Nothing to show yet.");
    static const char *const what_to_do[] = {
        "{EDIT}  write a prompt        {RUN while typing}  run it",
        "{VIEW_RUNS}  the runs kept         {HELP}   help",
        "{OPEN_FILE}  open a file           {TOUR}  the tour: published findings"};
    for (size_t i = 0; i < sizeof what_to_do / sizeof *what_to_do; i++) {
        char *text = app_hint(what_to_do[i], false);
        grid_put(g, area, row++, 2, STYLE_TEXT, text);
        free(text);
    }
    grid_set_cursor(g, area, 1, 2);
}

#define MOST_TOKEN 22 /* columns of a token in the detail's title */

/* 'detail  "from" -> "to"'. */
static void name_detail(struct parts *title, const struct map *m) {
    size_t row = map_cursor_row(m);
    const struct token *to = m->column < m->n_columns ? map_column_token(m, m->column) : NULL;
    parts_add(title, 1, STYLE_TITLE, "detail");
    if (!to || m->n_rows == 0)
        return;
    const struct token *from = row < m->n_rows ? map_row_token(m, row) : NULL;
    char left[MOST_TOKEN * CELL_BYTES], *right = map_head(m, to, MOST_TOKEN);
    text_fit(left, sizeof left, from ? from->printable : "?", MOST_TOKEN, false);
    if (map_on_fold(m))
        parts_add(title, 2, STYLE_TITLE, "folded tokens -> \"%s\"", right);
    else
        parts_add(title, 2, STYLE_TITLE, "\"%s\" -> \"%s\"", left, right);
    free(right);
}

void pane_detail(struct grid *g, const struct app_layout *l, const struct app *a) {
    const struct run *r = a->current;
    char *span = r ? span_description(&r->request.span) : NULL,
         *hide = app_hint("{DETAIL}: hide", false),
         *contrast = app_hint("{CONTRAST}: contrast", false);
    const struct detail d = {.map = &a->map,
                             .function = r ? run_function(r) : NULL,
                             .foil_id = app_foil_of_column(a, a->map.column),
                             .span = span,
                             .hint = contrast};
    int row = g->cursor_row, column = g->cursor_column;
    hit_add(&g->hits, l->detail_box, (struct area){0, 0, l->detail_box.rows, l->detail_box.columns},
            (struct hit){HIT_DETAIL, 0, 0});
    struct parts title = {0};
    parts_add_right(&title, 0, STYLE_DIM, "%s", hide);
    if (l->detail_box.row == l->map_box.row) {
        parts_add(&title, 1, STYLE_TITLE, "detail");
        pane_box(g, l->detail_box, false, &title);
    } else {
        name_detail(&title, &a->map);
        pane_rule(g, l->detail_box, false, &title);
    }
    parts_dispose(&title);
    detail_draw(g, l->detail, &d);
    free(span);
    free(hide);
    free(contrast);
    g->cursor_row = row;
    g->cursor_column = column;
}

void pane_context(struct grid *g, struct area area, const struct app *a) {
    struct parts p = {0};
    char *legend = app_context_legend(area.columns - 1);
    app_context_state(&p, a);
    parts_draw(g, area, 0, &p);
    grid_put_fit(g, area, 1, 0, area.columns - 1, STYLE_DIM, legend, false);
    free(legend);
    parts_dispose(&p);
}

void pane_text(struct grid *g, struct area area, struct app *a) {
    struct text_view text = a->text; /* follows the map's cursor; its own column is kept */
    int row = g->cursor_row, column = g->cursor_column;
    text.column = a->map.column;
    text_view_draw(g, area, &text);
    text.column = a->text.column;
    a->text = text;
    g->cursor_row = row;
    g->cursor_column = column;
}

void pane_form(struct grid *g, struct area area, struct app *a) {
    struct area inner = area_inner(area);
    int row = g->cursor_row, column = g->cursor_column;
    char *hint =
        app_hint(a->form_focus ? "{RUN}: run   {BACK}: back" : "{EDIT}: edit", a->form_focus);
    grid_box(g, area, a->form_focus, "what to run", hint);
    free(hint);
    a->form.form.commands = app_commands(&a->form.form.n_commands);
    inner.column++;
    inner.columns -= 2;
    form_draw(g, inner, &a->form.form, a->form_focus);
    const struct scroll more = form_scroll(&a->form.form, inner);
    scroll_box(g, area, &more);
    if (!a->form_focus) {
        g->cursor_row = row;
        g->cursor_column = column;
    }
}
