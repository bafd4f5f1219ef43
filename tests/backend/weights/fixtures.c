#include "tests/backend/weights/fixtures.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/weights.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static char *fixture(const char *name) {
    return mem_format("%s/weights/%s", getenv("TINSEQ_FIXTURES"), name);
}

char *read_fixture(const char *name, size_t *n) {
    char *path = fixture(name), *data;
    struct err e = {0};
    cr_assert_eq(file_read(&data, n, path, 1 << 20, &e), ERR_OK, "%s", e.message);
    free(path);
    return data;
}

struct weights *open_fixture(const char *name) {
    char *path = fixture(name);
    struct weights *w;
    struct err e = {0};
    cr_assert_eq(weights_open(&w, path, &e), ERR_OK, "%s", e.message);
    free(path);
    return w;
}
