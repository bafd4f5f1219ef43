#include "backend/base/clock.h"
#include "backend/base/random.h"

#include <criterion/criterion.h>

Test(random, a_seed_gives_the_same_numbers_everywhere) {
    struct random_state a = {42}, b = {42}, c = {43};
    double first = random_uniform(&a);
    cr_expect_eq(first, random_uniform(&b));
    cr_expect_neq(first, random_uniform(&c));
    cr_expect_neq(first, random_uniform(&a));
    /* SplitMix64's first number from seed 0 is 0xe220a8397b1dcdaf. */
    struct random_state zero = {0};
    cr_expect_eq(random_uniform(&zero), ((double)(0xe220a8397b1dcdafu >> 11) + 0.5) * 0x1p-53);
}

Test(random, normal_numbers_have_mean_zero_and_variance_one) {
    struct random_state r = {7};
    double sum = 0, squares = 0;
    enum { N = 20000 };
    for (int i = 0; i < N; i++) {
        double u = random_uniform(&r), x = random_normal(u, random_uniform(&r));
        sum += x;
        squares += x * x;
    }
    cr_expect(fabs(sum / N) < 0.03 && fabs(squares / N - 1) < 0.05, "%g %g", sum / N, squares / N);
}

Test(clock, seconds_and_milliseconds_agree) {
    double before = clock_seconds();
    int64_t ms = clock_ms();
    double after = clock_seconds();
    cr_expect((double)ms >= before * 1e3 - 1 && (double)ms <= after * 1e3 + 1);
}
