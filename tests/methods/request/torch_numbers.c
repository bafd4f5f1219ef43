/* What is no number: damaged weights, formulas and libraries that are not finite, on the way from a
 * request to its result, with every method. */
#include "backend/base/mem.h"
#include "backend/model.h"
#include "methods/registry.h"
#include "methods/request/attribute.h"
#include "tests/backend/damaged.h"
#include "tests/backend/tree.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static char notices[4000];

static void on_notice(void *user, const char *text) {
    (void)user;
    strncat(notices, text, sizeof notices - strlen(notices) - 1);
}

static struct model *open_model(const char *path) {
    const struct model_options options = {0};
    struct err e = {0};
    struct model *m = NULL;
    cr_assert_eq(model_open(&m, path, &options, NULL, &e), ERR_OK, "%s", e.message);
    return m;
}

static bool has_encoder(const struct model *m) {
    return model_config(m)->encoder_decoder;
}

/* What makes a method quick. */
static const char *kwargs_of(const char *method) {
    static const char *const quick[][2] = {
        {"integrated_gradients", "{\"n_steps\": 3}"},
        {"gradient_shap", "{\"n_samples\": 2}"},
        {"sequential_integrated_gradients", "{\"n_steps\": 2}"},
        {"discretized_integrated_gradients", "{\"n_steps\": 4}"},
        {"guided_integrated_gradients", "{\"n_steps\": 3}"},
        {"layer_integrated_gradients", "{\"n_steps\": 3}"},
        {"activation_patching", "{\"n_samples\": 2}"},
        {"lime", "{\"n_samples\": 8}"},
        {"reagent", "{\"num_probes\": 2, \"max_probe_steps\": 3, "
                    "\"stopping_condition_top_k\": 100000}"},
        {"information_bottleneck", "{\"n_steps\": 2, \"n_samples\": 2}"}};
    for (size_t i = 0; i < sizeof quick / sizeof *quick; i++)
        if (strcmp(quick[i][0], method) == 0)
            return quick[i][1];
    return NULL;
}

static struct attribute_request request_of(const struct model *m, const char *method,
                                           const char *function) {
    return (struct attribute_request){
        .input_text = has_encoder(m) ? "The manager said hi" : "The city",
        .generated_text = has_encoder(m) ? "O gerente" : "The city of a house",
        .method = method,
        .attributed_fn = function,
        .attribution_kwargs = kwargs_of(method)};
}

static enum err_code run(struct attribution **out, struct model *m,
                         const struct attribute_request *r, struct err *e) {
    const struct attribute_events events = {.notice = on_notice};
    *notices = 0;
    *e = (struct err){0};
    *out = NULL;
    return attribute_run(out, m, r, &events, NULL, e);
}

/* The same of the model's own text. */
static struct attribute_request own_text(const struct model *m, const char *method,
                                         const char *function) {
    struct attribute_request r = request_of(m, method, function);
    r.generated_text = NULL;
    r.generation_kwargs = "{\"max_new_tokens\": 5, \"num_beams\": 1}";
    return r;
}

/* Numbers among the cells that column c sees. */
static void count_numbers(const struct attribution_sequence *s, int64_t c, int64_t *n_good,
                          int64_t *n_seen) {
    const struct scores *sides[2] = {&s->source_attributions, &s->target_attributions};
    *n_good = *n_seen = 0;
    for (int side = 0; side < 2; side++) {
        const int64_t cell = scores_cell(sides[side]), n = attribution_steps(s);
        for (int64_t row = 0; sides[side]->data && row < sides[side]->dims[0]; row++)
            for (int64_t k = 0; k < cell && attribution_sees(s, side, row, c); k++) {
                *n_good += isfinite(sides[side]->data[(row * n + c) * cell + k]) != 0;
                ++*n_seen;
            }
    }
}

/* --- weights ----------------------------------------------------------------------------- */

static void check_every_method(const char *name, const char *tensor, float value) {
    char *folder = damaged_copy(name, tensor, 7, value);
    struct model *m = open_model(folder);
    size_t n;
    const struct method_decl *const *decls = method_decls(&n);
    int n_refused = 0;
    for (size_t i = 0; i < n; i++) {
        const struct attribute_request r = request_of(m, decls[i]->id, NULL);
        struct attribution *a;
        struct err e;
        enum err_code code = run(&a, m, &r, &e);
        attribution_release(a);
        n_refused += code == ERR_UNSUPPORTED; /* by what the model is made of */
        if (code == ERR_UNSUPPORTED && !strstr(e.message, "finite"))
            continue;
        cr_expect_eq(code, ERR_FORMAT, "%s: %s: %d %s", name, decls[i]->id, code, e.message);
        cr_expect(strstr(e.message, "not finite") && strstr(e.message, tensor), "%s: %s",
                  decls[i]->id, e.message);
    }
    cr_expect(n_refused < 6, "%d refused", n_refused);
    model_free(m);
    tree_free(folder);
}

Test(damaged_weight, is_told_by_every_method_of_a_decoder) {
    check_every_method("llama", "model.layers.1.self_attn.v_proj.weight", NAN);
}

Test(damaged_weight, is_told_by_every_method_of_an_encoder_decoder) {
    check_every_method("marian", "model.encoder.layers.1.self_attn.q_proj.weight", INFINITY);
}

/* The baseline's embedding is read by those alone that compare with it: DeepLIFT never sees the
 * reference's logits. */
Test(damaged_weight, of_a_baseline_is_told_where_it_is_used) {
    char *folder = damaged_copy("llama", "model.embed_tokens.weight", 3, NAN);
    struct model *m = open_model(folder);
    struct attribution *a;
    struct err e;
    struct attribute_request r = own_text(m, "saliency", NULL);
    cr_expect_eq(run(&a, m, &r, &e), ERR_OK, "%s", e.message);
    cr_expect_str_empty(notices);
    attribution_release(a);
    r = own_text(m, "integrated_gradients", NULL);
    cr_expect_eq(run(&a, m, &r, &e), ERR_FORMAT, "%s", e.message);
    cr_expect(strstr(e.message, "model.embed_tokens.weight"), "%s", e.message);
    r = own_text(m, "deeplift", NULL);
    cr_expect_eq(run(&a, m, &r, &e), ERR_OK, "%s", e.message);
    cr_expect(strstr(notices, "Scores of deeplift are not finite at 5 of 5 steps"), "%s", notices);
    attribution_release(a);
    model_free(m);
    tree_free(folder);
}

/* --- functions --------------------------------------------------------------------------- */

Test(numbers, of_sound_models_are_finite_wherever_a_step_sees) {
    static const char *const names[] = {"llama", "marian", "student"};
    size_t n;
    const struct method_decl *const *decls = method_decls(&n);
    for (int k = 0; k < 3; k++) {
        char *path = mem_format("tests/fixtures/tiny/%s", names[k]);
        struct model *m = open_model(path);
        for (size_t i = 0; i < n; i++) {
            const struct attribute_request r = own_text(m, decls[i]->id, NULL);
            struct attribution *a;
            struct err e;
            int64_t n_good, n_seen;
            if (run(&a, m, &r, &e) == ERR_UNSUPPORTED)
                continue;
            cr_assert_not_null(a, "%s: %s: %s", names[k], decls[i]->id, e.message);
            cr_expect(!strstr(notices, "finite"), "%s: %s: %s", names[k], decls[i]->id, notices);
            for (int64_t c = 0; c < attribution_steps(&a->sequences[0]); c++) {
                count_numbers(&a->sequences[0], c, &n_good, &n_seen);
                cr_expect_eq(n_good, n_seen, "%s: %s, column %d", names[k], decls[i]->id, (int)c);
            }
            attribution_release(a);
        }
        model_free(m);
        free(path);
    }
}

/* Between the probabilities of a text's tokens, so that the root is a number for some. */
static char *root_of(struct model *m) {
    static const char *const scores[] = {"probability"};
    struct attribute_request r = own_text(m, "dummy", NULL);
    struct attribution *a;
    struct err e;
    r.step_scores = (struct names){scores, 1};
    cr_assert_eq(run(&a, m, &r, &e), ERR_OK, "%s", e.message);
    const struct attribution_sequence *s = &a->sequences[0];
    double sum = 0;
    for (int64_t c = 0; c < attribution_steps(s); c++)
        sum += s->step_scores[0].scores.data[c];
    char *text = mem_format("sqrt(prob(y) - %.6f)", sum / (double)attribution_steps(s));
    attribution_release(a);
    return text;
}

static void check_lost(const struct attribution_sequence *s, const char *method) {
    int64_t n_lost = 0, n_good, n_seen;
    for (int64_t c = 0; c < attribution_steps(s); c++) {
        const bool lost = isnan(s->step_scores[0].scores.data[c]);
        count_numbers(s, c, &n_good, &n_seen);
        cr_expect_eq(n_good, lost ? 0 : n_seen, "%s, column %d: %d of %d numbers", method, (int)c,
                     (int)n_good, (int)n_seen);
        n_lost += lost;
    }
    cr_expect(n_lost > 0 && n_lost < attribution_steps(s));
}

/* The methods that perturb may meet the root of a negative number in a variant, too: there cells
 * are lost, and told of. */
Test(numbers, of_a_function_that_is_none_at_some_steps_are_nan_there) {
    static const char *const names[] = {"llama", "marian"};
    size_t n;
    int n_checked = 0;
    const struct method_decl *const *decls = method_decls(&n);
    for (int k = 0; k < 2; k++) {
        char *path = mem_format("tests/fixtures/tiny/%s", names[k]);
        struct model *m = open_model(path);
        char *root = root_of(m);
        const char *const scores[] = {root};
        for (size_t i = 0; i < n; i++) {
            struct attribute_request r = own_text(m, decls[i]->id, root);
            struct attribution *a;
            struct err e;
            r.step_scores = (struct names){scores, 1};
            enum err_code code = run(&a, m, &r, &e);
            if (code == ERR_OK && decls[i]->needs_attributed_fn) {
                char *said = mem_format("The attributed function %s is not finite at ", root);
                cr_expect(strstr(notices, said), "%s: %s: %s", names[k], decls[i]->id, notices);
                free(said);
                if (!strstr(notices, "Scores of "))
                    check_lost(&a->sequences[0], decls[i]->id);
                n_checked++;
            }
            cr_expect(code == ERR_OK || code == ERR_UNSUPPORTED || strstr(e.message, "finite"),
                      "%s: %s: %s", names[k], decls[i]->id, e.message);
            attribution_release(a);
        }
        free(root);
        model_free(m);
        free(path);
    }
    cr_expect(n_checked > 20, "%d checked", n_checked);
}

static void expect_refused(struct model *m, const char *function, const char *score,
                           enum err_code want, const char *said) {
    struct attribute_request r = own_text(m, "saliency", function);
    struct attribution *a;
    struct err e;
    r.step_scores = (struct names){&score, score ? 1 : 0};
    cr_expect_eq(run(&a, m, &r, &e), want, "%s", function);
    cr_expect_null(a);
    cr_expect(strstr(e.message, said), "%s: %s", function, e.message);
}

Test(numbers, of_a_function_that_is_never_one_are_an_error) {
    struct model *m = open_model("tests/fixtures/tiny/llama");
    static const char *const never[] = {"log(0-1)", "1/0*1", "exp(1000*abs(logit(y))+1000)",
                                        "mc_dropout_prob_avg"};
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        expect_refused(m, never[i], NULL, ERR_UNSUPPORTED, "is not finite at any step");
    model_free(m);
}

Test(numbers, as_step_scores_are_told_of) {
    static const char *const scores[] = {"log(0-1)", "1/0*1", "exp(90+logit(y)^2)", "entropy"};
    struct model *m = open_model("tests/fixtures/tiny/llama");
    struct attribute_request r = own_text(m, "saliency", NULL);
    struct attribution *a;
    struct err e;
    r.step_scores = (struct names){scores, 4};
    cr_assert_eq(run(&a, m, &r, &e), ERR_OK, "%s", e.message);
    const struct attribution_sequence *s = &a->sequences[0];
    cr_expect(isnan(s->step_scores[0].scores.data[0]));
    cr_expect(isinf(s->step_scores[1].scores.data[0]));
    cr_expect(
        strstr(notices, "The step score log(0-1) is not finite at 5 of 5 steps (first step 1,"),
        "%s", notices);
    cr_expect(strstr(notices, "The step score 1/0*1 is not finite"), "%s", notices);
    cr_expect(strstr(notices, "The step score exp(90+logit(y)^2) is not finite"), "%s", notices);
    cr_expect(!strstr(notices, "entropy") && !strstr(notices, "attributed"), "%s", notices);
    cr_expect_eq(a->info.notices.n, 3, "they are kept");
    attribution_release(a);
    model_free(m);
}

/* Llama has no dropout. */
Test(numbers, of_a_score_that_is_none_say_why) {
    const char *const scores[] = {"mc_dropout_prob_avg"};
    struct model *m = open_model("tests/fixtures/tiny/llama");
    struct attribute_request r = own_text(m, "saliency", NULL);
    struct attribution *a;
    struct err e;
    r.step_scores = (struct names){scores, 1};
    cr_assert_eq(run(&a, m, &r, &e), ERR_OK, "%s", e.message);
    cr_expect(isnan(a->sequences[0].step_scores[0].scores.data[0]));
    cr_expect(strstr(notices, "the option dropout gives it a rate"), "%s", notices);
    attribution_release(a);
    r.attribution_kwargs = "{\"dropout\": 0.2}";
    cr_assert_eq(run(&a, m, &r, &e), ERR_OK, "%s", e.message);
    cr_expect(isfinite(a->sequences[0].step_scores[0].scores.data[0]));
    attribution_release(a);
    model_free(m);
}

Test(numbers, of_a_token_beyond_the_vocabulary_are_a_wrong_request) {
    struct model *m = open_model("tests/fixtures/tiny/llama");
    expect_refused(m, "logit(#420)", NULL, ERR_USAGE, "names token #420");
    expect_refused(m, "logit(#99999999)", NULL, ERR_USAGE, "has 420: #0 to #419");
    expect_refused(m, NULL, "prob(#3)*logprob(#999)", ERR_USAGE, "names token #999");
    struct attribution *a;
    struct err e;
    const struct attribute_request r = own_text(m, "saliency", "logit(#419)");
    cr_expect_eq(run(&a, m, &r, &e), ERR_OK, "%s", e.message);
    attribution_release(a);
    model_free(m);
}

/* A sum of which one term is missing is no sum. */
Test(numbers, of_a_span_with_a_lost_step_are_nan) {
    struct model *m = open_model("tests/fixtures/tiny/llama");
    char *root = root_of(m);
    struct attribute_request r = own_text(m, "saliency", root);
    struct attribution *a;
    struct err e;
    int64_t n_good, n_seen;
    r.span = span_make(2, 5, false);
    cr_assert_eq(run(&a, m, &r, &e), ERR_OK, "%s", e.message);
    cr_expect(strstr(notices, "is not finite at "), "%s", notices);
    count_numbers(&a->sequences[0], 0, &n_good, &n_seen);
    cr_expect(n_good < n_seen);
    const struct scores *s = &a->sequences[0].target_attributions;
    cr_expect(isnan(s->data[0]), "the first row is seen by all steps");
    attribution_release(a);
    free(root);
    model_free(m);
}

/* A method's own reason: what used to be an empty map. */
Test(numbers, that_no_probe_found_are_told_of) {
    struct model *m = open_model("tests/fixtures/tiny/llama");
    struct attribute_request r = request_of(m, "reagent", NULL);
    struct attribution *a;
    struct err e;
    r.attr_pos_end = optional_of(3);
    r.attribution_kwargs =
        "{\"num_probes\": 1, \"max_probe_steps\": 1, \"stopping_condition_top_k\": 1}";
    cr_expect_eq(run(&a, m, &r, &e), ERR_UNSUPPORTED);
    cr_expect(strstr(e.message, "no score of reagent is finite: no probe ended"), "%s", e.message);
    attribution_release(a);
    model_free(m);
}
