#include "app/tui/lists.h"

#include "app/jobs/background.h"
#include "app/tui/state.h"
#include "backend/base/mem.h"

#include <stdlib.h>

static size_t find(const struct app *a, const struct run *r) {
    size_t i = 0;
    while (i < a->n_lists && a->lists[i]->run != r)
        i++;
    return i;
}

static struct row_list *list_of_table(const struct app *a, const struct row_table *table) {
    for (size_t i = 0; i < a->n_lists; i++)
        if (a->lists[i]->table == table)
            return a->lists[i];
    return NULL;
}

/* What a person should know of the whole file. */
static void tell(struct app *a, const struct row_table *t) {
    const size_t damaged = row_table_damaged(t), left_out = row_table_left_out(t);
    if (damaged)
        app_say(a, STYLE_WARNING, "%zu row%s of %zu %s damaged: the list says how", damaged,
                damaged == 1 ? "" : "s", row_table_count(t), damaged == 1 ? "is" : "are");
    if (left_out)
        app_say(a, STYLE_WARNING, "%zu values stand in columns beyond the %d that a list has",
                left_out, ROW_COLUMNS);
}

static void read_to_the_end(void *owner, void *user, enum err_code code, const struct err *e) {
    struct app *a = owner;
    struct row_list *l = list_of_table(a, user);
    if (!l)
        return;
    row_list_update(l);
    l->failed = code != ERR_OK;
    if (code)
        app_say(a, STYLE_WARNING, "%s: the list has %zu of %zu rows", e->message,
                row_table_ready(l->table), row_table_count(l->table));
    else
        tell(a, l->table);
}

void app_list_add_take(struct app *a, struct run *r, struct row_table *table) {
    a->lists = mem_resize(a->lists, (a->n_lists + 1) * sizeof *a->lists);
    a->lists[a->n_lists++] = row_list_new_take(r, table);
    a->run_listed = r;
}

void app_list_replace_take(struct app *a, struct run *r, const char *path, struct result_rows *rows,
                           struct row_table *table) {
    const size_t i = find(a, r);
    struct result_rows *before = r->rows;
    r->rows = rows;
    mem_replace(&r->path, mem_text(path));
    if (i < a->n_lists)
        row_list_replace_take(a->lists[i], table);
    else
        app_list_add_take(a, r, table);
    result_rows_close(before);
}

struct row_list *app_list_of(struct app *a, struct run *r) {
    const size_t i = find(a, r);
    if (!r || run_texts(r) < 2)
        return NULL;
    a->run_listed = r;
    if (i < a->n_lists)
        return a->lists[i];
    struct row_table *table = row_table_new(r->rows);
    app_list_add_take(a, r, table);
    background_add(a->background, (struct background_work){.phase = "reading rows",
                                                           .user = table,
                                                           .uses = r->rows,
                                                           .run = row_table_read,
                                                           .done = read_to_the_end});
    return a->lists[a->n_lists - 1];
}

struct row_list *app_list(const struct app *a) {
    size_t i = find(a, a->current);
    if (i == a->n_lists)
        i = find(a, a->run_listed);
    if (i == a->n_lists)
        return NULL;
    row_list_update(a->lists[i]);
    return a->lists[i];
}

struct row_list *app_list_of_rows(const struct app *a, const struct result_rows *rows) {
    for (size_t i = 0; i < a->n_lists; i++)
        if (a->lists[i]->run->rows == rows)
            return a->lists[i];
    return NULL;
}

bool app_is_listed(const struct app *a) {
    const struct row_list *l = app_list(a);
    const struct run *r = a->current;
    return l && r && (r == l->run || (r->number >= l->first_mean && r->number <= l->last_mean));
}

int app_tabs(const struct app *a) {
    return app_list(a) || a->view == VIEW_LIST ? VIEW_TABS : VIEW_LIST;
}

static void free_list(struct app *a, struct row_list *l) {
    background_forget(a->background, l->run->rows);
    row_list_free(l);
}

void app_list_forget(struct app *a, const struct run *r) {
    const size_t i = find(a, r);
    if (a->follow.run == r) { /* a person wants it off the list */
        free(a->follow.output);
        a->follow.output = NULL;
        a->follow.run = NULL;
    }
    if (i == a->n_lists)
        return;
    free_list(a, a->lists[i]);
    a->lists[i] = a->lists[--a->n_lists];
    a->run_listed = a->n_lists ? a->lists[a->n_lists - 1]->run : NULL;
}

void app_lists_dispose(struct app *a) {
    for (size_t i = 0; i < a->n_lists; i++)
        free_list(a, a->lists[i]);
    free(a->lists);
    a->lists = NULL;
    a->n_lists = 0;
}
