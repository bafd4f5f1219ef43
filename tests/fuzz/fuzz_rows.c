/* A file of results, read one by one: rows, JSON, packed or not. What can be read is written as
 * rows and comes back the same. */
#include "app/files/result_rows.h"
#include "app/jobs/mean_map.h"
#include "app/jobs/row_values.h"
#include "backend/base/text.h"
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

static void see(void *user, enum row_column_kind kind, const char *name, const char *text,
                double number) {
    size_t at;
    (void)user, (void)number;
    must(kind < ROW_KINDS && name);
    must(!text || text_valid_utf8(text, strlen(text), &at));
}

/* What a list shows of it, and its mean with itself, which has as many rows. */
static void list_row(const struct attribution *one) {
    static const char *const fields[] = {"subject"};
    const struct row_sink sink = {see, NULL};
    struct mean_map *m = mean_map_new(one->sequences[0].target.n % 2);
    struct row_roles roles;
    struct err e = {0};
    row_values(one, &sink);
    row_roles_make(&roles, one, fields, 1);
    const enum err_code code = mean_map_add(m, one, &roles, &e);
    if (code)
        must(e.message[0] && code != ERR_INTERNAL);
    else
        must(mean_map_add(m, one, &roles, &e) == ERR_OK);
    struct attribution *mean = mean_map_result(m, "2 rows");
    must(!mean == (code != ERR_OK));
    attribution_release(mean);
    row_roles_dispose(&roles);
    mean_map_free(m);
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
        list_row(one);
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
