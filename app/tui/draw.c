/* State → grid: which views stand where at which size. */
#include "app/tui/app.h"

#include "app/files/request.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/screens/detail.h"
#include "views/widgets/paragraph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORM_COLUMNS 46
#define DETAIL_COLUMNS 40
#define LEAST_TEXT_ROWS 7
#define MOST_TEXT_ROWS 16
#define LEAST_MAP_ROWS 8
#define MOST_NOTICE_ROWS 3
#define WORTH_TELLING                                                                              \
    2 /* seconds: shorter runs are over before one has read how long they take                     \
       */

static char *clean(const char *text) {
    return text_sanitise(text ? text : "", text ? strlen(text) : 0, false);
}

static struct area no_area(void) {
    return (struct area){0, 0, 0, 0};
}

struct area app_body(const struct app *a) {
    struct grid g = {.rows = a->rows, .columns = a->columns};
    return frame_body(&g);
}

/* ≥ 140 columns: form, map, detail side by side. ≥ 100: map and detail. Else the detail below the
 * map, if there are rows for it. While the form has the focus and no pane of its own it takes the
 * whole body. */
struct app_layout app_lay_out(const struct app *a, struct area body) {
    struct app_layout l = {no_area(), no_area(), no_area(), no_area(),
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
    int needed = (int)a->map.n_rows + 3 + (a->has_shown ? (int)a->shown.n_step_scores : 0);
    if (pane && a->has_shown && body.rows >= needed + LEAST_TEXT_ROWS)
        l.text_box = area_take_bottom(
            &body, body.rows - needed < MOST_TEXT_ROWS ? body.rows - needed : MOST_TEXT_ROWS);
    l.map_box = body;
    bool beside = l.detail_box.row == body.row && l.detail_box.rows > 0;
    if (pane || beside) {
        l.map = area_inner(body);
        l.detail = beside ? area_inner(l.detail_box) : l.detail_box;
    } else { /* rules instead of boxes: rows are few */
        l.map = body;
        area_take_top(&l.map, 1);
        l.detail = l.detail_box;
    }
    if (l.detail_box.rows > 0 && !beside) {
        l.detail = l.detail_box;
        area_take_top(&l.detail, 1);
    }
    return l;
}

static void draw_rule(struct grid *g, struct area row, bool focus, const char *title,
                      const char *right) {
    enum style_role role = focus ? STYLE_BORDER_FOCUS : STYLE_BORDER;
    for (int i = 0; i < row.columns; i++)
        grid_put(g, row, 0, i, role, "─");
    int n = right ? text_columns(right) : 0;
    if (title)
        grid_format(g, row, 0, 2, STYLE_TITLE, " %s ", title);
    if (n > 0 && n + text_columns(title ? title : "") + 8 < row.columns)
        grid_format(g, row, 0, row.columns - n - 4, STYLE_DIM, " %s ", right);
}

/* --- the map's surroundings
 * --------------------------------------------------------------------------------------------------------------------
 */

static void draw_summary(struct grid *g, struct area area, const struct app *a) {
    const struct run *r = a->current;
    const struct attribute_request *q = r ? &r->request : NULL;
    char *prompt = text_sanitise(q && q->input_text ? q->input_text : "",
                                 q && q->input_text ? strlen(q->input_text) : 0, false);
    int at = grid_put(g, area, 0, 0, STYLE_DIM, "Prompt  ");
    grid_put_fit(g, area, 0, at, area.columns - at - 8, STYLE_STRONG, prompt, false);
    grid_put(g, area, 0, area.columns - 7, STYLE_KEY, "e: edit");
    free(prompt);
    if (!r)
        return;
    at = grid_put(g, area, 1, 0, STYLE_DIM, "Method  ");
    at += grid_put(g, area, 1, at, STYLE_TEXT, run_method(r));
    if (q->attributed_fn)
        at += grid_format(g, area, 1, at, STYLE_TEXT, " of %s", q->attributed_fn);
    char *span = request_span_text(&r->request);
    if (span)
        at += grid_format(g, area, 1, at, STYLE_MARK_A, "   span %s", span);
    free(span);
    if (r->foil)
        grid_format(g, area, 1, at, STYLE_MARK_B, "   foil %s", r->foil);
    else if (q->contrast_targets) {
        char *text = text_sanitise(q->contrast_targets, strlen(q->contrast_targets), false);
        grid_format(g, area, 1, at, STYLE_MARK_B, "   contrast \"%s\"", text);
        free(text);
    }
}

/* "column sums 1   linear   |max| .61". */
static void describe_scale(char *buf, size_t n, const struct app *a) {
    static const char *const norms[] = {[NORM_COLUMNS] = "columns sum to 1",
                                        [NORM_NONE] = "as computed",
                                        [NORM_LARGEST] = "largest is 1"};
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
                 a->reduction.aggregator ? a->reduction.aggregator->id : "mean of");
    else if (heads && a->reduction.head >= 0)
        snprintf(part, sizeof part, "H%lld, all layers  ", (long long)a->reduction.head);
    else if (a->reduction.aggregator)
        snprintf(part, sizeof part, "%s  ", a->reduction.aggregator->id);
    else if (layers)
        snprintf(part, sizeof part, "all layers  ");
    map_number(number, sizeof number, a->map.magnitude, 5, false);
    snprintf(buf, n, "%s%s%s%s%s  |max| %s", part, norms[a->reduction.norm], scales[a->map.scale],
             ranges[a->map.range], orders[a->map.sorted], number);
}

static void draw_waiting(struct grid *g, struct area area, const struct app *a) {
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
        char *why = clean(r->error);
        paragraph_draw(g, rest, STYLE_TEXT, why);
        free(why);
        return;
    }
    grid_put(g, area, row++, 2, STYLE_STRONG, "Nothing to show yet.");
    grid_put(g, area, row++, 2, STYLE_TEXT, "e  write a prompt        F5  run it");
    grid_put(g, area, row++, 2, STYLE_TEXT, "3  the runs kept         ?   help");
    grid_set_cursor(g, area, 1, 2);
}

static void draw_map(struct grid *g, struct area body, struct app *a) {
    struct app_layout l = app_lay_out(a, body);
    char scale[160] = "", title[96];
    bool boxed = l.map.column != l.map_box.column;
    if (l.summary.rows > 0)
        draw_summary(g, l.summary, a);
    if (l.map_box.rows > 0) {
        if (a->has_shown)
            describe_scale(scale, sizeof scale, a);
        char *span = a->current ? request_span_text(&a->current->request) : NULL;
        if (a->has_shown && span)
            snprintf(title, sizeof title, "%zu rows × span %s", a->map.n_rows, span);
        else
            snprintf(title, sizeof title, a->has_shown ? "%zu rows × %lld generated" : "map",
                     a->map.n_rows, (long long)a->map.n_columns);
        free(span);
        if (boxed)
            grid_box(g, l.map_box, !a->form_focus, title, scale);
        else
            draw_rule(g, l.map_box, !a->form_focus, title, scale);
        if (a->has_shown) {
            a->map.stopped = !a->job.run || a->current != a->job.run;
            map_fit(&a->map, l.map.rows, l.map.columns);
            map_draw(g, l.map, &a->map);
        } else {
            draw_waiting(g, l.map, a);
        }
    }
    if (l.notices.rows > 0)
        paragraph_draw(g, l.notices, STYLE_WARNING, a->notices);
    if (l.detail_box.rows > 0) {
        const struct run *r = a->current;
        struct detail d = {.map = &a->map,
                           .function = r ? r->request.attributed_fn : NULL,
                           .foil_id = r ? r->request.foil_id : -1,
                           .foil_step = -1};
        char *span = r ? request_span_text(&r->request) : NULL;
        d.span = span;
        int row = g->cursor_row, column = g->cursor_column;
        const struct token *t = a->has_shown && a->map.column < a->map.n_columns
                                    ? map_column_token(&a->map, a->map.column)
                                    : NULL;
        snprintf(title, sizeof title, "detail");
        if (t && map_cursor_row(&a->map) < a->map.n_rows) {
            const struct token *from = map_row_token(&a->map, map_cursor_row(&a->map));
            char left[40], right[40];
            text_fit(left, sizeof left, from ? from->printable : "?", 14, false);
            text_fit(right, sizeof right, t->printable, 14, false);
            snprintf(title, sizeof title, "detail  \"%s\" -> \"%s\"", left, right);
        }
        if (l.detail_box.row == l.map_box.row)
            grid_box(g, l.detail_box, false, "detail", "d: hide");
        else
            draw_rule(g, l.detail_box, false, title, "d: hide");
        detail_draw(g, l.detail, &d);
        free(span);
        g->cursor_row = row;
        g->cursor_column = column;
    }
    if (l.text_box.rows > 0) {
        struct text_view text = a->text; /* follows the map's cursor; its own place is kept */
        int row = g->cursor_row, column = g->cursor_column;
        text.column = a->map.column;
        text_view_draw(g, l.text_box, &text);
        g->cursor_row = row;
        g->cursor_column = column;
    }
    if (l.form.rows > 0) {
        int row = g->cursor_row, column = g->cursor_column;
        grid_box(g, l.form, a->form_focus, "what to run",
                 a->form_focus ? "F5: run   Esc: back" : "e: edit");
        struct area inner = area_inner(l.form);
        inner.column++;
        inner.columns -= 2;
        form_draw(g, inner, &a->form.form, a->form_focus);
        if (!a->form_focus) {
            g->cursor_row = row;
            g->cursor_column = column;
        }
    }
}

/* --- runs
 * -------------------------------------------------------------------------------------------------------------------------------------
 */

static void draw_runs(struct grid *g, struct area body, struct app *a) {
    struct run_line *lines = mem_alloc((a->store.n + 1) * sizeof *lines);
    for (size_t i = 0; i < a->store.n; i++) {
        const struct run *r = a->store.runs[i];
        lines[i] = (struct run_line){.number = r->number,
                                     .mark = r == a->mark_a   ? 'A'
                                             : r == a->mark_b ? 'B'
                                                              : 0,
                                     .name = clean(r->name),
                                     .method = clean(run_method(r)),
                                     .model = clean(r->model),
                                     .status = run_status_name(r->status),
                                     .seconds = r->seconds,
                                     .n_rows = r->n_rows,
                                     .n_columns = r->n_columns};
        lines[i].span = r->request.span_start || r->request.span_end
                            ? mem_format("%lld:%lld", (long long)r->request.span_start,
                                         (long long)r->request.span_end)
                            : mem_text("");
        lines[i].contrast = clean(r->foil                       ? r->foil
                                  : r->request.contrast_targets ? r->request.contrast_targets
                                                                : "-");
        lines[i].prompt = clean(r->error ? r->error : r->request.input_text);
        lines[i].role = r->status == RUN_DONE        ? STYLE_TEXT
                        : r->status == RUN_RUNNING   ? STYLE_STATUS
                        : r->status == RUN_CANCELLED ? STYLE_WARNING
                                                     : STYLE_ERROR;
    }
    a->runs.lines = lines;
    a->runs.n = a->store.n;
    struct area foot = area_take_bottom(&body, 1);
    runs_draw(g, body, &a->runs);
    const struct run *r = app_selected_run(a);
    char *where = clean(!r         ? ""
                        : r->error ? r->error
                        : r->path  ? r->path
                                   : "not on disk"),
         *span = r ? request_span_text(&r->request) : NULL;
    int at = span ? 2 + grid_format(g, foot, 0, 2, STYLE_MARK_A, "span %s  ", span) : 2;
    grid_put_fit(g, foot, 0, at, foot.columns - at, STYLE_DIM, where, false);
    free(span);
    free(where);
    for (size_t i = 0; i < a->store.n; i++) {
        const char *owned[] = {lines[i].span,  lines[i].name,     lines[i].method,
                               lines[i].model, lines[i].contrast, lines[i].prompt};
        for (size_t j = 0; j < sizeof owned / sizeof *owned; j++)
            free((char *)owned[j]);
    }
    free(lines);
    a->runs.lines = NULL;
}

/* --- the whole
 * --------------------------------------------------------------------------------------------------------------------------------
 */

static void make_frame(struct frame *f, const struct app *a, char *title, size_t n_title,
                       char *right, size_t n_right, char *job, size_t n_job) {
    static const char *const tabs[APP_TABS] = {"1 Map", "2 Atlas", "3 Runs", "4 Text", "5 Log"};
    const char *model = a->model.name[0]               ? a->model.name
                        : *form_fields_model(&a->form) ? form_fields_model(&a->form)
                                                       : "no model";
    char *safe = clean(model);
    if (a->current) {
        char *name = clean(a->current->name ? a->current->name : run_method(a->current)),
             *its = clean(a->current->model ? a->current->model : model);
        snprintf(title, n_title, "tinseq  %s  run %lld: %s%s", its, (long long)a->current->number,
                 name,
                 a->current->status == RUN_CANCELLED ? " (cancelled)"
                 : a->current->status == RUN_FAILED  ? " (failed)"
                                                     : "");
        free(name);
        free(its);
    } else {
        snprintf(title, n_title, "tinseq  %s", safe);
    }
    snprintf(right, n_right, "%s%s%s", a->model.device, a->model.device[0] ? "  " : "",
             a->theme ? a->theme->id : "");
    free(safe);
    *job = 0;
    f->progress = -1;
    if (a->job.generation && a->job.phase) {
        if (a->job.total > 0) {
            f->progress = (double)a->job.done / (double)a->job.total;
            int n = snprintf(job, n_job, "%s %d%%", a->job.phase, (int)(100 * f->progress));
            if (a->job.cost.seconds >= WORTH_TELLING && n > 0 && (size_t)n < n_job)
                snprintf(job + n, n_job - (size_t)n,
                         a->job.cost.seconds < 90 ? " of about %.0f s" : " of about %.0f min",
                         a->job.cost.seconds < 90 ? a->job.cost.seconds : a->job.cost.seconds / 60);
        } else {
            snprintf(job, n_job, "%s", a->job.phase);
        }
    }
    f->title = title;
    f->title_right = right;
    f->job = job;
    f->tabs = tabs;
    f->n_tabs = APP_TABS;
    f->i_tab = a->view;
    f->message = a->message;
    f->message_role = a->message_role;
    f->commands = app_commands(&f->n_commands);
    f->context = app_context(a);
}

static const char *hints(const struct app *a) {
    static const char *const texts[] = {
        [VIEW_MAP] =
            "hjkl move  / search  c contrast  v select  [ ] layer  s scale  : more  ? help",
        [VIEW_ATLAS] = "hjkl head  < > rank  s metric  Enter: on the map  Esc back  ? help",
        [VIEW_RUNS] = "Enter show  Space mark  = compare  R rename  D delete  E export  ? help",
        [VIEW_TEXT] = "h l column  / search  c contrast  Enter: map  ? help",
        [VIEW_LOG] = "j k scroll  Esc back  ? help",
        [VIEW_COMPARE] = "hjkl move  s shares  b swap  Esc back  ? help",
        [VIEW_MODELS] = "Enter: use it  F4: look again  Esc back  ? help"};
    if (a->view == VIEW_MAP && !a->form_focus && a->map.selecting)
        return "hjkl extend  V explain its steps as one target  v Esc end  ? help";
    if (a->form_focus)
        return "Tab next field  F5 run  Ctrl-X $EDITOR  Ctrl-P commands  F1 help  Esc map";
    return texts[a->view];
}

void app_draw(struct grid *g, struct app *a) {
    struct frame f = {0};
    char title[256], right[96], job[64];
    grid_clear(g);
    g->cursor_row = g->cursor_column = -1;
    if (grid_too_small(g))
        return;
    make_frame(&f, a, title, sizeof title, right, sizeof right, job, sizeof job);
    f.hints = hints(a);
    struct area body = frame_draw(g, &f);
    switch (a->view) {
    case VIEW_MAP:
        draw_map(g, body, a);
        break;
    case VIEW_ATLAS:
        atlas_draw(g, body, &a->atlas);
        break;
    case VIEW_RUNS:
        draw_runs(g, body, a);
        break;
    case VIEW_TEXT:
        text_view_draw(g, body, &a->text);
        break;
    case VIEW_LOG:
        log_view_draw(g, body, &a->log);
        break;
    case VIEW_COMPARE:
        compare_draw(g, body, &a->compare);
        break;
    case VIEW_MODELS:
        a->models.found = a->has_found ? &a->found : NULL;
        a->models.loaded = a->model.name;
        a->models.folder = a->models_folder;
        a->models.path = &a->model_path;
        models_draw(g, body, &a->models);
        break;
    }
    if (overlay_is_search(&a->overlay)) {
        char *count = mem_format("%zu of %zu rows", map_n_matches(&a->map), a->map.n_rows);
        overlay_count(&a->overlay, count);
        free(count);
    }
    overlay_draw(g, &a->overlay);
}
