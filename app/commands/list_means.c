/* Means of the rows of a list, by groups: each is a run like others. */
#include "app/commands/handlers.h"

#include "app/tui/front.h"
#include "app/tui/lists.h"
#include "app/tui/row_groups.h"
#include "app/tui/state.h"
#include "backend/base/mem.h"
#include "methods/request/request.h"

#include <stdlib.h>
#include <string.h>

static void drop(void *user) {
    row_means_free(user);
}

/* A run that is done, kept as others are; the result is taken from the group. */
static struct run *add_run(struct app *a, struct row_mean *g) {
    const struct result_info *info = &g->result->info;
    struct attribute_request request = {.method = info->method, .attributed_fn = info->function.id};
    struct run *r =
        run_store_add(&a->store, info->model_name ? info->model_name : "", &request, a->now);
    struct err e;
    r->name = mem_format("%s%smean of %zu row%s", g->label ? g->label : "", g->label ? ": " : "",
                         g->n, g->n == 1 ? "" : "s");
    r->result = g->result;
    g->result = NULL;
    r->status = RUN_DONE;
    r->seconds = 0;
    if (run_store_save(&a->store, r, &e) != ERR_OK)
        app_say(a, STYLE_ERROR, "the mean is not kept on disk: %s", e.message);
    return r;
}

/* Of several each is marked, so that they compare at once. */
static void show(struct app *a, struct run *const *runs, size_t n) {
    a->n_marks = 0;
    for (size_t i = 0; i < n && n > 1; i++)
        a->marks[a->n_marks++] = runs[i];
    app_show_run(a, runs[0]);
    if (n > 1)
        app_go(a, VIEW_RUNS);
}

static void tell(struct app *a, const struct row_means *m, struct run *const *runs, size_t n) {
    if (m->n_failed)
        app_say(a, STYLE_WARNING, "%zu row%s left out: %s", m->n_failed,
                m->n_failed == 1 ? " is" : "s are", m->first_failure);
    else if (m->n_left_out)
        app_say(a, STYLE_WARNING,
                "%zu row%s in no group: without a value there, or one rarer than %d others",
                m->n_left_out, m->n_left_out == 1 ? " is" : "s are", ROW_MEANS_MOST);
    else if (n > 1)
        app_say(a, STYLE_STATUS,
                "%zu means are runs %lld to %lld, and marked: {COMPARE} compares them, {OPEN_RUN} "
                "shows one",
                n, (long long)runs[0]->number, (long long)runs[n - 1]->number);
    else
        app_say(a, STYLE_STATUS, "run %lld: %s   {BACK}: the list", (long long)runs[0]->number,
                runs[0]->name);
}

static void averaged(void *owner, void *user, enum err_code code, const struct err *e) {
    struct app *a = owner;
    struct row_means *m = user;
    struct run *runs[ROW_MEANS_MOST];
    size_t n = 0;
    for (size_t g = 0; g < m->n_groups && !code; g++)
        if (m->groups[g].result)
            runs[n++] = add_run(a, &m->groups[g]);
    if (n && !overlay_is_open(&a->overlay))
        show(a, runs, n);
    struct row_list *l = app_list_of_rows(a, m->rows);
    if (n && l) {
        l->first_mean = runs[0]->number;
        l->last_mean = runs[n - 1]->number;
    }
    if (n)
        tell(a, m, runs, n);
    else
        app_say(a, code == ERR_CANCELLED ? STYLE_WARNING : STYLE_ERROR, "%s", e->message);
    row_means_free(m);
}

/* --- asking --- */

static const char *leaf(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void average(struct app *a, const struct row_list *l, int column, bool by_role) {
    struct row_means *m = mem_alloc(sizeof *m);
    *m = (struct row_means){
        .rows = l->run->rows, .of = mem_text(leaf(l->run->path)), .by_role = by_role};
    row_groups_make(m, l, column);
    row_groups_find_roles(m, l);
    background_add(a->background, (struct background_work){.phase = "averaging",
                                                           .user = m,
                                                           .uses = m->rows,
                                                           .run = row_means_run,
                                                           .done = averaged,
                                                           .drop = drop});
}

/* A column's number in the menu is two more, and its other way by role. */
#define ALL_ROWS 1
#define WAYS (ROW_COLUMNS + 2)

static void chose(struct app *a, const struct overlay_answer *answer) {
    const struct row_list *l = app_list(a);
    if (l && answer->id >= 0)
        average(a, l, answer->id % WAYS - 2, answer->id >= WAYS);
}

static void add_ways(struct picker *p, const struct row_list *l, bool by_role) {
    static const char *const help[] = {
        "A map of each group; place by place where all have as many tokens, else by role.",
        "A map of each group by what tokens are: first, last, words of a field that stands in the "
        "prompts, others; by layer where there are some."};
    const char *how = by_role ? "by role" : NULL;
    int shown[ROW_COLUMNS];
    const size_t n = row_list_shown(shown, l);
    picker_add(p, ALL_ROWS + by_role * WAYS, "all of them", how, help[by_role]);
    for (size_t i = 0; i < n; i++) {
        const struct row_column c = row_table_column(l->table, (size_t)shown[i]);
        char *title = mem_format("by %s", c.name);
        if (c.kind != ROW_STRONGEST)
            picker_add(p, shown[i] + 2 + by_role * WAYS, title, how, help[by_role]);
        free(title);
    }
}

void command_means(struct app *a, int unused) {
    const struct row_list *l = app_list(a);
    struct picker p;
    (void)unused;
    if (!l || l->n == 0) {
        app_say(a, STYLE_NOTICE, "no row is listed");
        return;
    }
    const size_t n = l->n_marks ? l->n_marks : l->n;
    char *title = mem_format("mean of %zu %s rows", n, l->n_marks ? "marked" : "listed");
    picker_init(&p, title);
    add_ways(&p, l, false);
    add_ways(&p, l, true);
    picker_ready(&p, ALL_ROWS);
    overlay_pick(app_overlay(a, chose), &p);
    free(title);
}
