#include "app/jobs/cost_store.h"

#include "backend/base/file.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What one rate was learnt from: the middle of the range. 0: none was. */
static double rate_of(const struct cost_store *s, const char *how, const char *method) {
    struct cost_rates rates;
    if (!cost_store_rates(&rates, s, how, method, 2e9))
        return 0;
    return sqrt(rates.slowest * rates.fastest);
}

/* The nearest size that was seen counts, and what is far from it is less certain: larger runs may
 * be faster, smaller ones slower. */
Test(cost_store, sizes_that_were_not_seen_are_less_certain) {
    struct cost_store s;
    struct cost_rates same, larger, largest, smaller;
    cost_store_open(&s, NULL);
    cost_store_learn(&s, "m", "lime", 1e9, 1);
    cost_store_learn(&s, "m", "lime", 1e13, 1000);
    cr_assert(cost_store_rates(&same, &s, "m", "lime", 1e9));
    cr_assert(cost_store_rates(&larger, &s, "m", "lime", 1.6e10));
    cr_assert(cost_store_rates(&largest, &s, "m", "lime", 1e13));
    cr_assert(cost_store_rates(&smaller, &s, "m", "lime", 6e7));
    cr_expect(same.slowest < 1e9 && same.fastest > 1e9);
    cr_expect(larger.slowest == same.slowest && larger.fastest > 2 * same.fastest);
    cr_expect(smaller.fastest == same.fastest && smaller.slowest < same.slowest / 2);
    cr_expect(largest.slowest < 1e10 && largest.fastest > 1e10 && largest.slowest > same.fastest);
    cr_expect_not(cost_store_rates(&same, &s, "m", "saliency", 1e9));
    cost_store_close(&s);
}

Test(cost_store, learns_and_keeps) {
    char path[100];
    struct cost_store s;
    snprintf(path, sizeof path, "/tmp/tinseq-rates-%d.json", (int)getpid());
    unlink(path);
    cost_store_open(&s, path);
    cr_expect_eq(rate_of(&s, "m, cpu", "saliency"), 0);
    cost_store_learn(&s, "m, cpu", "saliency", 2e9, 0.001); /* too short to tell */
    cr_expect_eq(rate_of(&s, "m, cpu", "saliency"), 0);
    cost_store_learn(&s, "m, cpu", "saliency", 2e9, 2);
    cost_store_learn(&s, "m, cpu", "saliency", 2e9, 2 / 3.0);
    cost_store_learn(&s, "m, cuda", "saliency", 2e9, 2 / 7.0);
    cr_expect_float_eq(rate_of(&s, "m, cpu", "saliency"), 2e9, 1);
    cost_store_close(&s);
    cost_store_open(&s, path);
    cr_expect_float_eq(rate_of(&s, "m, cpu", "saliency"), 2e9, 1);
    cr_expect_float_eq(rate_of(&s, "m, cuda", "saliency"), 7e9, 1);
    cr_expect_eq(rate_of(&s, "m, cpu", "attention"), 0);
    cost_store_learn(&s, "m, cpu", "saliency", 2e9, 0.995); /* as expected: not worth writing */
    cr_expect_not(s.changed);
    cost_store_close(&s);
    unlink(path);
}

Test(cost_store, a_damaged_file_is_an_empty_one) {
    char path[100];
    struct cost_store s;
    struct err e;
    const char *texts[] = {
        "{\"a b\": ", "[1, 2]",
        "{\"a b, 4^15\": \"x\", \"c b, 4^15\": -1, \"d b, 4^15\": 1e999, \"e b, 4^15\": 5}"};
    snprintf(path, sizeof path, "/tmp/tinseq-rates-damaged-%d.json", (int)getpid());
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        cr_assert_eq(file_write(path, texts[i], strlen(texts[i]), &e), ERR_OK);
        cost_store_open(&s, path);
        cr_expect_eq(s.n, i == 2 ? 1 : 0);
        cr_expect_float_eq(rate_of(&s, "b", "e"), i == 2 ? 5 : 0, 1e-9);
        cost_store_close(&s);
    }
    unlink(path);
}

Test(cost_store, without_a_place_nothing_is_kept) {
    struct cost_store s;
    cost_store_open(&s, NULL);
    cost_store_learn(&s, "m", "dummy", 2e9, 2);
    cr_expect_float_eq(rate_of(&s, "m", "dummy"), 1e9, 1);
    cost_store_close(&s);
}
