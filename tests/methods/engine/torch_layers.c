/* Layer methods on the tiny checkpoints: at the embeddings they are the methods without layers; the
 * last block's lens is the model's own value. */
#include "methods/request/attribute.h"

#include "backend/model.h"
#include "tests/methods/tiny_model.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static struct attribution *run(struct model *m, const char *method, const char *kwargs,
                               bool attribute_target) {
    static const char *scores[] = {"probability"};
    const bool two = model_config(m)->encoder_decoder;
    struct attribute_request r = {.input_text = two ? "The manager said hi." : "The dog",
                                  .generated_text = two ? "O gerente disse" : "The dog barks at",
                                  .method = method,
                                  .attribution_kwargs = kwargs,
                                  .attribute_target = attribute_target,
                                  .step_scores = {scores, 1}};
    struct attribution *a = NULL;
    struct err e = {0};
    cr_assert_eq(attribute_run(&a, m, &r, NULL, NULL, &e), ERR_OK, "%s %s: %s", method, kwargs,
                 e.message);
    return a;
}

static void same(const char *what, const struct scores *a, const struct scores *b) {
    double largest = 0, worst = 0;
    cr_assert_eq(scores_count(a), scores_count(b), "%s", what);
    for (int64_t i = 0; i < scores_count(a); i++) {
        cr_assert_eq(isnan(a->data[i]) != 0, isnan(b->data[i]) != 0, "%s", what);
        if (isnan(a->data[i]))
            continue;
        largest = fmax(largest, fabs(b->data[i]));
        worst = !(fabs(a->data[i] - b->data[i]) <= worst) ? fabs(a->data[i] - b->data[i]) : worst;
    }
    cr_expect(worst <= 1e-5 * largest, "%s: differs by %g of %g", what, worst, largest);
}

static void check_embeddings(struct model *m, const char *layered, const char *plain,
                             const char *kwargs, bool attribute_target) {
    struct attribution *a = run(m, layered, kwargs, attribute_target),
                       *b = run(m, plain, kwargs, attribute_target);
    same(layered, &a->sequences[0].source_attributions, &b->sequences[0].source_attributions);
    same(layered, &a->sequences[0].target_attributions, &b->sequences[0].target_attributions);
    attribution_release(a);
    attribution_release(b);
}

/* The last block's row that predicts each token: its lens is the probability itself. */
static void check_lens(struct model *m) {
    struct attribution *a = run(m, "logit_lens", "{\"layers\": -1}", false);
    const struct attribution_sequence *s = &a->sequences[0];
    const struct scores *p = attribution_find_step_scores(s, "probability");
    cr_assert_not_null(p);
    for (int64_t c = 0; c < attribution_steps(s); c++) {
        const double got =
            s->target_attributions.data[(s->attr_pos_start + c - 1) * attribution_steps(s) + c];
        cr_expect(fabs(got - p->data[c]) <= 1e-6, "column %d: %g, should be %g", (int)c, got,
                  p->data[c]);
    }
    attribution_release(a);
}

/* The rescale rule changes what lies behind a layer: with it everywhere, an MLP's output is
 * attributed otherwise than by the plain gradient. */
static void check_rule(struct model *m) {
    struct attribution *a = run(m, "layer_deeplift", "{\"layers\": 0}", false),
                       *b = run(m, "layer_deeplift", "{\"layers\": 0, \"rescale_all\": true}",
                                false);
    const struct scores *x = a->sequences[0].source_attributions.data
                                 ? &a->sequences[0].source_attributions
                                 : &a->sequences[0].target_attributions;
    const struct scores *y = b->sequences[0].source_attributions.data
                                 ? &b->sequences[0].source_attributions
                                 : &b->sequences[0].target_attributions;
    double most = 0, largest = 0;
    for (int64_t i = 0; i < scores_count(x); i++)
        if (!isnan(x->data[i])) {
            cr_assert(isfinite(y->data[i]));
            most = fmax(most, fabs(x->data[i] - y->data[i]));
            largest = fmax(largest, fabs(x->data[i]));
        }
    cr_expect(most > 1e-3 * largest, "the rule changed nothing");
    attribution_release(a);
    attribution_release(b);
}

static void check(const char *name) {
    struct model *m = tiny_model_open(name);
    const bool two = model_config(m)->encoder_decoder;
    for (int target = 0; target <= two; target++) {
        check_embeddings(m, "layer_gradient_x_activation", "input_x_gradient", "{}", target);
        check_embeddings(m, "layer_integrated_gradients", "integrated_gradients",
                         "{\"n_steps\": 9}", target);
        check_embeddings(m, "layer_deeplift", "deeplift", "{}", target);
        if (!two || target) /* without attribute_target both hold the prefix */
            check_embeddings(m, "layer_deeplift", "deeplift", "{\"rescale_all\": true}", target);
    }
    check_lens(m);
    check_rule(m);
    model_free(m);
}

Test(layers, llama) {
    check("llama");
}
Test(layers, gpt2) {
    check("gpt2");
}
Test(layers, marian) {
    check("marian");
}
