/* A template in the first line, and a row of JSON behind it. */
#include "app/dataset/split.h"
#include "app/dataset/template.h"
#include "backend/base/mem.h"
#include "tests/fuzz/as_file.h"

#include <stdlib.h>
#include <string.h>

int fuzz_one(const uint8_t *data, size_t n);

static void must(bool condition) {
    if (!condition)
        abort();
}

static void render(const struct template *t, const struct data_row *row) {
    struct err e = {0};
    char *out;
    enum err_code code = template_render(&out, t, row, "prompt", NULL, NULL, &e);
    must(code ? !out && e.message[0] && code == ERR_FORMAT : out != NULL);
    free(out);
}

static void read_rows(const struct template *t, const uint8_t *data, size_t n) {
    const struct dataset_form json = {.format = DATASET_JSON};
    const char *path = as_file(data, n);
    const struct data_row *row;
    struct dataset *d;
    struct err e;
    if (dataset_open(&d, &path, 1, &json, &e))
        return;
    for (int i = 0; i < 4 && dataset_next(&row, d, &e) == ERR_OK && row; i++)
        if (!row->problem)
            render(t, row);
    dataset_close(d);
}

int fuzz_one(const uint8_t *data, size_t n) {
    const uint8_t *end = n ? memchr(data, '\n', n) : NULL;
    const size_t n_first = end ? (size_t)(end - data) : n;
    char *text = mem_text_n((const char *)data, n_first);
    struct data_column *columns = NULL;
    struct template *t;
    struct split s;
    struct err e = {0};
    size_t n_columns = 0;
    int64_t from, to;
    if (split_parse(&s, text, &e) == ERR_OK)
        split_place(&from, &to, &s, 100);
    enum err_code code = template_parse(&t, text, n & 1, n & 2, &e);
    must(code ? !t && e.message[0] && code == ERR_USAGE : t != NULL);
    if (!code) {
        template_columns(t, &columns, &n_columns);
        read_rows(t, end ? end + 1 : data, end ? n - n_first - 1 : 0);
    }
    free(columns);
    template_free(t);
    free(text);
    return 0;
}
