/* Commands on the list of runs: marks, order, names, and what is deleted. */
#include "app/commands/handlers.h"

#include "app/tui/state.h"
#include "backend/base/mem.h"

#include <stdlib.h>

void command_open_run(struct app *a, int unused) {
    struct run *r = app_selected_run(a);
    (void)unused;
    if (r)
        app_show_list(a, r);
}

/* --- marks --- */

void command_mark_run(struct app *a, int unused) {
    struct run *r = app_selected_run(a);
    (void)unused;
    if (!r || app_unmark(a, r))
        return;
    if (a->n_marks == RUN_MARKS) {
        app_say(a, STYLE_NOTICE, "%d runs are marked, as many as can be compared: {UNMARK} clears",
                RUN_MARKS);
        return;
    }
    a->marks[a->n_marks++] = r;
    if (a->n_marks == 2)
        app_say(a, STYLE_NOTICE, "A is run %lld, B is run %lld: {COMPARE} compares them",
                (long long)a->marks[0]->number, (long long)a->marks[1]->number);
    else if (a->n_marks > 2)
        app_say(a, STYLE_NOTICE, "%c is run %lld: {COMPARE} compares %zu runs, each against A",
                app_mark_of(a, r), (long long)r->number, a->n_marks);
}

/* --- order --- */

static void tell_order(struct app *a) {
    app_say(a, STYLE_NOTICE, "sorted by %s%s   {REVERSE_RUNS}: the other way round",
            run_column_name(a->listed.sort), a->listed.reversed ? ", reversed" : "");
}

static void chose_order(struct app *a, const struct overlay_answer *answer) {
    if (answer->id < 0 || answer->id >= RUN_COLUMNS)
        return;
    runs_list_sort(&a->listed, &a->store, (enum run_column)answer->id);
    tell_order(a);
}

void command_sort_runs(struct app *a, int unused) {
    struct picker p;
    (void)unused;
    picker_init(&p, "sort the runs by");
    for (int i = 0; i < RUN_COLUMNS; i++)
        picker_add(&p, i, run_column_name((enum run_column)i),
                   a->listed.sort == (enum run_column)i ? "once more: reversed" : NULL, NULL);
    picker_ready(&p, (int)a->listed.sort);
    overlay_pick(app_overlay(a, chose_order), &p);
}

void command_reverse_runs(struct app *a, int unused) {
    (void)unused;
    a->listed.reversed = !a->listed.reversed;
    runs_list_update(&a->listed, &a->store);
    tell_order(a);
}

/* --- names --- */

static const char *title_of(const struct run *r) {
    return r->name ? r->name : run_method(r);
}

static void rename_run(struct app *a, const struct overlay_answer *answer) {
    struct run *r = app_selected_run(a);
    struct err e;
    if (!r)
        return;
    if (run_store_rename(&a->store, r, answer->text, &e) != ERR_OK)
        app_say(a, STYLE_ERROR, "not renamed: %s", e.message);
    else
        app_say(a, STYLE_NOTICE, "run %lld is now \"%s\"", (long long)r->number, title_of(r));
}

void command_rename(struct app *a, int unused) {
    struct run *r = app_selected_run(a);
    (void)unused;
    if (r)
        overlay_input(app_overlay(a, rename_run), "rename the run",
                      "Name (empty: the method's):", r->name);
}

/* --- what is deleted, and comes back --- */

void command_delete(struct app *a, int unused) {
    struct run *r = app_selected_run(a);
    struct err e;
    (void)unused;
    if (!r)
        return;
    if (r == a->job.run) {
        app_say(a, STYLE_WARNING, "this run is under way: {CANCEL} cancels it");
        return;
    }
    app_forget_run(a, r);
    if (run_store_delete(&a->store, r, &e) != ERR_OK)
        app_say(a, STYLE_ERROR, "not deleted: %s", e.message);
    else
        app_say(a, STYLE_NOTICE, "run %lld (%s) is %s   {UNDO_DELETE}: bring it back",
                (long long)r->number, title_of(r),
                r->foreign ? "off the list, its file stays" : "deleted");
    runs_list_update(&a->listed, &a->store);
}

/* With its filter, if that hides it, gone. */
static void go_to_run(struct app *a, struct run *r) {
    a->listed.at = r;
    runs_list_update(&a->listed, &a->store);
    if (a->listed.at != r) {
        a->listed.at = r;
        runs_list_filter(&a->listed, &a->store, NULL);
    }
}

void command_undo_delete(struct app *a, int unused) {
    struct run *r;
    struct err e;
    (void)unused;
    if (run_store_undelete(&r, &a->store, &e) != ERR_OK) {
        app_say(a, STYLE_ERROR, "it does not come back: %s", e.message);
        return;
    }
    if (!r) {
        app_say(a, STYLE_NOTICE, "no run was deleted in the last %d days", RUN_DELETED_DAYS);
        return;
    }
    go_to_run(a, r);
    app_say(a, STYLE_NOTICE, "run %lld (%s) is back", (long long)r->number, title_of(r));
}
