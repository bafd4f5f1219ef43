/* The student's outputs in the middle: its decoder is recurrent, and its second layer the last. */
#include "backend/discovery.h"
#include "tests/backend/tape/site_checks.h"

#include <criterion/criterion.h>
#include <stdlib.h>

Test(sites, student, .timeout = 300) {
    static const int32_t source[] = {34, 611, 900, 17, 12, 0}, target[] = {0, 512, 3001, 44, 210};
    struct err e = {0};
    char *path = NULL;
    cr_assert_eq(model_resolve(&path, "en-pt", &e), ERR_OK, "%s", e.message);
    site_checks(path, source, 6, target, 5);
    free(path);
}
