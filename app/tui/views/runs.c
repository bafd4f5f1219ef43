/* The runs, kept from session to session. */
#include "app/tui/view.h"

#include "app/commands/command_table.h"
#include "app/tui/state.h"
#include "backend/base/clamp.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "methods/request/request.h"

#include <stdlib.h>
#include <string.h>

static char mark_of(const struct app *a, const struct run *r) {
    if (r == a->mark_a)
        return 'A';
    return r == a->mark_b ? 'B' : 0;
}

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

static void draw_runs(struct grid *g, struct area body, struct app *a) {
    struct run_line *lines = mem_alloc((a->store.n + 1) * sizeof *lines);
    for (size_t i = 0; i < a->store.n; i++) {
        const struct run *r = a->store.runs[i];
        lines[i] = (struct run_line){.number = r->number,
                                     .mark = mark_of(a, r),
                                     .name = text_clean(r->name),
                                     .method = text_clean(run_method(r)),
                                     .model = text_clean(r->model),
                                     .status = run_status_name(r->status),
                                     .seconds = r->seconds,
                                     .n_rows = r->n_rows,
                                     .n_columns = r->n_columns};
        lines[i].span = span_text(&r->request.span);
        if (!lines[i].span)
            lines[i].span = mem_text("");
        const char *targets = r->request.contrast_targets ? r->request.contrast_targets : "-";
        lines[i].contrast = text_clean_start(r->foil ? r->foil : targets);
        lines[i].prompt = text_clean_start(prompt_of(r));
        lines[i].role = role_of(r->status);
    }
    a->runs.lines = lines;
    a->runs.n = a->store.n;
    struct area foot = area_take_bottom(&body, 1);
    char *none = app_hint(
        "No runs yet. {EDIT}: write a prompt, {RUN while typing}: run it. Every run is kept here.",
        false);
    a->runs.none = none;
    runs_draw(g, body, &a->runs);
    a->runs.none = NULL;
    free(none);
    const struct run *r = app_selected_run(a);
    char *where = text_clean(where_is(r)), *span = r ? span_description(&r->request.span) : NULL;
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

static void move_runs(struct app *a, long rows, long columns) {
    (void)columns;
    a->runs.cursor = (size_t)clamped((int64_t)a->runs.cursor + rows, 0, (int64_t)a->store.n - 1);
}

static bool press_runs(struct app *a, const struct hit *hit, const struct input_mouse *m) {
    (void)m;
    if (hit->kind != HIT_ROW || hit->row >= (int64_t)a->store.n)
        return false;
    a->runs.cursor = (size_t)hit->row;
    return true;
}

/* --- searching: what the list shows of a run, and its whole prompt --- */

static bool matches(const struct app *a, size_t i) {
    const struct run *r = a->store.runs[i];
    const char *texts[] = {r->name, run_method(r), r->model, r->foil, r->request.input_text};
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
        if (texts[k] && strcasestr(texts[k], a->runs_search))
            return true;
    return false;
}

static struct search_found found_runs(const struct app *a) {
    struct search_found found = {0, a->store.n, a->runs_search};
    for (size_t i = 0; i < a->store.n && a->runs_search; i++)
        found.n += matches(a, i);
    return found;
}

/* The next match from so many lines on, round the ends; the cursor stays where none is. */
static void go_to_match(struct app *a, size_t first, int direction) {
    const size_t n = a->store.n;
    for (size_t k = first; k < n + first && a->runs_search; k++) {
        const size_t i = (a->runs.cursor + (direction > 0 ? k : 2 * n - k)) % n;
        if (!matches(a, i))
            continue;
        a->runs.cursor = i;
        return;
    }
}

static struct search_found search_runs(struct app *a, enum search_step step, const char *text) {
    switch (step) {
    case SEARCH_COUNT:
        break;
    case SEARCH_BEGIN:
        a->search_row = a->runs.cursor;
        break;
    case SEARCH_FIND:
        mem_replace(&a->runs_search, text && *text ? mem_text(text) : NULL);
        a->runs.cursor = a->search_row;
        go_to_match(a, 0, 1);
        break;
    case SEARCH_NEXT:
    case SEARCH_PREVIOUS:
        go_to_match(a, 1, step == SEARCH_NEXT ? 1 : -1);
        break;
    case SEARCH_LEAVE:
        mem_replace(&a->runs_search, NULL);
        a->runs.cursor = a->search_row;
        break;
    }
    return found_runs(a);
}

static bool back_runs(struct app *a) {
    const bool searching = a->runs_search != NULL;
    mem_replace(&a->runs_search, NULL);
    return searching;
}

static char *copy_run(const struct app *a, bool column) {
    const struct run *r = app_selected_run(a);
    (void)column;
    if (!r)
        return NULL;
    return mem_format("%lld\t%s\t%s\t%s", (long long)r->number, run_method(r),
                      r->model ? r->model : "", r->path ? r->path : "");
}

const struct view_ops view_runs = {
    .title = "Runs",
    .hints = "{OPEN_RUN} show  {MARK_RUN} mark  {COMPARE} compare  {RENAME} rename  {DELETE} "
             "delete  {EXPORT} export  {HELP} help",
    .draw = draw_runs,
    .move = move_runs,
    .press = press_runs,
    .search = search_runs,
    .copy = copy_run,
    .back = back_runs};
