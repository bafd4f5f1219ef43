/* Correlations and intervals against scipy's (tests/fixtures/make_statistics.py), and what must
 * hold of any numbers. */
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/random.h"
#include "methods/statistics/bootstrap.h"
#include "methods/statistics/correlation.h"
#include "methods/statistics/running.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>

static cJSON *fixture(void) {
    char *path = mem_format("%s/statistics.json", getenv("TINSEQ_FIXTURES")), *text = NULL;
    size_t n;
    struct err e;
    cr_assert_eq(file_read(&text, &n, path, 1 << 20, &e), ERR_OK, "%s", e.message);
    cJSON *all = cJSON_Parse(text);
    cr_assert(all);
    free(text);
    free(path);
    return all;
}

static double *numbers(size_t *n, const cJSON *object, const char *key) {
    const cJSON *list = cJSON_GetObjectItem(object, key);
    *n = (size_t)cJSON_GetArraySize(list);
    double *out = mem_alloc((*n + 1) * sizeof *out);
    for (size_t i = 0; i < *n; i++) {
        const cJSON *x = cJSON_GetArrayItem(list, (int)i);
        out[i] = cJSON_IsNumber(x) ? x->valuedouble : NAN;
    }
    return out;
}

typedef struct correlation correlate(const double *x, const double *y, size_t n);
static const struct {
    const char *name;
    correlate *function;
} kinds[] = {{"kendall", correlation_kendall},
             {"spearman", correlation_spearman},
             {"pearson", correlation_pearson}};

/* p relative to its size: of a far tail as of the middle. */
static void expect_near(double got, double expected, double tolerance, const char *what, int i) {
    if (isnan(expected))
        cr_expect(isnan(got), "%s %d: %g, not nothing", what, i, got);
    else
        cr_expect_leq(fabs(got - expected), tolerance * fabs(expected) + DBL_MIN,
                      "%s %d: %.17g, not %.17g", what, i, got, expected);
}

Test(correlation, is_scipys_with_and_without_ties) {
    cJSON *all = fixture();
    const cJSON *cases = cJSON_GetObjectItem(all, "correlations"), *c;
    int i = 0;
    cr_assert_eq(cJSON_GetArraySize(cases), 100);
    cJSON_ArrayForEach(c, cases) {
        size_t n, n_y, two;
        double *x = numbers(&n, c, "x"), *y = numbers(&n_y, c, "y");
        for (size_t k = 0; k < 3; k++) {
            double *expected = numbers(&two, c, kinds[k].name);
            const struct correlation got = kinds[k].function(x, y, n);
            expect_near(got.value, expected[0], 1e-12, kinds[k].name, i);
            /* scipy's 1 − r of a perfect one is what rounding left of it */
            if (fabs(expected[0]) < 1 - 1e-12 || isnan(expected[1]) || expected[1] > 1e-6)
                expect_near(got.p, expected[1], 1e-9, kinds[k].name, i);
            else
                cr_expect_leq(got.p, expected[1] + 1e-7);
            free(expected);
        }
        free(x);
        free(y);
        i++;
    }
    cJSON_Delete(all);
}

Test(correlation, of_none_or_one_is_not_defined) {
    for (size_t k = 0; k < 3; k++)
        for (size_t n = 0; n < 2; n++) {
            const struct correlation got = kinds[k].function((double[]){1}, (double[]){2}, n);
            cr_expect(isnan(got.value) && isnan(got.p), "%s", kinds[k].name);
        }
}

/* Order does not count; turning one column round turns the sign, and nothing else. */
Test(correlation, is_the_same_in_any_order_and_turns_with_a_column) {
    struct random_state r = {3};
    for (int trial = 0; trial < 50; trial++) {
        double x[40], y[40], x2[40], y2[40], back[40];
        const size_t n = 2 + (size_t)(random_uniform(&r) * 38);
        for (size_t i = 0; i < n; i++) {
            x[i] = floor(random_uniform(&r) * (trial % 2 ? 6 : 1e6));
            y[i] = floor(random_uniform(&r) * 9);
            back[i] = -y[i];
        }
        for (size_t i = 0; i < n; i++) { /* 41 has no divisor with n in common */
            x2[(i * 41 + 3) % n] = x[i];
            y2[(i * 41 + 3) % n] = y[i];
        }
        for (size_t k = 0; k < 3; k++) {
            const struct correlation a = kinds[k].function(x, y, n),
                                     b = kinds[k].function(x2, y2, n),
                                     c = kinds[k].function(x, back, n),
                                     d = kinds[k].function(y, x, n);
            if (isnan(a.value)) {
                cr_expect(isnan(b.value) && isnan(c.value) && isnan(d.value));
                continue;
            }
            cr_expect(a.value >= -1 && a.value <= 1);
            cr_expect_float_eq(a.value, b.value, 1e-12, "%s", kinds[k].name);
            cr_expect_float_eq(a.value, -c.value, 1e-12, "%s", kinds[k].name);
            cr_expect_float_eq(a.value, d.value, 1e-12, "%s", kinds[k].name);
            if (n > 2)
                cr_expect_float_eq(a.p, c.p, 1e-9, "%s", kinds[k].name);
        }
    }
}

Test(bootstrap, is_scipys_percentile_interval_of_the_same_draws) {
    cJSON *all = fixture();
    const cJSON *c;
    cJSON_ArrayForEach(c, cJSON_GetObjectItem(all, "intervals")) {
        size_t n, two;
        struct text_sample s = {0};
        double *sums = numbers(&n, c, "sums"), *ns = numbers(&n, c, "ns"),
               *expected = numbers(&two, c, "interval");
        for (size_t i = 0; i < n; i++)
            text_sample_add(&s, sums[i], (size_t)ns[i]);
        const struct bootstrap_interval got =
            bootstrap_mean(&s, (size_t)cJSON_GetObjectItem(c, "draws")->valuedouble,
                           cJSON_GetObjectItem(c, "level")->valuedouble,
                           (uint64_t)cJSON_GetObjectItem(c, "seed")->valuedouble);
        cr_expect_float_eq(got.low, expected[0], 1e-12, "%zu: %g", n, got.low);
        cr_expect_float_eq(got.high, expected[1], 1e-12, "%zu: %g", n, got.high);
        text_sample_dispose(&s);
        free(sums);
        free(ns);
        free(expected);
    }
    cJSON_Delete(all);
}

/* Of 20,000 texts 2,048 sums at most are kept; of the normal's mean ± 1.96 σ / √n. */
Test(bootstrap, of_many_texts_takes_little_memory_and_is_as_good) {
    struct random_state r = {8};
    struct text_sample s = {0};
    double total = 0, texts = 0;
    for (size_t i = 0; i < 20000; i++) {
        const double x = random_normal(random_uniform(&r), random_uniform(&r));
        text_sample_add(&s, x, 1);
        total += x;
    }
    for (size_t i = 0; i < s.n; i++)
        texts += s.items[i].n;
    cr_expect(s.n == BOOTSTRAP_MOST && s.room == BOOTSTRAP_MOST && s.n_texts == 20000);
    cr_expect_eq(texts, 20000);
    const struct bootstrap_interval got = bootstrap_mean(&s, 1000, 0.95, 4);
    cr_expect_float_eq(got.low, total / 20000 - 1.96 / sqrt(20000), 1.5e-3, "%g", got.low);
    cr_expect_float_eq(got.high, total / 20000 + 1.96 / sqrt(20000), 1.5e-3, "%g", got.high);
    text_sample_dispose(&s);
}

/* 1 and -1 in turn: neighbours put together would be 0 each. */
Test(bootstrap, the_order_of_texts_says_nothing) {
    struct text_sample s = {0};
    for (int i = 0; i < 8192; i++)
        text_sample_add(&s, i % 2 ? 1 : -1, 1);
    const struct bootstrap_interval got = bootstrap_mean(&s, 1000, 0.95, 4);
    cr_expect_float_eq(got.high - got.low, 2 * 1.96 / sqrt(8192), 4e-3, "%g", got.high - got.low);
    text_sample_dispose(&s);
}

Test(bootstrap, of_one_text_there_is_no_interval) {
    struct text_sample s = {0};
    text_sample_add(&s, 3, 2);
    cr_expect(isnan(bootstrap_mean(&s, 100, 0.95, 0).low));
    text_sample_add(&s, 3, 2);
    cr_expect(isnan(bootstrap_mean(&s, 0, 0.95, 0).high));
    cr_expect_eq(bootstrap_mean(&s, 10, 0.95, 0).low, 1.5);
    text_sample_dispose(&s);
}

Test(running, means_and_spreads_are_those_of_all_at_once) {
    struct running r = {0};
    cr_expect(isnan(running_mean(&r)) && isnan(running_deviation(&r)) && running_sum(&r) == 0);
    for (int i = 0; i < 1000; i++) /* one by one, .1 would be lost in the large sum */
        running_add(&r, (const double[]){-1e12, 0.1, 1e12, 0.1}[i % 4]);
    cr_expect_eq(r.n, 1000);
    cr_expect_float_eq(running_sum(&r), 50, 1e-9, "%.12g", running_sum(&r));
    cr_expect_float_eq(running_mean(&r), 0.05, 1e-12);
    struct running few = {0};
    for (int i = 0; i < 4; i++)
        running_add(&few, i);
    cr_expect_float_eq(running_deviation(&few), sqrt(5. / 3), 1e-15);
}
