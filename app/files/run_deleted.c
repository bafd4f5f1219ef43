/* Runs that were deleted: their files wait in a folder of the store's own until their days are over
 * or someone wants them back. */
#include "app/files/run_store.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DAY_SECONDS (24 * 3600)

static char *deleted_folder(const struct run_store *s) {
    return file_join(s->folder, "deleted");
}

static const char *leaf_of(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* --- files ------------------------------------------------------------------------------- */

static enum err_code move_file(const char *from, const char *to, struct err *e) {
    return rename(from, to) == 0 || errno == ENOENT
               ? ERR_OK
               : err_set(e, ERR_IO, "cannot move %s: %s", from, strerror(errno));
}

/* The file of the list at `path` to the folder of deleted ones, or back. */
static enum err_code move_one(const struct run_store *s, const char *path, bool back,
                              struct err *e) {
    char *folder = deleted_folder(s), *there = file_join(folder, leaf_of(path));
    enum err_code code = move_file(back ? there : path, back ? path : there, e);
    free(folder);
    free(there);
    return code;
}

/* NAME.json last to go and last to come: the other alone is of no run that was deleted. */
static enum err_code move_files(const struct run_store *s, const struct run *r, bool back,
                                struct err *e) {
    enum err_code code = ERR_OK;
    if (r->foreign)
        return ERR_OK;
    if (r->begun)
        code = move_one(s, r->begun, back, e);
    if (code || !r->path)
        return code;
    char *small = run_beside(r->path);
    code = move_one(s, small, back, e);
    if (!code)
        code = move_one(s, r->path, back, e);
    if (code) { /* together, or not at all */
        struct err ignored;
        enum err_code undone = move_one(s, small, !back, &ignored);
        (void)undone;
    }
    free(small);
    return code;
}

/* --- the list ---------------------------------------------------------------------------- */

static size_t place_of(const struct run_store *s, const struct run *r) {
    size_t i = 0;
    while (i < s->n && s->runs[i] != r)
        i++;
    return i;
}

static void take_off(struct run_store *s, const struct run *r) {
    const size_t i = place_of(s, r);
    if (i == s->n)
        return;
    memmove(s->runs + i, s->runs + i + 1, (s->n - i - 1) * sizeof *s->runs);
    s->n--;
}

static void put_back(struct run_store *s, struct run *r) {
    size_t at = 0;
    while (at < s->n && s->runs[at]->number > r->number)
        at++;
    run_store_insert(s, at, r);
}

enum err_code run_store_delete(struct run_store *s, struct run *r, struct err *e) {
    run_store_settle(s);
    char *folder = deleted_folder(s);
    enum err_code code = ERR_OK;
    if (!r->foreign && (r->path || r->begun))
        code = file_make_folders(folder, e);
    free(folder);
    if (!code)
        code = move_files(s, r, false, e);
    if (code)
        return code;
    take_off(s, r);
    s->deleted = mem_resize(s->deleted, (s->n_deleted + 1) * sizeof *s->deleted);
    s->deleted[s->n_deleted++] = r;
    return ERR_OK;
}

void run_store_forget(struct run_store *s, struct run *r) {
    run_store_drop(r);
    take_off(s, r);
    run_free(r);
}

/* --- of earlier sessions ----------------------------------------------------------------- */

/* Calls `what` with each result of the folder of deleted ones, and when it came there. */
static void each_deleted(const struct run_store *s,
                         void (*what)(void *user, const char *path, time_t when), void *user) {
    char *folder = deleted_folder(s);
    DIR *d = opendir(folder);
    struct dirent *entry;
    struct stat st;
    while (d && (entry = readdir(d))) {
        char *path = file_join(folder, entry->d_name);
        if (lstat(path, &st) == 0 && S_ISREG(st.st_mode))
            what(user, path, st.st_ctime); /* which a change of name sets */
        free(path);
    }
    if (d)
        closedir(d);
    free(folder);
}

static void remove_old(void *user, const char *path, time_t when) {
    const time_t *now = user;
    if (*now - when > (time_t)RUN_DELETED_DAYS * DAY_SECONDS)
        unlink(path);
}

void run_store_purge(const struct run_store *s) {
    time_t now = time(NULL);
    each_deleted(s, remove_old, &now);
}

struct newest {
    char *leaf;
    time_t when;
};

static void find_newest(void *user, const char *path, time_t when) {
    struct newest *found = user;
    if (!text_ends_with(path, ".json") || (found->leaf && when <= found->when))
        return;
    mem_replace(&found->leaf, mem_text(leaf_of(path)));
    found->when = when;
}

static bool is_taken(const struct run_store *s, int64_t number) {
    for (size_t i = 0; i < s->n; i++)
        if (s->runs[i]->number == number)
            return true;
    return false;
}

/* A result of an earlier session; its number may be another run's by now. */
static enum err_code fetch_earlier(struct run **out, struct run_store *s, const char *leaf,
                                   struct err *e) {
    char *path = file_join(s->folder, leaf);
    struct run files = {.path = path};
    enum err_code code = move_files(s, &files, true, e);
    free(path);
    if (code)
        return code;
    run_store_list(s, leaf);
    struct run *r = *out = s->runs[--s->n];
    if (r->number <= 0 || is_taken(s, r->number))
        r->number = s->next_number;
    if (r->number >= s->next_number)
        s->next_number = r->number + 1;
    put_back(s, r);
    return ERR_OK;
}

enum err_code run_store_undelete(struct run **out, struct run_store *s, struct err *e) {
    *out = NULL;
    if (s->n_deleted) {
        struct run *r = s->deleted[s->n_deleted - 1];
        enum err_code code = move_files(s, r, true, e);
        if (code)
            return code;
        s->n_deleted--;
        put_back(s, r);
        *out = r;
        return ERR_OK;
    }
    struct newest found = {0};
    each_deleted(s, find_newest, &found);
    enum err_code code = found.leaf ? fetch_earlier(out, s, found.leaf, e) : ERR_OK;
    free(found.leaf);
    return code;
}
