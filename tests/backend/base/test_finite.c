#include "backend/base/finite.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>

enum { N = 3000 };

Test(finite, finds_the_first_at_any_place) {
    static const float bad[] = {NAN, -NAN, INFINITY, -INFINITY};
    static float x[N];
    for (int i = 0; i < N; i++)
        x[i] = i % 2 ? FLT_MAX : -FLT_TRUE_MIN;
    cr_expect_eq(finite_first_not(x, N), -1);
    cr_expect_eq(finite_first_not(x, 0), -1);
    for (int at = N - 1; at >= 0; at -= 7) {
        x[at] = bad[at % 4];
        cr_expect_eq(finite_first_not(x, N), at);
        cr_expect_eq(finite_first_not(x, at), -1);
    }
}
