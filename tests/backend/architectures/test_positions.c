/* Tables of positions that are computed. */
#include "backend/architectures/positions.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

static double *table_of(const struct stack_plan *plan, int64_t n_heads, int64_t n,
                        int64_t *n_rows) {
    const struct stack_sizes sizes = {.n_heads = n_heads, .n_head_width = 4};
    const struct stack s = {STACK_DECODER, .plan = plan, .sizes = &sizes};
    int64_t width;
    double *table = positions_table(&s, NULL, n, n_rows, &width);
    cr_assert(*n_rows == n_heads && width == n);
    return table;
}

Test(positions, slopes_fall_with_the_distance) {
    static const double powers[] = {2, 4, 6, 8, 1, 3}; /* of four heads, then of eight */
    const struct stack_plan plan = {.positions = POSITION_SLOPES};
    int64_t n_rows;
    double *table = table_of(&plan, 6, 5, &n_rows);
    for (int h = 0; h < 6; h++)
        for (int k = 0; k < 5; k++)
            cr_expect_float_eq(table[h * 5 + k], exp2(-powers[h]) * (k - 4), 1e-15);
    free(table);
}

Test(positions, slopes_of_falcon_are_rounded_and_count_keys) {
    const struct stack_plan plan = {.positions = POSITION_SLOPES, .slopes_rounded = true};
    int64_t n_rows;
    double *table = table_of(&plan, 16, 260, &n_rows);
    /* 2^-0.5 is 0.70703125 in bfloat16; times 100 it is 70.5, over √4. */
    cr_expect_float_eq(table[100], 35.25, 1e-12);
    cr_expect_float_eq(table[260 + 257], 64, 1e-12); /* 257 is 256, and 1/2 exact */
    free(table);
}
