/* What all methods do alike, on the toy model: shapes, the order of finishing, chunks, cancelling,
 * errors, step scores, contrasts. */
#include "methods/engine/apart.h"
#include "tests/methods/toy.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const methods[] = {"saliency",
                                      "input_x_gradient",
                                      "integrated_gradients",
                                      "attention",
                                      "dummy",
                                      "occlusion",
                                      "lime",
                                      "reagent",
                                      "input_reduction",
                                      "information_bottleneck",
                                      "gradient_shap",
                                      "deeplift",
                                      "sequential_integrated_gradients",
                                      "discretized_integrated_gradients",
                                      "guided_integrated_gradients"};
#define N_METHODS (sizeof methods / sizeof methods[0])

static void must_run(struct session *s) {
    cr_assert_eq(session_run(s), ERR_OK, "%s: %s", s->method->decl.id, s->err.message);
}

static void expect_near(double got, double want, const char *what) {
    cr_expect(fabs(got - want) <= 2e-6 * (1 + fabs(want)), "%s: %.9g, should be %.9g", what, got,
              want);
}

static double softmax_of(const double z[TOY_VOCAB], int32_t y) {
    double sum = 0;
    for (int v = 0; v < TOY_VOCAB; v++)
        sum += exp(z[v]);
    return exp(z[y]) / sum;
}

static void expect_dims(const struct scores *s, int n_dims, const int64_t *dims, const char *what) {
    cr_assert_not_null(s->data, "%s", what);
    cr_assert_eq(s->n_dims, n_dims, "%s has %d dimensions", what, s->n_dims);
    for (int i = 0; i < n_dims; i++)
        cr_expect_eq(s->dims[i], dims[i], "%s: dimension %d is %d", what, i, (int)s->dims[i]);
}

/* --- shapes ------------------------------------------------------------------------------ */

Test(engine, decoder_only_has_target_rows_up_to_the_last_column_and_nan_above_the_diagonal) {
    for (size_t i = 0; i < 3; i++) {
        struct session s;
        session_init(&s, false, methods[i], "probability");
        must_run(&s);
        cr_expect_null(s.out.source_attributions.data);
        expect_dims(&s.out.target_attributions, 3, (int64_t[]){6, 4, TOY_WIDTH}, methods[i]);
        cr_expect_eq(s.out.class, ATTRIBUTION_GRANULAR);
        session_check_nan(&s);
        s.in.start = 3; /* a part only */
        s.in.end = 5;
        must_run(&s);
        expect_dims(&s.out.target_attributions, 3, (int64_t[]){5, 2, TOY_WIDTH}, methods[i]);
        session_check_nan(&s);
        session_dispose(&s);
    }
}

Test(engine, encoder_decoder_has_target_rows_only_when_asked) {
    for (size_t i = 0; i < 3; i++) {
        struct session s;
        session_init(&s, true, methods[i], "probability");
        must_run(&s);
        expect_dims(&s.out.source_attributions, 3, (int64_t[]){3, 4, TOY_WIDTH}, methods[i]);
        cr_expect_null(s.out.target_attributions.data);
        session_check_nan(&s);
        s.in.attribute_target = true;
        must_run(&s);
        expect_dims(&s.out.source_attributions, 3, (int64_t[]){3, 4, TOY_WIDTH}, methods[i]);
        expect_dims(&s.out.target_attributions, 3, (int64_t[]){5, 4, TOY_WIDTH}, methods[i]);
        session_check_nan(&s);
        session_dispose(&s);
    }
}

Test(engine, attention_takes_the_row_that_generated_each_column) {
    for (int encoder_decoder = 0; encoder_decoder < 2; encoder_decoder++) {
        struct session s;
        session_init(&s, encoder_decoder, "attention", "probability");
        s.in.attribute_target = encoder_decoder;
        must_run(&s);
        cr_expect_eq(s.out.class, ATTRIBUTION_MULTI_DIMENSIONAL);
        session_check_nan(&s);
        const struct scores *self = &s.out.target_attributions, *cross = &s.out.source_attributions;
        expect_dims(self, 4, (int64_t[]){s.in.end, 4, TOY_LAYERS, TOY_HEADS},
                    "decoder's self-attention");
        for (int64_t c = 0; c < 4; c++)
            for (int64_t l = 0; l < TOY_LAYERS; l++)
                for (int64_t h = 0; h < TOY_HEADS; h++) {
                    int64_t query = s.in.start + c - 1;
                    for (int64_t key = 0; key <= query; key++)
                        cr_expect_eq(session_at(&s, self, key, c, l * TOY_HEADS + h),
                                     toy_attention(ATTENTION_DECODER_SELF, l, h, query, key));
                    for (int64_t key = 0; encoder_decoder && key < 3; key++)
                        cr_expect_eq(session_at(&s, cross, key, c, l * TOY_HEADS + h),
                                     toy_attention(ATTENTION_CROSS, l, h, query, key));
                }
        session_dispose(&s);
    }
}

Test(engine, attention_keeps_the_other_squares_of_an_encoder_decoder) {
    struct session s;
    session_init(&s, true, "attention", "probability");
    must_run(&s);
    cr_expect_null(s.out.target_attributions.data);
    cr_assert_eq(s.out.n_sequence_scores, 2);
    cr_expect_str_eq(s.out.sequence_scores[0].name, "decoder_self_attentions");
    cr_expect_str_eq(s.out.sequence_scores[1].name, "encoder_self_attentions");
    const struct scores *square = &s.out.sequence_scores[1].scores;
    expect_dims(square, 4, (int64_t[]){3, 3, TOY_LAYERS, TOY_HEADS}, "encoder's self-attention");
    for (int64_t i = 0; i < scores_count(square); i++)
        cr_expect_eq(square->data[i],
                     toy_attention(ATTENTION_ENCODER_SELF, i / 2 % 2, i % 2, i / 4 % 3, i / 12));
    session_dispose(&s);
}

/* --- the same result, however it is computed --- */

static void copy_scores(float **out, const struct scores *s) {
    *out = malloc((size_t)scores_count(s) * sizeof **out + 1);
    if (s->data)
        memcpy(*out, s->data, (size_t)scores_count(s) * sizeof **out);
}

static void expect_same(const struct scores *s, const float *want, const char *what,
                        int64_t budget) {
    for (int64_t i = 0; i < scores_count(s); i++)
        cr_expect(isnan(want[i]) ? isnan(s->data[i]) != 0
                                 : fabs(s->data[i] - want[i]) <= 1e-6 * (1 + fabs(want[i])),
                  "%s, budget %lld: element %d is %g, not %g", what, (long long)budget, (int)i,
                  (double)s->data[i], (double)want[i]);
}

Test(engine, results_depend_neither_on_the_budget_nor_on_who_watches) {
    for (size_t i = 0; i < N_METHODS; i++)
        for (int encoder_decoder = 0; encoder_decoder < 2; encoder_decoder++) {
            struct session s;
            float *source, *target, *scores;
            session_init(&s, encoder_decoder, methods[i], "probability");
            session_score(&s, "entropy");
            s.in.attribute_target = encoder_decoder;
            must_run(&s);
            copy_scores(&source, &s.out.source_attributions);
            copy_scores(&target, &s.out.target_attributions);
            copy_scores(&scores, &s.out.step_scores[0].scores);
            for (int64_t budget = 1; budget < 1 << 20; budget *= 3)
                for (int watched = 0; watched < 3; watched++) {
                    struct method_input before = s.in;
                    s.in.memory_budget = budget;
                    s.in.publish_early = watched == 2;
                    if (watched == 0)
                        s.in.column = NULL;
                    must_run(&s);
                    s.in = before;
                    expect_same(&s.out.source_attributions, source, methods[i], budget);
                    expect_same(&s.out.target_attributions, target, methods[i], budget);
                    expect_same(&s.out.step_scores[0].scores, scores, methods[i], budget);
                }
            free(source);
            free(target);
            free(scores);
            session_dispose(&s);
        }
}

Test(engine, the_budget_bounds_batches_and_chunks) {
    struct session s;
    session_init(&s, false, "integrated_gradients", "logit");
    must_run(&s);
    cr_expect_gt(s.model.most_batch, 2);
    cr_expect_gt(s.model.most_positions, s.model.most_batch);
    s.in.memory_budget = 1;
    must_run(&s);
    cr_expect_leq(s.model.most_batch, 2); /* the two ends */
    cr_expect_eq(s.model.most_positions, 1);
    session_dispose(&s);
}

Test(engine, one_forward_serves_all_columns_of_a_gradient) {
    struct session s;
    session_init(&s, false, "saliency", "probability");
    must_run(&s);
    cr_expect_eq(s.model.n_forwards, 1);
    session_dispose(&s);
}

/* A run for each of several foils at one step: all of them read the same text. */
Test(engine, one_forward_serves_all_foils_of_a_step) {
    static const struct {
        const char *method;
        int64_t most;
    } cases[] = {{"saliency", 1}, {"integrated_gradients", 2}};
    static const int64_t alignment[] = {3, 4, 5};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct session s;
        session_init(&s, false, cases[i].method, "contrast_logits_diff");
        int32_t contrast[6] = {0, 0, 0, 1, 2, 4};
        memcpy(contrast, s.in.target_ids, 3 * sizeof *contrast);
        session_contrast(&s, contrast, 6, alignment);
        s.in.start = 3;
        s.in.end = 4;
        s.in.n_foils = 3;
        s.out = (struct attribution_sequence){.attr_pos_start = 3, .attr_pos_end = 6};
        cr_assert_eq(foils_run(&s.out, s.method, &s.in, &s.ctl, &s.err), ERR_OK, "%s",
                     s.err.message);
        cr_expect_leq(s.model.n_forwards, cases[i].most, "%s: %lld", cases[i].method,
                      (long long)s.model.n_forwards);
        cr_expect_eq(s.out.n_done, 3);
        cr_expect_eq(s.n_published, 3);
        session_dispose(&s);
    }
}

Test(engine, columns_are_published_once_each_in_order) {
    for (size_t i = 0; i < N_METHODS; i++)
        for (int early = 0; early < 2; early++) {
            struct session s;
            session_init(&s, true, methods[i], "probability");
            s.in.publish_early = early;
            must_run(&s);
            cr_assert_eq(s.n_published, 4);
            for (int c = 0; c < 4; c++)
                cr_expect_eq(s.published[c], c);
            session_dispose(&s);
        }
}

/* --- cancelling and errors --------------------------------------------------------------- */

/* Columns marked done have their final numbers; the others have none. */
static void check_partial(const struct session *s, const struct session *whole) {
    const struct scores *got = &s->out.target_attributions, *want = &whole->out.target_attributions;
    for (int64_t c = 0; got->data && s->out.done && c < 4; c++)
        for (int64_t row = 0; row < got->dims[0]; row++)
            for (int64_t k = 0; k < scores_cell(got); k++) {
                float x = session_at(s, got, row, c, k), y = session_at(whole, want, row, c, k);
                if (s->out.done[c])
                    cr_expect(isnan(y) ? isnan(x) != 0 : fabs(x - y) <= 1e-6 * (1 + fabs(y)),
                              "%s: column %d is done but wrong", s->method->decl.id, (int)c);
                else if (s->method->decl.family == FAMILY_GRADIENT)
                    cr_expect(isnan(x), "%s: column %d has numbers but is not done",
                              s->method->decl.id, (int)c);
            }
}

/* Random methods with few samples: what is tried at every call would take long. */
static void make_short(struct session *s) {
    if (strcmp(s->method->decl.id, "reagent") == 0) {
        session_option(s, "num_probes", "2");
        session_option(s, "max_probe_steps", "3");
        session_option(s, "keep_top_n", "1");
    } else if (strcmp(s->method->decl.id, "information_bottleneck") == 0) {
        session_option(s, "n_steps", "2");
        session_option(s, "n_samples", "2");
    } else if (strcmp(s->method->decl.id, "lime") == 0) {
        session_option(s, "n_samples", "6");
    } else if (strcmp(s->method->decl.id, "sequential_integrated_gradients") == 0 ||
               strcmp(s->method->decl.id, "guided_integrated_gradients") == 0) {
        session_option(s, "n_steps", "5");
    }
}

/* Runs with a cancel or a failure at every call in turn, until none comes. */
static void interrupt_everywhere(const char *method, bool cancel, bool early, int64_t budget) {
    struct session whole, s;
    session_init(&whole, false, method, "probability");
    make_short(&whole);
    must_run(&whole);
    bool done = false;
    for (int64_t at = 1; !done; at++) {
        session_init(&s, false, method, "probability");
        make_short(&s);
        session_score(&s, "contrast_prob_diff");
        static const int32_t contrast[] = {3, 5, 6, 4, 3, TOY_EOS};
        static const int64_t alignment[] = {2, 3, 4, 5};
        session_contrast(&s, contrast, 6, alignment);
        s.in.publish_early = early;
        s.in.memory_budget = budget;
        *(cancel ? &s.model.cancel_at : &s.model.fail_at) = at;
        s.model.fail_code = ERR_BACKEND;
        enum err_code code = session_run(&s);
        done = s.model.n_calls < at;
        cr_assert_lt(at, 10000);
        if (done) {
            cr_expect_eq(code, ERR_OK, "%s", s.err.message);
        } else if (cancel) {
            cr_expect(code == ERR_CANCELLED || (code == ERR_OK && s.out.n_done == 4),
                      "%s, call %d: %s", method, (int)at, s.err.message);
        } else {
            char want[64];
            snprintf(want, sizeof want, "toy call %d failed", (int)at);
            cr_expect_eq(code, ERR_BACKEND, "%s, call %d", method, (int)at);
            cr_expect_str_eq(s.err.message, want);
        }
        check_partial(&s, &whole);
        session_dispose(&s);
    }
    session_dispose(&whole);
}

Test(engine, cancelled_at_any_call_leaves_finished_columns_whole) {
    for (size_t i = 0; i < N_METHODS; i++)
        for (int early = 0; early < 2; early++) {
            interrupt_everywhere(methods[i], true, early, 1 << 20);
            interrupt_everywhere(methods[i], true, early, 1000);
        }
}

Test(engine, an_error_of_the_model_passes_unchanged) {
    for (size_t i = 0; i < N_METHODS; i++)
        for (int early = 0; early < 2; early++) {
            interrupt_everywhere(methods[i], false, early, 1 << 20);
            interrupt_everywhere(methods[i], false, early, 1000);
        }
}

Test(engine, cancelled_while_a_column_is_published_stops_before_the_next_chunk) {
    for (size_t i = 0; i < 3; i++)
        for (int64_t after = 1; after <= 4; after++) {
            struct session s;
            session_init(&s, false, methods[i], "probability");
            s.in.memory_budget = 1; /* a chunk is one column */
            s.cancel_after_columns = after;
            cr_expect_eq(session_run(&s), after < 4 ? ERR_CANCELLED : ERR_OK, "%s after %d",
                         methods[i], (int)after);
            cr_expect_eq(s.out.n_done, after);
            session_dispose(&s);
        }
}

Test(engine, cancelled_when_the_shape_is_known_finishes_no_column) {
    for (size_t i = 0; i < N_METHODS; i++) {
        struct session s;
        session_init(&s, false, methods[i], "probability");
        s.cancel_when_shaped = true;
        cr_expect_eq(session_run(&s), ERR_CANCELLED, "%s", methods[i]);
        cr_expect_eq(s.out.n_done, 0);
        session_dispose(&s);
    }
}

/* --- step scores and contrasts ----------------------------------------------------------- */

Test(engine, step_scores_keep_their_order_and_are_the_inputs_own) {
    static const char *const names[] = {"perplexity", "logit", "probability"};
    for (size_t i = 0; i < N_METHODS; i++)
        for (int encoder_decoder = 0; encoder_decoder < 2; encoder_decoder++) {
            struct session s;
            session_init(&s, encoder_decoder, methods[i], "probability");
            for (int k = 0; k < 3; k++)
                session_score(&s, names[k]);
            must_run(&s);
            cr_assert_eq(s.out.n_step_scores,
                         strcmp(methods[i], "input_reduction") == 0 ||
                                 strcmp(methods[i], "integrated_gradients") == 0
                             ? 4
                             : 3); /* their own come last */
            for (int k = 0; k < 3; k++)
                cr_expect_str_eq(s.out.step_scores[k].name, names[k]);
            for (int64_t c = 0; c < 4; c++) {
                double h[TOY_WIDTH], z[TOY_VOCAB];
                int32_t y = s.in.target_ids[s.in.start + c];
                session_state(&s, c, h);
                toy_logits(z, h);
                expect_near(s.out.step_scores[0].scores.data[c], pow(2, -log(softmax_of(z, y))),
                            "perplexity");
                expect_near(s.out.step_scores[1].scores.data[c], z[y], "logit");
                expect_near(s.out.step_scores[2].scores.data[c], softmax_of(z, y), "probability");
            }
            session_dispose(&s);
        }
}

Test(engine, step_scores_with_a_contrast_follow_the_contrasts_own_prefix) {
    static const int32_t contrast[] = {4, 6, 5, 3, 6}; /* another length, another prompt */
    static const int64_t alignment[] = {1, 2, 3, 4};
    for (size_t i = 0; i < N_METHODS; i++)
        for (int encoder_decoder = 0; encoder_decoder < 2; encoder_decoder++) {
            struct session s;
            session_init(&s, encoder_decoder, methods[i], "probability");
            session_score(&s, "contrast_logits_diff");
            session_score(&s, "contrast_prob_diff");
            session_contrast(&s, contrast, 5, alignment);
            must_run(&s);
            for (int64_t c = 0; c < 4; c++) {
                double h[TOY_WIDTH], other[TOY_WIDTH] = {0}, z[TOY_VOCAB], q[TOY_VOCAB];
                int32_t y = s.in.target_ids[s.in.start + c], foil = contrast[alignment[c]];
                session_state(&s, c, h);
                toy_add_rows(other, STACK_ENCODER, s.in.source_ids, s.in.n_source);
                toy_add_rows(other, STACK_DECODER, contrast, alignment[c]);
                toy_logits(z, h);
                toy_logits(q, other);
                expect_near(s.out.step_scores[0].scores.data[c], z[y] - q[foil],
                            "contrast_logits_diff");
                expect_near(s.out.step_scores[1].scores.data[c],
                            softmax_of(z, y) - softmax_of(q, foil), "contrast_prob_diff");
            }
            session_dispose(&s);
        }
}

Test(engine, a_contrastive_step_score_without_a_contrast_is_zero) {
    struct session s;
    session_init(&s, false, "dummy", "probability");
    session_score(&s, "contrast_prob_diff");
    must_run(&s);
    for (int64_t c = 0; c < 4; c++)
        cr_expect_eq(s.out.step_scores[0].scores.data[c], 0);
    cr_expect_eq(s.model.n_forwards, 1);
    session_dispose(&s);
}

/* --- ids that the model has no logits for --- */

Test(engine, targets_and_foils_outside_the_vocabulary_are_refused) {
    static const int32_t last_too_large[6] = {3, 5, 4, 6, 3, TOY_VOCAB},
                         negative[6] = {3, 5, 4, 6, 3, -1};
    static const int32_t foils[6] = {3, 5, 4, 6, 3, TOY_VOCAB + 1000000};
    static const int64_t alignment[4] = {2, 3, 4, 5};
    for (size_t i = 0; i < N_METHODS; i++) {
        struct session s;
        session_init(&s, false, methods[i], "contrast_prob_diff");
        s.in.target_ids = last_too_large;
        cr_expect_eq(session_run(&s), ERR_FORMAT, "%s", methods[i]);
        s.in.target_ids = negative;
        cr_expect_eq(session_run(&s), ERR_FORMAT, "%s", methods[i]);
        s.in.end = 5; /* what is not attributed does not matter */
        must_run(&s);
        session_dispose(&s);
        session_init(&s, false, methods[i], "contrast_prob_diff");
        session_score(&s, "contrast_logits_diff");
        session_contrast(&s, foils, 6, alignment);
        cr_expect_eq(session_run(&s), ERR_FORMAT, "%s", methods[i]);
        cr_expect_not_null(strstr(s.err.message, "position 5"), "%s", s.err.message);
        session_dispose(&s);
    }
}

/* A backward that needs much more than its inputs and outputs, as of a deep model. */
Test(engine, the_budget_counts_what_a_backward_of_many_points_needs) {
    for (int64_t budget = 1000; budget <= 1000000; budget *= 2) {
        struct session s;
        session_init(&s, true, "integrated_gradients", "logit");
        session_option(&s, "n_steps", "200"); /* several batches, none kept */
        s.model.vjp_bytes = 5000;
        s.in.attribute_target = true;
        s.in.memory_budget = budget;
        must_run(&s);
        cr_expect(s.model.most_positions * 5000 <= budget ||
                      s.model.most_positions <= s.model.most_batch,
                  "%d positions in %d bytes", (int)s.model.most_positions, (int)budget);
        session_dispose(&s);
    }
}
