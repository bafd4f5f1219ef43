/* Jobs: posting them to the worker, ending them. */
#include "app/commands/handlers.h"

#include "app/jobs/documents_job.h"
#include "app/tui/front.h"
#include "app/tui/shown.h"
#include "app/tui/state.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "methods/context/context.h"
#include "methods/declare/declare.h"
#include "methods/request/request.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define WORTH_ASKING_MS 5000 /* a job shorter than this is soon done again */

void app_clear_job(struct app *a) {
    free(a->job.generated);
    free(a->job.model);
    a->job = (struct app_job){0};
}

char *app_first_words(const char *text) {
    char buf[64], *clean = text_sanitise(text ? text : "", text ? strlen(text) : 0, false);
    text_fit(buf, sizeof buf, clean, 40, false);
    free(clean);
    return mem_text(buf);
}

void app_end_run(struct app *a, enum run_status status, const char *error) {
    struct run *r = a->job.run;
    struct err e;
    r->status = status;
    r->seconds = (double)(a->now_ms - a->job.begun_ms) / 1000;
    free(r->error);
    r->error = mem_text(error);
    struct attribution_sequence *s =
        r->result && r->result->n_sequences ? &r->result->sequences[0] : NULL;
    if (s && s->done && s->n_done == 0 && status != RUN_DONE) {
        attribution_release(r->result);
        r->result = NULL;
        if (r == a->current)
            app_aggregate(a);
    }
    if (r->result && !r->result->info.seconds.given) {
        r->result->info.seconds = (struct info_seconds){true, r->seconds};
        r->result->info.cut_short = optional_of(true);
    }
    if (!r->result)
        run_store_drop(r);
    else if (run_store_save(&a->store, r, &e) != ERR_OK)
        app_say(a, STYLE_ERROR, "the run is not kept on disk: %s", e.message);
}

void command_cancel(struct app *a, int unused) {
    (void)unused;
    if (!a->job.generation) {
        const bool run = background_cancel(a->runner),
                   any = background_cancel(a->background) || run;
        app_say(a, STYLE_NOTICE, any ? "cancelling" : "nothing is running");
        return;
    }
    worker_cancel(a->worker);
    a->job.cancelling = true;
    app_say(a, STYLE_NOTICE, "cancelling; finished columns stay");
}

/* Before another job takes the worker: the run under way ends now, its later events will be
 * dropped. */
static void overtake(struct app *a) {
    if (a->job.run)
        app_end_run(a, RUN_CANCELLED, "another run was started");
    app_clear_job(a);
}

void app_end(struct app *a) {
    if (a->job.run)
        app_end_run(a, RUN_CANCELLED, "the program ended");
    app_clear_job(a);
}

bool app_is_busy(struct app *a) {
    if (a->job.run)
        app_say(a, STYLE_WARNING, "a run is under way: {CANCEL} cancels it");
    else if (a->job.evaluating)
        app_say(a, STYLE_WARNING, "faithfulness is being measured: {CANCEL} cancels that");
    return a->job.run || a->job.evaluating;
}

void app_use_model(struct app *a, const char *name) {
    if (app_is_busy(a))
        return;
    app_clear_job(a);
    a->job.generation = worker_load(a->worker, name);
    a->job.model = mem_text(name);
    a->job.phase = "loading";
    a->job.begun_ms = a->now_ms;
}

/* Something is explained, or told of every step, that a foil may be held against. */
static bool compares(const struct attribute_request *r) {
    const struct method_decl *method = method_decl_find(r->method);
    bool any = !method || method->needs_attributed_fn;
    for (size_t i = 0; i < r->step_scores.n; i++) {
        const struct step_function_decl *score = step_function_decl_find(r->step_scores.items[i]);
        any |= !score || score->contrastive; /* a formula may have a foil */
    }
    return any;
}

/* A method without a function explains all steps: a foil, which stays in the form, is of one. */
static void leave_out_foil(struct attribute_request *r) {
    if (compares(r))
        return;
    foil_dispose(&r->foil);
}

/* A pipe would be waited for: nothing could be pressed meanwhile. */
static enum err_code check_files(const struct names *paths, struct err *e) {
    struct stat s;
    for (size_t i = 0; i < paths->n; i++)
        if (stat(paths->items[i], &s) == 0 && !S_ISREG(s.st_mode))
            return err_set(e, ERR_USAGE, "document %zu: %.200s is no file to read", i + 1,
                           paths->items[i]);
    return ERR_OK;
}

/* What is wrong with it is said at the field that it is about. */
static enum err_code check_context(const struct attribute_request *r, struct app *a,
                                   struct err *e) {
    struct context_request context;
    struct documents_job documents = {0};
    enum err_code code = context_request_of(&context, r, e);
    if (code)
        goto out;
    code = check_files(&r->documents, e);
    if (code)
        goto out;
    code = documents_job_read(&documents, &context, e);
    if (code)
        goto out;
    code = context_check(&context, e);
out:
    if (code) {
        char *text = form_fields_blame(&a->form, e->message);
        (void)err_set(e, code, "%s", text);
        free(text);
    }
    documents_job_dispose(&documents);
    return code;
}

static enum err_code collect(struct attribute_request *out, struct app *a, struct err *e) {
    enum err_code code = form_fields_collect(out, &a->form, e);
    if (code)
        return code;
    leave_out_foil(out);
    code = request_has_context(out) ? check_context(out, a, e) : attribute_check(out, e);
    if (code)
        request_dispose(out);
    return code;
}

/* The form's request. False: it has none; says why. */
static bool read_form(struct attribute_request *request, struct app *a) {
    struct err e;
    if (collect(request, a, &e) == ERR_OK)
        return true;
    app_go(a, VIEW_MAP);
    a->form_focus = true;
    app_say(a, STYLE_ERROR, "%s", e.message);
    return false;
}

static void begin_run(struct app *a, struct attribute_request *request) {
    overtake(a);
    request_dispose(&a->opened); /* now it is a run like others */
    request->run_anyway = a->run_anyway;
    struct run *before = a->current;
    const char *model = form_fields_model(&a->form);
    struct run *r = run_store_add(&a->store, model, request, a->now);
    const struct form_field *foil = form_find(&a->form.form, FIELD_FOIL);
    if (foil_given(&request->foil) && foil)
        r->foil = text_clean(edit_text(&foil->edit));
    run_store_begin(&a->store, r);
    a->job.generation = worker_attribute(a->worker, model, request);
    a->job.model = mem_text(model);
    a->job.run = r;
    a->job.before = before;
    a->job.phase = "starting";
    a->job.begun_ms = a->now_ms;
    a->form_focus = false;
    if (!view_ops(a->view)->result)
        app_go(a, VIEW_MAP);
    a->map.follow = true;
    app_set_current(a, r);
    app_keep_settings(a);
    app_remember_form(a);
    char *words = app_first_words(request->input_text);
    app_say(a, STYLE_NOTICE, "run %lld: %s with %s, \"%s\"", (long long)r->number, run_method(r),
            model, words);
    free(words);
}

/* --- instead of a job that has taken a while: only if the person agrees --- */

static void run_now(struct app *a) {
    struct attribute_request request;
    const char *gone = form_fields_drop_stale(&a->form);
    if (!read_form(&request, a))
        return;
    begin_run(a, &request);
    if (gone)
        app_say(a, STYLE_WARNING, "run %lld: %s is gone, chosen for another text or model",
                (long long)a->job.run->number, gone);
    else if (foil_given(&a->form.foil) && !foil_given(&request.foil))
        app_say(a, STYLE_WARNING, "run %lld: %s explains no function, so no foil either",
                (long long)a->job.run->number, run_method(a->job.run));
    request_dispose(&request);
}

static void run_instead(struct app *a, const struct overlay_answer *answer) {
    (void)answer;
    run_now(a);
}

/* "12 s", "3 min". */
static char *time_text(int64_t ms) {
    const long long seconds = ms / 1000;
    return seconds < 90 ? mem_format("%lld s", seconds) : mem_format("%lld min", seconds / 60);
}

static void ask_first(struct app *a) {
    char *time = time_text(a->now_ms - a->job.begun_ms), *question;
    if (a->job.run)
        question = mem_format("Run %lld has been under way for %s. Stop it, keep its finished "
                              "columns, and run this?",
                              (long long)a->job.run->number, time);
    else
        question =
            mem_format("Faithfulness has been measured for %s. Stop that and run this?", time);
    overlay_ask(app_overlay(a, run_instead), question);
    free(question);
    free(time);
}

void app_run(struct app *a) {
    struct attribute_request request;
    const bool working = a->job.run || a->job.evaluating;
    if (!working || a->now_ms - a->job.begun_ms < WORTH_ASKING_MS) {
        run_now(a);
    } else if (read_form(&request, a)) { /* it could run */
        ask_first(a);
        request_dispose(&request);
    }
}
