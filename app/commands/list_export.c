/* Rows of the list into a file of their own, written in the background. */
#include "app/commands/handlers.h"

#include "app/files/rows_export.h"
#include "app/tui/lists.h"
#include "app/tui/state.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "views/export/exports.h"

#include <stdlib.h>
#include <string.h>

/* What is written: who reads it meanwhile may not change. */
struct row_export {
    struct background *background;
    struct result_rows *rows;
    uint32_t *items; /* [n] */
    size_t n, n_damaged;
    char *path;
    const struct export *format;
};

static void free_export(void *user) {
    struct row_export *x = user;
    free(x->items);
    free(x->path);
    free(x);
}

static bool goes_on(void *user, uint64_t done) {
    const struct row_export *x = user;
    return background_tell(x->background, (int64_t)done, (int64_t)x->n);
}

static enum err_code write_rows(struct background *b, void *user, struct err *e) {
    struct row_export *x = user;
    const struct rows_watch watch = {goes_on, x};
    x->background = b;
    return rows_export(&x->n_damaged, x->rows, x->items, x->n, x->path, x->format, &watch, e);
}

static void wrote(void *owner, void *user, enum err_code code, const struct err *e) {
    struct app *a = owner;
    struct row_export *x = user;
    char *real = realpath(x->path, NULL);
    const size_t n = x->n - x->n_damaged;
    if (code)
        app_say(a, code == ERR_CANCELLED ? STYLE_WARNING : STYLE_ERROR, "not written: %s",
                e->message);
    else if (x->n_damaged)
        app_say(a, STYLE_WARNING, "written: %s, %zu rows; %zu damaged ones are left out",
                real ? real : x->path, n, x->n_damaged);
    else
        app_say(a, STYLE_STATUS, "written: %s, %zu row%s", real ? real : x->path, n,
                n == 1 ? "" : "s");
    free(real);
    free_export(x);
}

/* Of the marked rows, or of all that are listed. */
static const uint32_t *chosen(size_t *n, const struct row_list *l) {
    *n = l->n_marks ? l->n_marks : l->n;
    return l->n_marks ? l->marks : l->items;
}

/* Writes to the path that waits in the state. */
static void write_to(struct app *a, const struct overlay_answer *unused) {
    struct row_list *l = app_list(a);
    struct row_export *x = mem_alloc(sizeof *x);
    struct err e;
    (void)unused;
    *x = (struct row_export){.path = a->export_path};
    a->export_path = NULL;
    if (!l || export_of_path(&x->format, x->path, &e) != ERR_OK) {
        free_export(x); /* the list has gone meanwhile */
        return;
    }
    const uint32_t *items = chosen(&x->n, l);
    x->rows = l->run->rows;
    x->items = mem_alloc((x->n + 1) * sizeof *x->items);
    memcpy(x->items, items, x->n * sizeof *x->items);
    background_add(a->background, (struct background_work){.phase = "writing rows",
                                                           .user = x,
                                                           .uses = x->rows,
                                                           .run = write_rows,
                                                           .done = wrote,
                                                           .drop = free_export});
}

static void typed_path(struct app *a, const struct overlay_answer *answer);

static void ask_path(struct app *a, const char *typed, const char *why) {
    size_t n = 0;
    const struct row_list *l = app_list(a);
    if (l)
        (void)chosen(&n, l);
    char *text =
        mem_format("%s%sWrite the %zu %s row%s to (.jsonl, .jsonl.gz):", why ? why : "",
                   why ? ". " : "", n, l && l->n_marks ? "marked" : "listed", n == 1 ? "" : "s");
    overlay_input(app_overlay(a, typed_path), "export rows", text, typed);
    free(text);
}

/* The file stays as it is; perhaps another name will do. */
static void keep_old(struct app *a, const struct overlay_answer *unused) {
    (void)unused;
    ask_path(a, a->export_path, NULL);
}

static enum err_code check_path(const char *path, struct err *e) {
    const struct export *format;
    enum err_code code = export_of_path(&format, path, e);
    if (!code && !format->write_row)
        code = err_set(e, ERR_USAGE, "%s holds whole results, not rows", format->title);
    return code;
}

static void typed_path(struct app *a, const struct overlay_answer *answer) {
    const char *typed = answer->text;
    struct err e;
    if (!*typed)
        return;
    char *path = typed[0] == '~' && typed[1] == '/' ? file_home(typed + 2) : mem_text(typed);
    if (check_path(path, &e) != ERR_OK) {
        ask_path(a, typed, e.message);
        free(path);
        return;
    }
    mem_replace(&a->export_path, path);
    if (!file_exists(path)) {
        write_to(a, NULL);
        return;
    }
    char *question = mem_format("%s exists. Overwrite it?", path);
    overlay_ask(app_overlay_watched(a, write_to, keep_old), question);
    free(question);
}

void command_export_rows(struct app *a, int unused) {
    const struct row_list *l = app_list(a);
    (void)unused;
    if (!l || l->n == 0)
        app_say(a, STYLE_NOTICE, "no row is listed");
    else
        ask_path(a, l->n_marks ? "marked.jsonl" : "rows.jsonl", NULL);
}
