/* Step functions that look at hidden states and make another run of the model, on the tiny
 * checkpoints: derivatives of the whole against differences in float64, and every kind of
 * method. */
#include "tests/backend/tiny.h"
#include "tests/methods/engine/step_sight_checks.h"

#include "backend/base/mem.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *input, *generated;
} cases[] = {
    {"llama", "The nurse said", "The nurse said hello to"},
    {"gpt2", "The dog barks", "The dog barks at the"},
    {"marian", "The manager said hi", "O gerente disse"},
    /* Embeddings of another width than states. */
    {"opt-wide", "The dog barks", "The dog barks at the"},
};
#define N_CASES (sizeof cases / sizeof *cases)

#define WHOLE "context() + 0.5*depth() + 0.1*logit(y)"

static struct model *opened(size_t i) {
    char *path = tiny_folder(cases[i].name);
    struct model *m = step_sight_open_model(path);
    free(path);
    return m;
}

static struct attribute_request request(size_t i, const struct model *m, const char *method,
                                        const char *function, const char *kwargs) {
    return (struct attribute_request){.input_text = cases[i].input,
                                      .generated_text = cases[i].generated,
                                      .method = method,
                                      .attributed_fn = function,
                                      .attribution_kwargs = kwargs,
                                      .attribute_target = model_config(m)->encoder_decoder};
}

static struct attribution *attributed(size_t i, struct model *m,
                                      const struct attribute_request *r) {
    struct attribution *a = NULL;
    struct err e = {0};
    cr_assert_eq(attribute_run(&a, m, r, NULL, NULL, &e), ERR_OK, "%s, %s: %s", cases[i].name,
                 r->method, e.message);
    return a;
}

Test(step_sight, derivatives_of_the_whole_are_its_differences, .timeout = 300) {
    static const char *const functions[] = {WHOLE, "context()*depth()"};
    for (size_t i = 0; i < N_CASES; i++)
        for (size_t k = 0; k < 2; k++) {
            struct model *m = opened(i);
            struct attribute_request r = request(i, m, "saliency", functions[k], NULL);
            step_sight_check_differences(m, &r, 0.004, 2e-4);
            model_free(m);
        }
}

/* --- methods ----------------------------------------------------------------------------- */

static const struct scores *side_of(const struct attribution *a, int side) {
    return side ? &a->sequences[0].target_attributions : &a->sequences[0].source_attributions;
}

/* Largest |a − b| of what both can see, relative to the largest |a|. */
static double apart(const struct attribution *a, const struct attribution *b) {
    double largest = 0, worst = 0;
    for (int side = 0; side < 2; side++) {
        cr_assert_eq(scores_count(side_of(a, side)), scores_count(side_of(b, side)));
        for (int64_t k = 0; k < scores_count(side_of(a, side)); k++) {
            double v = side_of(a, side)->data[k], w = side_of(b, side)->data[k];
            cr_assert_eq(isnan(v), isnan(w));
            largest = isnan(v) ? largest : fmax(largest, fabs(v));
            worst = isnan(v) ? worst : fmax(worst, fabs(v - w));
        }
    }
    cr_expect(largest > 0);
    return worst / largest;
}

/* The budget decides how many go through the model together, not what comes out; and all methods
 * take such a target. */
Test(step_sight, every_method_takes_it_and_chunks_change_nothing, .timeout = 300) {
    static const char *const methods[][2] = {
        {"saliency", NULL},
        {"input_x_gradient", NULL},
        {"integrated_gradients", "{\"n_steps\": 3}"},
        {"deeplift", NULL},
        {"deeplift", "{\"rescale_all\": true}"},
        {"gradient_shap", "{\"n_samples\": 2, \"stdevs\": 0.1}"},
        {"discretized_integrated_gradients", "{\"n_steps\": 4}"},
        {"sequential_integrated_gradients", "{\"n_steps\": 2}"},
        {"guided_integrated_gradients", "{\"n_steps\": 3}"},
        {"layer_gradient_x_activation", NULL},
        {"layer_gradient_x_activation", "{\"layers\": \"all\", \"stack\": \"decoder\"}"},
        {"layer_integrated_gradients", "{\"n_steps\": 3}"},
        {"layer_deeplift", NULL},
        {"contrastive_tracing", NULL},
        {"occlusion", NULL},
        {"lime", "{\"n_samples\": 12}"}};
    for (size_t i = 0; i < N_CASES; i++) {
        struct model *m = opened(i);
        for (size_t k = 0; k < sizeof methods / sizeof *methods; k++) {
            struct attribute_request r = request(i, m, methods[k][0], WHOLE, methods[k][1]);
            r.memory_budget = 1ll << 30;
            struct attribution *a = attributed(i, m, &r);
            r.memory_budget = 1;
            struct attribution *b = attributed(i, m, &r);
            double d = apart(a, b);
            cr_expect(d <= 1e-4, "%s, %s %s: %g", cases[i].name, methods[k][0],
                      methods[k][1] ? methods[k][1] : "", d);
            attribution_release(a);
            attribution_release(b);
        }
        model_free(m);
    }
}

/* Σ |row sums| of a column: what its gap is held against. */
static double size_of(const struct attribution *a, int64_t c) {
    double size = 0;
    for (int side = 0; side < 2; side++) {
        const struct scores *s = side_of(a, side);
        const int64_t cell = s->data ? scores_cell(s) : 0;
        for (int64_t row = 0; s->data && row < s->dims[0]; row++) {
            double sum = 0;
            for (int64_t j = 0; j < cell; j++)
                sum += s->data[(row * s->dims[1] + c) * cell + j];
            size += isnan(sum) ? 0 : fabs(sum);
        }
    }
    return size;
}

static struct attribution *complete(size_t i, struct model *m, struct attribute_request r) {
    r.attribution_kwargs = "{\"n_steps\": 96, \"return_convergence_delta\": true}";
    struct attribution *a = attributed(i, m, &r);
    const struct scores *deltas = attribution_find_step_scores(&a->sequences[0], "deltas");
    for (int64_t c = 0; c < deltas->dims[0]; c++)
        cr_expect(fabs((double)deltas->data[c]) <= 0.02 * size_of(a, c) + 1e-6,
                  "%s, %s of %s, column %d: deltas %g of %g", cases[i].name, r.method,
                  r.attributed_fn, (int)c, (double)deltas->data[c], size_of(a, c));
    return a;
}

/* Both sides' attributions sum to what the function changes from the baseline, whose embeddings the
 * other run copies too. */
Test(step_sight, integrated_gradients_are_complete, .timeout = 300) {
    for (size_t i = 0; i < N_CASES; i++) {
        struct model *m = opened(i);
        struct attribution *a = complete(i, m, request(i, m, "integrated_gradients", WHOLE, NULL));
        /* At the embedding. */
        struct attribution *b =
            complete(i, m, request(i, m, "layer_integrated_gradients", WHOLE, NULL));
        cr_expect(apart(a, b) <= 1e-4, "%s: at the embedding both methods are one: %g",
                  cases[i].name, apart(a, b));
        attribution_release(a);
        attribution_release(b);
        model_free(m);
    }
}

/* A contrast's own run has hidden states too. In an encoder-decoder with the same source it follows
 * what becomes of that; elsewhere it is a constant. */
Test(step_sight, the_contrasts_states_take_part, .timeout = 300) {
    static const char *const contrasts[] = {"The doctor said good by", "A cat barks at a",
                                            "A gerente disse", "A cat barks at a"};
    for (size_t i = 0; i < N_CASES; i++) {
        struct model *m = opened(i);
        struct attribute_request r = request(i, m, "integrated_gradients", "apart", NULL);
        r.contrast_targets = contrasts[i];
        r.contrast_force_inputs = true;
        r.attribute_target = false;
        struct attribution *a = complete(i, m, r);
        double size = 0;
        for (int64_t c = 0; c < attribution_steps(&a->sequences[0]); c++)
            size += size_of(a, c);
        cr_expect(size > 0, "%s", cases[i].name);
        attribution_release(a);
        r.contrast_force_inputs = false; /* the original input's states stand in: no distance */
        r.method = "input_x_gradient";
        a = attributed(i, m, &r);
        for (int64_t c = 0; c < attribution_steps(&a->sequences[0]); c++)
            cr_expect(size_of(a, c) == 0);
        attribution_release(a);
        model_free(m);
    }
}

/* As scores, next to functions of logits alone, they change nothing of those, and of what is
 * attributed. */
Test(step_sight, scores_stand_beside_others) {
    static const char *const scores[] = {"probability", "context", "depth", "entropy"};
    for (size_t i = 0; i < N_CASES; i++) {
        struct model *m = opened(i);
        static const char *const methods[] = {"saliency", "attention", "occlusion", "dummy"};
        struct attribution *first = NULL;
        for (int k = 0; k < 4; k++) {
            struct attribute_request r = request(i, m, methods[k], NULL, NULL), plain = r;
            r.step_scores = (struct names){scores, 4};
            plain.step_scores = (struct names){scores, 1};
            struct attribution *a = attributed(i, m, &r), *b = attributed(i, m, &plain);
            const struct scores *p = attribution_find_step_scores(&a->sequences[0], "probability"),
                                *q = attribution_find_step_scores(&b->sequences[0], "probability");
            for (int64_t c = 0; c < p->dims[0]; c++)
                cr_expect_float_eq(p->data[c], q->data[c], 1e-6);
            if (k < 3)
                cr_expect(apart(a, b) <= 1e-6);
            for (int s = 1; first && s < 3; s++)
                for (int64_t c = 0; c < p->dims[0]; c++)
                    cr_expect_float_eq(
                        attribution_find_step_scores(&a->sequences[0], scores[s])->data[c],
                        attribution_find_step_scores(&first->sequences[0], scores[s])->data[c],
                        1e-5, "%s by %s", scores[s], methods[k]);
            attribution_release(b);
            if (first)
                attribution_release(a);
            else
                first = a;
        }
        attribution_release(first);
        model_free(m);
    }
}

/* Without its context a text is that text alone: the value is what the model says of both. */
Test(step_sight, the_other_run_is_the_model_on_what_was_asked_for) {
    struct model *m = opened(1);
    struct attribute_request r = request(1, m, "dummy", NULL, NULL), without = r;
    static const char *const own[] = {"context", "logprob(y)"}, *const plain[] = {"logprob(y)"};
    r.input_text = "cat The dog barks", r.generated_text = "cat The dog barks at the";
    without.input_text = "The dog barks", without.generated_text = "The dog barks at the";
    const struct tokenizer *t = model_tokenizer(m);
    struct token_list whole = {0}, part = {0};
    struct err e = {0};
    cr_assert_eq(
        tokenizer_encode(t, TEXT_TARGET, r.input_text, strlen(r.input_text), true, &whole, &e),
        ERR_OK);
    cr_assert_eq(tokenizer_encode(t, TEXT_TARGET, without.input_text, strlen(without.input_text),
                                  true, &part, &e),
                 ERR_OK);
    /* The two texts split alike but for what comes first; " The" differs from "The", so it stands
     * in by its id. */
    const int64_t more = (int64_t)whole.n - (int64_t)part.n;
    cr_assert(more > 0);
    char *kwargs =
        mem_format("{\"drop\": %lld, \"instead\": %d}", (long long)more + 1, part.items[0].id);
    r.step_scores = (struct names){own, 2}, r.attribution_kwargs = kwargs;
    without.step_scores = (struct names){plain, 1};
    struct attribution *a = attributed(1, m, &r), *b = attributed(1, m, &without);
    const struct scores *context = attribution_find_step_scores(&a->sequences[0], "context"),
                        *with = attribution_find_step_scores(&a->sequences[0], "logprob(y)");
    const struct scores *alone = attribution_find_step_scores(&b->sequences[0], "logprob(y)");
    cr_assert(context && with && alone);
    cr_assert_eq(context->dims[0], alone->dims[0]);
    for (int64_t c = 0; c < alone->dims[0]; c++)
        cr_expect_float_eq(context->data[c], with->data[c] - alone->data[c], 1e-5, "column %d",
                           (int)c);
    attribution_release(a);
    attribution_release(b);
    token_list_dispose(&whole);
    token_list_dispose(&part);
    free(kwargs);
    model_free(m);
}

Test(step_sight, what_has_no_meaning_is_refused_with_a_reason) {
    static const struct {
        const char *method, *function, *kwargs, *message;
    } wrong[] = {
        {"alti_logit", "context", NULL, "takes logits apart"},
        {"logit_lens", "depth", NULL, "takes logits apart"},
        {"input_reduction", "context", NULL, "takes tokens out"},
        {"saliency", "context", "{\"drop\": 99}", "context: drop leaves nothing of the prompt"},
        {"saliency", "context", "{\"instead\": 100000}", "outside the model's vocabulary"},
        {"layer_integrated_gradients", "depth",
         "{\"layers\": 1, \"n_steps\": 2, \"stack\": \"decoder\"}", "replaces layers' outputs"},
    };
    struct model *m = opened(1);
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
        struct attribute_request r =
            request(1, m, wrong[k].method, wrong[k].function, wrong[k].kwargs);
        struct attribution *a = NULL;
        struct err e = {0};
        cr_expect_neq(attribute_run(&a, m, &r, NULL, NULL, &e), ERR_OK, "%s", wrong[k].method);
        cr_expect_not_null(strstr(e.message, wrong[k].message), "%s: %s", wrong[k].method,
                           e.message);
    }
    model_free(m);
}
