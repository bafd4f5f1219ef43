/* Means and how sure they are. */
#include "methods/statistics/student.h"

#include <criterion/criterion.h>
#include <math.h>

Test(student, interval_of_few_values) {
    /* scipy.stats.t.interval(0.95, 3, 2.5, sem): 2.5 ± 3.182446 · 0.645497 */
    const struct mean_interval four = mean_interval_of((double[]){1, NAN, 2, 3, 4}, 5),
                               one = mean_interval_of((double[]){7}, 1),
                               none = mean_interval_of((double[]){NAN}, 1);
    cr_expect_eq(four.n, 4);
    cr_expect_float_eq(four.mean, 2.5, 1e-12);
    cr_expect_float_eq(four.high, 2.5 + 3.182446 * sqrt(5. / 3) / 2, 1e-3);
    cr_expect_float_eq(four.low, 5 - four.high, 1e-12);
    cr_expect(one.n == 1 && one.mean == 7 && isnan(one.low));
    cr_expect(none.n == 0 && isnan(none.mean) && isnan(none.high));
}

Test(student, quantiles_fall_towards_the_normal_ones) {
    cr_expect_float_eq(student_quantile(1), 12.706, 1e-3);
    cr_expect_float_eq(student_quantile(2.9), 4.303, 1e-3);
    cr_expect_float_eq(student_quantile(10), 2.228, 1e-3);
    cr_expect_float_eq(student_quantile(30), 2.0423, 1e-3);
    cr_expect_float_eq(student_quantile(1e6), 1.95996, 1e-4);
}
