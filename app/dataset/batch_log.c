#include "app/dataset/batch_log.h"

#include "app/dataset/batch_mark.h"
#include "app/dataset/batch_parts.h"
#include "app/dataset/batch_text.h"
#include "app/dataset/run_key.h"
#include "backend/base/clock.h"
#include "backend/base/file.h"
#include "backend/base/file_write.h"
#include "backend/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define SYNC_SECONDS 1.0 /* of work that is lost where the power goes */

char *batch_log_failed_path(const char *output) {
    static const char *const endings[] = {".gz", ".jsonl", ".json"};
    size_t n = strlen(output);
    while (n > 1 && output[n - 1] == '/')
        n--;
    char *stem = mem_text_n(output, n);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        const size_t n_ending = strlen(endings[i]);
        if (text_ends_with(stem, endings[i]) && strlen(stem) > n_ending)
            stem[strlen(stem) - n_ending] = '\0';
    }
    char *path = mem_format("%s.failed.jsonl", stem);
    free(stem);
    return path;
}

/* --- which batches are there --- */

/* Where a number is, or would be put, among those that are there. */
static size_t place_of(const struct batch_log *l, int64_t number) {
    size_t low = 0, high = l->n;
    if (l->n && l->batches[l->n - 1].number < number) /* as a rule */
        return l->n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (l->batches[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool batch_log_has(const struct batch_log *l, int64_t number) {
    const size_t i = place_of(l, number);
    return i < l->n && l->batches[i].number == number;
}

/* Puts it among the others. */
static void note(struct batch_log *l, const struct journal_batch *b) {
    const size_t i = place_of(l, b->number);
    const bool full = (l->n & (l->n - 1)) == 0;
    if (full)
        l->batches = mem_resize(l->batches, (l->n ? l->n * 2 : 1) * sizeof *l->batches);
    memmove(l->batches + i + 1, l->batches + i, (l->n - i) * sizeof *l->batches);
    l->batches[i] = *b;
    l->straight = l->straight && b->number == shard_batch(&l->shard, l->n);
    l->n++;
    l->n_rows += b->n_rows;
    l->n_failed += b->n_failed;
}

int64_t batch_log_rows(const struct batch_log *l) {
    return l->n_rows;
}

int64_t batch_log_failed(const struct batch_log *l) {
    return l->n_failed;
}

const char *batch_log_output(const struct batch_log *l) {
    return l->output;
}

const char *batch_log_failed_name(const struct batch_log *l) {
    return l->failed_output;
}

const char *batch_log_folder(const struct batch_log *l) {
    return l->folder;
}

/* --- opening --- */

static int64_t sum_of(const char *rows, size_t n, const char *failed, size_t n_failed) {
    uLong sum = crc32_z(0, NULL, 0);
    if (n)
        sum = crc32_z(sum, (const Bytef *)rows, n);
    return (int64_t)(n_failed ? crc32_z(sum, (const Bytef *)failed, n_failed) : sum);
}

static enum err_code damaged(const struct batch_log *l, const char *what, struct err *e) {
    return err_set(e, ERR_FORMAT, "%.200s is damaged (%s): remove it to begin anew", l->folder,
                   what);
}

/* Whether the bytes of a batch are what they were. */
static bool is_whole(const struct batch_log *l, const struct journal_batch *b) {
    char *rows, *failed = NULL;
    struct err ignored;
    bool whole = false;
    if (spool_read(&rows, &l->rows, b->at, b->n, &ignored) == ERR_OK &&
        spool_read(&failed, &l->failed, b->failed_at, b->failed_n, &ignored) == ERR_OK)
        whole = sum_of(rows, (size_t)b->n, failed, (size_t)b->failed_n) == b->sum;
    free(rows);
    free(failed);
    return whole;
}

/* What the journal says of a batch, which must follow the one before in both spools. */
static enum err_code read_batch(void *user, const struct journal_batch *b, struct err *e) {
    struct batch_log *l = user;
    const int64_t most = INT64_MAX / 4;
    const bool follows = b->at == l->rows.at && b->failed_at == l->failed.at && b->n >= 0 &&
                         b->failed_n >= 0 && b->n < most - b->at &&
                         b->failed_n < most - b->failed_at,
               counted = b->number >= 0 && b->number < most && shard_has(&l->shard, b->number) &&
                         b->n_rows >= 0 && b->n_rows < most && b->n_failed >= 0 &&
                         b->n_failed <= b->n_rows;
    if (l->cut)
        return ERR_OK;
    if (!follows || !counted)
        return damaged(l, "its batches do not follow each other", e);
    l->cut = (int64_t)l->n >= l->on_disk && !l->finished && !is_whole(l, b);
    if (l->cut)
        return ERR_OK;
    note(l, b);
    l->rows.at += b->n;
    l->failed.at += b->failed_n;
    return ERR_OK;
}

/* *gone: it is not there, and may be. */
static enum err_code open_spool(struct spool *s, bool *gone, struct err *e) {
    const int create = *gone ? 0 : O_CREAT;
    s->fd = open(s->path, O_RDWR | create | O_CLOEXEC | O_NOFOLLOW, 0666);
    *gone = s->fd < 0 && errno == ENOENT;
    return s->fd >= 0 || *gone ? ERR_OK
                               : err_set(e, ERR_IO, "%.200s: %s", s->path, strerror(errno));
}

static enum err_code open_spools(struct batch_log *l, struct err *e) {
    bool rows_gone = l->finished, failed_gone = l->finished;
    enum err_code code = open_spool(&l->rows, &rows_gone, e);
    if (code)
        return code;
    code = open_spool(&l->failed, &failed_gone, e);
    l->moved = rows_gone;
    if (!code)
        file_sync_folder(l->rows.path);
    return code;
}

/* What belongs to no batch goes. */
static enum err_code cut_spool(struct batch_log *l, struct spool *s, struct err *e) {
    struct stat now;
    if (s->fd < 0)
        return ERR_OK;
    if (fstat(s->fd, &now) != 0 || now.st_size < (off_t)s->at)
        return damaged(l, "rows that its journal tells of are not there", e);
    if (ftruncate(s->fd, (off_t)s->at) != 0)
        return err_set(e, ERR_IO, "%.200s: %s", s->path, strerror(errno));
    return ERR_OK;
}

/* A run of other settings is not gone on with. */
static enum err_code check_key(struct batch_log *l, const char *then, struct err *e) {
    char *differs = run_key_difference(then, l->key);
    if (!differs)
        return ERR_OK;
    enum err_code code = err_set(e, ERR_USAGE,
                                 "%.150s holds a run made otherwise (%.250s): remove it to begin "
                                 "anew, or give another -o",
                                 l->folder, differs);
    free(differs);
    return code;
}

/* A run that was ended by what was asked for, though not cleaned up, and that nothing is to be done
 * for: another one is asked for, or what it made is not there any more. */
static bool is_over(const struct batch_log *l, const char *key) {
    return l->finished && !file_exists(l->rows.path) &&
           (strcmp(key, l->key) != 0 || !file_is_there(l->output));
}

static enum err_code begin(struct batch_log *l, struct err *e) {
    l->finished = false;
    enum err_code code = journal_forget(l->journal, e);
    if (code)
        return code;
    code = journal_keep(l->journal, "key", l->key, e);
    if (code)
        return code;
    code = open_spools(l, e);
    if (code)
        return code;
    code = cut_spool(l, &l->rows, e);
    return code ? code : cut_spool(l, &l->failed, e);
}

/* After a cut it is not known what stands above the last rows. */
static enum err_code read_batches(struct batch_log *l, struct err *e) {
    enum err_code code = journal_on_disk(&l->on_disk, l->journal, e);
    if (code)
        return code;
    code = journal_each(l->journal, read_batch, l, e);
    if (code || !l->cut)
        return code;
    l->straight = false;
    return journal_cut(l->journal, (int64_t)l->n, e);
}

static enum err_code go_on(struct batch_log *l, const char *key, struct err *e) {
    enum err_code code = check_key(l, key, e);
    if (code)
        return code;
    code = journal_text(&l->above, l->journal, "above", e);
    if (code)
        return code;
    code = open_spools(l, e);
    if (code)
        return code;
    code = read_batches(l, e);
    if (code)
        return code;
    code = cut_spool(l, &l->rows, e);
    return code ? code : cut_spool(l, &l->failed, e);
}

/* What was there of the run; a new one is begun where nothing was. */
static enum err_code read_journal(struct batch_log *l, struct err *e) {
    char *key, *finished;
    enum err_code code = journal_text(&key, l->journal, "key", e);
    if (code)
        return code;
    code = journal_text(&finished, l->journal, "finished", e);
    if (code)
        goto out;
    l->finished = finished != NULL;
    code = !key || is_over(l, key) ? begin(l, e) : go_on(l, key, e);
out:
    free(finished);
    free(key);
    return code;
}

static char *key_of(const struct batch_log_about *a) {
    if (!shard_is_part(&a->shard))
        return mem_format("shard: all\n%s", a->key);
    return mem_format("shard: %lld/%lld\n%s", (long long)a->shard.k, (long long)a->shard.n, a->key);
}

static struct batch_log *new_log(const struct batch_log_about *a) {
    struct batch_log *l = mem_alloc(sizeof *l);
    char *name = shard_path(&a->shard, a->output);
    l->shard = a->shard;
    l->output = a->folder ? mem_text(a->output) : mem_text(name);
    l->failed_output = batch_log_failed_path(name);
    l->folder = mem_format("%s.part", name);
    l->key = key_of(a);
    l->marked = a->folder || shard_is_part(&a->shard);
    l->packed = text_ends_with(a->output, ".jsonl.gz");
    l->straight = true;
    l->journal_path = file_join(l->folder, "journal.sqlite");
    l->rows.path = file_join(l->folder, l->packed ? "rows.jsonl.gz" : "rows.jsonl");
    l->failed.path = file_join(l->folder, "failed.jsonl");
    l->rows.fd = l->failed.fd = -1;
    free(name);
    return l;
}

enum err_code batch_log_open(struct batch_log **out, const struct batch_log_about *about,
                             struct err *e) {
    struct batch_log *l = new_log(about);
    *out = NULL;
    enum err_code code = run_lock_take(&l->lock, l->folder, LOCK_BEST, e);
    if (code)
        goto out;
    code = journal_open(&l->journal, l->journal_path, run_lock_is_kernels(l->lock), e);
    if (code)
        goto out;
    code = read_journal(l, e);
out:
    if (code)
        batch_log_leave(l);
    else
        *out = l;
    return code;
}

void batch_log_leave(struct batch_log *l) {
    if (!l)
        return;
    journal_close(l->journal);
    spool_close(&l->rows);
    spool_close(&l->failed);
    run_lock_drop(l->lock, false);
    free(l->batches);
    free(l->above);
    free(l->rows.path);
    free(l->failed.path);
    free(l->journal_path);
    free(l->key);
    free(l->folder);
    free(l->failed_output);
    free(l->output);
    free(l);
}

/* --- adding --- */

/* Its lines as they go into the spool, and what stands above those behind them: what is known only
 * while none is left out before. */
static enum err_code lines_of(struct text_buffer *out, char **above, const struct batch_log *l,
                              const struct batch *b, struct err *e) {
    struct text_buffer all = {0}, lines = {0};
    const bool next = l->straight && b->number == shard_batch(&l->shard, l->n);
    *above = next ? mem_text(l->above) : NULL;
    if (l->marked)
        batch_mark_write(&all, b);
    text_buffer_add(&all, b->rows ? b->rows : "", b->n_rows_bytes);
    batch_text_put(&lines, above, all.text, all.n);
    enum err_code code = spool_pack(out, &lines, l->packed, e);
    text_buffer_dispose(&lines);
    text_buffer_dispose(&all);
    return code;
}

/* Whether it is time that what is there is on the disk: then it is, but for the journal. */
static enum err_code sync_now_and_then(bool *on_disk, struct batch_log *l, struct err *e) {
    const double now = clock_seconds();
    *on_disk = !l->synced || now - l->synced >= SYNC_SECONDS;
    if (!*on_disk)
        return ERR_OK;
    l->synced = now;
    enum err_code code = spool_sync(&l->rows, e);
    return code ? code : spool_sync(&l->failed, e);
}

static enum err_code write_batch(struct batch_log *l, const struct batch *b,
                                 const struct text_buffer *lines, const char *above,
                                 struct err *e) {
    const struct journal_batch entry = {
        b->number,
        b->first_row,
        b->n_rows,
        b->n_failed,
        l->rows.at,
        (int64_t)lines->n,
        l->failed.at,
        (int64_t)b->n_failed_bytes,
        sum_of(lines->text, lines->n, b->failed, b->n_failed_bytes)};
    bool on_disk;
    enum err_code code = spool_add(&l->rows, lines->text, lines->n, e);
    if (code)
        return code;
    code = spool_add(&l->failed, b->failed, b->n_failed_bytes, e);
    if (code)
        return code;
    code = sync_now_and_then(&on_disk, l, e);
    if (code)
        return code;
    code = journal_add(l->journal, &entry, above, on_disk, e);
    if (!code)
        note(l, &entry);
    return code;
}

enum err_code batch_log_add(struct batch_log *l, const struct batch *b, struct err *e) {
    struct text_buffer lines = {0};
    char *above = NULL;
    if (l->broken || l->finished || batch_log_has(l, b->number) || !shard_has(&l->shard, b->number))
        return err_set(e, ERR_INTERNAL, "batch %lld cannot be added", (long long)b->number);
    enum err_code code = lines_of(&lines, &above, l, b, e);
    if (code)
        goto out;
    code = write_batch(l, b, &lines, above, e);
    l->broken = code != ERR_OK;
    if (code)
        goto out;
    mem_replace(&l->above, above);
    above = NULL;
out:
    free(above);
    text_buffer_dispose(&lines);
    return code;
}
