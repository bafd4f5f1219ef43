/* The tour: from stop to stop, each of which fills the form and runs. */
#include "app/commands/handlers.h"

#include "app/tour/tour.h"
#include "app/tui/front.h"
#include "app/tui/state.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <stdlib.h>

/* The form as the person left it. */
static void keep_form(struct app *a) {
    mem_replace(&a->tour.model_before, mem_text(form_fields_model(&a->form)));
    request_dispose(&a->tour.before);
    if (!form_fields_read(&a->tour.before, &a->form))
        a->tour.before = (struct attribute_request){0};
}

static bool has_model(struct app *a, const char *name) {
    app_find_models(a);
    for (size_t i = 0; i < a->found.n; i++)
        if (text_same(a->found.items[i].name, name) && !a->found.items[i].why_not)
            return true;
    return false;
}

/* A run of this session that was one of the stop: it is not computed again. */
static struct run *run_before(const struct app *a, const char *model) {
    for (size_t i = 0; i < a->store.n; i++) {
        struct run *r = a->store.runs[i];
        if (r->status == RUN_DONE && text_same(r->model, model) &&
            request_equal(&r->request, &a->tour.request))
            return r;
    }
    return NULL;
}

static void run_stop(struct app *a, const struct tour_stop *stop) {
    app_fill_form(a, stop->model, &stop->request);
    request_dispose(&a->tour.request);
    if (!form_fields_read(&a->tour.request, &a->form))
        a->tour.request = (struct attribute_request){0};
    struct run *before = run_before(a, stop->model);
    a->tour.missing = !before && !has_model(a, stop->model);
    if (before)
        app_show_run(a, before);
    else if (!a->tour.missing)
        app_run(a);
    else
        app_say(a, STYLE_WARNING, "the model %s is not here: 'make models' fetches it",
                stop->model);
}

static void go_to(struct app *a, size_t at) {
    if (!a->tour.on)
        keep_form(a);
    a->tour.on = true;
    a->tour.at = at;
    a->tour.missing = false;
    a->form_focus = false;
    const struct tour_stop *stop = tour_stop(at);
    if (stop->model)
        run_stop(a, stop);
}

static void chose_stop(struct app *a, const struct overlay_answer *answer) {
    if (answer->id >= 0 && (size_t)answer->id < tour_stops())
        go_to(a, (size_t)answer->id);
}

/* Each step once, at its first stop. */
void command_tour(struct app *a, int unused) {
    struct picker p;
    int at = 0;
    (void)unused;
    picker_init(&p, "the tour: published findings, step by step");
    for (size_t i = 0; i < tour_stops(); i++) {
        const struct tour_stop *stop = tour_stop(i);
        if (i > 0 && tour_stop(i - 1)->step == stop->step)
            continue;
        picker_add(&p, (int)i, tour_step(stop->step)->title, stop->model,
                   tour_step(stop->step)->text);
        at = i <= a->tour.at ? (int)i : at;
    }
    picker_ready(&p, at);
    overlay_pick(app_overlay(a, chose_stop), &p);
}

void command_tour_step(struct app *a, int direction) {
    const bool first = a->tour.at == 0 && direction < 0,
               last = a->tour.at + 1 == tour_stops() && direction > 0;
    if (!a->tour.on)
        go_to(a, a->tour.at);
    else if (first || last)
        app_say(a, STYLE_NOTICE, "this is the tour's %s step; {TOUR} lists all",
                first ? "first" : "last");
    else
        go_to(a, a->tour.at + (size_t)direction);
}

void app_leave_tour(struct app *a) {
    if (!a->tour.on)
        return;
    a->tour.on = false;
    app_fill_form(a, a->tour.model_before, &a->tour.before);
}

void command_tour_leave(struct app *a, int unused) {
    (void)unused;
    if (!a->tour.on) {
        app_say(a, STYLE_NOTICE, "nobody is on the tour; {TOUR} begins it");
        return;
    }
    app_leave_tour(a);
    app_say(a, STYLE_NOTICE, "the form is as it was before the tour; {TOUR} goes on with it");
}
