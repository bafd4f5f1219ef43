#include "app/jobs/cost_store.h"

#include "backend/base/file.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

Test(cost_store, learns_and_keeps) {
    char path[100];
    struct cost_store s;
    snprintf(path, sizeof path, "/tmp/tinseq-rates-%d.json", (int)getpid());
    unlink(path);
    cost_store_open(&s, path);
    cr_expect_eq(cost_store_rate(&s, "m, cpu", "saliency"), 0);
    cost_store_learn(&s, "m, cpu", "saliency", 1e9, 0.001); /* too short to tell */
    cr_expect_eq(cost_store_rate(&s, "m, cpu", "saliency"), 0);
    cost_store_learn(&s, "m, cpu", "saliency", 1e9, 1);
    cost_store_learn(&s, "m, cpu", "saliency", 3e9, 1);
    cost_store_learn(&s, "m, cuda", "saliency", 7e9, 1);
    cr_expect_float_eq(cost_store_rate(&s, "m, cpu", "saliency"), 2e9, 1);
    cost_store_close(&s);
    cost_store_open(&s, path);
    cr_expect_float_eq(cost_store_rate(&s, "m, cpu", "saliency"), 2e9, 1);
    cr_expect_float_eq(cost_store_rate(&s, "m, cuda", "saliency"), 7e9, 1);
    cr_expect_eq(cost_store_rate(&s, "m, cpu", "attention"), 0);
    cost_store_learn(&s, "m, cpu", "saliency", 2.01e9, 1); /* as expected: not worth writing */
    cr_expect_not(s.changed);
    cost_store_close(&s);
    unlink(path);
}

Test(cost_store, a_damaged_file_is_an_empty_one) {
    char path[100];
    struct cost_store s;
    struct err e;
    const char *texts[] = {"{\"a b\": ", "[1, 2]",
                           "{\"a b\": \"x\", \"c b\": -1, \"d b\": 1e999, \"e b\": 5}"};
    snprintf(path, sizeof path, "/tmp/tinseq-rates-damaged-%d.json", (int)getpid());
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        cr_assert_eq(file_write(path, texts[i], strlen(texts[i]), &e), ERR_OK);
        cost_store_open(&s, path);
        cr_expect_eq(s.n, i == 2 ? 1 : 0);
        cr_expect_eq(cost_store_rate(&s, "b", "e"), i == 2 ? 5 : 0);
        cost_store_close(&s);
    }
    unlink(path);
}

Test(cost_store, without_a_place_nothing_is_kept) {
    struct cost_store s;
    cost_store_open(&s, NULL);
    cost_store_learn(&s, "m", "dummy", 1e9, 1);
    cr_expect_eq(cost_store_rate(&s, "m", "dummy"), 1e9);
    cost_store_close(&s);
}
