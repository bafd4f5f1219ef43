#include "app/dataset/parts.h"

#include "app/dataset/batch_text.h"
#include "app/dataset/part_file.h"
#include "app/dataset/part_list.h"
#include "app/dataset/spool.h"
#include "backend/base/file.h"
#include "backend/base/file_write.h"
#include "backend/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum err_code parts_are(bool *out, const char *const *files, size_t n, struct err *e) {
    const char *part = NULL, *other = NULL;
    for (size_t i = 0; i < n; i++) {
        if (part_file_is(files[i]))
            part = files[i];
        else
            other = files[i];
    }
    *out = part != NULL;
    if (!part || !other)
        return ERR_OK;
    return err_set(e, ERR_USAGE,
                   "%.200s is a part of a data set, and %.200s is none: merge the parts first",
                   part, other);
}

/* What is being written. */
struct merge {
    const struct part_list *list;
    struct part_file **files; /* [n] of the list's */
    struct file_writer *rows, *failed;
    bool packed;
    char *above;
};

static enum err_code open_files(struct merge *m, struct err *e) {
    enum err_code code = ERR_OK;
    m->files = mem_alloc((m->list->n + 1) * sizeof *m->files);
    for (size_t i = 0; i < m->list->n && !code; i++)
        code = part_file_open(&m->files[i], m->list->items[i].path, e);
    return code;
}

/* A batch of a file, which has them in this order. */
static enum err_code copy_batch(struct merge *m, const struct part_batch *b, struct err *e) {
    struct text_buffer lines = {0}, rows = {0}, packed = {0}, failed = {0};
    struct batch_mark mark;
    enum err_code code = part_file_next(&mark, m->files[b->part], &lines, &failed, e);
    if (code)
        goto out;
    batch_text_put(&rows, &m->above, lines.text ? lines.text : "", lines.n);
    code = spool_pack(&packed, &rows, m->packed, e);
    if (code)
        goto out;
    if (packed.n)
        file_writer_add(m->rows, packed.text, packed.n);
    if (failed.n)
        file_writer_add(m->failed, failed.text, failed.n);
out:
    batch_mark_dispose(&mark);
    text_buffer_dispose(&failed);
    text_buffer_dispose(&packed);
    text_buffer_dispose(&rows);
    text_buffer_dispose(&lines);
    return code;
}

static enum err_code copy_all(struct merge *m, struct err *e) {
    enum err_code code = open_files(m, e);
    for (size_t i = 0; i < m->list->n_batches && !code; i++)
        code = copy_batch(m, &m->list->batches[i], e);
    if (code)
        return code;
    code = file_writer_end(m->failed, e);
    return code ? code : file_writer_end(m->rows, e);
}

static enum err_code commit(struct file_writer **w, struct err *e) {
    struct file_writer *taken = *w;
    *w = NULL;
    return file_writer_commit_take(taken, e);
}

static void dispose(struct merge *m) {
    for (size_t i = 0; m->files && i < m->list->n; i++)
        part_file_close(m->files[i]);
    free(m->files);
    free(m->above);
    file_writer_drop(m->rows);
    file_writer_drop(m->failed);
}

/* The rows into a file, and those that failed into theirs; one of an earlier merge goes. */
static enum err_code merge_into(const char *rows, const char *failed, const struct part_list *list,
                                struct err *e) {
    struct merge m = {.list = list, .packed = text_ends_with(rows, ".gz")};
    enum err_code code = file_writer_open(&m.rows, rows, false, e);
    if (code)
        goto out;
    code = file_writer_open(&m.failed, failed, false, e);
    if (code)
        goto out;
    code = copy_all(&m, e);
    if (code)
        goto out;
    if (list->n_failed)
        code = commit(&m.failed, e);
    else if (unlink(failed) != 0 && errno != ENOENT)
        code = err_set(e, ERR_IO, "%.200s: %s", failed, strerror(errno));
    if (code)
        goto out;
    code = commit(&m.rows, e);
out:
    dispose(&m);
    return code;
}

/* Rows that OUT is made of are in a file beside it meanwhile. */
static enum err_code merge_by(const char *out, const char *failed, const struct part_list *list,
                              batch_log_write *write, void *user, struct err *e) {
    char *rows = mem_format("%s.%ld.jsonl", out, (long)getpid());
    enum err_code code = merge_into(rows, failed, list, e);
    if (!code)
        code = write(user, out, rows, e);
    (void)unlink(rows);
    free(rows);
    return code;
}

enum err_code parts_merge(struct parts_told *told, const char *out, const char *const *files,
                          size_t n, batch_log_write *write, void *user, struct err *e) {
    struct part_list list;
    char *failed = batch_log_failed_path(out);
    *told = (struct parts_told){0};
    enum err_code code = part_list_read(&list, files, n, e);
    if (code)
        goto out;
    told->n_failed = list.n_failed;
    told->n_rows = list.n_rows - list.n_failed;
    code = write ? merge_by(out, failed, &list, write, user, e) : merge_into(out, failed, &list, e);
    if (code || !list.n_failed)
        goto out;
    told->failed_path = failed;
    failed = NULL;
out:
    free(failed);
    part_list_dispose(&list);
    return code;
}
