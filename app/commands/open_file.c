/* Files are opened from inside: results of Tinseq's or Inseq's, rows, packed or not. */
#include "app/commands/handlers.h"

#include "app/files/result_rows.h"
#include "app/tui/state.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* By its name: what is in it is seen when it is opened. */
static bool opens(const char *name) {
    static const char *const endings[] = {".json", ".jsonl", ".json.gz", ".jsonl.gz"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (text_ends_with(name, endings[i]))
            return true;
    return false;
}

void app_show_opened(struct app *a, struct run *first, size_t n) {
    app_show_list(a, first);
    if (n > 1)
        app_say(a, STYLE_NOTICE, "%zu files are open: {NEXT_RUN} shows the next, {VIEW_RUNS} all",
                n);
}

/* The run that shows it; NULL: it cannot be opened, and why is said. */
static struct run *open_file(struct app *a, const char *path) {
    struct result_rows *rows;
    struct run *r = NULL;
    struct err e;
    enum err_code code = result_rows_open(&rows, path, &e);
    if (!code)
        code = run_store_add_file(&r, &a->store, path, rows, &e);
    if (code)
        app_say(a, STYLE_ERROR, "%s", e.message);
    return code ? NULL : r;
}

/* --- large ones --- */

struct opening {
    struct background *background;
    char *path;
    int64_t size; /* bytes of its text; 0: not known */
    struct result_rows *rows;
};

static void free_opening(void *user) {
    struct opening *o = user;
    result_rows_close(o->rows);
    free(o->path);
    free(o);
}

static bool goes_on(void *user, uint64_t bytes) {
    const struct opening *o = user;
    return background_tell(o->background, (int64_t)bytes, o->size);
}

static enum err_code open_rows(struct background *b, void *user, struct err *e) {
    struct opening *o = user;
    const struct rows_watch watch = {goes_on, o};
    o->background = b;
    return result_rows_open_watched(&o->rows, o->path, &watch, e);
}

/* Whatever a person has begun meanwhile stays in front. */
static void show_late(struct app *a, struct run *r) {
    if (a->form_focus || overlay_is_open(&a->overlay))
        app_say(a, STYLE_NOTICE, "%s is open: {VIEW_RUNS} lists it as run %lld", r->path,
                (long long)r->number);
    else
        app_show_opened(a, r, 1);
}

static void opened(void *owner, void *user, enum err_code code, const struct err *e) {
    struct app *a = owner;
    struct opening *o = user;
    struct run *r = NULL;
    struct err why = *e;
    struct result_rows *rows = o->rows;
    o->rows = NULL;
    if (!code)
        code = run_store_add_file(&r, &a->store, o->path, rows, &why);
    if (code)
        app_say(a, code == ERR_CANCELLED ? STYLE_WARNING : STYLE_ERROR, "%s", why.message);
    else
        show_late(a, r);
    free_opening(o);
}

void app_open_later(struct app *a, const char *path) {
    struct opening *o = mem_alloc(sizeof *o);
    struct stat about;
    const bool plain = !text_ends_with(path, ".gz") && stat(path, &about) == 0;
    *o = (struct opening){.path = mem_text(path), .size = plain ? (int64_t)about.st_size : 0};
    background_add(
        a->background,
        (struct background_work){
            .phase = "opening", .user = o, .run = open_rows, .done = opened, .drop = free_opening});
}

/* --- several at once --- */

static void chose(struct app *a, const struct overlay_answer *answer) {
    struct run *first = NULL;
    size_t n = 0, n_later = 0;
    const char *path = answer->text, *refused = NULL;
    mem_replace(&a->open_folder, file_folder(path));
    for (; *path; path += strlen(path) + 1) {
        if (!result_rows_quick(path)) {
            app_open_later(a, path);
            n_later++;
            continue;
        }
        struct run *r = open_file(a, path);
        first = first ? first : r;
        refused = r ? refused : path;
        n += r != NULL;
    }
    a->form_focus = a->form_focus && !first && !n_later;
    if (first)
        app_show_opened(a, first, n);
    if (!refused)
        return;
    if (!first && !n_later) /* another one may do */
        overlay_browse(app_overlay(a, chose), a->open_folder, NULL, opens);
    else
        app_say(a, STYLE_WARNING, "not all of them could be opened: {VIEW_LOG} says why");
}

void command_open_file(struct app *a, int unused) {
    (void)unused;
    overlay_browse(app_overlay(a, chose), a->open_folder ? a->open_folder : ".", NULL, opens);
}
