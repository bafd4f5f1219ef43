#include "app/tui/views/map_panes.h"

#include "app/commands/command_table.h"
#include "app/tui/layout.h"
#include "app/tui/state.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "methods/request/request.h"
#include "views/screens/detail.h"
#include "views/widgets/paragraph.h"

#include <stdio.h>
#include <stdlib.h>

void pane_rule(struct grid *g, struct area row, bool focus, const char *title, const char *right) {
    enum style_role role = focus ? STYLE_BORDER_FOCUS : STYLE_BORDER;
    for (int i = 0; i < row.columns; i++)
        grid_put(g, row, 0, i, role, "─");
    int n = right ? text_columns(right) : 0;
    if (title)
        grid_format(g, row, 0, 2, STYLE_TITLE, " %s ", title);
    if (n > 0 && n + text_columns(title ? title : "") + 8 < row.columns)
        grid_format(g, row, 0, row.columns - n - 4, STYLE_DIM, " %s ", right);
}

void pane_summary(struct grid *g, struct area area, const struct app *a) {
    const struct run *r = a->current;
    const struct attribute_request *q = r ? &r->request : NULL;
    char *prompt = text_clean_start(q ? q->input_text : NULL);
    int at = grid_put(g, area, 0, 0, STYLE_DIM, "Prompt  ");
    grid_put_fit(g, area, 0, at, area.columns - at - 8, STYLE_STRONG, prompt, false);
    char *edit = app_hint("{EDIT}: edit", false);
    grid_put(g, area, 0, area.columns - text_columns(edit), STYLE_KEY, edit);
    free(edit);
    free(prompt);
    if (!r)
        return;
    at = grid_put(g, area, 1, 0, STYLE_DIM, "Method  ");
    at += grid_put(g, area, 1, at, STYLE_TEXT, run_method(r));
    if (run_function(r))
        at += grid_format(g, area, 1, at, STYLE_TEXT, " of %s", run_function(r));
    char *span = span_description(&r->request.span);
    if (span)
        at += grid_format(g, area, 1, at, STYLE_MARK_A, "   span %s", span);
    free(span);
    if (r->foil)
        grid_format(g, area, 1, at, STYLE_MARK_B, "   foil %s", r->foil);
    else if (q->contrast_targets) {
        char *text = text_clean_start(q->contrast_targets);
        grid_format(g, area, 1, at, STYLE_MARK_B, "   contrast \"%s\"", text);
        free(text);
    }
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
        "{VIEW_RUNS}  the runs kept         {HELP}   help"};
    for (size_t i = 0; i < sizeof what_to_do / sizeof *what_to_do; i++) {
        char *text = app_hint(what_to_do[i], false);
        grid_put(g, area, row++, 2, STYLE_TEXT, text);
        free(text);
    }
    grid_set_cursor(g, area, 1, 2);
}

/* "detail  "from" -> "to"". */
static void name_detail(char *title, size_t n, const struct map *m) {
    size_t row = map_cursor_row(m);
    const struct token *to = m->column < m->n_columns ? map_column_token(m, m->column) : NULL;
    snprintf(title, n, "detail");
    if (!to || row >= m->n_rows)
        return;
    const struct token *from = map_row_token(m, row);
    char left[40], right[40];
    text_fit(left, sizeof left, from ? from->printable : "?", 14, false);
    text_fit(right, sizeof right, to->printable, 14, false);
    snprintf(title, n, "detail  \"%s\" -> \"%s\"", left, right);
}

void pane_detail(struct grid *g, const struct app_layout *l, const struct app *a) {
    const struct run *r = a->current;
    char *span = r ? span_description(&r->request.span) : NULL, title[96];
    char *hide = app_hint("{DETAIL}: hide", false),
         *contrast = app_hint("{CONTRAST}: contrast", false);
    const struct detail d = {.map = &a->map,
                             .function = r ? run_function(r) : NULL,
                             .foil_id = r ? foil_known_id(&r->request.foil) : -1,
                             .span = span,
                             .hint = contrast};
    int row = g->cursor_row, column = g->cursor_column;
    name_detail(title, sizeof title, &a->map);
    if (l->detail_box.row == l->map_box.row)
        grid_box(g, l->detail_box, false, "detail", hide);
    else
        pane_rule(g, l->detail_box, false, title, hide);
    detail_draw(g, l->detail, &d);
    free(span);
    free(hide);
    free(contrast);
    g->cursor_row = row;
    g->cursor_column = column;
}

void pane_text(struct grid *g, struct area area, const struct app *a) {
    struct text_view text = a->text; /* follows the map's cursor; its own place is kept */
    int row = g->cursor_row, column = g->cursor_column;
    text.column = a->map.column;
    text_view_draw(g, area, &text);
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
