/* The runs, kept from session to session. */
#include "app/tui/view.h"

#include "app/commands/command_table.h"
#include "app/tui/state.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "methods/request/request.h"

#include <stdlib.h>
#include <string.h>

static enum style_role role_of(enum run_status status) {
    switch (status) {
    case RUN_DONE:
        return STYLE_TEXT;
    case RUN_RUNNING:
        return STYLE_STATUS;
    case RUN_CANCELLED:
        return STYLE_WARNING;
    default:
        return STYLE_ERROR;
    }
}

/* What went wrong with the run under the cursor, or where it is kept. */
static const char *where_is(const struct run *r) {
    if (!r)
        return "";
    if (r->error)
        return r->error;
    return r->path ? r->path : "not on disk";
}

/* Its prompt, or why there is nothing of it. */
static const char *prompt_of(const struct run *r) {
    return r->error && r->status != RUN_LOST ? r->error : r->request.input_text;
}

/* --- lines --- */

/* The one that was filled in last, and its texts. */
struct line_maker {
    const struct app *a;
    char *owned[6];
    size_t n_owned;
};

static void forget_line(struct line_maker *m) {
    for (; m->n_owned > 0; m->n_owned--)
        free(m->owned[m->n_owned - 1]);
}

/* Takes the text, which may be NULL. */
static const char *keep(struct line_maker *m, char *text) {
    m->owned[m->n_owned++] = text;
    return text ? text : "";
}

/* A foil without its step, "step 4: ·Rome", which the text and the number of steps tell apart. A
 * context is called one. Owned by the caller. */
static char *contrast_of(const struct run *r) {
    const char *text = runs_list_contrast(r), *colon = r->foil ? strstr(r->foil, ": ") : NULL;
    if (colon && strncmp(r->foil, "step ", strlen("step ")) == 0)
        text = colon + strlen(": ");
    char *clean = text_clean_start(text);
    if (request_has_context(&r->request))
        mem_replace(&clean, mem_format("context: %s", clean ? clean : ""));
    return clean;
}

static void make_line(void *user, size_t i, struct run_line *out) {
    struct line_maker *m = user;
    const struct run *r = m->a->listed.items[i];
    forget_line(m);
    *out = (struct run_line){.number = r->number,
                             .mark = app_mark_of(m->a, r),
                             .status = run_status_name(r->status),
                             .started = r->started,
                             .seconds = r->seconds,
                             .n_rows = r->n_rows,
                             .n_columns = r->n_columns,
                             .role = role_of(r->status)};
    out->span = keep(m, span_text(&r->request.span));
    out->name = keep(m, text_clean(r->name));
    out->method = keep(m, text_clean(run_method(r)));
    out->model = keep(m, text_clean(r->model));
    out->contrast = keep(m, contrast_of(r));
    out->prompt = keep(m, text_clean_start(prompt_of(r)));
}

static void see_columns(struct app *a) {
    a->runs.any_name = a->runs.any_contrast = false;
    for (size_t i = 0; i < a->store.n; i++) {
        const struct run *r = a->store.runs[i];
        a->runs.any_name |= r->name != NULL;
        a->runs.any_contrast |= runs_list_contrast(r) || request_has_context(&r->request);
    }
}

static void draw_table(struct grid *g, struct area body, struct app *a) {
    struct line_maker maker = {.a = a};
    char *none = a->listed.filter
                     ? mem_text("No run matches.")
                     : app_hint("No runs yet. {EDIT}: write a prompt, {RUN while typing}: run it. "
                                "Every run is kept here.",
                                false);
    see_columns(a);
    a->runs.line = make_line;
    a->runs.user = &maker;
    a->runs.none = none;
    a->runs.now = a->now;
    a->runs.sort = a->listed.sort;
    a->runs.reversed = a->listed.reversed;
    a->runs.n = a->listed.n;
    a->runs.cursor = a->listed.cursor;
    runs_draw(g, body, &a->runs);
    a->runs.line = NULL;
    a->runs.user = NULL;
    a->runs.none = NULL;
    forget_line(&maker);
    free(none);
}

/* What the filter leaves out is told as long as it does. */
static void draw_filter(struct grid *g, struct area row, const struct app *a) {
    char *filter = text_clean(a->listed.filter),
         *way_out = app_hint("{SEARCH_RUNS}: change   {BACK}: all runs", false);
    const int right = text_columns(way_out) + 2;
    char *what = mem_format("filter: %s   %zu of %zu runs", filter, a->listed.n, a->store.n);
    grid_put_fit(g, row, 0, 2, row.columns - right - 3, STYLE_NOTICE, what, false);
    grid_put(g, row, 0, row.columns - right, STYLE_KEY, way_out);
    free(what);
    free(filter);
    free(way_out);
}

static void draw_foot(struct grid *g, struct area foot, struct app *a) {
    const struct run *r = app_selected_run(a);
    char *where = text_clean(where_is(r)), *span = r ? span_description(&r->request.span) : NULL;
    int at = span ? 2 + grid_format(g, foot, 0, 2, STYLE_MARK_A, "span %s  ", span) : 2;
    grid_put_fit(g, foot, 0, at, foot.columns - at, STYLE_DIM, where, false);
    free(span);
    free(where);
}

/* The table; above it what the filter leaves out, below it where the run is. */
static void draw_runs(struct grid *g, struct area body, struct app *a) {
    struct area foot = area_take_bottom(&body, 1), filter = {0};
    runs_list_update(&a->listed, &a->store);
    if (a->listed.filter)
        filter = area_take_top(&body, 1);
    draw_table(g, body, a);
    if (a->listed.filter)
        draw_filter(g, filter, a);
    draw_foot(g, foot, a);
}

/* --- moving --- */

static void enter_runs(struct app *a) {
    runs_list_update(&a->listed, &a->store);
}

static void move_runs(struct app *a, long rows, long columns) {
    (void)columns;
    runs_list_update(&a->listed, &a->store);
    runs_list_go(&a->listed, (int64_t)a->listed.cursor + rows);
}

static bool press_runs(struct app *a, const struct hit *hit, const struct input_mouse *m) {
    if (hit->kind == HIT_SORT && m->kind == MOUSE_PRESS && hit->column < RUN_COLUMNS)
        runs_list_sort(&a->listed, &a->store, (enum run_column)hit->column);
    if (hit->kind != HIT_ROW || hit->row >= (int64_t)a->listed.n)
        return false;
    runs_list_go(&a->listed, hit->row);
    return true;
}

/* --- the filter --- */

static struct search_found search_runs(struct app *a, enum search_step step, const char *text) {
    struct runs_list *l = &a->listed;
    if (step == SEARCH_FIND || step == SEARCH_LEAVE)
        runs_list_filter(l, &a->store, step == SEARCH_FIND ? text : NULL);
    else if (step == SEARCH_NEXT || step == SEARCH_PREVIOUS)
        move_runs(a, step == SEARCH_NEXT ? 1 : -1, 0);
    else
        runs_list_update(l, &a->store);
    return (struct search_found){l->n, a->store.n, l->filter};
}

static bool back_runs(struct app *a) {
    const bool filtered = a->listed.filter != NULL;
    runs_list_filter(&a->listed, &a->store, NULL);
    return filtered;
}

static char *copy_run(const struct app *a, bool column) {
    const struct run *r = app_selected_run(a);
    (void)column;
    if (!r)
        return NULL;
    return mem_format("%lld\t%s\t%s\t%s", (long long)r->number, run_method(r),
                      r->model ? r->model : "", r->path ? r->path : "");
}

static const char *hints_runs(const struct app *a) {
    if (a->store.n == 0)
        return "{EDIT} write a prompt  {RUN} run  {MODELS} model  {BACK} back  {HELP} help";
    if (a->n_marks > 1)
        return "{COMPARE} compare the marked runs  {MARK_RUN} mark another  {UNMARK} clear the "
               "marks  {HELP} help";
    if (a->n_marks == 1)
        return "{MARK_RUN} mark another  {COMPARE} compare it with the one shown  {UNMARK} clear "
               "the mark  {HELP} help";
    if (a->listed.filter)
        return "{OPEN_RUN} show  {SEARCH_RUNS} change the filter  {BACK} all runs  {MARK_RUN} mark "
               " {HELP} help";
    return NULL;
}

const struct view_ops view_runs = {
    .title = "Runs",
    .hints = "{OPEN_RUN} show  {SEARCH_RUNS} filter  {SORT_RUNS} sort  {MARK_RUN} mark  {COMPARE} "
             "compare  {RENAME} rename  {DELETE} delete  {HELP} help",
    .hints_now = hints_runs,
    .enter = enter_runs,
    .draw = draw_runs,
    .move = move_runs,
    .press = press_runs,
    .search = search_runs,
    .filters = "runs",
    .sought = "part of a name, method, model or text",
    .copy = copy_run,
    .back = back_runs};
