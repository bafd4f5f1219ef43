#include "app/files/result_rows.h"

#include "app/files/result_file.h"
#include "app/files/result_sequence.h"
#include "app/files/row_load.h"
#include "app/files/row_scan.h"
#include "app/files/source.h"
#include "app/files/steps_load.h"
#include "backend/base/mem.h"
#include "backend/base/memory.h"
#include "backend/base/text.h"
#include "methods/result/join.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SMALL ((uint64_t)16 << 20)     /* bytes of a JSON that is read at once */
#define QUICK (1 << 20)                /* bytes of a file that is opened in no time */
#define UNCHECKED ((uint64_t)64 << 20) /* bytes that are read without asking for memory */

struct result_rows {
    pthread_mutex_t mutex; /* of reading: what follows is one thread's at a time */
    char *path;
    struct source *source;
    struct row_index index;
    enum piece_kind kind;      /* of pieces, as far as is known */
    struct attribution *whole; /* of a small JSON */

    /* Of a large one, what it says of all sequences: */
    struct result_info info;
    char *candidates;

    /* Of rows, the line above those that were read last: */
    const struct row_place *above;
    char *above_text;
    struct json_document *above_document;
    const struct json_value *above_info;
};

/* A scan under way, and who watches it. */
struct watched_scan {
    struct row_scan *scan;
    const struct rows_watch *watch; /* NULL: nobody */
    uint64_t done;
};

static enum err_code scan(void *user, const char *data, size_t n, struct err *e) {
    struct watched_scan *s = user;
    row_scan_take(s->scan, data, n);
    s->done += n;
    if (s->watch && !s->watch->goes_on(s->watch->user, s->done))
        return err_set(e, ERR_CANCELLED, "opening it was cancelled");
    return ERR_OK;
}

static void forget_above(struct result_rows *r) {
    json_free(r->above_document);
    free(r->above_text);
    r->above = NULL;
    r->above_text = NULL;
    r->above_document = NULL;
    r->above_info = NULL;
}

void result_rows_close(struct result_rows *r) {
    if (!r)
        return;
    forget_above(r);
    row_index_dispose(&r->index);
    source_close(r->source);
    attribution_release(r->whole);
    result_info_dispose(&r->info);
    free(r->candidates);
    free(r->path);
    pthread_mutex_destroy(&r->mutex);
    free(r);
}

size_t result_rows_count(const struct result_rows *r) {
    return r->whole ? r->whole->n_sequences : r->index.n;
}

/* Beside the text of a sequence there are its bytes, and its scores: two and a half times the text
 * in all. */
static enum err_code check_room(const struct result_rows *r, uint64_t n, struct err *e) {
    const int64_t room = n <= UNCHECKED ? -1 : memory_available(); /* asking takes long */
    const double needed = 2.5 * (double)n;
    if (room < 0 || needed <= (double)room)
        return ERR_OK;
    return err_set(e, ERR_NOMEM,
                   "%.200s: to read %.1f GB takes %.1f GB of memory, and %.1f GB are free", r->path,
                   (double)n / 1e9, needed / 1e9, (double)room / 1e9);
}

static enum err_code read_place(char **out, struct result_rows *r, struct row_place place,
                                struct err *e) {
    enum err_code code = check_room(r, place.n, e);
    return code ? code : source_read(out, r->source, place.at, (size_t)place.n, e);
}

bool result_rows_quick(const char *path) {
    struct stat about;
    if (stat(path, &about) != 0 || S_ISDIR(about.st_mode))
        return true;
    return S_ISREG(about.st_mode) &&
           about.st_size <= (text_ends_with(path, ".gz") ? QUICK / 4 : QUICK);
}

/* --- a JSON --- */

static enum err_code read_whole(struct result_rows *r, struct err *e) {
    char *text;
    const size_t n = (size_t)source_size(r->source);
    enum err_code code = source_read(&text, r->source, 0, n, e);
    if (code)
        return code;
    code = result_file_parse(&r->whole, text, n, e);
    free(text);
    return code;
}

static enum err_code read_info(struct result_rows *r, struct err *e) {
    char *text;
    struct json_document *d;
    if (!r->index.info.n)
        return ERR_OK;
    enum err_code code = read_place(&text, r, r->index.info, e);
    if (code)
        return code;
    code = json_parse(&d, text, (size_t)r->index.info.n, e);
    if (code)
        goto out;
    result_info_read(&r->info, json_root(d));
    r->candidates = r->info.candidates;
    r->info.candidates = NULL;
    json_free(d);
out:
    free(text);
    return code;
}

/* What there is of a file that is one JSON: all, or where its sequences are. */
static enum err_code open_json(struct result_rows *r, struct err *e) {
    if (source_size(r->source) <= SMALL || !r->index.sequences || !r->index.n)
        return read_whole(r, e);
    return read_info(r, e);
}

static enum err_code load_sequence(struct attribution **out, struct result_rows *r, size_t i,
                                   struct err *e) {
    const struct attribution all = {.info = r->info, .n_sequences = r->index.n};
    char *text;
    enum err_code code = read_place(&text, r, r->index.rows[i], e);
    if (code)
        return code;
    struct attribution part = attribution_part(&all, i);
    code = result_sequence_parse(out, text, (size_t)r->index.rows[i].n, &part.info, &r->kind, e);
    if (!code)
        result_sequence_candidates((*out)->sequences, r->candidates, i, r->kind);
    result_info_dispose(&part.info);
    free(text);
    return code;
}

/* A copy of one of several in memory. */
static enum err_code copy_part(struct attribution **out, const struct attribution *whole, size_t i,
                               struct err *e) {
    struct attribution part = attribution_part(whole, i), *a = attribution_new(1);
    a->info = part.info;
    if (attribution_sequence_copy(a->sequences, part.sequences, true)) {
        *out = a;
        return ERR_OK;
    }
    attribution_release(a);
    return err_set(e, ERR_NOMEM, "no memory for a result");
}

/* --- rows --- */

static enum err_code need_above(struct result_rows *r, size_t i, struct err *e) {
    const struct row_place *above = row_index_above(&r->index, i);
    if (above == r->above)
        return ERR_OK;
    forget_above(r);
    if (!above)
        return ERR_OK;
    enum err_code code = read_place(&r->above_text, r, *above, e);
    if (code)
        return code;
    code = row_load_above(&r->above_document, &r->above_info, r->above_text, (size_t)above->n, e);
    if (!code)
        r->above = above;
    return code;
}

static enum err_code load_row(struct attribution **out, struct result_rows *r, size_t i,
                              struct err *e) {
    const struct row_place place = r->index.rows[i];
    char *text = NULL;
    enum err_code code = need_above(r, i, e);
    if (code)
        return code;
    code = read_place(&text, r, place, e);
    if (code)
        return code;
    code = row_load(out, text, (size_t)place.n, r->above_info, &r->kind, e);
    free(text);
    return code;
}

/* Where a file has rows, but no line above them, the first row shows whether they are rows. */
static enum err_code check_rows(struct result_rows *r, struct err *e) {
    struct attribution *first;
    struct err inner;
    if (!r->index.n)
        return err_set(e, ERR_FORMAT, "the file holds no row");
    if (r->index.n_above)
        return ERR_OK;
    enum err_code code = load_row(&first, r, 0, &inner);
    if (code)
        return err_set(e, code, "not a saved attribution, neither Inseq's JSON nor rows: %s",
                       inner.message);
    attribution_release(first);
    return ERR_OK;
}

/* --- both --- */

static enum err_code open_index(struct result_rows *r, const struct rows_watch *watch,
                                struct err *e) {
    struct watched_scan s = {.scan = row_scan_new(), .watch = watch};
    enum err_code code = source_open(&r->source, r->path, scan, &s, e);
    r->index = row_scan_end(s.scan);
    return code;
}

/* With the file's name before what was wrong in it. */
static enum err_code name_file(const struct result_rows *r, enum err_code code, struct err *e) {
    const struct err inner = *e;
    if (strncmp(inner.message, r->path, strlen(r->path)) == 0)
        return code;
    return err_set(e, code, "%.200s: %s", r->path, inner.message);
}

enum err_code result_rows_open(struct result_rows **out, const char *path, struct err *e) {
    return result_rows_open_watched(out, path, NULL, e);
}

enum err_code result_rows_open_watched(struct result_rows **out, const char *path,
                                       const struct rows_watch *watch, struct err *e) {
    struct result_rows *r = mem_alloc(sizeof *r);
    *out = NULL;
    r->path = mem_text(path);
    pthread_mutex_init(&r->mutex, NULL);
    enum err_code code = open_index(r, watch, e);
    if (code)
        goto out;
    code = r->index.lines ? check_rows(r, e) : open_json(r, e);
    if (code)
        code = name_file(r, code, e);
out:
    if (code)
        result_rows_close(r);
    else
        *out = r;
    return code;
}

/* What is not in memory. */
static enum err_code load_place(struct attribution **out, struct result_rows *r, size_t i,
                                struct err *e) {
    pthread_mutex_lock(&r->mutex);
    enum err_code code = r->index.lines ? load_row(out, r, i, e) : load_sequence(out, r, i, e);
    pthread_mutex_unlock(&r->mutex);
    return code;
}

enum err_code result_rows_load(struct attribution **out, struct result_rows *r, size_t i,
                               struct err *e) {
    struct err inner;
    *out = NULL;
    if (r->whole && r->whole->n_sequences == 1) {
        *out = attribution_retain(r->whole);
        return ERR_OK;
    }
    if (r->whole)
        return copy_part(out, r->whole, i, e);
    enum err_code code = load_place(out, r, i, &inner);
    if (code)
        return err_set(e, code, "%.200s: row %zu of %zu: %s", r->path, i + 1, r->index.n,
                       inner.message);
    return ERR_OK;
}

/* Scores take three quarters of their text, and are there twice while they are read. */
static enum err_code check_memory(const struct result_rows *r, struct err *e) {
    const int64_t free_bytes = memory_available();
    const uint64_t needed = source_size(r->source);
    if (free_bytes < 0 || needed <= (uint64_t)free_bytes)
        return ERR_OK;
    return err_set(e, ERR_NOMEM,
                   "%.200s: %.1f GB of results do not fit into the %.1f GB of memory that are "
                   "free: take single ones, or convert to .jsonl, which goes row by row",
                   r->path, (double)needed / 1e9, (double)free_bytes / 1e9);
}

bool result_rows_have_steps(const struct result_rows *r) {
    return r->whole ? r->whole->steps.items != NULL : r->index.steps.n > 0;
}

static enum err_code load_steps(struct attribution *a, struct result_rows *r, struct err *e) {
    struct json_document *d;
    char *text;
    enum err_code code = read_place(&text, r, r->index.steps, e);
    if (code)
        return code;
    code = json_parse(&d, text, (size_t)r->index.steps.n, e);
    if (code)
        goto out;
    code = steps_load(a, json_root(d), &r->kind, e);
    json_free(d);
out:
    free(text);
    return code ? name_file(r, code, e) : ERR_OK;
}

enum err_code result_rows_load_all(struct attribution **out, struct result_rows *r, struct err *e) {
    *out = NULL;
    if (r->whole) {
        *out = attribution_retain(r->whole);
        return ERR_OK;
    }
    struct result_join join = {0};
    enum err_code code = check_memory(r, e);
    for (size_t i = 0; i < r->index.n && !code; i++) {
        struct attribution *one;
        code = result_rows_load(&one, r, i, e);
        if (code)
            break;
        code = result_join_take(&join, one, e);
    }
    if (!code && r->index.steps.n)
        code = load_steps(join.all, r, e);
    if (code)
        goto out;
    *out = join.all;
    join.all = NULL;
out:
    result_join_dispose(&join);
    return code;
}

enum err_code result_file_load(struct attribution **out, const char *path, struct err *e) {
    struct result_rows *rows;
    *out = NULL;
    enum err_code code = result_rows_open(&rows, path, e);
    if (code)
        return code;
    code = result_rows_load_all(out, rows, e);
    result_rows_close(rows);
    return code;
}
