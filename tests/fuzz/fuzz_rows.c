/* A file of results, read one by one: rows, JSON, packed or not. What can be read is written as
 * rows and comes back the same. */
#include "app/files/result_rows.h"
#include "tests/fuzz/as_file.h"
#include "views/export/exports.h"

#include <stdlib.h>
#include <string.h>

#define MOST_ROWS 20

int fuzz_one(const uint8_t *data, size_t n);

static void must(bool condition) {
    if (!condition)
        abort();
}

static void write_row(struct text_buffer *b, struct export_rows *above,
                      const struct attribution *one) {
    struct err e = {0};
    const struct export_input in = {.result = one, .shown = one, .how = {.raw = true}};
    must(one->n_sequences == 1);
    must(export_find("jsonl")->write_row(b, above, &in, &e) == ERR_OK);
}

/* All rows that can be read, written again; *n_read of them. */
static char *rewritten(size_t *n_read, size_t *n_text, const char *path) {
    struct result_rows *rows;
    struct text_buffer b = {0};
    struct export_rows above = {0};
    struct err e = {0};
    *n_read = 0;
    enum err_code code = result_rows_open(&rows, path, &e);
    if (code)
        must(!rows && e.message[0] && code != ERR_INTERNAL);
    for (size_t i = 0; !code && i < result_rows_count(rows) && i < MOST_ROWS; i++) {
        struct attribution *one;
        enum err_code of_row = result_rows_load(&one, rows, i, &e);
        if (of_row) {
            must(!one && e.message[0] && of_row != ERR_INTERNAL);
            continue;
        }
        write_row(&b, &above, one);
        attribution_release(one);
        ++*n_read;
    }
    result_rows_close(rows);
    free(above.above);
    *n_text = b.n;
    return text_buffer_take(&b);
}

int fuzz_one(const uint8_t *data, size_t n) {
    size_t n_first, n_second, n_text, n_again;
    char *text = rewritten(&n_first, &n_text, as_file(data, n));
    if (n_first) {
        char *again = rewritten(&n_second, &n_again, as_file((const uint8_t *)text, n_text));
        must(n_first == n_second);
        must(n_text == n_again && memcmp(text, again, n_text) == 0);
        free(again);
    }
    free(text);
    return 0;
}
