#include "tests/app/dataset/table.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"

#include <stdio.h>
#include <stdlib.h>

static void must(bool good, const char *what) {
    if (good)
        return;
    fprintf(stderr, "%s\n", what);
    abort();
}

char *table_file(const char *name, const char *text, size_t n) {
    static char folder[] = "/tmp/tinseq-table-XXXXXX";
    struct err e;
    static bool made;
    if (!made)
        must(mkdtemp(folder), folder);
    made = true;
    char *path = file_join(folder, name);
    must(!file_write(path, text, n, &e), e.message);
    return path;
}

char *table_rows(const char *const *files, size_t n, const struct dataset_form *form) {
    const struct data_row *row;
    struct text_buffer b = {0};
    struct dataset *d;
    struct err e;
    must(!dataset_open(&d, files, n, form, &e), e.message);
    for (;;) {
        must(!dataset_next(&row, d, &e), e.message);
        if (!row)
            break;
        char *json = data_row_json(row);
        text_buffer_format(&b, "%lld|%s\n", (long long)row->line,
                           row->problem ? row->problem : json);
        free(json);
    }
    dataset_close(d);
    return text_buffer_take(&b);
}
