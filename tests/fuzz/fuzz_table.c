/* A file of CSV, TSV or JSON lines, as its first letter says. What can be read is written again and
 * comes back the same. */
#include "app/dataset/dataset.h"
#include "backend/base/mem.h"
#include "tests/fuzz/as_file.h"

#include <stdlib.h>
#include <string.h>

#define MOST_ROWS 200

int fuzz_one(const uint8_t *data, size_t n);

static void must(bool condition) {
    if (!condition)
        abort();
}

/* The good rows as JSON lines. */
static char *rows_of(size_t *n_text, const char *path, const struct dataset_form *form) {
    const struct data_row *row = NULL;
    struct text_buffer b = {0};
    struct dataset *d;
    struct err e = {0};
    enum err_code code = dataset_open(&d, (const char *const *)&path, 1, form, &e);
    int64_t line = 0;
    must(!code || (!d && e.message[0] && code != ERR_INTERNAL));
    for (size_t i = 0; !code && i < MOST_ROWS; i++) {
        code = dataset_next(&row, d, &e);
        if (code || !row)
            break;
        must(row->line >= line && row->index == (int64_t)i);
        line = row->line;
        must(!row->problem || row->problem[0]);
        if (row->problem)
            continue;
        char *json = data_row_json(row);
        text_buffer_format(&b, "%s\n", json);
        free(json);
    }
    must(!code || e.message[0]);
    dataset_close(d);
    *n_text = b.n;
    return text_buffer_take(&b);
}

int fuzz_one(const uint8_t *data, size_t n) {
    static const struct dataset_form forms[] = {
        {.format = DATASET_CSV, .most = 4096},
        {.format = DATASET_TSV, .most = 4096},
        {.format = DATASET_JSON, .most = 4096},
        {.format = DATASET_CSV, .no_quotes = true, .separator = ';', .most = 64}};
    const struct dataset_form json = {.format = DATASET_JSON};
    size_t n_first, n_second;
    if (n == 0)
        return 0;
    char *first = rows_of(&n_first, as_file(data + 1, n - 1), &forms[data[0] % 4]);
    char *second = rows_of(&n_second, as_file((const uint8_t *)first, n_first), &json);
    must(n_first == n_second && memcmp(first, second, n_first) == 0);
    free(first);
    free(second);
    return 0;
}
