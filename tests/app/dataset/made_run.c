#include "tests/app/dataset/made_run.h"

#include "backend/base/mem.h"

#include <stdlib.h>

#define EACH 3

/* One info stands above batches 0 to 8, another above the rest; batch 12 changes it between its
 * rows, and all rows of batch 5 failed. */
static const char *above_of(int64_t batch) {
    return batch < 9 ? "{\"format\":\"tinseq-rows\",\"version\":1,\"info\":{\"a\":1}}\n"
                     : "{\"format\":\"tinseq-rows\",\"version\":1,\"info\":{\"a\":2}}\n";
}

static bool fails(int64_t row) {
    return row % 11 == 4 || row / EACH == 5;
}

static void put_row(struct text_buffer *rows, struct text_buffer *failed, int64_t row) {
    if (fails(row))
        text_buffer_format(failed, "{\"row\":%lld,\"reason\":\"no text\"}\n", (long long)row);
    else
        text_buffer_format(rows, "{\"attr_pos_start\":%lld,\"target\":[\"%0*d\"]}\n",
                           (long long)row, (int)(row * 37 % 400), 7);
}

/* The rows of one batch, with what stands above them. */
static int64_t make_batch(struct text_buffer *rows, struct text_buffer *failed, int64_t number) {
    int64_t n = 0;
    for (int64_t row = number * EACH; row < (number + 1) * EACH && row < MADE_ROWS; row++, n++) {
        if (!rows->n && !fails(row))
            text_buffer_puts(rows, above_of(number));
        if (number == 12 && row % EACH == 1)
            text_buffer_puts(rows, above_of(0));
        put_row(rows, failed, row);
    }
    return n;
}

static enum err_code add(struct batch_log *l, int64_t number, struct err *e) {
    struct text_buffer rows = {0}, failed = {0};
    struct batch b = {.number = number, .first_row = number * EACH};
    b.n_rows = make_batch(&rows, &failed, number);
    int64_t failed_rows[EACH];
    for (int64_t i = 0; i < b.n_rows; i++)
        if (fails(b.first_row + i))
            failed_rows[b.n_failed++] = b.first_row + i;
    b.failed_rows = failed_rows;
    b.rows = rows.text;
    b.n_rows_bytes = rows.n;
    b.failed = failed.text;
    b.n_failed_bytes = failed.n;
    enum err_code code = batch_log_add(l, &b, e);
    text_buffer_dispose(&rows);
    text_buffer_dispose(&failed);
    return code;
}

enum err_code made_run_add(struct batch_log *l, const struct shard *s, unsigned shuffle,
                           struct err *e) {
    enum err_code code = ERR_OK;
    for (int64_t i = 0; i < MADE_BATCHES && !code; i++) {
        const int64_t number = (i * (shuffle ? shuffle : 1)) % MADE_BATCHES; /* a prime */
        if (shard_has(s, number) && !batch_log_has(l, number))
            code = add(l, number, e);
    }
    return code;
}

enum err_code made_run(const char *output, const struct shard *s, unsigned shuffle, struct err *e) {
    const struct batch_log_about about = {.output = output, .key = "method: dummy\n", .shard = *s};
    struct batch_log *l;
    enum err_code code = batch_log_open(&l, &about, e);
    if (code)
        return code;
    code = made_run_add(l, s, shuffle, e);
    if (!code)
        return batch_log_finish_take(l, MADE_BATCHES, MADE_ROWS, NULL, NULL, e);
    batch_log_leave(l);
    return code;
}

/* What stands above rows is there once; here by hand. */
char *made_run_rows(size_t *n) {
    struct text_buffer rows = {0}, failed = {0};
    const char *now = NULL;
    for (int64_t row = 0; row < MADE_ROWS; row++) {
        const int64_t batch = row / EACH;
        const bool changed = batch == 12 && row % EACH > 0;
        const char *above = above_of(changed ? 0 : batch);
        if (!fails(row) && above != now)
            text_buffer_puts(&rows, above);
        if (!fails(row))
            now = above;
        put_row(&rows, &failed, row);
    }
    text_buffer_dispose(&failed);
    *n = rows.n;
    return text_buffer_take(&rows);
}

char *made_run_failed(size_t *n) {
    struct text_buffer rows = {0}, failed = {0};
    for (int64_t row = 0; row < MADE_ROWS; row++)
        put_row(&rows, &failed, row);
    text_buffer_dispose(&rows);
    *n = failed.n;
    return text_buffer_take(&failed);
}
