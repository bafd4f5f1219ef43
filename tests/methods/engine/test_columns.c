/* Only some columns of a text: one run serves them wherever they stand, where the method's rule
 * says so, and each is what it is among all. */
#include "methods/engine/apart.h"
#include "tests/methods/toy.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { N_STEPS = 4 };

/* Into a fresh s->out. */
static void run_columns(struct session *s, const bool *columns) {
    attribution_sequence_dispose(&s->out);
    s->out =
        (struct attribution_sequence){.attr_pos_start = s->in.start, .attr_pos_end = s->in.end};
    s->in.columns = columns;
    s->n_published = 0;
    s->model.n_forwards = 0;
    cr_assert_eq(apart_run(&s->out, s->method, &s->in, &s->ctl, &s->err), ERR_OK, "%s",
                 s->err.message);
    cr_expect_eq(s->model.n_open, 0);
}

/* Wanted columns of a side are those of the whole run, the others have no number. */
static void check_side(const char *method, const struct scores *some, const struct scores *all,
                       const bool *columns) {
    const int64_t cell = scores_cell(all);
    cr_assert_eq(some->data != NULL, all->data != NULL, "%s", method);
    for (int64_t i = 0; all->data && i < all->dims[0] * N_STEPS * cell; i++) {
        const int64_t row = i / cell / N_STEPS, g = i / cell % N_STEPS;
        const float was = all->data[i], is = row < some->dims[0] ? some->data[i] : (float)NAN;
        if (columns[g])
            cr_expect((isnan(was) && isnan(is)) || was == is, "%s: row %lld, column %lld: %g, %g",
                      method, (long long)row, (long long)g, (double)was, (double)is);
        else
            cr_expect(isnan(is), "%s: column %lld was not wanted", method, (long long)g);
    }
}

/* together: no more forwards than all columns take. */
static void check(bool two, const char *method, const bool *columns, bool together) {
    struct session s;
    session_init(&s, two, method, "probability");
    session_score(&s, "logit");
    cr_assert_eq(s.in.end - s.in.start, N_STEPS);
    run_columns(&s, NULL);
    const int64_t most = s.model.n_forwards;
    struct attribution_sequence all = s.out;
    s.out = (struct attribution_sequence){0};
    run_columns(&s, columns);
    cr_expect(!together || s.model.n_forwards <= most, "%s: %lld", method,
              (long long)s.model.n_forwards);
    check_side(method, &s.out.source_attributions, &all.source_attributions, columns);
    check_side(method, &s.out.target_attributions, &all.target_attributions, columns);
    int n = 0;
    for (int g = 0; g < N_STEPS; g++) {
        const float score = s.out.step_scores[0].scores.data[g];
        cr_expect_eq(s.out.done[g], columns[g], "%s", method);
        cr_expect(columns[g] ? score == all.step_scores[0].scores.data[g] : isnan(score));
        n += columns[g];
    }
    cr_expect_eq(s.out.n_done, n);
    cr_expect_eq(s.n_published, n);
    attribution_sequence_dispose(&all);
    session_dispose(&s);
}

Test(columns, one_run_serves_those_that_are_wanted) {
    static const bool wanted[][N_STEPS] = {{true, false, false, true},
                                           {true, false, true, true},
                                           {false, true, false, true},
                                           {false, true, false, false}};
    for (int two = 0; two < 2; two++)
        for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
            check(two, "saliency", wanted[i], true);
            check(two, "input_x_gradient", wanted[i], true);
            check(two, "integrated_gradients", wanted[i], true);
            check(two, "attention", wanted[i], true);
            check(two, "dummy", wanted[i], true);
            check(two, "occlusion", wanted[i], true);
            check(two, "lime", wanted[i], false);
        }
}

/* What an earlier column is held against is not part of a later one's contrast. */
Test(columns, foils_of_their_own_leave_the_contrasts_text_as_it_is) {
    static const int64_t alignment[] = {2, 3, 4, 5};
    const int32_t contrast[] = {0, 3, 2, 4, 3, 1}, foils[] = {5, 4, 6, 1};
    float scores[2];
    for (int i = 0; i < 2; i++) {
        struct session s;
        bool columns[N_STEPS] = {i == 0, false, true, false};
        session_init(&s, false, "saliency", "contrast_logits");
        session_contrast(&s, contrast, 6, alignment);
        s.in.contrast_force_inputs = true;
        s.in.foil_ids = foils;
        session_score(&s, "contrast_logits");
        run_columns(&s, columns);
        scores[i] = s.out.step_scores[0].scores.data[2];
        double h[TOY_WIDTH] = {0}, logits[TOY_VOCAB];
        toy_add_rows(h, STACK_DECODER, contrast, 4);
        toy_logits(logits, h);
        cr_expect_float_eq(scores[i], logits[6], 1e-4);
        session_dispose(&s);
    }
    cr_expect_eq(scores[0], scores[1]);
}
