/* What must hold of the methods on the insides, on the tiny checkpoints: parts sum to one, shares
 * add up to the logit, step scores are allowed, refusals say why. */
#include "backend/base/mem.h"
#include "backend/model.h"
#include "methods/engine/mixing.h"
#include "methods/request/attribute.h"
#include "tests/backend/changed_plan.h"
#include "tests/methods/tiny_model.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum err_code run(struct attribution **out, struct model *m, bool two, const char *method,
                         const char *kwargs, int64_t budget, struct err *e) {
    static const char *scores[] = {"logit"};
    struct attribute_request r = {
        .input_text = two ? "The manager said hi to the nurse." : "The nurse said",
        .method = method,
        .attributed_fn = "logit",
        .generated_text = two ? "O gerente disse oi ao gato" : "The nurse said hello to the cat",
        .step_scores = {scores, 1},
        .attribute_target = two,
        .attribution_kwargs = kwargs,
        .memory_budget = budget};
    return attribute_run(out, m, &r, NULL, NULL, e);
}

/* Sum over both sides of one column and trailing index. */
static double column_sum(const struct attribution_sequence *s, int64_t c, int64_t k) {
    const struct scores *sides[2] = {&s->source_attributions, &s->target_attributions};
    double sum = 0;
    for (int i = 0; i < 2; i++)
        for (int64_t row = 0; sides[i]->data && row < sides[i]->dims[0]; row++) {
            double x = sides[i]->data[(row * sides[i]->dims[1] + c) * scores_cell(sides[i]) + k];
            sum += isnan(x) ? 0 : x;
        }
    return sum;
}

static void expect_ones(const char *model, bool two, const char *method) {
    struct model *m = tiny_model_open(model);
    struct attribution *a = NULL;
    struct err e = {0};
    cr_assert_eq(run(&a, m, two, method, NULL, 0, &e), ERR_OK, "%s: %s: %s", model, method,
                 e.message);
    for (int64_t c = 0; c < attribution_steps(&a->sequences[0]); c++)
        cr_expect_float_eq(column_sum(&a->sequences[0], c, 0), 1, 1e-5,
                           "%s: %s: column %d sums to %g", model, method, (int)c,
                           column_sum(&a->sequences[0], c, 0));
    cr_expect_eq(a->sequences[0].n_step_scores, 1);
    attribution_release(a);
    model_free(m);
}

Test(internals, parts_sum_to_one) {
    static const char *const methods[] = {"alti", "attention_rollout", "globenc"};
    for (int i = 0; i < 3; i++) {
        expect_ones("llama", false, methods[i]);
        expect_ones("gpt2", false, methods[i]);
        expect_ones("marian", true, methods[i]);
    }
}

/* The norms of every token's vector in every row of one layer: out [n, n]. */
static void layer_norms(double *out, struct method_run *g, struct forward *f, int64_t layer,
                        int64_t n) {
    const struct rollout_method none = {0};
    struct attention_parts parts[2];
    struct rollout_view v;
    struct err e = {0};
    cr_assert_eq(rollout_open(&v, &none, g, f, STACK_DECODER, layer, parts, &e), ERR_OK);
    const int64_t d = parts[0].width;
    float *vectors = mem_alloc((size_t)(n * d) * sizeof *vectors);
    memset(out, 0, (size_t)(n * n) * sizeof *out);
    for (int64_t i = 0; i < n; i++) {
        cr_assert_eq(mixing_block_shares(&v, i, false, vectors, NULL, &e), ERR_OK);
        for (int64_t j = 0; j <= i; j++)
            out[i * n + j] = norm_l2(vectors + j * d, d);
    }
    free(vectors);
    rollout_close(parts);
}

static double sum_of_row(const double *matrix, int64_t n, int64_t i) {
    double sum = 0;
    for (int64_t j = 0; j < n; j++)
        sum += matrix[i * n + j];
    return sum;
}

static void make_rows_one(double *matrix, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        const double sum = sum_of_row(matrix, n, i);
        for (int64_t j = 0; j < n; j++)
            matrix[i * n + j] /= sum;
    }
}

/* The product of all layers' matrices, the first layer's last: out [n, n]. */
static void product_of_norms(double *out, struct model *m, const struct attribution_sequence *s,
                             bool rows_are_one) {
    const int64_t n = s->attr_pos_end - 1, n_layers = model_config(m)->n_layers;
    int32_t *ids = token_list_ids(&s->target);
    struct method_input in = {
        .model = m, .config = model_config(m), .target_ids = ids, .end = s->attr_pos_end};
    struct method_run g = {.in = &in};
    const struct forward_input forward = {
        .n_batch = 1, .target_ids = ids, .n_target = n, .keep_states = true};
    struct forward *f = NULL;
    struct err e = {0};
    double *layer = mem_alloc((size_t)(n * n) * sizeof *layer),
           *before = mem_alloc((size_t)(n * n) * sizeof *before);
    cr_assert_eq(model_forward(&f, m, &forward, NULL, &e), ERR_OK, "%s", e.message);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++)
            out[i * n + j] = i == j;
    for (int64_t l = 0; l < n_layers; l++) {
        layer_norms(layer, &g, f, l, n);
        if (rows_are_one)
            make_rows_one(layer, n);
        memcpy(before, out, (size_t)(n * n) * sizeof *before);
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = 0; j < n; j++) {
                out[i * n + j] = 0;
                for (int64_t k = 0; k < n; k++)
                    out[i * n + j] += layer[i * n + k] * before[k * n + j];
            }
    }
    forward_free(f);
    free(before);
    free(layer);
    free(ids);
}

static void check_globenc(const char *model, bool rows_are_one) {
    struct model *m = tiny_model_open(model);
    struct attribution *a = NULL;
    struct err e = {0};
    cr_assert_eq(
        run(&a, m, false, "globenc", rows_are_one ? NULL : "{\"normalise_rows\": false}", 0, &e),
        ERR_OK, "%s", e.message);
    const struct attribution_sequence *s = &a->sequences[0];
    const int64_t n = s->attr_pos_end - 1;
    double *want = mem_alloc((size_t)(n * n) * sizeof *want);
    product_of_norms(want, m, s, rows_are_one);
    cr_expect_eq(rows_are_one, fabs(sum_of_row(want, n, n - 1) - 1) < 1e-3, "sums to %g",
                 sum_of_row(want, n, n - 1));
    make_rows_one(want, n);
    for (int64_t c = 0; c < attribution_steps(s); c++)
        for (int64_t j = 0, row = s->attr_pos_start + c - 1; j <= row; j++)
            cr_expect_float_eq(s->target_attributions.data[j * attribution_steps(s) + c],
                               want[row * n + j], 1e-5 * want[row * n + j], "%s, %d to %d: %g",
                               model, (int)row, (int)j, want[row * n + j]);
    free(want);
    attribution_release(a);
    model_free(m);
}

Test(internals, globenc_multiplies_shares_or_the_norms_as_they_are) {
    for (int i = 0; i < 2; i++) {
        check_globenc("llama", i);
        check_globenc("gpt2", i);
    }
}

/* The two differ, or the option would do nothing. */
Test(internals, globenc_of_norms_is_not_that_of_shares) {
    struct model *m = tiny_model_open("marian");
    struct attribution *a = NULL, *b = NULL;
    struct err e = {0};
    double apart = 0;
    cr_assert_eq(run(&a, m, true, "globenc", NULL, 0, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(run(&b, m, true, "globenc", "{\"normalise_rows\": false}", 0, &e), ERR_OK, "%s",
                 e.message);
    const struct attribution_sequence *x = &a->sequences[0], *y = &b->sequences[0];
    for (int64_t c = 0; c < attribution_steps(y); c++)
        cr_expect_float_eq(column_sum(y, c, 0), 1, 1e-5);
    for (int64_t i = 0; i < scores_count(&x->source_attributions); i++)
        apart += fabs(x->source_attributions.data[i] - y->source_attributions.data[i]);
    cr_expect(apart > 1e-3, "%g", apart);
    attribution_release(a);
    attribution_release(b);
    model_free(m);
}

static void check_flows(const char *model, bool two) {
    struct model *m = tiny_model_open(model);
    struct attribution *raw = NULL, *shares = NULL;
    struct err e = {0};
    cr_assert_eq(run(&raw, m, two, "attention_flow", NULL, 0, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(run(&shares, m, two, "attention_flow", "{\"normalise_rows\": true}", 0, &e),
                 ERR_OK, "%s", e.message);
    const struct attribution_sequence *a = &raw->sequences[0], *b = &shares->sequences[0];
    const struct scores *from[2] = {&a->source_attributions, &a->target_attributions},
                        *to[2] = {&b->source_attributions, &b->target_attributions};
    bool any = false; /* flows that are no shares by themselves */
    for (int64_t c = 0; c < attribution_steps(a); c++) {
        const double sum = column_sum(a, c, 0);
        any |= fabs(sum - 1) > 0.01;
        cr_expect_float_eq(column_sum(b, c, 0), 1, 1e-5);
        for (int side = 0; side < 2; side++)
            for (int64_t i = c; from[side]->data && i < scores_count(from[side]);
                 i += attribution_steps(a))
                cr_expect(isnan(from[side]->data[i])
                              ? isnan(to[side]->data[i])
                              : fabs(from[side]->data[i] / sum - to[side]->data[i]) < 1e-6,
                          "%s, column %d", model, (int)c);
    }
    cr_expect(any);
    attribution_release(raw);
    attribution_release(shares);
    model_free(m);
}

Test(internals, flows_are_shared_out_where_that_is_asked_for) {
    check_flows("llama", false);
    check_flows("marian", true);
}

/* Every layer holds all of a prediction's importance, spread over its states, where each node's
 * edges share 1; some of it ends at a node without an edge above the threshold. */
Test(internals, routes_lose_nothing_on_the_way) {
    static const char *const models[] = {"llama", "gpt2", "marian"};
    static const char *const kwargs[] = {
        "{\"threshold\": 0}", "{\"threshold\": 0, \"edges\": \"tokens\"}", "{\"threshold\": 0.1}"};
    for (int i = 0; i < 9; i++) {
        struct model *m = tiny_model_open(models[i / 3]);
        const bool two = model_config(m)->encoder_decoder;
        struct attribution *a = NULL;
        struct err e = {0};
        cr_assert_eq(run(&a, m, two, "information_flow_routes", kwargs[i % 3], 0, &e), ERR_OK, "%s",
                     e.message);
        const struct attribution_sequence *s = &a->sequences[0];
        for (int64_t c = 0; c < attribution_steps(s); c++) {
            double above = 1;
            for (int64_t layer = two ? 0 : s->target_attributions.dims[2] - 1; layer >= 0;
                 layer--) { /* with an encoder only where both stacks begin */
                const double sum = column_sum(s, c, layer);
                cr_expect(i % 3 < 2 ? fabs(sum - 1) < 1e-5 : sum < above + 1e-5,
                          "%s, %s: column %d, layer %d sums to %g", models[i / 3], kwargs[i % 3],
                          (int)c, (int)layer, sum);
                above = sum;
            }
        }
        attribution_release(a);
        model_free(m);
    }
}

/* The threshold takes routes away and brings none. */
Test(internals, a_higher_threshold_leaves_fewer_nodes) {
    struct model *m = tiny_model_open("gpt2");
    static const char *const kwargs[] = {"{\"threshold\": 0}", "{\"threshold\": 0.02}",
                                         "{\"threshold\": 0.1}", "{\"threshold\": 1}"};
    struct attribution *before = NULL, *a = NULL;
    struct err e = {0};
    for (int i = 0; i < 4; i++) {
        cr_assert_eq(run(&a, m, false, "information_flow_routes", kwargs[i], 0, &e), ERR_OK, "%s",
                     e.message);
        const struct scores *now = &a->sequences[0].target_attributions,
                            *then = before ? &before->sequences[0].target_attributions : now;
        int64_t n_now = 0, n_then = 0;
        for (int64_t k = 0; k < scores_count(now); k++) {
            n_now += now->data[k] > 0;
            n_then += then->data[k] > 0;
            cr_expect(!(now->data[k] > 0) || then->data[k] > 0, "threshold %s: element %d is new",
                      kwargs[i], (int)k);
        }
        const bool expected[] = {n_now > 50, n_now < n_then, n_now < n_then, n_now == 0};
        cr_expect(expected[i], "threshold %s: %d nodes, before %d", kwargs[i], (int)n_now,
                  (int)n_then);
        attribution_release(before);
        before = a;
    }
    attribution_release(before);
    model_free(m);
}

/* Without biases and with the feed-forward layers everything that makes the logit is shared out. */
static void expect_whole_logit(const char *folder, const struct changed_plan *as) {
    struct model *m = changed_open(folder, as);
    const bool two = model_config(m)->encoder_decoder;
    struct attribution *a = NULL;
    struct err e = {0};
    changed_drop_biases(m);
    const enum err_code code = run(&a, m, two, "alti_logit", "{\"feed_forward\": true}", 0, &e);
    if (plan_norms_sums(&model_config(m)->decoder)) {
        cr_expect_eq(code, ERR_UNSUPPORTED);
        model_free(m);
        return;
    }
    cr_assert_eq(code, ERR_OK, "%s", e.message);
    const struct attribution_sequence *s = &a->sequences[0];
    cr_expect_eq(s->source_attributions.data != NULL, two);
    for (int64_t c = 0; c < attribution_steps(s); c++) {
        const double sum = column_sum(s, c, 0), logit = s->step_scores[0].scores.data[c];
        cr_expect(fabs(sum - logit) <= 2e-4 * (1 + fabs(logit)),
                  "%s (norms %d, join %d): column %d: %g, the logit is %g", folder,
                  model_config(m)->decoder.norm_place, model_config(m)->decoder.join, (int)c, sum,
                  logit);
    }
    attribution_release(a);
    model_free(m);
}

Test(internals, alti_logit_with_feed_forward_is_the_whole_logit, .timeout = 300) {
    static const char *const folders[] = {"tests/fixtures/tiny/llama",
                                          "tests/fixtures/tiny/marian"};
    changed_each(folders, 2, expect_whole_logit);
}

/* A state put back after the last block at the predicting position brings everything back. */
Test(internals, patching_the_last_state_restores_all) {
    struct model *m = tiny_model_open("gpt2");
    struct attribution *a = NULL;
    struct err e = {0};
    cr_assert_eq(run(&a, m, false, "activation_patching", "{\"n_samples\": 2}", 0, &e), ERR_OK,
                 "%s", e.message);
    const struct attribution_sequence *s = &a->sequences[0];
    const struct scores *t = &s->target_attributions,
                        *total = &s->step_scores[s->n_step_scores - 1].scores;
    cr_assert_str_eq(s->step_scores[s->n_step_scores - 1].name, "total_effect");
    for (int64_t c = 0; c < attribution_steps(s); c++)
        cr_expect_float_eq(
            t->data[((s->attr_pos_start + c - 1) * t->dims[1] + c) * t->dims[2] + t->dims[2] - 1],
            total->data[c], 1e-5);
    attribution_release(a);
    model_free(m);
}

/* Neither the budget nor how heads are written changes what value zeroing finds. */
static void expect_same(struct model *m, const char *kwargs, const char *other, int64_t budget) {
    struct attribution *a = NULL, *b = NULL;
    struct err e = {0};
    cr_assert_eq(run(&a, m, false, "value_zeroing", kwargs, 0, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(run(&b, m, false, "value_zeroing", other, budget, &e), ERR_OK, "%s", e.message);
    const struct scores *x = &a->sequences[0].target_attributions,
                        *y = &b->sequences[0].target_attributions;
    for (int64_t i = 0; i < scores_count(x); i++)
        cr_expect(isnan(x->data[i]) ? isnan(y->data[i]) : fabs(x->data[i] - y->data[i]) < 1e-5,
                  "element %d: %g, %g", (int)i, x->data[i], y->data[i]);
    attribution_release(a);
    attribution_release(b);
}

Test(internals, value_zeroing_does_not_depend_on_how_it_is_asked_for) {
    struct model *m = tiny_model_open("gpt2");
    expect_same(m, NULL, NULL, 30000);
    expect_same(m, "{\"decoder_zeroed_units_indices\": [1, 2]}",
                "{\"decoder_zeroed_units_indices\": \"1:3\"}", 0);
    expect_same(m, "{\"decoder_zeroed_units_indices\": -1}",
                "{\"decoder_zeroed_units_indices\": {\"0\": 3, \"1\": [3], \"2\": \"3:4\"}}", 0);
    model_free(m);
}

static void expect_refused(struct model *m, bool two, const char *method, const char *kwargs,
                           enum err_code code, const char *why) {
    struct attribution *a = NULL;
    struct err e = {0};
    cr_expect_eq(run(&a, m, two, method, kwargs, 0, &e), code);
    cr_expect(strstr(e.message, why), "%s", e.message);
    attribution_release(a);
}

Test(internals, refusals_say_why) {
    struct model *llama = tiny_model_open("llama"), *marian = tiny_model_open("marian");
    expect_refused(llama, false, "value_zeroing", "{\"decoder_zeroed_units_indices\": 6}",
                   ERR_USAGE, "from 0 to 5");
    expect_refused(llama, false, "value_zeroing", "{\"decoder_zeroed_units_indices\": {\"3\": 0}}",
                   ERR_USAGE, "for each layer");
    expect_refused(llama, false, "activation_patching", "{\"subject\": \"2:1\"}", ERR_USAGE,
                   "\"1:3\"");
    expect_refused(llama, false, "information_flow_routes",
                   "{\"output\": \"heads\", \"edges\": \"tokens\"}", ERR_USAGE, "output attention");
    expect_refused(llama, false, "information_flow_routes", "{\"threshold\": 2}", ERR_USAGE,
                   "0 to 1");
    expect_refused(marian, true, "alti_logit", NULL, ERR_UNSUPPORTED, "use alti");
    model_free(llama);
    model_free(marian);
}
