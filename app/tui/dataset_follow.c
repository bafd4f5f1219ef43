#include "app/tui/dataset_follow.h"

#include "app/tui/lists.h"
#include "app/tui/state.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <stdlib.h>
#include <sys/stat.h>

#define LOOK_MS 1000
#define SHARE 10 /* reading it again takes a tenth of the time at most */

/* The file as it was when it was read again. */
struct reading {
    char *path;
    struct result_rows *rows;
    struct row_table *table;
};

static void free_reading(void *user) {
    struct reading *r = user;
    row_table_free(r->table);
    result_rows_close(r->rows);
    free(r->path);
    free(r);
}

static enum err_code read_again(struct background *b, void *user, struct err *e) {
    struct reading *r = user;
    enum err_code code = result_rows_open(&r->rows, r->path, e);
    if (code)
        return code;
    r->table = row_table_new(r->rows);
    return row_table_read(b, r->table, e);
}

/* The run that shows them: the one that is there, with its new rows, or a new one. */
static void show_reading(struct app *a, struct reading *r) {
    struct app_follow *f = &a->follow;
    struct err e;
    if (f->run) {
        app_list_replace_take(a, f->run, r->path, r->rows, r->table);
    } else if (run_store_add_file(&f->run, &a->store, r->path, r->rows, &e) == ERR_OK) {
        app_list_add_take(a, f->run, r->table);
    } else {
        row_table_free(r->table); /* the rows are gone with what failed */
    }
    r->rows = NULL;
    r->table = NULL;
}

static void took(void *owner, void *user, enum err_code code, const struct err *e) {
    struct app *a = owner;
    struct reading *r = user;
    struct app_follow *f = &a->follow;
    const bool first = !f->run, shown = !code && f->output && result_rows_count(r->rows) > 1;
    (void)e; /* it is not there yet, or is just renamed: the next time */
    f->reading = false;
    f->pause_ms = SHARE * (a->now_ms - f->looked_ms);
    f->missed = shown && background_state(a->background).phase; /* who may read the old rows */
    if (shown && !f->missed)
        show_reading(a, r);
    free_reading(r);
    if (first && f->run && f->shown)
        f->shown(a, f->run);
    if (f->last && !f->missed)
        app_follow_dispose(a);
}

static void read_file(struct app *a, const char *path) {
    struct reading *r = mem_alloc(sizeof *r);
    r->path = mem_text(path);
    a->follow.reading = true;
    background_add(a->background, (struct background_work){.phase = "reading new rows",
                                                           .user = r,
                                                           .run = read_again,
                                                           .done = took,
                                                           .drop = free_reading});
}

void app_follow_begin(struct app *a, const char *output) {
    app_follow_dispose(a);
    a->follow.output = mem_text(output);
    a->follow.part =
        mem_format("%s.part/rows.jsonl%s", output, text_ends_with(output, ".gz") ? ".gz" : "");
}

/* Whether it is time to look; others may be reading the rows that are there. */
static bool is_due(const struct app *a) {
    const struct app_follow *f = &a->follow;
    const int64_t pause = f->pause_ms > LOOK_MS ? f->pause_ms : LOOK_MS;
    const bool due = f->over || f->missed || a->now_ms - f->looked_ms >= pause;
    return f->output && !f->reading && due && !background_state(a->background).phase;
}

void app_follow(struct app *a) {
    struct app_follow *f = &a->follow;
    struct stat about;
    if (!is_due(a))
        return;
    const bool there = stat(f->part, &about) == 0, grown = there && about.st_size != f->size;
    f->looked_ms = a->now_ms;
    f->last = f->over;
    if (grown)
        f->size = about.st_size;
    if (f->over)
        read_file(a, there ? f->part : f->output);
    else if (grown || f->missed)
        read_file(a, f->part);
}

void app_follow_end(struct app *a) {
    a->follow.over = true;
    app_follow(a);
}

void app_follow_dispose(struct app *a) {
    free(a->follow.output);
    free(a->follow.part);
    a->follow = (struct app_follow){.shown = a->follow.shown};
}
