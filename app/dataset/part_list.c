#include "app/dataset/part_list.h"

#include "app/dataset/part_file.h"
#include "app/dataset/run_key.h"
#include "backend/base/mem.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_TOLD 8 /* missing parts that a message names */

void part_list_dispose(struct part_list *l) {
    for (size_t i = 0; i < l->n; i++)
        free(l->items[i].key);
    free(l->items);
    free(l->batches);
    *l = (struct part_list){0};
}

/* --- reading --- */

static void add_batch(struct part_list *l, const struct batch_mark *m, size_t part) {
    if ((l->n_batches & (l->n_batches - 1)) == 0)
        l->batches =
            mem_resize(l->batches, (l->n_batches ? l->n_batches * 2 : 1) * sizeof *l->batches);
    l->batches[l->n_batches++] =
        (struct part_batch){m->number, m->first_row, m->n_rows, (int64_t)m->n_failed, part};
    l->n_failed += (int64_t)m->n_failed;
}

/* All marks of a file: its batches, and what its end says of all. */
static enum err_code read_marks(struct part_list *l, struct part_file *f, struct err *e) {
    struct part *p = &l->items[l->n - 1];
    for (;;) {
        struct batch_mark m;
        enum err_code code = part_file_next(&m, f, NULL, NULL, e);
        const bool end = !code && m.key;
        if (end) {
            p->shard = m.shard;
            p->n_batches = m.n_batches;
            p->n_rows = m.n_rows;
            p->key = m.key;
            m.key = NULL;
        } else if (!code) {
            add_batch(l, &m, l->n - 1);
        }
        batch_mark_dispose(&m);
        if (code || end)
            return code;
    }
}

static enum err_code read_file(struct part_list *l, const char *path, struct err *e) {
    struct part_file *f;
    enum err_code code = part_file_open(&f, path, e);
    if (code)
        return code;
    l->items[l->n++] = (struct part){.path = path};
    code = read_marks(l, f, e);
    part_file_close(f);
    return code;
}

/* --- whether they are of one run --- */

static enum err_code check_run(const struct part *a, const struct part *b, struct err *e) {
    char *differs = run_key_difference(a->key, b->key);
    if (differs) {
        (void)err_set(e, ERR_USAGE, "%.120s and %.120s are of runs made otherwise (%.200s)",
                      a->path, b->path, differs);
        free(differs);
        return ERR_USAGE;
    }
    if (a->shard.n == b->shard.n && a->n_batches == b->n_batches && a->n_rows == b->n_rows)
        return ERR_OK;
    return err_set(e, ERR_USAGE, "%.150s is one of %lld parts, and %.150s one of %lld", a->path,
                   (long long)a->shard.n, b->path, (long long)b->shard.n);
}

/* --- gaps and doubles --- */

static int by_number(const void *a, const void *b) {
    const int64_t x = ((const struct part_batch *)a)->number,
                  y = ((const struct part_batch *)b)->number;
    return (x > y) - (x < y);
}

static bool has_part(const struct part_list *l, int64_t k) {
    for (size_t i = 0; i < l->n; i++)
        if (l->items[i].shard.k == k)
            return true;
    return false;
}

/* ": part 1/3 is missing"; nothing where all are there. Owned by the caller. */
static char *missing_parts(const struct part_list *l) {
    const int64_t n = l->items[0].shard.n;
    struct text_buffer b = {0};
    int64_t n_missing = 0;
    for (int64_t k = 0; k < n; k++) {
        if (has_part(l, k))
            continue;
        if (n_missing++ < MOST_TOLD)
            text_buffer_format(&b, "%s%lld/%lld", n_missing == 1 ? ", as part " : ", ",
                               (long long)k, (long long)n);
    }
    if (n_missing > MOST_TOLD)
        text_buffer_format(&b, " and %lld more", (long long)n_missing - MOST_TOLD);
    if (n_missing)
        text_buffer_puts(&b, n_missing == 1 ? " is not among them" : " are not among them");
    return text_buffer_take(&b);
}

/* Rows [from, to) are not there. */
static enum err_code gap(const struct part_list *l, int64_t from, int64_t to, struct err *e) {
    char *missing = missing_parts(l);
    enum err_code code = err_set(e, ERR_USAGE, "rows %lld to %lld are in none of these files%s",
                                 (long long)from, (long long)to - 1, missing);
    free(missing);
    return code;
}

static enum err_code doubled(const struct part_list *l, const struct part_batch *a,
                             const struct part_batch *b, struct err *e) {
    return err_set(e, ERR_USAGE, "rows %lld to %lld are in %.180s and in %.180s",
                   (long long)b->first_row, (long long)(b->first_row + b->n_rows) - 1,
                   l->items[a->part].path, l->items[b->part].path);
}

/* Each follows the one before. *row: where it does, in the data set. */
static enum err_code check_batch(const struct part_list *l, size_t i, int64_t *row, struct err *e) {
    const struct part_batch *b = &l->batches[i];
    if (i && b->number == b[-1].number)
        return doubled(l, b - 1, b, e);
    if (i && b->number == b[-1].number + 1 && b->first_row != *row)
        return err_set(e, ERR_FORMAT, "%.200s: its batch %lld does not follow the one before",
                       l->items[b->part].path, (long long)b->number);
    if (b->number != (int64_t)i)
        return gap(l, *row, b->first_row, e);
    *row = b->first_row + b->n_rows;
    return ERR_OK;
}

/* The first row of all, which is not 0 where a split was asked for: all batches but the last are of
 * one size. */
static int64_t first_row(const struct part_list *l) {
    const struct part_batch *b = l->batches;
    if (!l->n_batches)
        return 0;
    if (b->number == 0)
        return b->first_row;
    const bool whole = b->n_rows > 0 && b->number < l->items[0].n_batches - 1 &&
                       b->number <= b->first_row / b->n_rows;
    return whole ? b->first_row - b->number * b->n_rows : 0;
}

static enum err_code check_all(const struct part_list *l, struct err *e) {
    const struct part *p = &l->items[0];
    const int64_t first = first_row(l);
    int64_t row = first;
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < l->n_batches && !code; i++)
        code = check_batch(l, i, &row, e);
    if (code)
        return code;
    if ((int64_t)l->n_batches < p->n_batches)
        return gap(l, row, first + p->n_rows, e);
    if (row - first != p->n_rows)
        return err_set(e, ERR_FORMAT, "%.200s: its end tells of %lld rows, and there are %lld",
                       p->path, (long long)p->n_rows, (long long)(row - first));
    return ERR_OK;
}

enum err_code part_list_read(struct part_list *out, const char *const *files, size_t n,
                             struct err *e) {
    enum err_code code = ERR_OK;
    *out = (struct part_list){.items = mem_alloc((n + 1) * sizeof(struct part))};
    for (size_t i = 0; i < n && !code; i++)
        code = read_file(out, files[i], e);
    for (size_t i = 1; i < n && !code; i++)
        code = check_run(&out->items[0], &out->items[i], e);
    if (code)
        return code;
    qsort(out->batches, out->n_batches, sizeof *out->batches, by_number);
    code = check_all(out, e);
    out->n_rows = out->items[0].n_rows;
    return code;
}
