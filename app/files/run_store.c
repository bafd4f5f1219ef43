#include "app/files/run_store.h"

#include "app/files/result_file.h"
#include "app/files/run_json.h"
#include "app/files/saver.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/process.h"
#include "backend/base/text.h"
#include "methods/declare/declare.h"
#include "methods/request/request.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MOST_RUNS 10000
#define MOST_LISTED_BYTES (1 << 20)
#define N_LOADED 8 /* results kept in memory */

const char *run_status_name(enum run_status status) {
    static const char *const names[] = {
#define X(name, text) [RUN_##name] = text,
        RUN_STATUSES(X)
#undef X
    };
    return names[status];
}

const char *run_method(const struct run *r) {
    const struct method_decl *decl = r->request.method ? method_decl_find(r->request.method) : NULL;
    if (decl)
        return decl->title;
    return r->request.method ? r->request.method : "?";
}

const char *run_function(const struct run *r) {
    const struct method_decl *decl = r->request.method ? method_decl_find(r->request.method) : NULL;
    return decl && !decl->needs_attributed_fn ? NULL : r->request.attributed_fn;
}

void run_free(struct run *r) {
    free(r->name);
    free(r->model);
    free(r->error);
    free(r->path);
    free(r->begun);
    free(r->foil);
    request_dispose(&r->request);
    attribution_release(r->result);
    result_rows_close(r->rows);
    free(r);
}

void run_store_close(struct run_store *s) {
    for (size_t i = 0; i < s->n; i++)
        run_free(s->runs[i]);
    for (size_t i = 0; i < s->n_deleted; i++)
        run_free(s->deleted[i]);
    free(s->runs);
    free(s->deleted);
    free(s->folder);
    *s = (struct run_store){0};
}

char *run_beside(const char *path) {
    return mem_format("%.*s.run", (int)(strlen(path) - strlen(".json")), path);
}

static char *small_path(const struct run *r) {
    return run_beside(r->path);
}

/* --- listing ----------------------------------------------------------------------------- */

void run_store_insert(struct run_store *s, size_t at, struct run *r) {
    s->runs = mem_resize(s->runs, (s->n + 1) * sizeof *s->runs);
    memmove(s->runs + at + 1, s->runs + at, (s->n - at) * sizeof *s->runs);
    s->runs[at] = r;
    s->n++;
}

static void damage(struct run *r, const char *why) {
    r->status = RUN_DAMAGED;
    mem_replace(&r->error, mem_text(why));
}

/* A result file's first and last characters: enough to see a file cut short without reading it. */
static enum err_code check_whole(const char *path, struct err *e) {
    char first = 0, last[2] = {0};
    int fd;
    enum err_code code = file_open(&fd, path, e);
    if (code)
        return code;
    const off_t end = lseek(fd, -2, SEEK_END);
    const bool read = end >= 0 && pread(fd, &first, 1, 0) == 1 && pread(fd, last, 2, end) == 2,
               closed = last[1] == '}' || (last[1] == '\n' && last[0] == '}');
    close(fd);
    return read && first == '{' && closed
               ? ERR_OK
               : err_set(e, ERR_FORMAT, "the file is cut short or no result");
}

void run_store_list(struct run_store *s, const char *leaf) {
    struct run *r = mem_alloc(sizeof *r);
    char *data;
    size_t n;
    struct err e;
    *r = (struct run){.seconds = -1, .status = RUN_UNREAD};
    r->path = file_join(s->folder, leaf);
    char *small = small_path(r);
    if (file_exists(small) && file_read(&data, &n, small, MOST_LISTED_BYTES, &e) == ERR_OK) {
        run_json_parse(r, data, n);
        free(data);
    }
    if (r->status == RUN_LOST) /* killed when the result was just written: it says how it ended */
        r->status = RUN_UNREAD;
    r->untold = false; /* nothing was lost */
    if (check_whole(r->path, &e))
        damage(r, e.message);
    free(small);
    run_store_insert(s, s->n, r);
}

/* The process that a name of new_path's ends with lives. */
static bool is_alive(const char *leaf) {
    const char *dash = strrchr(leaf, '-');
    const long id = dash ? strtol(dash + 1, NULL, 10) : 0;
    return id > 0 && id != (long)getpid() && process_lives((pid_t)id);
}

/* NAME.run without NAME.json. */
static void list_lost(struct run_store *s, const char *leaf) {
    struct run *r = mem_alloc(sizeof *r);
    char *data = NULL, *path = file_join(s->folder, leaf),
         *result = mem_format("%.*s.json", (int)(strlen(path) - strlen(".run")), path);
    size_t n;
    struct err e;
    const bool lost = !file_exists(result) && !is_alive(leaf) &&
                      file_read(&data, &n, path, MOST_LISTED_BYTES, &e) == ERR_OK &&
                      run_json_parse(r, data, n) && r->status == RUN_LOST;
    free(data);
    free(result);
    r->begun = path;
    if (!lost) {
        run_free(r);
        return;
    }
    mem_replace(&r->error, mem_text("the program ended before the run did"));
    run_store_insert(s, s->n, r);
}

/* Newest first: by number, then by path (which begins with the time). */
static int compare_runs(const void *a, const void *b) {
    const struct run *x = *(struct run *const *)a, *y = *(struct run *const *)b;
    if (x->number != y->number)
        return x->number > y->number ? -1 : 1;
    const char *own = x->path ? x->path : "", *other = y->path ? y->path : "";
    return strcmp(other, own);
}

void run_store_open(struct run_store *s, const char *folder) {
    *s = (struct run_store){.folder = mem_text(folder), .next_number = 1};
    DIR *d = opendir(folder);
    struct dirent *entry;
    while (d && (entry = readdir(d)) && s->n < MOST_RUNS)
        if (entry->d_name[0] != '.' && text_ends_with(entry->d_name, ".json"))
            run_store_list(s, entry->d_name);
        else if (entry->d_name[0] != '.' && text_ends_with(entry->d_name, ".run"))
            list_lost(s, entry->d_name);
    if (d)
        closedir(d);
    if (s->n)
        qsort(s->runs, s->n, sizeof *s->runs, compare_runs);
    for (size_t i = 0; i < s->n; i++)
        if (s->runs[i]->number >= s->next_number)
            s->next_number = s->runs[i]->number + 1;
    for (size_t i = s->n; i-- > 0;) /* those without a number of their own */
        if (s->runs[i]->number <= 0)
            s->runs[i]->number = s->next_number++;
}

/* --- changing ---------------------------------------------------------------------------- */

struct run *run_store_add(struct run_store *s, const char *model,
                          const struct attribute_request *request, int64_t now) {
    struct run *r = mem_alloc(sizeof *r);
    *r = (struct run){.number = s->next_number++,
                      .model = mem_text(model),
                      .status = RUN_RUNNING,
                      .started = now,
                      .seconds = -1,
                      .used = ++s->clock};
    request_copy(&r->request, request);
    run_store_insert(s, 0, r);
    return r;
}

static void set_size(struct run *r) {
    if (!r->result || r->result->n_sequences == 0)
        return;
    const struct attribution_sequence *q = &r->result->sequences[0];
    r->n_columns = attribution_steps(q);
    r->n_rows = attribution_visible_rows(q, false) + attribution_visible_rows(q, true);
}

/* A run that ended well has all its columns, whatever numbers they have, but for those that a
 * context does not change; of another those that have a number. */
static void trust_status(struct run *r) {
    struct attribution_sequence *s = &r->result->sequences[0];
    if (r->result->n_sequences == 0)
        return;
    if (r->status != RUN_DONE) {
        attribution_find_done(s);
        return;
    }
    if (info_text_of(&r->result->info.context, 0))
        return; /* its file told which */
    free(s->done);
    s->done = NULL;
    s->n_done = attribution_steps(s);
}

size_t run_texts(const struct run *r) {
    return r->rows ? result_rows_count(r->rows) : 1;
}

enum err_code run_store_text(struct run_store *s, struct run *r, size_t i, struct err *e) {
    struct attribution *result;
    enum err_code code = result_rows_load(&result, r->rows, i, e);
    if (code)
        return code;
    attribution_release(r->result);
    r->result = result;
    r->i_text = i;
    r->used = ++s->clock;
    run_json_read_info(r);
    trust_status(r);
    set_size(r);
    return ERR_OK;
}

enum err_code run_store_add_file(struct run **out, struct run_store *s, const char *path,
                                 struct result_rows *rows, struct err *e) {
    struct run *r = mem_alloc(sizeof *r);
    *out = NULL;
    *r = (struct run){.number = s->next_number,
                      .path = mem_text(path),
                      .foreign = true,
                      .seconds = -1,
                      .rows = rows};
    enum err_code code = run_store_text(s, r, 0, e);
    if (code) {
        run_free(r);
        return code;
    }
    s->next_number++;
    run_store_insert(s, 0, r);
    *out = r;
    return ERR_OK;
}

static enum err_code save_small(const struct run *r, struct err *e) {
    char *text = run_json_text(r), *path = small_path(r);
    enum err_code code = file_write(path, text, strlen(text), e);
    free(text);
    free(path);
    return code;
}

static char *new_path(const struct run_store *s, const struct run *r) {
    time_t started = (time_t)r->started;
    struct tm tm;
    char stamp[32], leaf[80];
    gmtime_r(&started, &tm);
    strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &tm);
    snprintf(leaf, sizeof leaf, "%s-%lld-%d.json", stamp, (long long)r->number, (int)getpid());
    return file_join(s->folder, leaf);
}

void run_store_begin(struct run_store *s, struct run *r) {
    struct err ignored;
    char *path = new_path(s, r);
    char *begun = run_beside(path), *text = run_json_text(r);
    if (file_make_folders(s->folder, &ignored) == ERR_OK &&
        file_write(begun, text, strlen(text), &ignored) == ERR_OK)
        mem_replace(&r->begun, mem_text(begun));
    free(path);
    free(begun);
    free(text);
}

void run_store_drop(struct run *r) {
    if (r->begun)
        unlink(r->begun);
    mem_replace(&r->begun, NULL);
}

void run_store_told(struct run *r) {
    struct err ignored;
    char *text = run_json_text(r);
    r->untold = false;
    enum err_code code = file_write(r->begun, text, strlen(text), &ignored);
    (void)code; /* it is told again next time */
    free(text);
}

enum err_code run_store_save(struct run_store *s, struct run *r, struct err *e) {
    set_size(r);
    if (!r->result || r->foreign)
        return ERR_OK;
    enum err_code code = file_make_folders(s->folder, e);
    if (code)
        return code;
    if (!r->path)
        r->path = new_path(s, r);
    mem_replace(&r->begun, NULL); /* what is written now takes its place */
    struct result_info info = run_json_info(r);
    char *small = run_json_text(r), *at = small_path(r);
    if (s->saver) {
        saver_add_take(s->saver, r->result, info, mem_text(r->path), small, at);
        return ERR_OK;
    }
    code = saver_write(r->result, &info, r->path, small, at, e);
    result_info_dispose(&info);
    free(small);
    free(at);
    if (code)
        mem_replace(&r->path, NULL);
    return code;
}

struct run *run_store_failed(struct run_store *s, const char *path) {
    for (size_t i = 0; i < s->n; i++) {
        struct run *r = s->runs[i];
        if (!r->foreign && r->path && strcmp(r->path, path) == 0) {
            mem_replace(&r->path, NULL);
            return r;
        }
    }
    return NULL;
}

void run_store_settle(struct run_store *s) {
    if (s->saver)
        saver_wait(s->saver);
}

/* Results not looked at for longest leave memory, if they can come back from disk. */
static void forget_some(struct run_store *s) {
    for (;;) {
        struct run *oldest = NULL;
        size_t loaded = 0;
        for (size_t i = 0; i < s->n; i++) {
            struct run *r = s->runs[i];
            if (!r->result || !r->path || r->status == RUN_RUNNING)
                continue;
            loaded++;
            if (!oldest || r->used < oldest->used)
                oldest = r;
        }
        if (loaded <= N_LOADED)
            return;
        attribution_release(oldest->result);
        oldest->result = NULL;
    }
}

enum err_code run_store_load(struct run_store *s, struct run *r, struct err *e) {
    r->used = ++s->clock;
    if (r->result)
        return ERR_OK;
    if (!r->path)
        return err_set(e, ERR_IO, "%s", r->error ? r->error : "this run left no result");
    if (r->rows)
        return run_store_text(s, r, r->i_text, e);
    run_store_settle(s);
    enum err_code code = result_file_load(&r->result, r->path, e);
    if (code) {
        damage(r, e ? e->message : "cannot be read");
        return code;
    }
    run_json_read_info(r);
    set_size(r);
    trust_status(r);
    forget_some(s);
    return ERR_OK;
}

enum err_code run_store_rename(struct run_store *s, struct run *r, const char *name,
                               struct err *e) {
    run_store_settle(s);
    char *before = r->name;
    r->name = name && *name ? mem_text(name) : NULL;
    enum err_code code = ERR_OK;
    if (r->path && !r->foreign)
        code = save_small(r, e);
    if (code) {
        free(r->name);
        r->name = before;
        return code;
    }
    free(before);
    return ERR_OK;
}
