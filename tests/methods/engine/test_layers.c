/* Methods at layers on the toy model, whose sites yield the embeddings times a factor: gradients on
 * paper, completeness, shapes, choices of layers. */
#include "methods/engine/layers.h"
#include "tests/methods/toy.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void must_run(struct session *s) {
    cr_assert_eq(session_run(s), ERR_OK, "%s: %s", s->method->decl.id, s->err.message);
}

static void expect_near(double got, double want, const char *what) {
    cr_expect(fabs(got - want) <= 2e-5 * (1 + fabs(want)), "%s: %.9g, should be %.9g", what, got,
              want);
}

static double logit(const double h[TOY_WIDTH], int32_t y) {
    double z[TOY_VOCAB];
    toy_logits(z, h);
    return z[y];
}

/* ∂ z[y] / ∂ h. */
static void slope(double out[TOY_WIDTH], const double h[TOY_WIDTH], int32_t y) {
    double u[TOY_WIDTH], w[TOY_WIDTH], wh = 0;
    toy_vectors(u, w, y);
    for (int k = 0; k < TOY_WIDTH; k++)
        wh += w[k] * h[k];
    for (int k = 0; k < TOY_WIDTH; k++)
        out[k] = u[k] + wh * w[k];
}

static const struct scores *side_of(const struct session *s, enum model_stack stack,
                                    const int32_t **ids, int64_t *n, int64_t c) {
    *ids = stack == STACK_ENCODER ? s->in.source_ids : s->in.target_ids;
    *n = stack == STACK_ENCODER ? s->in.n_source : s->in.start + c;
    return stack == STACK_ENCODER ? &s->out.source_attributions : &s->out.target_attributions;
}

/* The gradient of `logit` is that of the row divided by the site's factor; times the activation the
 * factor falls away. */
static void check_gradients(bool encoder_decoder, bool times_activation, enum model_module module,
                            const char *name) {
    struct session s;
    session_init(&s, encoder_decoder,
                 times_activation ? "layer_gradient_x_activation" : "layer_gradient", "logit");
    session_option(&s, "layers", "\"all\"");
    session_option(&s, "module", name);
    s.in.attribute_target = encoder_decoder;
    must_run(&s);
    for (int64_t c = 0; c < 4; c++) {
        double h[TOY_WIDTH], g[TOY_WIDTH], x[TOY_WIDTH];
        session_state(&s, c, h);
        slope(g, h, s.in.target_ids[s.in.start + c]);
        for (enum model_stack stack = encoder_decoder ? STACK_ENCODER : STACK_DECODER;
             stack <= STACK_DECODER; stack++) {
            const int32_t *ids;
            int64_t n;
            const struct scores *got = side_of(&s, stack, &ids, &n, c);
            cr_assert_eq(got->n_dims, 4);
            cr_assert_eq(got->dims[2], TOY_LAYERS);
            for (int64_t row = 0; row < n; row++)
                for (int64_t k = 0; k < TOY_LAYERS * TOY_WIDTH; k++) {
                    const struct model_site site = {stack, module, k / TOY_WIDTH};
                    const double factor = times_activation ? 1 : 1 / toy_site_factor(&site);
                    toy_embedding(x, stack, ids[row]);
                    expect_near(session_at(&s, got, row, c, k),
                                factor * toy_row_weight(stack, row) * g[k % TOY_WIDTH] *
                                    (times_activation ? x[k % TOY_WIDTH] : 1),
                                name);
                }
        }
    }
    session_check_nan(&s);
    session_dispose(&s);
}

Test(layers, gradients_equal_the_derivative_on_paper) {
    for (int two = 0; two < 2; two++)
        for (int times = 0; times < 2; times++) {
            check_gradients(two, times, MODULE_BLOCK, "\"block\"");
            check_gradients(two, times, MODULE_ATTENTION, "\"attention\"");
            check_gradients(two, times, MODULE_MLP, "\"mlp\"");
        }
}

/* z is quadratic along a line: two Gauss-Legendre points are exact, so that the sum is f(a) −
 * f(a′), and deltas are zero. */
static void check_completeness(bool encoder_decoder, const char *layers, bool attribute_target) {
    struct session s;
    session_init(&s, encoder_decoder, "layer_integrated_gradients", "logit");
    session_option(&s, "layers", layers);
    session_option(&s, "n_steps", "2");
    session_option(&s, "return_convergence_delta", "true");
    s.in.attribute_target = attribute_target;
    must_run(&s);
    const struct scores *deltas = attribution_find_step_scores(&s.out, "deltas");
    cr_assert_not_null(deltas);
    for (int64_t c = 0; c < 4; c++) {
        double h[TOY_WIDTH], moved[TOY_WIDTH], total = 0, size = 0;
        session_state(&s, c, h);
        memset(moved, 0, sizeof moved);
        for (enum model_stack stack = encoder_decoder ? STACK_ENCODER : STACK_DECODER;
             stack <= STACK_DECODER; stack++) {
            const int32_t *ids;
            int32_t baseline[8];
            int64_t n;
            struct err e = {0};
            const struct scores *got = side_of(&s, stack, &ids, &n, c);
            const bool moves = stack == STACK_ENCODER || !encoder_decoder || attribute_target;
            cr_assert_eq(engine_baseline(&s.in, ids, n, encoder_decoder && stack == STACK_DECODER,
                                         baseline, &e),
                         ERR_OK);
            toy_add_rows(moved, stack, moves ? baseline : ids, n);
            for (int64_t i = 0; moves && i < n * TOY_WIDTH; i++) {
                total += session_at(&s, got, i / TOY_WIDTH, c, i % TOY_WIDTH);
                size += fabs(session_at(&s, got, i / TOY_WIDTH, c, i % TOY_WIDTH));
            }
        }
        const int32_t y = s.in.target_ids[s.in.start + c];
        cr_expect_gt(size, 0.01);
        expect_near(total, logit(h, y) - logit(moved, y), layers);
        cr_expect(fabs(deltas->data[c]) <= 1e-4 * size, "delta %g", deltas->data[c]);
    }
    session_dispose(&s);
}

Test(layers, integrated_gradients_sum_to_the_difference) {
    static const char *const layers[] = {"null", "0", "[1]", "-1"};
    for (int i = 0; i < 4; i++) {
        check_completeness(false, layers[i], false);
        check_completeness(true, layers[i], false);
        check_completeness(true, layers[i], true);
    }
}

/* One chunk or many, one point a batch or all: the same. */
Test(layers, the_budget_changes_nothing) {
    struct session s;
    float kept[6 * 4 * TOY_LAYERS * TOY_WIDTH];
    session_init(&s, false, "layer_integrated_gradients", "probability");
    session_option(&s, "layers", "\"all\"");
    must_run(&s);
    cr_assert_eq(scores_count(&s.out.target_attributions), sizeof kept / sizeof *kept);
    memcpy(kept, s.out.target_attributions.data, sizeof kept);
    s.in.memory_budget = 1;
    s.in.publish_early = true;
    must_run(&s);
    cr_expect_eq(s.model.most_batch, 2, "the input and the baseline");
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        cr_expect(isnan(kept[i]) ? isnan(s.out.target_attributions.data[i])
                                 : fabs(kept[i] - s.out.target_attributions.data[i]) <= 1e-6);
    session_dispose(&s);
}

Test(layers, deeplift_is_the_gradient_at_the_input_times_the_difference) {
    struct session s;
    session_init(&s, false, "layer_deeplift", "logit");
    session_option(&s, "layers", "1");
    must_run(&s);
    cr_assert_eq(s.out.target_attributions.n_dims, 3);
    for (int64_t c = 0; c < 4; c++) {
        double h[TOY_WIDTH], g[TOY_WIDTH], x[TOY_WIDTH], b[TOY_WIDTH];
        session_state(&s, c, h);
        slope(g, h, s.in.target_ids[s.in.start + c]);
        for (int64_t row = 0; row < s.in.start + c; row++)
            for (int k = 0; k < TOY_WIDTH; k++) {
                toy_embedding(x, STACK_DECODER, s.in.target_ids[row]);
                toy_embedding(b, STACK_DECODER,
                              s.in.target_ids[row] == TOY_EOS ? TOY_EOS : TOY_UNK);
                expect_near(session_at(&s, &s.out.target_attributions, row, c, k),
                            toy_row_weight(STACK_DECODER, row) * g[k] * (x[k] - b[k]),
                            "layer_deeplift");
            }
    }
    session_check_nan(&s);
    session_dispose(&s);
}

Test(layers, tracing_sums_over_the_width_and_is_zero_without_a_contrast) {
    static const int32_t contrast[] = {TOY_PAD, 3, 4, 4, 5, 6};
    static const int64_t alignment[] = {2, 3, 4, 5};
    struct session all, wide;
    session_init(&all, false, "contrastive_tracing", "contrast_prob_diff");
    must_run(&all);
    cr_assert_eq(all.out.class, ATTRIBUTION_MULTI_DIMENSIONAL);
    for (int64_t i = 0; i < scores_count(&all.out.target_attributions); i++)
        cr_expect(isnan(all.out.target_attributions.data[i]) ||
                  fabs(all.out.target_attributions.data[i]) < 1e-6);
    session_contrast(&all, contrast, 6, alignment);
    must_run(&all);
    session_init(&wide, false, "layer_gradient_x_activation", "contrast_prob_diff");
    session_option(&wide, "layers", "\"all\"");
    session_contrast(&wide, contrast, 6, alignment);
    must_run(&wide);
    for (int64_t row = 0; row < 5; row++)
        for (int64_t c = row < 2 ? 0 : row - 1; c < 4; c++)
            for (int64_t l = 0; l < TOY_LAYERS; l++) {
                double sum = 0;
                for (int k = 0; k < TOY_WIDTH; k++)
                    sum +=
                        session_at(&wide, &wide.out.target_attributions, row, c, l * TOY_WIDTH + k);
                expect_near(session_at(&all, &all.out.target_attributions, row, c, l), sum,
                            "tracing");
            }
    session_dispose(&all);
    session_dispose(&wide);
}

Test(layers, the_lens_reads_every_position_and_layer) {
    for (int two = 0; two < 2; two++) {
        struct session s;
        session_init(&s, two, "logit_lens", "logit");
        must_run(&s);
        cr_expect_null(s.out.source_attributions.data);
        for (int64_t c = 0; c < 4; c++)
            for (int64_t row = 0; row < s.in.start + c; row++)
                for (int64_t l = 0; l < TOY_LAYERS; l++) {
                    double x[TOY_WIDTH];
                    toy_embedding(x, STACK_DECODER, s.in.target_ids[row]);
                    for (int k = 0; k < TOY_WIDTH; k++)
                        x[k] *= (double)(l + 2);
                    expect_near(session_at(&s, &s.out.target_attributions, row, c, l),
                                logit(x, s.in.target_ids[s.in.start + c]), "lens");
                }
        session_check_nan(&s);
        session_dispose(&s);
    }
}

static void refused(bool encoder_decoder, const char *key, const char *json, const char *said) {
    struct session s;
    session_init(&s, encoder_decoder, "layer_gradient", "logit");
    session_option(&s, key, json);
    cr_expect_eq(session_run(&s), ERR_USAGE, "%s", json);
    cr_expect_not_null(strstr(s.err.message, said), "%s: %s", json, s.err.message);
    session_dispose(&s);
}

Test(layers, wrong_layers_are_refused_with_what_is_right) {
    static const char *const wrong[] = {"2",     "-3", "[0, 0]", "[]",      "\"2:1\"", "\"1:3\"",
                                        "\"x\"", "{}", "0.5",    "[\"a\"]", "true",    "\"0:1:2\""};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        refused(false, "layers", wrong[i], "from 0 to 1");
    refused(false, "stack", "\"encoder\"", "no encoder");
}

static void means(const char *json, int64_t n, int64_t first) {
    struct session s;
    struct layer_choice c;
    struct err e = {0};
    session_init(&s, true, "layer_gradient", "logit");
    session_option(&s, "layers", json);
    cr_assert_eq(layers_read(&c, "test", &s.in, false, &e), ERR_OK, "%s: %s", json, e.message);
    cr_expect_eq(c.n, n, "%s", json);
    cr_expect_eq(c.layers[0], first, "%s", json);
    cr_expect_eq(layers_count(&s.options, &s.config), n);
    layers_dispose(&c);
    session_dispose(&s);
}

Test(layers, numbers_lists_and_ranges_are_understood) {
    means("null", 1, 0);
    means("1", 1, 1);
    means("-1", 1, 1);
    means("[1, 0]", 2, 1);
    means("\"all\"", 2, 0);
    means("\"0:2\"", 2, 0);
    means("\"1:\"", 1, 1);
    means("\":1\"", 1, 0);
    means("\"-1:\"", 1, 1);
}

/* Whatever call fails or is cancelled, nothing leaks and what is finished stays (session_run
 * checks). */
Test(layers, every_call_may_fail) {
    static const char *const methods[] = {"layer_gradient", "layer_integrated_gradients",
                                          "layer_deeplift", "logit_lens"};
    for (size_t m = 0; m < 4; m++)
        for (int64_t at = 1; at < 40; at++) {
            struct session s;
            session_init(&s, m % 2, methods[m], "probability");
            session_option(&s, "layers", "\"all\"");
            s.model.fail_at = at;
            s.model.fail_code = ERR_NOMEM;
            cr_expect(session_run(&s) == (s.model.n_calls >= at ? ERR_NOMEM : ERR_OK),
                      "%s, call %d", methods[m], (int)at);
            session_dispose(&s);
        }
}
