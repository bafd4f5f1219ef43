/* Batches: within the budget, no larger than is worthwhile, never empty; and what a run takes is
 * what was foretold. */
#include "methods/engine/batch.h"
#include "tests/methods/toy.h"

#include <criterion/criterion.h>

Test(batch, holds_what_the_budget_has_room_for) {
    cr_expect_eq(engine_fit(1000, 100, 50), 10);
    cr_expect_eq(engine_fit(1000, 100, 7), 7);
    cr_expect_eq(engine_fit(99, 100, 50), 1, "one goes always");
    cr_expect_eq(engine_fit(1000, 100, 0), 1);
    cr_expect_eq(engine_fit(1000, 0, 50), 50, "what takes nothing");
}

static int64_t squares(const void *each, int64_t n) {
    return n * n * *(const int64_t *)each;
}

Test(batch, holds_what_fits_together) {
    const int64_t each = 10;
    cr_expect_eq(engine_fit_together(1000, 50, squares, &each), 10);
    cr_expect_eq(engine_fit_together(999, 50, squares, &each), 9);
    cr_expect_eq(engine_fit_together(1000, 7, squares, &each), 7);
    cr_expect_eq(engine_fit_together(1, 50, squares, &each), 1, "one goes always");
    cr_expect_eq(engine_fit_together(1000, 0, squares, &each), 1);
}

Test(batch, is_no_larger_than_makes_products_fast) {
    cr_expect_eq(engine_batch(INT64_MAX, 10, 1, 1000, true), BATCH_ROWS_KEPT / 10);
    cr_expect_eq(engine_batch(INT64_MAX, 10, 1, 1000, false), BATCH_ROWS / 10);
    cr_expect_eq(engine_batch(INT64_MAX, 10, 1, 3, false), 3);
    cr_expect_eq(engine_batch(2000, 10, 1000, 1000, false), 2);
    cr_expect_eq(engine_batch(INT64_MAX, 100000, 1, 1000, false), 1);
}

/* The points of a path, whose rows take TOY_WIDTH · 8 bytes each; its two ends go together. */
Test(batch, of_a_run_is_the_one_foretold) {
    for (int64_t budget = 100; budget <= 100000; budget *= 10) {
        struct session s;
        session_init(&s, false, "integrated_gradients", "logit");
        session_option(&s, "n_steps", "200");
        s.in.memory_budget = budget;
        cr_assert_eq(session_run(&s), ERR_OK, "%s", s.err.message);
        const int64_t rows = s.in.end - 1, bytes = rows * TOY_WIDTH * 8,
                      expected = engine_batch(budget, rows, bytes, 200, true);
        cr_expect_eq(s.model.most_batch, expected > 2 ? expected : 2, "%d of %d in %d bytes",
                     (int)s.model.most_batch, (int)expected, (int)budget);
        session_dispose(&s);
    }
}
