#include "app/dataset/crew_message.h"

#include <string.h>

/* What stands before the bytes of a message: rows that failed, rows, their lines, what is said. */
struct head {
    int32_t kind, code;
    int64_t number, first_row, n_rows;
    uint64_t n_failed, n_rows_bytes, n_failed_bytes, n_said;
};

char *crew_message_pack(size_t *n, const struct crew_message *m) {
    const struct batch *b = &m->batch;
    const struct head h = {.kind = (int32_t)m->kind,
                           .code = m->code,
                           .number = b->number,
                           .first_row = b->first_row,
                           .n_rows = b->n_rows,
                           .n_failed = (uint64_t)b->n_failed,
                           .n_rows_bytes = b->n_rows_bytes,
                           .n_failed_bytes = b->n_failed_bytes,
                           .n_said = m->n_said};
    const struct {
        const void *data;
        size_t n;
    } parts[] = {{&h, sizeof h},
                 {b->failed_rows, (size_t)b->n_failed * sizeof *b->failed_rows},
                 {b->rows, b->n_rows_bytes},
                 {b->failed, b->n_failed_bytes},
                 {m->said, m->n_said}};
    struct text_buffer all = {0};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].n)
            text_buffer_add(&all, parts[i].data, parts[i].n);
    *n = all.n;
    return text_buffer_take(&all);
}

/* The next part, of n bytes of what is left; NULL: there are not so many. */
static const void *take(const char **at, size_t *left, uint64_t n) {
    const char *part = *at;
    if (n > *left)
        return NULL;
    *at += n;
    *left -= (size_t)n;
    return part;
}

bool crew_message_read(struct crew_message *out, const char *data, size_t n) {
    struct head h;
    if (n < sizeof h)
        return false;
    memcpy(&h, data, sizeof h);
    const char *at = data + sizeof h;
    size_t left = n - sizeof h;
    if (h.kind < CREW_HELLO || h.kind > CREW_BYE || h.n_failed > left / sizeof(int64_t))
        return false;
    *out = (struct crew_message){.kind = (enum crew_kind)h.kind,
                                 .code = h.code,
                                 .batch = {.number = h.number,
                                           .first_row = h.first_row,
                                           .n_rows = h.n_rows,
                                           .n_failed = (int64_t)h.n_failed,
                                           .n_rows_bytes = (size_t)h.n_rows_bytes,
                                           .n_failed_bytes = (size_t)h.n_failed_bytes},
                                 .n_said = (size_t)h.n_said};
    out->batch.failed_rows = take(&at, &left, h.n_failed * sizeof(int64_t));
    out->batch.rows = take(&at, &left, h.n_rows_bytes);
    out->batch.failed = take(&at, &left, h.n_failed_bytes);
    out->said = take(&at, &left, h.n_said);
    return out->batch.rows && out->batch.failed && out->said && !left;
}
