/* How faithful a run's scores are: measured, kept with its result, shown. */
#include "app/commands/handlers.h"

#include "app/tui/shown.h"
#include "app/tui/state.h"
#include "backend/base/mem.h"
#include "methods/request/request.h"
#include "views/screens/faithful.h"

#include <stdlib.h>

/* --- shown --- */

static void draw(struct grid *g, struct area a, const void *of) {
    faithful_draw(g, a, of);
}

static void free_curves(void *of) {
    curves_dispose(of);
    free(of);
}

static void show_take(struct app *a, struct curves curves) {
    struct curves *of = mem_copy(&curves, sizeof curves);
    char *lines = faithful_lines(of);
    overlay_text_take(app_overlay(a, NULL), "faithfulness", lines,
                      (struct overlay_picture){faithful_rows, draw, free_curves, of});
    free(lines);
}

/* --- kept --- */

/* What was measured of this result before. */
static bool kept_curves(struct curves *out, const struct run *r) {
    return r->result && curves_read(out, info_text_of(&r->result->info.faithfulness, 0));
}

/* Of a file of many texts another may be shown by now: those are not kept. */
static void keep(struct app *a, struct run *r, const struct curves *curves) {
    struct err e;
    if (run_store_load(&a->store, r, &e) != ERR_OK || !r->result)
        return;
    /* The saver and the worker read the result, but nothing of this. */
    info_texts_put_take(&r->result->info.faithfulness, 0, curves_json(curves));
    if (run_store_save(&a->store, r, &e) != ERR_OK)
        app_say(a, STYLE_ERROR, "the curves are not kept: %s", e.message);
}

void app_evaluated_take(struct app *a, struct curves *curves) {
    struct run *r = a->job.evaluated;
    a->message[0] = 0;
    if (r && r->i_text == a->job.evaluated_text)
        keep(a, r, curves);
    show_take(a, *curves);
    *curves = (struct curves){0};
}

/* --- measured --- */

/* Why a run cannot be evaluated; NULL: it can. */
static const char *why_not(const struct run *r) {
    if (!r || !r->result || r->status != RUN_DONE || !r->model)
        return "only a finished run can be evaluated";
    if (span_given(&r->request.span))
        return "faithfulness is measured step by step, and this run's column is a span: evaluate "
               "one with single steps";
    return NULL;
}

static void begin(struct app *a, struct run *r) {
    const char *function = r->request.attributed_fn;
    app_clear_job(a);
    a->job.generation =
        worker_evaluate(a->worker, r->model, r->result, function ? function : "probability");
    a->job.model = mem_text(r->model);
    a->job.phase = "evaluating";
    a->job.evaluating = true;
    a->job.evaluated = r;
    a->job.evaluated_text = r->i_text;
    a->job.begun_ms = a->now_ms;
    app_say(a, STYLE_NOTICE,
            "run %lld: tokens are taken away in the order of their scores   {CANCEL}: cancel",
            (long long)r->number);
}

void command_evaluate(struct app *a, int unused) {
    struct run *r = a->current;
    struct curves curves;
    (void)unused;
    if (r && kept_curves(&curves, r)) { /* measured again, they would be the same */
        show_take(a, curves);
        return;
    }
    if (app_is_busy(a))
        return;
    const char *why = why_not(r);
    if (why)
        app_say(a, STYLE_NOTICE, "%s", why);
    else
        begin(a, r);
}
