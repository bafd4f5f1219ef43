#include "tests/methods/tiny_model.h"

#include "backend/base/mem.h"

#include <criterion/criterion.h>
#include <stdlib.h>

struct model *tiny_model_open(const char *name) {
    struct err e = {0};
    struct model *m = NULL;
    struct model_options options = {0};
    char *path = mem_format("tests/fixtures/tiny/%s", name);
    cr_assert_eq(model_open(&m, path, &options, NULL, &e), ERR_OK, "%s", e.message);
    free(path);
    return m;
}
