#include "app/tui/draw.h"

#include "app/commands/command_table.h"
#include "app/tui/contexts.h"
#include "app/tui/front.h"
#include "app/tui/lists.h"
#include "app/tui/state.h"
#include "app/tui/tour_panel.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/widgets/frame.h"
#include "views/widgets/paragraph.h"
#include "views/widgets/parts.h"

#include <stdio.h>
#include <stdlib.h>

/* The frame with the texts that it refers to. */
struct app_frame {
    struct frame frame;
    char title[1024], right[96], job[64], stop[96], hints[512], labels[VIEW_TABS][24];
    const char *tabs[VIEW_TABS];
};

/* Seconds: shorter runs are over before one has read how long they take. */
#define WORTH_TELLING 2
/* How much of a run tells of the rest: seconds, and a share of what was foreseen. */
#define TELLING_SECONDS 2
#define TELLING_SHARE 0.05

static const char *how_it_ended(const struct run *r) {
    switch (r->status) {
    case RUN_CANCELLED:
        return "(cancelled)";
    case RUN_FAILED:
        return "(failed)";
    default:
        return "";
    }
}

static const char *name_of_model(const struct app *a) {
    const char *chosen = form_fields_model(&a->form);
    if (a->model.name[0])
        return a->model.name;
    return *chosen ? chosen : "no model";
}

/* What is left out first where the title has no room: the order of these. */
enum { THEME, DEVICE, STAND_IN, PROGRAM, MODEL, TEXT, RUN, ENDED };
#define LEAST_NAME 16 /* columns that a name is cut to before anything is left out */

static void add_name(struct parts *p, int weight, const char *before, const char *name) {
    char *clean = text_clean(name);
    parts_add(p, weight, STYLE_TITLE, "%s%s", before, clean);
    parts_shrink(p, LEAST_NAME);
    free(clean);
}

static void add_run(struct parts *p, const struct run *r) {
    char *run = mem_format("run %lld: ", (long long)r->number);
    add_name(p, RUN, run, r->name ? r->name : run_method(r));
    free(run);
    parts_add(p, ENDED, STYLE_TITLE, "%s", how_it_ended(r));
    if (run_texts(r) > 1)
        parts_add(p, TEXT, STYLE_TITLE, "text %zu of %zu", r->i_text + 1, run_texts(r));
}

static void make_title(struct app_frame *f, const struct app *a) {
    const struct run *r = a->current;
    struct parts p = {0};
    parts_add(&p, PROGRAM, STYLE_TITLE, "tinseq");
    add_name(&p, MODEL, "", r && r->model ? r->model : name_of_model(a));
    if (r)
        add_run(&p, r);
    if (a->stand_in)
        parts_add_right(&p, STAND_IN, STYLE_DIM, "as %s", a->stand_in);
    parts_add_right(&p, DEVICE, STYLE_DIM, "%s", a->model.device);
    parts_add_right(&p, THEME, STYLE_DIM, "%s", a->theme ? a->theme->id : "");
    parts_fit(&p, a->columns - 2);
    char *left = parts_text(&p, false), *right = parts_text(&p, true);
    snprintf(f->title, sizeof f->title, "%s", left);
    snprintf(f->right, sizeof f->right, "%s", right);
    free(left);
    free(right);
    parts_dispose(&p);
}

/* "attributing 40% of 2 to 4 min", and the progress in [0, 1]; negative: none. */
static double make_job(char *buf, size_t n_buf, const struct app_job *job, int64_t now_ms) {
    *buf = 0;
    if (!job->generation || !job->phase)
        return -1;
    if (job->total <= 0) {
        snprintf(buf, n_buf, "%s", job->phase);
        return -1;
    }
    const double progress = (double)job->done / (double)job->total,
                 elapsed = (double)(now_ms - job->cost_ms) / 1000;
    struct cost_estimate cost = job->cost;
    int n = snprintf(buf, n_buf, "%s %d%%", job->phase, (int)(100 * progress));
    if (job->cost_ms && elapsed > TELLING_SECONDS + TELLING_SHARE * cost.least)
        cost_refine(&cost, elapsed, progress);
    char *time = cost.worst < WORTH_TELLING ? NULL : cost_time_text(&cost);
    if (time && n > 0 && (size_t)n < n_buf)
        snprintf(buf + n, n_buf - (size_t)n, " of %s", time);
    free(time);
    return progress;
}

/* The same of what is done with files meanwhile. */
static double make_background(char *buf, size_t n_buf, const struct app *a) {
    struct background_state s = background_state(a->runner);
    if (!s.phase)
        s = background_state(a->background);
    *buf = 0;
    if (!s.phase)
        return -1;
    if (s.total <= 0) {
        snprintf(buf, n_buf, "%s", s.phase);
        return -1;
    }
    const double progress = (double)s.done / (double)s.total;
    snprintf(buf, n_buf, "%s %d%%", s.phase, (int)(100 * progress));
    return progress;
}

static double make_progress(char *buf, size_t n_buf, const struct app *a) {
    if (a->job.generation)
        return make_job(buf, n_buf, &a->job, a->now_ms);
    return make_background(buf, n_buf, a);
}

static void make_tabs(struct app_frame *f) {
    static const char *const keys[VIEW_TABS] = {
#define TAB(ID, key, title, ops) [VIEW_##ID] = key,
#define VIEW(ID, ops)
#include "app/tui/views.def"
#undef TAB
#undef VIEW
    };
    for (int i = 0; i < VIEW_TABS; i++) {
        snprintf(f->labels[i], sizeof f->labels[i], "%s %s", keys[i],
                 view_ops((enum app_view)i)->title);
        f->tabs[i] = f->labels[i];
    }
}

static bool app_busy(const struct app *a) {
    return a->job.generation || app_works_on_files(a);
}

/* What the keys do here and now; first of all, while a job runs, how it ends. */
static void make_hints(struct app_frame *f, const struct app *a) {
    const struct view_ops *ops = app_ops(a);
    const char *now = ops->hints_now ? ops->hints_now(a) : NULL;
    char *text = app_hint(now ? now : ops->hints, app_types(a)),
         *stop = app_busy(a) ? app_hint("{CANCEL} cancel", app_types(a)) : mem_text("");
    snprintf(f->stop, sizeof f->stop, "%s", stop);
    snprintf(f->hints, sizeof f->hints, "%s%s%s", stop, *stop ? "  " : "", text);
    free(stop);
    free(text);
}

static void app_frame(struct app_frame *f, const struct app *a) {
    make_title(f, a);
    make_tabs(f);
    make_hints(f, a);
    f->frame = (struct frame){.title = f->title,
                              .title_right = f->right,
                              .tabs = f->tabs,
                              .n_tabs = (size_t)app_tabs(a),
                              .i_tab = a->view,
                              .job = f->job,
                              .stop = f->stop,
                              .progress = make_progress(f->job, sizeof f->job, a),
                              .message = a->message,
                              .message_role = a->message_role,
                              .hints = f->hints,
                              .context = app_context(a)};
    f->frame.commands = app_commands(&f->frame.n_commands);
}

static void draw_overlay(struct grid *g, struct app *a) {
    if (overlay_is_search(&a->overlay)) {
        struct search_found found = view_ops(a->view)->search(a, SEARCH_COUNT, NULL);
        const char *what = view_ops(a->view)->filters;
        char *count = mem_format("%zu of %zu %s", found.n, found.all, what ? what : "rows");
        overlay_count(&a->overlay, count);
        free(count);
    }
    overlay_draw(g, &a->overlay);
}

/* How far the job is, in as few columns as may be; owned by the caller. */
static char *brief_job(const struct app_job *job) {
    if (job->cancelling)
        return mem_text("cancelling");
    if (job->total <= 0)
        return mem_text(job->phase);
    return mem_format("%d%% %s", (int)(100 * job->done / job->total), job->phase);
}

/* Below the line that says what is needed, and instead of it where there is one row alone: how far
 * the job is and how it ends, and the message. */
static void draw_small(struct grid *g, const struct app *a) {
    struct area rest = grid_area(g);
    if (rest.rows > 1 || !a->job.generation)
        area_take_top(&rest, 1);
    if (a->job.generation && a->job.phase) {
        char *job = brief_job(&a->job), *cancel = app_hint("{INTERRUPT} cancels", a->form_focus);
        char *line = mem_format("%s  %s", job, cancel);
        const bool together = rest.rows < 2 || text_columns(line) <= rest.columns;
        grid_put_fit(g, area_take_top(&rest, 1), 0, 0, rest.columns, STYLE_STATUS,
                     together ? line : job, false);
        if (!together)
            grid_put_fit(g, area_take_top(&rest, 1), 0, 0, rest.columns, STYLE_KEY, cancel, false);
        free(line);
        free(cancel);
        free(job);
    }
    paragraph_draw(g, rest, a->message_role, a->message);
}

void app_draw(struct grid *g, struct app *a) {
    struct app_frame f;
    grid_clear(g);
    g->cursor_row = g->cursor_column = -1;
    a->drawn = g;
    if (grid_too_small(g)) {
        draw_small(g, a);
        return;
    }
    app_frame(&f, a);
    struct area body = frame_draw(g, &f.frame);
    tour_panel_draw(g, tour_panel_take(&body, a), a);
    view_ops(a->view)->draw(g, body, a);
    draw_overlay(g, a);
}
