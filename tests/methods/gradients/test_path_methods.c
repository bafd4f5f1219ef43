/* Gradient methods on the toy model against derivatives on paper: gradients, completeness, integral
 * rules, baselines. */
#include "tests/methods/toy.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void must_run(struct session *s) {
    cr_assert_eq(session_run(s), ERR_OK, "%s: %s", s->method->decl.id, s->err.message);
}

static void expect_near(double got, double want, double bound, const char *what) {
    cr_expect(fabs(got - want) <= bound * (1 + fabs(want)), "%s: %.9g, should be %.9g", what, got,
              want);
}

static double probability(const double z[TOY_VOCAB], int32_t y) {
    double sum = 0;
    for (int v = 0; v < TOY_VOCAB; v++)
        sum += exp(z[v]);
    return exp(z[y]) / sum;
}

/* The attributed function at h, and its derivative with respect to the logits. */
static double function_at(const char *id, const double h[TOY_WIDTH], int32_t y, int32_t foil,
                          double d[TOY_VOCAB]) {
    double z[TOY_VOCAB];
    toy_logits(z, h);
    double p = probability(z, y);
    for (int v = 0; v < TOY_VOCAB; v++)
        d[v] = strcmp(id, "probability") == 0 ? p * ((v == y) - probability(z, v))
                                              : (v == y) - (strcmp(id, "logit") != 0 && v == foil);
    if (strcmp(id, "probability") == 0)
        return p;
    return strcmp(id, "logit") == 0 ? z[y] : z[y] - z[foil];
}

/* ∂ function / ∂ h. */
static void gradient_at(const char *id, const double h[TOY_WIDTH], int32_t y, int32_t foil,
                        double out[TOY_WIDTH]) {
    double d[TOY_VOCAB], u[TOY_WIDTH], w[TOY_WIDTH];
    function_at(id, h, y, foil, d);
    memset(out, 0, TOY_WIDTH * sizeof *out);
    for (int v = 0; v < TOY_VOCAB; v++) {
        toy_vectors(u, w, v);
        double wh = w[0] * h[0] + w[1] * h[1] + w[2] * h[2];
        for (int k = 0; k < TOY_WIDTH; k++)
            out[k] += d[v] * (u[k] + wh * w[k]);
    }
}

static const int32_t contrast[] = {TOY_PAD, 3, 4, 4, 5, 6};
static const int64_t alignment[] = {2, 3, 4, 5};

static const struct scores *side_of(const struct session *s, enum model_stack stack,
                                    const int32_t **ids, int64_t *n, int64_t c) {
    *ids = stack == STACK_ENCODER ? s->in.source_ids : s->in.target_ids;
    *n = stack == STACK_ENCODER ? s->in.n_source : s->in.start + c;
    return stack == STACK_ENCODER ? &s->out.source_attributions : &s->out.target_attributions;
}

static void check_gradients(bool encoder_decoder, const char *method, const char *id) {
    struct session s;
    session_init(&s, encoder_decoder, method, id);
    session_contrast(&s, contrast, 6, alignment);
    s.in.attribute_target = encoder_decoder;
    must_run(&s);
    for (int64_t c = 0; c < 4; c++) {
        double h[TOY_WIDTH], g[TOY_WIDTH], x[TOY_WIDTH];
        session_state(&s, c, h);
        gradient_at(id, h, s.in.target_ids[s.in.start + c], contrast[alignment[c]], g);
        for (enum model_stack stack = encoder_decoder ? STACK_ENCODER : STACK_DECODER;
             stack <= STACK_DECODER; stack++) {
            const int32_t *ids;
            int64_t n;
            const struct scores *got = side_of(&s, stack, &ids, &n, c);
            for (int64_t row = 0; row < n; row++) {
                toy_embedding(x, stack, ids[row]);
                for (int k = 0; k < TOY_WIDTH; k++) {
                    double want = toy_row_weight(stack, row) * g[k];
                    expect_near(session_at(&s, got, row, c, k),
                                strcmp(method, "saliency") == 0 ? fabs(want) : want * x[k], 2e-6,
                                id);
                }
            }
        }
    }
    session_dispose(&s);
}

Test(path_methods, saliency_and_input_x_gradient_equal_the_derivative_on_paper) {
    static const char *const functions[] = {"logit", "probability", "contrast_logits_diff"};
    for (int encoder_decoder = 0; encoder_decoder < 2; encoder_decoder++)
        for (int i = 0; i < 3; i++) {
            check_gradients(encoder_decoder, "saliency", functions[i]);
            check_gradients(encoder_decoder, "input_x_gradient", functions[i]);
        }
}

/* --- integrated gradients ---------------------------------------------------------------- */

/* What a token is replaced by where nothing special is set. */
static int32_t usual_baseline(const struct session *s, enum model_stack stack, int64_t row,
                              int32_t id) {
    bool moves = stack == STACK_ENCODER || !s->config.encoder_decoder || s->in.attribute_target;
    if (!moves || (stack == STACK_DECODER && s->config.encoder_decoder && row == 0))
        return id;
    if (id == s->config.eos_token_id && !s->in.include_eos_baseline)
        return id;
    return s->config.unk_token_id >= 0 ? s->config.unk_token_id : s->config.pad_token_id;
}

static void baseline_state(const struct session *s, int64_t c, double h[TOY_WIDTH]) {
    int32_t source[8], target[8];
    for (int64_t r = 0; r < s->in.n_source; r++)
        source[r] = usual_baseline(s, STACK_ENCODER, r, s->in.source_ids[r]);
    for (int64_t r = 0; r < s->in.start + c; r++)
        target[r] = usual_baseline(s, STACK_DECODER, r, s->in.target_ids[r]);
    memset(h, 0, TOY_WIDTH * sizeof *h);
    toy_add_rows(h, STACK_ENCODER, source, s->in.n_source);
    toy_add_rows(h, STACK_DECODER, target, s->in.start + c);
}

/* The integral of a quadratic along the line, element by element: as `rule` with n points must give
 * it. A straight gradient A + αB: every rule is M A + N B with M = Σ weights and N = Σ weights
 * · alphas. */
static void rule_moments(const char *rule, int n, double *zeroth, double *first) {
    bool trapezoid = strcmp(rule, "riemann_trapezoid") == 0;
    *zeroth = trapezoid ? (n - 1.0) / n : 1;
    *first = *zeroth / 2;
    if (strcmp(rule, "riemann_left") == 0)
        *first = (n - 1.0) / (2 * n);
    if (strcmp(rule, "riemann_right") == 0)
        *first = (n + 1.0) / (2 * n);
}

static void check_rule(bool encoder_decoder, bool attribute_target, const char *rule, int n_steps) {
    struct session s;
    char text[40];
    session_init(&s, encoder_decoder, "integrated_gradients", "contrast_logits_diff");
    session_contrast(&s, contrast, 6, alignment);
    s.in.attribute_target = attribute_target;
    snprintf(text, sizeof text, "\"%s\"", rule);
    session_option(&s, "method", text);
    snprintf(text, sizeof text, "%d", n_steps);
    session_option(&s, "n_steps", text);
    session_option(&s, "return_convergence_delta", "true");
    must_run(&s);
    double zeroth, first;
    rule_moments(rule, n_steps, &zeroth, &first);
    for (int64_t c = 0; c < 4; c++) {
        double h[TOY_WIDTH], h0[TOY_WIDTH], g[TOY_WIDTH], g0[TOY_WIDTH], x[TOY_WIDTH],
            x0[TOY_WIDTH], d[TOY_VOCAB], sum = 0;
        int32_t y = s.in.target_ids[s.in.start + c], foil = contrast[alignment[c]];
        session_state(&s, c, h);
        baseline_state(&s, c, h0);
        gradient_at("contrast_logits_diff", h, y, foil, g);
        gradient_at("contrast_logits_diff", h0, y, foil, g0);
        for (enum model_stack stack = encoder_decoder ? STACK_ENCODER : STACK_DECODER;
             stack <= (encoder_decoder && !attribute_target ? STACK_ENCODER : STACK_DECODER);
             stack++) {
            const int32_t *ids;
            int64_t n;
            const struct scores *got = side_of(&s, stack, &ids, &n, c);
            for (int64_t row = 0; row < n; row++) {
                toy_embedding(x, stack, ids[row]);
                toy_embedding(x0, stack, usual_baseline(&s, stack, row, ids[row]));
                for (int k = 0; k < TOY_WIDTH; k++) {
                    double want = (x[k] - x0[k]) * toy_row_weight(stack, row) *
                                  (zeroth * g0[k] + first * (g[k] - g0[k]));
                    expect_near(session_at(&s, got, row, c, k), want, 4e-6, rule);
                    sum += want;
                }
            }
        }
        double difference = function_at("contrast_logits_diff", h, y, foil, d) -
                            function_at("contrast_logits_diff", h0, y, foil, d);
        const struct scores *deltas = attribution_find_step_scores(&s.out, "deltas");
        cr_assert_not_null(deltas);
        expect_near(deltas->data[c], sum - difference, 1e-5, "deltas");
        if (strcmp(rule, "gausslegendre") == 0 || strcmp(rule, "riemann_middle") == 0)
            cr_expect(fabs(deltas->data[c]) < 1e-5, "%s is exact for a quadratic, but deltas is %g",
                      rule, (double)deltas->data[c]);
    }
    session_dispose(&s);
}

Test(path_methods, every_rule_integrates_a_quadratic_as_it_should) {
    static const char *const rules[] = {"gausslegendre", "riemann_left", "riemann_right",
                                        "riemann_middle", "riemann_trapezoid"};
    static const int n_steps[] = {1, 2, 3, 8, 50, 301};
    for (int i = 0; i < 5; i++)
        for (int k = i == 4; k < 6; k++) {
            check_rule(false, false, rules[i], n_steps[k]);
            check_rule(true, false, rules[i], n_steps[k]);
            check_rule(true, true, rules[i], n_steps[k]);
        }
}

Test(path_methods, a_trapezoid_of_one_point_is_refused) {
    struct session s;
    session_init(&s, false, "integrated_gradients", "logit");
    session_option(&s, "method", "\"riemann_trapezoid\"");
    session_option(&s, "n_steps", "1");
    cr_expect_eq(session_run(&s), ERR_USAGE);
    cr_expect_not_null(strstr(s.err.message, "n_steps"));
    session_dispose(&s);
}

Test(path_methods, integrated_gradients_of_a_probability_sum_to_the_difference) {
    for (int encoder_decoder = 0; encoder_decoder < 2; encoder_decoder++) {
        struct session s;
        session_init(&s, encoder_decoder, "integrated_gradients", "probability");
        session_option(&s, "return_convergence_delta", "true");
        must_run(&s);
        for (int64_t c = 0; c < 4; c++) {
            double h[TOY_WIDTH], h0[TOY_WIDTH], d[TOY_VOCAB], sum = 0;
            int32_t y = s.in.target_ids[s.in.start + c];
            session_state(&s, c, h);
            baseline_state(&s, c, h0);
            const struct scores *got =
                encoder_decoder ? &s.out.source_attributions : &s.out.target_attributions;
            for (int64_t row = 0; row < (encoder_decoder ? s.in.n_source : s.in.start + c); row++)
                for (int k = 0; k < TOY_WIDTH; k++)
                    sum += session_at(&s, got, row, c, k);
            expect_near(sum,
                        function_at("probability", h, y, y, d) -
                            function_at("probability", h0, y, y, d),
                        1e-5, "completeness");
            cr_expect(fabs(attribution_find_step_scores(&s.out, "deltas")->data[c]) < 1e-5);
        }
        session_dispose(&s);
    }
}

Test(path_methods, deltas_come_only_when_asked_and_after_the_step_scores) {
    struct session s;
    session_init(&s, false, "integrated_gradients", "logit");
    session_score(&s, "entropy");
    must_run(&s);
    cr_assert_eq(s.out.n_step_scores, 2);
    cr_expect_str_eq(s.out.step_scores[0].name, "entropy");
    cr_expect_str_eq(s.out.step_scores[1].name, "convergence_gap");
    session_option(&s, "return_convergence_delta", "true");
    must_run(&s);
    cr_assert_eq(s.out.n_step_scores, 3);
    cr_expect_str_eq(s.out.step_scores[0].name, "entropy");
    cr_expect_str_eq(s.out.step_scores[1].name, "deltas");
    cr_expect_str_eq(s.out.step_scores[2].name, "convergence_gap");
    session_dispose(&s);
}

/* --- baselines: a token that is its own baseline is attributed nothing --- */

static bool is_zero(const struct session *s, const struct scores *side, int64_t row, int64_t c) {
    bool zero = true;
    for (int k = 0; k < TOY_WIDTH; k++)
        zero &= session_at(s, side, row, c, k) == 0;
    return zero;
}

Test(path_methods, eos_stays_in_the_baseline_unless_it_is_to_be_replaced) {
    struct session s;
    session_init(&s, true, "integrated_gradients", "logit");
    must_run(&s);
    cr_expect(is_zero(&s, &s.out.source_attributions, 2, 3));
    cr_expect_not(is_zero(&s, &s.out.source_attributions, 0, 3));
    s.in.include_eos_baseline = true;
    must_run(&s);
    cr_expect_not(is_zero(&s, &s.out.source_attributions, 2, 3));
    session_dispose(&s);
}

Test(path_methods, the_decoder_start_stays_in_the_baseline) {
    struct session s;
    session_init(&s, true, "integrated_gradients", "logit");
    s.in.attribute_target = s.in.include_eos_baseline = true;
    must_run(&s);
    for (int64_t c = 0; c < 4; c++)
        cr_expect(is_zero(&s, &s.out.target_attributions, 0, c));
    cr_expect_not(is_zero(&s, &s.out.target_attributions, 1, 3));
    session_dispose(&s);
}

Test(path_methods, a_decoder_only_model_replaces_its_first_token_too) {
    struct session s;
    session_init(&s, false, "integrated_gradients", "logit");
    must_run(&s);
    cr_expect_not(is_zero(&s, &s.out.target_attributions, 0, 0));
    session_dispose(&s);
}

Test(path_methods, the_baseline_is_unk_then_padding_then_eos_then_an_error) {
    static const int32_t ids[6] = {TOY_UNK, TOY_PAD, TOY_EOS, 6, 3, 5};
    struct session s;
    session_init(&s, false, "integrated_gradients", "logit");
    s.in.target_ids = ids;
    must_run(&s);
    cr_expect(is_zero(&s, &s.out.target_attributions, 0, 0));
    cr_expect_not(is_zero(&s, &s.out.target_attributions, 1, 0));
    s.config.unk_token_id = -1;
    must_run(&s);
    cr_expect_not(is_zero(&s, &s.out.target_attributions, 0, 0));
    cr_expect(is_zero(&s, &s.out.target_attributions, 1, 0));
    s.config.pad_token_id = -1;
    must_run(&s);
    cr_expect_not(is_zero(&s, &s.out.target_attributions, 1, 0));
    cr_expect(is_zero(&s, &s.out.target_attributions, 2,
                      1));            /* an EOS inside the text is its own baseline then */
    s.in.include_eos_baseline = true; /* replaced by itself: still zero */
    must_run(&s);
    cr_expect(is_zero(&s, &s.out.target_attributions, 2, 1));
    s.config.eos_token_id = -1;
    cr_expect_eq(session_run(&s), ERR_UNSUPPORTED);
    cr_expect_not_null(strstr(s.err.message, "baseline"));
    session_dispose(&s);
}
