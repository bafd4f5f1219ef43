/* What the worker tells, mirrored in the state. */
#include "app/tui/dispatch.h"

#include "app/commands/handlers.h"
#include "app/tui/context_shown.h"
#include "app/tui/shown.h"
#include "app/tui/state.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "methods/request/request.h"

#include <stdlib.h>
#include <string.h>

void app_save_failed(struct app *a, const char *path, const struct err *why) {
    const struct run *r = run_store_failed(&a->store, path);
    if (r)
        app_say(a, STYLE_ERROR, "run %lld is not kept on disk: %s", (long long)r->number,
                why->message);
}

static void on_begin(struct app *a, struct worker_event *event) {
    struct run *r = a->job.run;
    if (!r)
        return;
    struct attribution *before = r->result;
    r->result = attribution_new(1);
    r->result->sequences[0] = *event->sequence;
    free(event->sequence);
    event->sequence = NULL;
    struct attribution_sequence *s = &r->result->sequences[0];
    int64_t n = attribution_steps(s);
    if (!s->done)
        s->done = mem_alloc((size_t)(n > 0 ? n : 1) * sizeof *s->done);
    bool goes_on = before && worker_columns_keep(s, &before->sequences[0]);
    /* Another text: cursor, marks and selection would point at anything. */
    if (r == a->current && !goes_on) {
        map_show(&a->map, NULL);
        atlas_show(&a->atlas, NULL);
    }
    r->result->info = event->info;
    event->info = (struct result_info){0}; /* it now belongs to the result */
    r->n_columns = n;
    if (r == a->current)
        app_aggregate(a);
    attribution_release(before); /* the atlas referred to it until now */
}

static void on_column(struct app *a, const struct worker_event *event) {
    struct run *r = a->job.run;
    if (!r || !r->result || !worker_column_store(&r->result->sequences[0], event->column))
        return;
    if (r == a->current)
        app_aggregate_column(a, event->column->g);
}

static void on_generated(struct app *a, const struct worker_event *event) {
    free(a->job.generated);
    a->job.generated = text_sanitise(event->text, strlen(event->text), false);
}

/* The text's column goes along with the map's. */
static void settle(struct app *a) {
    const bool followed = a->map.follow;
    map_settle(&a->map);
    const int64_t changed = context_view_first(app_show_context(a));
    if (followed && changed >= 0) /* what the context changes most */
        map_go(&a->map, a->map.row, changed);
    a->text.column = a->map.column;
}

/* To somebody who has no run yet, also where to begin. */
static void say_loaded(struct app *a) {
    if (a->store.n == 0)
        app_say(a, STYLE_STATUS, "%s is loaded: %s on %s   {TOUR}: a tour", a->model.name,
                a->model.class_name, a->model.device);
    else
        app_say(a, STYLE_STATUS, "%s is loaded: %s on %s", a->model.name, a->model.class_name,
                a->model.device);
}

static void on_done(struct app *a, struct worker_event *event) {
    struct run *r = a->job.run;
    if (r && event->result) {
        struct attribution *before = r->result;
        r->result = event->result;
        event->result = NULL;
        app_end_run(a, RUN_DONE, NULL);
        if (r == a->current) {
            app_aggregate(a);
            settle(a);
        }
        attribution_release(before); /* the atlas referred to it until now */
        app_say(a, STYLE_STATUS,
                "run %lld done in %.1f s: %lld column%s   {HELP} help   {CONTRAST} contrast   "
                "{EXPORT} export",
                (long long)r->number, r->seconds, (long long)r->n_columns,
                r->n_columns == 1 ? "" : "s");
    } else if (!r && !a->job.evaluating) {
        say_loaded(a);
    }
    app_clear_job(a);
}

/* The run was not begun, for want of memory: it goes, what was shown before comes back, and what
 * would fit is offered. */
static void on_refused(struct app *a) {
    struct run *r = a->job.run, *before = a->job.before;
    struct attribute_request request;
    const struct cost_estimate cost = a->job.cost;
    request_copy(&request, &r->request);
    char *foil = mem_text(r->foil);
    bool was_shown = r == a->current;
    const int64_t number = r->number;
    app_clear_job(a);
    app_forget_run(a, r);
    run_store_forget(&a->store, r); /* it has no file yet */
    if (a->store.next_number == number + 1)
        a->store.next_number = number;
    for (size_t i = 0; i < a->store.n && was_shown; i++)
        if (a->store.runs[i] == before)
            app_set_current(a, before);
    memory_offer_open(a, &request, foil, &cost);
    request_dispose(&request);
    free(foil);
}

/* Of a context what was wrong may be a field's, which then says it, too. Owned by the caller. */
static char *why_failed(struct app *a, const struct run *r, const struct err *e) {
    return r && e->code == ERR_USAGE && request_has_context(&r->request)
               ? form_fields_blame(&a->form, e->message)
               : mem_text(e->message);
}

static void on_failed(struct app *a, const struct worker_event *event) {
    struct run *r = a->job.run;
    bool cancelled = event->err.code == ERR_CANCELLED;
    if (r && a->job.too_large && !r->request.run_anyway && event->err.code == ERR_NOMEM) {
        on_refused(a);
        return;
    }
    char *why = why_failed(a, r, &event->err);
    if (r)
        app_end_run(a, cancelled ? RUN_CANCELLED : RUN_FAILED, cancelled ? NULL : why);
    if (r && r == a->current)
        settle(a);
    if (cancelled)
        app_say(a, STYLE_WARNING, "cancelled%s",
                r && r->result ? "; the finished columns are kept" : "");
    else
        app_say(a, STYLE_ERROR, "%s", *why ? why : err_code_name(event->err.code));
    free(why);
    app_clear_job(a);
    if (!cancelled && event->err.code == ERR_USAGE)
        a->form_focus = !a->has_shown;
}

void app_worker_event(struct app *a, struct worker_event *event) {
    if (event->generation != a->job.generation)
        return;
    switch (event->kind) {
    case WORKER_PROGRESS:
        a->job.phase = event->phase;
        a->job.done = event->done;
        a->job.total = event->total;
        break;
    case WORKER_LOADED:
        a->model = event->model;
        settings_set(&a->settings.model, a->job.model);
        form_fields_set_kind(&a->form,
                             event->model.encoder_decoder ? FORM_TRANSLATOR : FORM_LANGUAGE_MODEL);
        form_fields_set_languages(
            &a->form, a->model.languages,
            (const char *const[]){a->model.own_languages[0], a->model.own_languages[1]});
        app_keep_draft(a);
        break;
    case WORKER_NOTICE:
        app_say(a, STYLE_WARNING, "%s", event->text);
        break;
    case WORKER_GENERATED:
        on_generated(a, event);
        break;
    case WORKER_COST:
        a->job.cost = event->cost;
        a->job.cost_ms = a->now_ms;
        a->job.phase = "attributing"; /* it begins now; the first column may take a while */
        a->job.done = 0;
        a->job.total = 1;
        a->job.too_large = !event->cost.fits;
        break;
    case WORKER_BEGIN:
        on_begin(a, event);
        break;
    case WORKER_COLUMN:
        on_column(a, event);
        break;
    case WORKER_EVALUATED:
        app_evaluated_take(a, &event->curves);
        break;
    case WORKER_DONE:
        on_done(a, event);
        break;
    case WORKER_FAILED:
        on_failed(a, event);
        break;
    }
}
