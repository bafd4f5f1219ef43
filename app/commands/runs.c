/* Commands that show runs: one, the next. */
#include "app/commands/handlers.h"

#include "app/tui/front.h"
#include "app/tui/lists.h"
#include "app/tui/shown.h"
#include "app/tui/state.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <stdlib.h>
#include <string.h>

/* There is nothing of it to show, and no file that might have it. */
static bool left_nothing(const struct app *a, const struct run *r) {
    return !r->result && !r->path && r != a->job.run;
}

/* What is typed in the form and was not run is not lost with it: it can be had again. */
static void keep_typed(struct app *a, const struct run *next) {
    const struct form_field *prompt = form_find(&a->form.form, FIELD_PROMPT);
    const char *typed = edit_text(&prompt->edit);
    const bool shown = a->current && text_same(typed, a->current->request.input_text),
               next_text = next == a->current && next->foreign; /* of the same file */
    if (*typed && !shown && !next_text)
        app_remember_form(a);
}

void app_fill_form(struct app *a, const char *model, const struct attribute_request *r) {
    if (!text_same(model, a->model.name))
        form_fields_set_kind(&a->form, FORM_ANY_MODEL);
    form_fields_fill(&a->form, model, r);
    form_focus(&a->form.form, FIELD_PROMPT);
}

static void fill_form(struct app *a, const struct run *r) {
    keep_typed(a, r);
    app_fill_form(a, r->model, &r->request);
    if (r->foil) { /* the request knows its id only */
        struct form_field *field = form_find(&a->form.form, FIELD_FOIL);
        edit_set(&field->edit, r->foil);
    }
}

/* What was asked for, to be run again. */
static void show_request(struct app *a, const struct run *r) {
    fill_form(a, r);
    command_edit(a, FIELD_PROMPT);
    app_say(a, STYLE_ERROR, "run %lld: %s   {RUN}: run it again", (long long)r->number,
            r->error ? r->error : "it left no result");
}

void app_show_run(struct app *a, struct run *r) {
    struct err e;
    if (left_nothing(a, r)) {
        show_request(a, r);
        return;
    }
    if (!r->result && r != a->job.run && run_store_load(&a->store, r, &e) != ERR_OK) {
        app_say(a, STYLE_ERROR, "run %lld: %s", (long long)r->number, e.message);
        return;
    }
    fill_form(a, r);
    request_dispose(&a->opened);
    if (r->foreign)
        (void)form_fields_read(&a->opened, &a->form);
    a->map.follow = r == a->job.run;
    app_set_current(a, r);
    if (!view_ops(a->view)->result)
        app_go(a, VIEW_MAP);
    if (a->view == VIEW_TEXT)
        a->text.column = a->map.column;
    if (run_texts(r) > 1)
        app_say(
            a, STYLE_NOTICE,
            "text %zu of %zu   {NEXT_TEXT} next   {PREVIOUS_TEXT} previous   {EXPORT} writes all",
            r->i_text + 1, run_texts(r));
}

void command_step_run(struct app *a, int direction) {
    for (size_t i = 0; i < a->store.n; i++) {
        if (a->store.runs[i] != a->current)
            continue;
        size_t to = i + (size_t)direction; /* wraps below 0 to beyond n */
        while (to < a->store.n && left_nothing(a, a->store.runs[to]))
            to += (size_t)direction;
        if (to < a->store.n)
            app_show_run(a, a->store.runs[to]);
        else
            app_say(a, STYLE_NOTICE,
                    direction > 0 ? "this is the first run" : "this is the newest run");
        return;
    }
    if (a->store.n)
        app_show_run(a, a->store.runs[0]);
}

void app_forget_run(struct app *a, struct run *r) {
    (void)app_unmark(a, r);
    app_list_forget(a, r);
    if (a->listed.at == r)
        a->listed.at = NULL; /* its neighbour then */
    if (a->job.evaluated == r)
        a->job.evaluated = NULL;
    if (a->current == r) {
        atlas_show(&a->atlas, NULL);
        app_set_current(a, NULL);
    }
}

/* --- runs that were lost when the program was killed --- */

static struct run *untold_run(const struct app *a) {
    for (size_t i = 0; i < a->store.n; i++)
        if (a->store.runs[i]->untold)
            return a->store.runs[i];
    return NULL;
}

/* Whatever was answered, all of them are in the list. */
static void tell_all(struct app *a) {
    for (struct run *r; (r = untold_run(a)) != NULL;)
        run_store_told(r);
}

static void run_lost(struct app *a, const struct overlay_answer *answer) {
    struct run *lost = untold_run(a);
    (void)answer;
    tell_all(a);
    fill_form(a, lost);
    app_run(a);
    if (!a->job.run)
        return;
    app_forget_run(a, lost); /* it is the new one now */
    run_store_forget(&a->store, lost);
}

static void leave_lost(struct app *a, const struct overlay_answer *answer) {
    (void)answer;
    tell_all(a);
    app_say(a, STYLE_NOTICE, "the runs have it still: {OPEN_RUN} there puts it into the form");
}

void app_tell_lost(struct app *a) {
    const struct run *lost = untold_run(a);
    if (!lost)
        return;
    char *words = app_first_words(lost->request.input_text),
         *what = mem_format("Run %lld (%s, \"%s\") was lost: the program ended before it did.",
                            (long long)lost->number, run_method(lost), words);
    if (a->job.run) {
        app_say(a, STYLE_WARNING, "%s It is among the runs", what);
        tell_all(a);
    } else {
        char *question = mem_format("%s Run it again?", what);
        overlay_ask(app_overlay_watched(a, run_lost, leave_lost), question);
        free(question);
    }
    free(what);
    free(words);
}
