/* The kin of integrated gradients on the toy model: axioms, and the formulas of their papers where
 * the toy's quadratic logits make them short. */
#include "tests/methods/toy.h"

#include "methods/random.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int32_t contrast[] = {TOY_PAD, 3, 4, 4, 5, 6};
static const int64_t alignment[] = {2, 3, 4, 5};

static void must_run(struct session *s) {
    cr_assert_eq(session_run(s), ERR_OK, "%s: %s", s->method->decl.id, s->err.message);
}

static void expect_near(double got, double want, double bound, const char *what) {
    cr_expect(fabs(got - want) <= bound * (1 + fabs(want)), "%s: %.9g, should be %.9g", what, got,
              want);
}

static void start(struct session *s, int kind, const char *method, const char *function) {
    session_init(s, kind > 0, method, function);
    session_contrast(s, contrast, 6, alignment);
    s->in.attribute_target = kind == 2;
}

enum { KINDS = 3 }; /* decoder-only, encoder-decoder, and with its target */

static const struct scores *side(const struct session *s, int which) {
    return which ? &s->out.target_attributions : &s->out.source_attributions;
}
static int64_t rows(const struct session *s, int which, int64_t c) {
    return which ? s->in.start + c : s->in.n_source;
}

static double row_sum(const struct session *s, int which, int64_t row, int64_t c) {
    double sum = 0;
    for (int k = 0; k < TOY_WIDTH; k++)
        sum += session_at(s, side(s, which), row, c, k);
    return sum;
}

/* Both must have the same attributions. */
static void expect_same(struct session *a, struct session *b, double bound) {
    for (int which = 0; which < 2; which++) {
        cr_assert_eq(scores_count(side(a, which)), scores_count(side(b, which)));
        for (int64_t c = 0; c < 4 && side(a, which)->data; c++)
            for (int64_t row = 0; row < rows(a, which, c); row++)
                for (int k = 0; k < TOY_WIDTH; k++)
                    expect_near(session_at(a, side(a, which), row, c, k),
                                session_at(b, side(b, which), row, c, k), bound,
                                a->method->decl.id);
    }
}

/* --- what reaches what ------------------------------------------------------------------- */

Test(path_kin, later_rows_are_nan_and_no_others) {
    static const char *const methods[] = {
        "gradient_shap", "deeplift", "sequential_integrated_gradients",
        "discretized_integrated_gradients", "guided_integrated_gradients"};
    for (int i = 0; i < 5; i++)
        for (int kind = 0; kind < KINDS; kind++) {
            struct session s;
            start(&s, kind, methods[i], "contrast_logits_diff");
            must_run(&s);
            session_check_nan(&s);
            if (kind == 2) /* the decoder's start is its own baseline */
                cr_expect_eq(row_sum(&s, 1, 0, 3), 0, "%s", methods[i]);
            session_dispose(&s);
        }
}

/* --- gradient SHAP ----------------------------------------------------------------------- */

Test(path_kin, gradient_shap_is_exact_for_a_seed_and_differs_between_seeds) {
    for (int kind = 0; kind < KINDS; kind++)
        for (int noisy = 0; noisy < 2; noisy++) {
            struct session a, b;
            start(&a, kind, "gradient_shap", "probability");
            start(&b, kind, "gradient_shap", "probability");
            session_option(&a, "stdevs", noisy ? "0.4" : "0");
            session_option(&b, "stdevs", noisy ? "0.4" : "0");
            session_option(&a, "seed", "7");
            session_option(&b, "seed", "7");
            b.in.memory_budget = 1;
            b.in.publish_early = true;
            must_run(&a);
            must_run(&b);
            expect_same(&a, &b, 0);
            double before = row_sum(&a, kind != 0 ? 0 : 1, 0, 0);
            session_option(&a, "seed", "8");
            must_run(&a);
            cr_expect_neq(row_sum(&a, kind != 0 ? 0 : 1, 0, 0), before);
            session_dispose(&a);
            session_dispose(&b);
        }
}

/* A quadratic: the expectation over α, and over noise of no correlation with anything, is the
 * integral. */
Test(path_kin, gradient_shap_is_integrated_gradients_on_average) {
    enum { RUNS = 400 };
    for (int kind = 0; kind < KINDS; kind++)
        for (int noisy = 0; noisy < 2; noisy++) {
            struct session s, whole;
            double sum[8] = {0}, squares[8] = {0};
            int which = kind == 1 ? 0 : 1;
            start(&whole, kind, "integrated_gradients", "probability");
            must_run(&whole);
            for (int seed = 0; seed < RUNS; seed++) {
                char text[20];
                start(&s, kind, "gradient_shap", "probability");
                snprintf(text, sizeof text, "%d", seed);
                session_option(&s, "seed", text);
                session_option(&s, "stdevs", noisy ? "0.01" : "0");
                must_run(&s);
                for (int64_t row = 0; row < rows(&s, which, 3); row++) {
                    double v = row_sum(&s, which, row, 3);
                    sum[row] += v;
                    squares[row] += v * v;
                }
                session_dispose(&s);
            }
            for (int64_t row = 0; row < rows(&whole, which, 3); row++) {
                double mean = sum[row] / RUNS,
                       error = sqrt(fmax(squares[row] / RUNS - mean * mean, 0) / RUNS),
                       want = row_sum(&whole, which, row, 3);
                cr_expect(fabs(mean - want) <= 4.5 * error + 1e-6 + (noisy ? 1e-3 : 0),
                          "row %d: mean %g ± %g, integral %g", (int)row, mean, error, want);
            }
            session_dispose(&whole);
        }
}

Test(path_kin, draws_are_uniform_and_normal) {
    enum { N = 200000, BINS = 20 };
    int64_t uniform[BINS] = {0}, normal[BINS] = {0};
    double mean = 0, square = 0;
    for (uint64_t i = 0; i < N; i++) {
        double u = random_uniform_of(random_key(5, i)), z = random_normal_of(random_key(9, i));
        cr_assert(u >= 0 && u < 1);
        uniform[(int)(u * BINS)]++;
        normal[(int)fmin(BINS - 1, 0.5 * erfc(-z / sqrt(2)) * BINS)]++;
        mean += z / N;
        square += z * z / N;
    }
    for (int b = 0; b < BINS; b++) { /* five deviations of a count */
        double bound = 5 * sqrt((double)N / BINS);
        cr_expect(fabs((double)uniform[b] - (double)N / BINS) < bound, "uniform, bin %d: %d", b,
                  (int)uniform[b]);
        cr_expect(fabs((double)normal[b] - (double)N / BINS) < bound, "normal, bin %d: %d", b,
                  (int)normal[b]);
    }
    cr_expect(fabs(mean) < 0.012 && fabs(square - 1) < 0.02, "mean %g, variance %g", mean, square);
}

/* --- DeepLIFT ---------------------------------------------------------------------------- */

/* The toy has no activations: the slope at the input, which integrated gradients take with one
 * point at its end. */
Test(path_kin, deeplift_without_activations_is_the_gradient_at_the_input) {
    for (int kind = 0; kind < KINDS; kind++) {
        struct session a, b;
        start(&a, kind, "deeplift", "contrast_prob_diff");
        start(&b, kind, "integrated_gradients", "contrast_prob_diff");
        session_option(&b, "n_steps", "1");
        session_option(&b, "method", "\"riemann_right\"");
        session_option(&a, "return_convergence_delta", "true");
        session_option(&b, "return_convergence_delta", "true");
        must_run(&a);
        must_run(&b);
        expect_same(&a, &b, 1e-6);
        for (int c = 0; c < 4; c++)
            expect_near(attribution_find_step_scores(&a.out, "deltas")->data[c],
                        attribution_find_step_scores(&b.out, "deltas")->data[c], 1e-6, "deltas");
        session_dispose(&a);
        session_dispose(&b);
    }
}

/* --- sequential -------------------------------------------------------------------------- */

static double logit_difference(const double h[TOY_WIDTH], int32_t y, int32_t foil) {
    double z[TOY_VOCAB];
    toy_logits(z, h);
    return z[y] - z[foil];
}

Test(path_kin, a_tokens_sequential_sum_is_what_its_own_replacement_costs) {
    for (int kind = 0; kind < KINDS; kind++) {
        struct session s;
        start(&s, kind, "sequential_integrated_gradients", "contrast_logits_diff");
        session_option(&s, "n_steps", "3"); /* exact for a quadratic */
        must_run(&s);
        for (int64_t c = 0; c < 4; c++)
            for (int which = 0; which < 2; which++)
                for (int64_t row = 0; side(&s, which)->data && row < rows(&s, which, c); row++) {
                    const int32_t *ids = which ? s.in.target_ids : s.in.source_ids;
                    enum model_stack stack = which ? STACK_DECODER : STACK_ENCODER;
                    bool stays = ids[row] == TOY_EOS || (kind && which && row == 0);
                    double h[TOY_WIDTH], h0[TOY_WIDTH], x[TOY_WIDTH], x0[TOY_WIDTH];
                    session_state(&s, c, h);
                    toy_embedding(x, stack, ids[row]);
                    toy_embedding(x0, stack, stays ? ids[row] : TOY_UNK);
                    for (int k = 0; k < TOY_WIDTH; k++)
                        h0[k] = h[k] + toy_row_weight(stack, row) * (x0[k] - x[k]);
                    int32_t y = s.in.target_ids[s.in.start + c], foil = contrast[alignment[c]];
                    expect_near(row_sum(&s, which, row, c),
                                logit_difference(h, y, foil) - logit_difference(h0, y, foil), 1e-5,
                                "sequential");
                }
        session_dispose(&s);
    }
}

/* --- discretized ------------------------------------------------------------------------- */

/* Two points are one step from the baseline: its gradient there, times the whole way. */
Test(path_kin, a_discretized_path_of_two_points_is_one_step_from_the_baseline) {
    for (int kind = 0; kind < KINDS; kind++) {
        struct session a, b;
        start(&a, kind, "discretized_integrated_gradients", "probability");
        start(&b, kind, "integrated_gradients", "probability");
        session_option(&a, "n_steps", "2");
        session_option(&b, "n_steps", "1");
        session_option(&b, "method", "\"riemann_left\"");
        must_run(&a);
        must_run(&b);
        expect_same(&a, &b, 1e-6);
        session_dispose(&a);
        session_dispose(&b);
    }
}

Test(path_kin, a_discretized_path_depends_on_the_words_around) {
    struct session a, b;
    start(&a, 0, "discretized_integrated_gradients", "logit");
    start(&b, 0, "discretized_integrated_gradients", "logit");
    session_option(&a, "n_neighbors", "2");
    session_option(&b, "n_neighbors", "4");
    must_run(&a);
    must_run(&b);
    double difference = 0;
    for (int64_t row = 0; row < 5; row++)
        difference += fabs(row_sum(&a, 1, row, 3) - row_sum(&b, 1, row, 3));
    cr_expect_gt(difference, 1e-6);
    session_dispose(&a);
    session_dispose(&b);
}

/* --- guided ------------------------------------------------------------------------------ */

Test(path_kin, guided_gradients_that_may_not_leave_the_line_are_integrated_gradients) {
    for (int kind = 0; kind < KINDS; kind++) {
        struct session a, b;
        start(&a, kind, "guided_integrated_gradients", "probability");
        start(&b, kind, "integrated_gradients", "probability");
        session_option(&a, "max_dist", "0");
        session_option(&a, "n_steps", "30");
        session_option(&b, "n_steps", "30");
        session_option(&b, "method", "\"riemann_left\"");
        must_run(&a);
        must_run(&b);
        expect_same(&a, &b, 1e-5);
        session_dispose(&a);
        session_dispose(&b);
    }
}

Test(path_kin, guided_gradients_are_complete_whatever_way_they_take) {
    static const char *const reach[] = {"0", "0.02", "0.3", "1"};
    for (int kind = 0; kind < KINDS; kind++)
        for (int i = 0; i < 4; i++) {
            struct session s;
            start(&s, kind, "guided_integrated_gradients", "probability");
            session_option(&s, "max_dist", reach[i]);
            session_option(&s, "n_steps", "800");
            session_option(&s, "return_convergence_delta", "true");
            must_run(&s);
            for (int c = 0; c < 4; c++)
                cr_expect(fabs(attribution_find_step_scores(&s.out, "deltas")->data[c]) < 4e-3,
                          "max_dist %s, column %d: deltas %g", reach[i], c,
                          (double)attribution_find_step_scores(&s.out, "deltas")->data[c]);
            session_dispose(&s);
        }
}

/* --- steps by themselves ----------------------------------------------------------------- */

Test(path_kin, steps_double_until_the_gap_is_small_and_are_reported) {
    for (int kind = 0; kind < KINDS; kind++) {
        struct session a, b;
        start(&a, kind, "integrated_gradients", "probability");
        session_option(&a, "auto_steps", "true");
        session_option(&a, "method", "\"riemann_left\"");
        session_option(&a, "max_gap", "0.01");
        a.in.publish_early = kind == 1;
        must_run(&a);
        session_check_nan(&a);
        int64_t least = INT64_MAX, most = 0;
        for (int c = 0; c < 4; c++) {
            int64_t n = (int64_t)attribution_find_step_scores(&a.out, "n_steps")->data[c];
            char text[20];
            cr_expect(attribution_find_step_scores(&a.out, "convergence_gap")->data[c] <= 0.01f ||
                          n == 1024,
                      "gap %g with %d steps",
                      (double)attribution_find_step_scores(&a.out, "convergence_gap")->data[c],
                      (int)n);
            cr_assert(n >= 8 && n <= 1024 && (n & (n - 1)) == 0, "%d steps", (int)n);
            least = n < least ? n : least;
            most = n > most ? n : most;
            snprintf(text, sizeof text, "%d", (int)n);
            start(&b, kind, "integrated_gradients", "probability");
            session_option(&b, "method", "\"riemann_left\"");
            session_option(&b, "n_steps", text);
            must_run(&b);
            cr_expect_null(attribution_find_step_scores(&b.out, "n_steps"));
            expect_near(attribution_find_step_scores(&b.out, "convergence_gap")->data[c],
                        attribution_find_step_scores(&a.out, "convergence_gap")->data[c], 1e-5,
                        "the gap is told without auto_steps too");
            int which = kind == 1 ? 0 : 1;
            for (int64_t row = 0; row < rows(&b, which, c); row++)
                expect_near(row_sum(&a, which, row, c), row_sum(&b, which, row, c), 1e-6,
                            "a column has the numbers of its steps");
            session_dispose(&b);
        }
        cr_expect_gt(most, 8);
        session_dispose(&a);
    }
}

Test(path_kin, steps_end_at_the_largest_number_allowed) {
    struct session s;
    start(&s, 0, "integrated_gradients", "probability");
    session_option(&s, "auto_steps", "true");
    session_option(&s, "method", "\"riemann_left\"");
    session_option(&s, "max_gap", "0.000001");
    session_option(&s, "n_steps", "20");
    must_run(&s);
    for (int c = 0; c < 4; c++)
        cr_expect_eq(attribution_find_step_scores(&s.out, "n_steps")->data[c], 20);
    session_dispose(&s);
}

Test(path_kin, without_the_inputs_there_is_no_gap_to_tell) {
    struct session s;
    start(&s, 0, "integrated_gradients", "probability");
    session_option(&s, "multiply_by_inputs", "false");
    must_run(&s);
    cr_expect_null(attribution_find_step_scores(&s.out, "convergence_gap"));
    session_dispose(&s);
    start(&s, 0, "integrated_gradients", "probability");
    session_option(&s, "multiply_by_inputs", "false");
    session_option(&s, "auto_steps", "true");
    cr_expect_eq(session_run(&s), ERR_USAGE);
    session_dispose(&s);
}
