/* A span of tokens as one target on the toy model: equals sums of single columns, and the
 * function's own change along the path. */
#include "methods/request/attribute.h"
#include "methods/request/span_fold.h"
#include "tests/methods/toy.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The session's target as tokens. */
static void name_tokens(struct session *s) {
    for (int64_t i = 0; i < s->in.n_target; i++)
        token_list_add(&s->out.target, s->in.target_ids[i], false, "t", "t", 1);
}

/* Runs with the columns as a span's, and makes one of them. */
static void run_span(struct session *s, bool mean) {
    struct run_arguments a = {.method = s->method,
                              .span = span_make(s->in.start, s->in.end, mean),
                              .scores = s->scores,
                              .n_scores = s->in.n_scores};
    s->in.span = true;
    cr_assert_eq(session_run(s), ERR_OK, "%s", s->err.message);
    name_tokens(s);
    cr_assert_eq(span_fold(&s->out, &a, &s->err), ERR_OK);
    cr_expect_eq(attribution_steps(&s->out), 1);
    cr_expect_eq(s->out.target.n, (size_t)s->in.n_target + 1);
    cr_expect_eq(s->out.target.items[s->in.end].id, -1);
    cr_expect_str_eq(s->out.target.items[s->in.end].piece, "t … t");
}

static void check_sum(bool encoder_decoder, const char *method, bool mean) {
    struct session one, span;
    session_init(&one, encoder_decoder, method, "logit");
    session_init(&span, encoder_decoder, method, "logit");
    if (strncmp(method, "layer_", 6) == 0) {
        session_option(&one, "layers", "\"all\"");
        session_option(&span, "layers", "\"all\"");
    }
    one.in.attribute_target = span.in.attribute_target = encoder_decoder;
    one.in.span = one.method->span == SPAN_MAGNITUDE; /* signed columns */
    cr_assert_eq(session_run(&one), ERR_OK, "%s", one.err.message);
    run_span(&span, mean);
    const struct scores *columns = &one.out.target_attributions,
                        *sum = &span.out.target_attributions;
    int64_t n = one.in.end - one.in.start, cell = scores_cell(columns);
    double any = 0;
    cr_expect_eq(sum->dims[0], columns->dims[0] + 1);
    for (int64_t row = 0; row < one.in.end - 1; row++)
        for (int64_t k = 0; k < cell; k++) {
            double want = 0;
            for (int64_t c = 0; c < n; c++) {
                float x = columns->data[(row * n + c) * cell + k];
                want += isnan(x) ? 0 : x;
            }
            want = mean ? want / (double)n : want;
            want = one.in.span ? fabs(want) : want;
            any += fabs(want);
            cr_expect_float_eq(sum->data[row * cell + k], want, 1e-6 * (1 + fabs(want)),
                               "%s row %d: %g, not %g", method, (int)row, sum->data[row * cell + k],
                               want);
        }
    cr_expect(any > 0.01);
    cr_expect(isnan(sum->data[one.in.end * cell]), "the column's own row");
    session_dispose(&one);
    session_dispose(&span);
}

Test(span, is_the_sum_of_single_columns_before_magnitudes) {
    static const char *const methods[] = {"saliency",
                                          "input_x_gradient",
                                          "integrated_gradients",
                                          "deeplift",
                                          "occlusion",
                                          "layer_gradient",
                                          "layer_gradient_x_activation",
                                          "layer_integrated_gradients",
                                          "layer_deeplift"};
    for (int i = 0; i < 9; i++)
        for (int encoder_decoder = 0; encoder_decoder < 2; encoder_decoder++) {
            check_sum(encoder_decoder, methods[i], false);
            check_sum(encoder_decoder, methods[i], true);
        }
}

/* A regression to the span's function is the sum of its columns' only if all of them are fitted to
 * what the last one sees; that one is as it would be alone. */
Test(span, of_lime_is_one_regression) {
    struct session one, columns, span;
    session_init(&one, false, "lime", "logit");
    session_init(&columns, false, "lime", "logit");
    session_init(&span, false, "lime", "logit");
    columns.in.span = true;
    cr_assert_eq(session_run(&one), ERR_OK);
    cr_assert_eq(session_run(&columns), ERR_OK);
    run_span(&span, false);
    const int64_t n = one.in.end - one.in.start;
    double any = 0;
    for (int64_t row = 0; row < one.in.end - 1; row++)
        for (int64_t k = 0; k < TOY_WIDTH; k++) {
            double sum = 0,
                   last = session_at(&columns, &columns.out.target_attributions, row, n - 1, k);
            for (int64_t c = 0; c < n; c++)
                sum += session_at(&columns, &columns.out.target_attributions, row, c, k);
            any += fabs(sum - last);
            cr_expect_float_eq(span.out.target_attributions.data[row * TOY_WIDTH + k], sum,
                               1e-5 * (1 + fabs(sum)), "row %d", (int)row);
            cr_expect_float_eq(session_at(&one, &one.out.target_attributions, row, n - 1, k), last,
                               1e-5 * (1 + fabs(last)), "row %d, alone", (int)row);
        }
    cr_expect(any > 0.01);
    session_dispose(&one);
    session_dispose(&columns);
    session_dispose(&span);
}

Test(span, differs_from_summed_magnitudes) {
    struct session one, span;
    session_init(&one, false, "saliency", "probability");
    session_init(&span, false, "saliency", "probability");
    cr_assert_eq(session_run(&one), ERR_OK);
    run_span(&span, false);
    double apart = 0;
    for (int64_t k = 0; k < TOY_WIDTH; k++) {
        double sum = 0;
        for (int64_t c = 0; c < 4; c++)
            sum += session_at(&one, &one.out.target_attributions, 0, c, k);
        apart += sum - span.out.target_attributions.data[k];
    }
    cr_expect(apart > 1e-4, "derivatives of opposite sign cancel within a span: %g", apart);
    session_dispose(&one);
    session_dispose(&span);
}

/* Σ attributions of the span = Σ over its tokens of f(x) − f(x′), from the toy's formula. */
Test(span, of_integrated_gradients_is_complete) {
    struct session s;
    session_init(&s, true, "integrated_gradients", "logit");
    s.in.attribute_target = true;
    double want = 0, got = 0;
    for (int64_t c = 0; c < s.in.end - s.in.start; c++) {
        double h[TOY_WIDTH], z[TOY_VOCAB];
        int32_t ids[16];
        session_state(&s, c, h);
        toy_logits(z, h);
        want += z[s.in.target_ids[s.in.start + c]];
        for (int k = 0; k < TOY_WIDTH; k++)
            h[k] = 0;
        for (int64_t i = 0; i < s.in.n_source; i++)
            ids[i] = s.in.source_ids[i] == TOY_EOS ? TOY_EOS : TOY_UNK;
        toy_add_rows(h, STACK_ENCODER, ids, s.in.n_source);
        for (int64_t i = 0; i < s.in.start + c; i++)
            ids[i] = i == 0 || s.in.target_ids[i] == TOY_EOS ? s.in.target_ids[i] : TOY_UNK;
        toy_add_rows(h, STACK_DECODER, ids, s.in.start + c);
        toy_logits(z, h);
        want -= z[s.in.target_ids[s.in.start + c]];
    }
    run_span(&s, false);
    const struct scores *sides[] = {&s.out.source_attributions, &s.out.target_attributions};
    for (int i = 0; i < 2; i++)
        for (int64_t k = 0; k < scores_count(sides[i]); k++)
            got += isnan(sides[i]->data[k]) ? 0 : sides[i]->data[k];
    cr_expect(fabs(want) > 0.01);
    cr_expect_float_eq(got, want, 1e-4 * (1 + fabs(want)), "%g, not %g", got, want);
    session_dispose(&s);
}

Test(span, combines_step_scores_by_their_functions_rules) {
    struct session one, span;
    session_init(&one, false, "saliency", "logit");
    session_init(&span, false, "saliency", "logit");
    session_score(&one, "probability");
    session_score(&one, "crossentropy");
    session_score(&span, "probability");
    session_score(&span, "crossentropy");
    cr_assert_eq(session_run(&one), ERR_OK);
    run_span(&span, true);
    double product = 1, sum = 0;
    for (int64_t c = 0; c < 4; c++) {
        product *= one.out.step_scores[0].scores.data[c];
        sum += one.out.step_scores[1].scores.data[c];
    }
    cr_expect_float_eq(span.out.step_scores[0].scores.data[0], product, 1e-6);
    cr_expect_float_eq(span.out.step_scores[1].scores.data[0], sum, 1e-5);
    session_dispose(&one);
    session_dispose(&span);
}

Test(span, is_refused_with_the_reason) {
    static const struct {
        struct attribute_request request;
        const char *says;
    } cases[] = {
        {{.method = "guided_integrated_gradients", .span = {{true, 3}, {true, 6}, false}},
         "not the sum over its tokens"},
        {{.span = {{true, 6}, {true, 3}, false}}, "holds no token"},
        {{.attribution_kwargs = "{\"span_start\": 3, \"span_end\": 6, \"span_reduce\": \"max\"}"},
         "not \"max\""},
        {{.attribution_kwargs = "{\"span_start\": 3}"}, "needs span_start and span_end"},
        {{.span.mean = true}, "without a span"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct attribute_request r = cases[i].request;
        struct err e = {0};
        cr_expect_eq(attribute_check(&r, &e), ERR_USAGE, "case %zu", i);
        cr_expect(strstr(e.message, cases[i].says), "%s", e.message);
    }
}

Test(span, of_lime_and_in_kwargs_is_accepted) {
    struct attribute_request r = {
        .method = "lime",
        .attribution_kwargs = "{\"span_start\": 3, \"span_end\": 6, \"span_reduce\": \"mean\"}"};
    struct run_arguments a;
    struct err e = {0};
    cr_assert_eq(run_arguments_init(&a, &r, &e), ERR_OK, "%s", e.message);
    cr_expect(a.span.start.value == 3 && a.span.end.value == 6 && a.span.mean);
    run_arguments_dispose(&a);
}
