/* Several requests whose texts go through the model together: results are those of each alone, up
 * to the rounding of other products; what is wrong with one leaves the others as they are. */
#include "backend/model.h"
#include "methods/request/attribute.h"
#include "tests/methods/tiny_model.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define WITHIN 1e-5 /* of a side's largest score */

static float largest(const struct scores *s) {
    float most = 0;
    for (int64_t i = 0; i < scores_count(s); i++)
        most = fmaxf(most, isfinite(s->data[i]) ? fabsf(s->data[i]) : 0);
    return most;
}

static void expect_same(const struct scores *a, const struct scores *b, const char *where) {
    cr_assert_eq(!a->data, !b->data, "%s", where);
    if (!a->data)
        return;
    cr_assert_eq(scores_count(a), scores_count(b), "%s", where);
    const float within = (float)WITHIN * largest(a) + 1e-9f;
    for (int64_t i = 0; i < scores_count(a); i++)
        cr_assert(isnan(a->data[i]) ? isnan(b->data[i]) : fabsf(a->data[i] - b->data[i]) <= within,
                  "%s: %lld: %g alone, %g together, of %g", where, (long long)i, (double)a->data[i],
                  (double)b->data[i], (double)largest(a));
}

static void expect_like_alone(struct model *m, struct attribute_row *row) {
    struct attribution *alone;
    struct err e = {0};
    char where[200];
    snprintf(where, sizeof where, "%s of %s", row->request->method, row->request->generated_text);
    cr_assert_eq(row->code, ERR_OK, "%s: %s", where, row->error.message);
    cr_assert_eq(attribute_run(&alone, m, row->request, NULL, NULL, &e), ERR_OK, "%s", e.message);
    const struct attribution_sequence *a = alone->sequences, *b = row->out->sequences;
    expect_same(&a->source_attributions, &b->source_attributions, where);
    expect_same(&a->target_attributions, &b->target_attributions, where);
    cr_assert_eq(a->n_step_scores, b->n_step_scores);
    for (size_t i = 0; i < a->n_step_scores; i++)
        if (strcmp(a->step_scores[i].name, "convergence_gap") != 0) /* rounding itself */
            expect_same(&a->step_scores[i].scores, &b->step_scores[i].scores,
                        a->step_scores[i].name);
    attribution_release(alone);
    attribution_release(row->out);
}

static const char *const gradient[] = {"saliency", "integrated_gradients", "gradient_shap",
                                       "deeplift"};
static const char *const others[] = {"occlusion", "lime", "attention", "dummy"};
static const char *const probability = "probability";

static void check(const char *model, const char *const texts[][3], size_t n,
                  const char *const *methods, size_t n_methods) {
    struct model *m = tiny_model_open(model);
    for (size_t k = 0; k < n_methods; k++) {
        struct attribute_request requests[8];
        struct attribute_row rows[8] = {0};
        for (size_t i = 0; i < n; i++) {
            requests[i] = (struct attribute_request){
                .input_text = texts[i][0],
                .generated_text = texts[i][1],
                .contrast_targets = texts[i][2],
                .attributed_fn = texts[i][2] ? "contrast_prob_diff" : NULL,
                .method = methods[k],
                .step_scores = {strcmp(methods[k], "attention") ? &probability : NULL,
                                strcmp(methods[k], "attention") != 0}};
            rows[i].request = &requests[i];
        }
        attribute_run_together(rows, n, m, NULL, NULL);
        for (size_t i = 0; i < n; i++)
            expect_like_alone(m, &rows[i]);
    }
    model_free(m);
}

static const char *const english[][3] = {
    {"The nurse said", "The nurse said hi to the manager", NULL},
    {"The dog", "The dog barks", NULL},
    {"They went to the", "They went to the city again", "They went to the town again"},
    {"The manager said hi to the nurse", "The manager said hi to the nurse in the city", NULL},
    {"She", "She said no", NULL}};
static const char *const pairs[][3] = {{"The nurse said hi.", "A enfermeira disse oi.", NULL},
                                       {"The dog", "O cachorro", NULL},
                                       {"The nurse went out.", "A enfermeira saiu.", NULL}};

Test(attribute_together, gradients_are_those_of_each_alone, .timeout = 200) {
    check("llama", english, 5, gradient, 4);
}
Test(attribute_together, other_methods_too, .timeout = 200) {
    check("llama", english, 5, others, 4);
}
Test(attribute_together, with_positions_from_a_table, .timeout = 200) {
    check("gpt2", english, 5, gradient, 2);
}
Test(attribute_together, of_translators, .timeout = 200) {
    check("marian", pairs, 3, gradient, 2);
}

Test(attribute_together, what_is_wrong_with_one_is_its_own, .timeout = 200) {
    struct model *m = tiny_model_open("llama");
    struct attribute_request requests[3];
    struct attribute_row rows[3] = {0};
    for (size_t i = 0; i < 3; i++) {
        requests[i] = (struct attribute_request){
            .input_text = english[i][0], .generated_text = english[i][1], .method = "saliency"};
        rows[i].request = &requests[i];
    }
    requests[1].generated_text = "no such beginning";
    attribute_run_together(rows, 3, m, NULL, NULL);
    cr_expect_eq(rows[1].code, ERR_USAGE);
    cr_expect_null(rows[1].out);
    cr_expect(strstr(rows[1].error.message, "must start with the prompt"), "%s",
              rows[1].error.message);
    expect_like_alone(m, &rows[0]);
    expect_like_alone(m, &rows[2]);
    model_free(m);
}

Test(attribute_together, cancelling_ends_all_of_them, .timeout = 200) {
    struct model *m = tiny_model_open("llama");
    atomic_bool cancel = true;
    const struct run_ctl ctl = {.cancel = &cancel};
    struct attribute_request requests[3];
    struct attribute_row rows[3] = {0};
    for (size_t i = 0; i < 3; i++) {
        requests[i] = (struct attribute_request){.input_text = english[i][0],
                                                 .generated_text = english[i][1],
                                                 .method = "integrated_gradients"};
        rows[i].request = &requests[i];
    }
    attribute_run_together(rows, 3, m, NULL, &ctl);
    for (size_t i = 0; i < 3; i++) {
        cr_expect_eq(rows[i].code, ERR_CANCELLED);
        attribution_release(rows[i].out);
    }
    model_free(m);
}
