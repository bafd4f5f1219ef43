/* The end of a run: what was kept becomes what was asked for. A process that is killed here leaves
 * either the folder, and the same command makes all of it again, or what is asked for. */
#include "app/dataset/batch_log.h"

#include "app/dataset/batch_mark.h"
#include "app/dataset/batch_order.h"
#include "app/dataset/batch_parts.h"

#include "backend/base/file.h"
#include "backend/base/file_write.h"
#include "backend/base/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE (1 << 20) /* bytes that are copied at once */

/* --- a file of the folder gets its name --- */

static enum err_code copy_pieces(struct file_writer *w, const struct spool *s, struct err *e) {
    for (int64_t at = 0; at < s->at; at += PIECE) {
        const int64_t n = s->at - at < PIECE ? s->at - at : PIECE;
        char *piece;
        enum err_code code = spool_read(&piece, s, at, n, e);
        if (code)
            return code;
        file_writer_add(w, piece, (size_t)n);
        free(piece);
    }
    return file_writer_end(w, e);
}

/* To another file system, by a copy. */
static enum err_code copy_over(const struct spool *s, const char *target, struct err *e) {
    struct file_writer *w;
    enum err_code code = file_writer_open(&w, target, false, e);
    if (code)
        return code;
    code = copy_pieces(w, s, e);
    if (!code)
        return file_writer_commit_take(w, e);
    file_writer_drop(w);
    return code;
}

/* A link stays a link, an old file keeps its mode. */
static enum err_code give_name(const struct spool *s, const char *name, struct err *e) {
    struct stat old;
    char *real = realpath(name, NULL);
    const char *target = real ? real : name;
    enum err_code code = ERR_OK;
    if (stat(target, &old) == 0)
        (void)fchmod(s->fd, old.st_mode & 07777);
    const int number = rename(s->path, target) == 0 ? 0 : errno;
    if (number == EXDEV)
        code = copy_over(s, target, e);
    else if (number)
        code = err_set(e, ERR_IO, "%.200s: %s", name, strerror(number));
    else
        file_sync_folder(target);
    free(real);
    return code;
}

/* --- the end --- */

static enum err_code check_complete(const struct batch_log *l, int64_t n_batches, struct err *e) {
    size_t i = 0;
    for (; shard_batch(&l->shard, i) < n_batches; i++)
        if (i >= l->n || l->batches[i].number != shard_batch(&l->shard, i))
            return err_set(e, ERR_INTERNAL, "batch %lld is not there",
                           (long long)shard_batch(&l->shard, i));
    if (i < l->n)
        return err_set(e, ERR_INTERNAL, "batch %lld is of no row", (long long)l->batches[i].number);
    return ERR_OK;
}

/* The last line of a shard's file. The key is the same for all shards. */
static enum err_code add_end(struct batch_log *l, int64_t n_batches, int64_t n_rows,
                             struct err *e) {
    struct text_buffer line = {0}, packed = {0};
    if (!shard_is_part(&l->shard))
        return ERR_OK;
    batch_mark_end(&line, &l->shard, n_batches, n_rows, strchr(l->key, '\n') + 1);
    enum err_code code = spool_pack(&packed, &line, l->packed, e);
    if (!code)
        code = spool_add(&l->rows, packed.text, packed.n, e);
    text_buffer_dispose(&packed);
    text_buffer_dispose(&line);
    return code;
}

/* An earlier run's would be taken for this one's. */
static enum err_code put_failed(struct batch_log *l, struct err *e) {
    const char *path = l->failed_output;
    enum err_code code = ERR_OK;
    if (!l->n_failed && unlink(path) != 0 && errno != ENOENT)
        code = err_set(e, ERR_IO, "%.200s: %s", path, strerror(errno));
    else if (l->n_failed && l->failed.fd >= 0)
        code = give_name(&l->failed, path, e);
    return code;
}

/* What gets another name is on the disk before. */
static enum err_code sync_spools(struct batch_log *l, struct err *e) {
    enum err_code code = spool_sync(&l->rows, e);
    return code || l->failed.fd < 0 ? code : spool_sync(&l->failed, e);
}

static enum err_code produce(struct batch_log *l, int64_t n_batches, int64_t n_rows,
                             batch_log_write *write, void *user, struct err *e) {
    enum err_code code = check_complete(l, n_batches, e);
    if (code)
        return code;
    code = journal_keep(l->journal, "finished", "1", e);
    if (code)
        return code;
    if (!l->straight)
        code = batch_order(l, e);
    if (code)
        return code;
    code = add_end(l, n_batches, n_rows, e);
    if (code)
        return code;
    code = sync_spools(l, e);
    if (code)
        return code;
    code = put_failed(l, e);
    if (code)
        return code;
    return write ? write(user, l->output, l->rows.path, e) : give_name(&l->rows, l->output, e);
}

/* The rows go first and the journal last: without rows it says that OUT has them. */
static void clean(struct batch_log *l) {
    static const char *const names[] = {"rows.jsonl",       "rows.jsonl.gz",      "failed.jsonl",
                                        BATCH_ORDERED_ROWS, BATCH_ORDERED_FAILED, "journal.sqlite"};
    journal_close(l->journal);
    l->journal = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = file_join(l->folder, names[i]);
        (void)unlink(path);
        free(path);
    }
    spool_close(&l->rows);
    spool_close(&l->failed);
    run_lock_drop(l->lock, true);
    l->lock = NULL;
}

enum err_code batch_log_finish_take(struct batch_log *l, int64_t n_batches, int64_t n_rows,
                                    batch_log_write *write, void *user, struct err *e) {
    enum err_code code = l->moved ? ERR_OK : produce(l, n_batches, n_rows, write, user, e);
    if (!code)
        clean(l);
    batch_log_leave(l);
    return code;
}
