/* The tour: from stop to stop, each of which fills the form and runs. */
#include "app/commands/handlers.h"

#include "app/tour/tour.h"
#include "app/tui/front.h"
#include "app/tui/state.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <stdlib.h>
#include <string.h>

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

/* --- files that a stop's request names: they are put beside the runs --- */

#define MOST_DOCUMENTS 8

static const char *file_text(const char *name) {
    size_t n;
    const struct tour_file *files = tour_files(&n);
    for (size_t i = 0; i < n; i++)
        if (text_same(files[i].name, name))
            return files[i].text;
    return NULL;
}

/* Its path, owned by the caller. */
static enum err_code place_file(char **path, const struct app *a, const char *name, struct err *e) {
    const char *text = file_text(name);
    char *state = file_folder(a->store.folder), *folder = file_join(state, "tour");
    enum err_code code =
        text ? file_make_folders(folder, e) : err_set(e, ERR_IO, "the tour has no file %s", name);
    *path = file_join(folder, name);
    if (!code)
        code = file_write(*path, text, strlen(text), e);
    free(folder);
    free(state);
    return code;
}

static void fill_with_files(struct app *a, const struct tour_stop *stop) {
    struct attribute_request request = stop->request;
    char *paths[MOST_DOCUMENTS] = {NULL};
    const size_t n = request.documents.n < MOST_DOCUMENTS ? request.documents.n : MOST_DOCUMENTS;
    struct err e;
    for (size_t i = 0; i < n; i++)
        if (place_file(&paths[i], a, stop->request.documents.items[i], &e) != ERR_OK)
            app_say(a, STYLE_ERROR, "%s", e.message);
    request.documents = (struct names){(const char *const *)paths, n};
    app_fill_form(a, stop->model, &request);
    for (size_t i = 0; i < n; i++)
        free(paths[i]);
}

static void run_stop(struct app *a, const struct tour_stop *stop) {
    fill_with_files(a, stop);
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
    run_stop(a, tour_stop(at));
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
