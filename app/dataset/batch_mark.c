#include "app/dataset/batch_mark.h"

#include "backend/base/json.h"
#include "views/export/rows.h"

#include <stdlib.h>
#include <string.h>

#define MOST (INT64_MAX / 4) /* of any number, so that sums have room */

static void put_number(struct text_buffer *out, const char *name, int64_t value) {
    text_buffer_format(out, "\"%s\":%lld,", name, (long long)value);
}

void batch_mark_write(struct text_buffer *out, const struct batch *b) {
    text_buffer_puts(out, ROWS_BATCH "{");
    put_number(out, "number", b->number);
    put_number(out, "row", b->first_row);
    put_number(out, "rows", b->n_rows);
    text_buffer_puts(out, "\"failed\":[");
    for (int64_t i = 0; i < b->n_failed; i++)
        text_buffer_format(out, "%s%lld", i ? "," : "", (long long)b->failed_rows[i]);
    text_buffer_puts(out, "]}}\n");
}

void batch_mark_end(struct text_buffer *out, const struct shard *s, int64_t n_batches,
                    int64_t n_rows, const char *key) {
    text_buffer_puts(out, ROWS_BATCH "{");
    put_number(out, "shard", s->k);
    put_number(out, "of", s->n);
    put_number(out, "batches", n_batches);
    put_number(out, "rows", n_rows);
    text_buffer_puts(out, "\"key\":");
    json_write_flat_string(out, key, strlen(key));
    text_buffer_puts(out, "}}\n");
}

/* --- reading --- */

bool batch_mark_is(const char *line, size_t n) {
    const size_t n_mark = strlen(ROWS_BATCH);
    return n >= n_mark && memcmp(line, ROWS_BATCH, n_mark) == 0;
}

static bool read_number(int64_t *out, const struct json_value *object, const char *name) {
    return json_integer(out, json_get(object, name)) && *out >= 0 && *out < MOST;
}

/* Rows of the batch, each once, rising. */
static bool read_failed(struct batch_mark *m, const struct json_value *list) {
    if (!list || list->type != JSON_ARRAY)
        return false;
    m->failed = mem_alloc((list->n_members + 1) * sizeof *m->failed);
    int64_t least = m->first_row;
    for (const struct json_value *v = list->first; v; v = v->next) {
        int64_t row;
        if (!json_integer(&row, v) || row < least || row >= m->first_row + m->n_rows)
            return false;
        m->failed[m->n_failed++] = row;
        least = row + 1;
    }
    return true;
}

static bool read_end(struct batch_mark *m, const struct json_value *object) {
    const struct json_value *key = json_get(object, "key");
    if (key->type != JSON_STRING || !read_number(&m->shard.k, object, "shard") ||
        !read_number(&m->shard.n, object, "of") || !read_number(&m->n_batches, object, "batches") ||
        !read_number(&m->n_rows, object, "rows") || m->shard.k >= m->shard.n)
        return false;
    m->key = mem_text_n(key->text, key->n_text);
    return true;
}

static bool read_object(struct batch_mark *m, const struct json_value *object) {
    if (!object || object->type != JSON_OBJECT)
        return false;
    if (json_get(object, "key"))
        return read_end(m, object);
    return read_number(&m->number, object, "number") && read_number(&m->first_row, object, "row") &&
           read_number(&m->n_rows, object, "rows") && read_failed(m, json_get(object, "failed"));
}

enum err_code batch_mark_read(struct batch_mark *out, const char *line, size_t n, struct err *e) {
    struct json_document *d;
    *out = (struct batch_mark){0};
    enum err_code code = json_parse(&d, line, n, e);
    if (code)
        return code;
    if (!read_object(out, json_get(json_root(d), "batch")))
        code = err_set(e, ERR_FORMAT, "a line that tells of a batch is damaged");
    json_free(d);
    return code;
}

void batch_mark_dispose(struct batch_mark *m) {
    free(m->failed);
    free(m->key);
    *m = (struct batch_mark){0};
}
