/* Embeddings of another width than the states behind them (OPT-350m): what is attributed at them is
 * as wide as they, what is attributed at layers as wide as those. */
#include "backend/model.h"
#include "methods/request/attribute.h"
#include "tests/backend/tiny.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

static const struct {
    const char *method, *kwargs;
    bool layers;
} cases[] = {
    {"saliency", NULL, false},
    {"integrated_gradients", "{\"n_steps\": 3}", false},
    {"gradient_shap", "{\"n_samples\": 2}", false},
    {"discretized_integrated_gradients", "{\"n_steps\": 4}", false},
    {"guided_integrated_gradients", "{\"n_steps\": 3}", false},
    {"lime", "{\"n_samples\": 12}", false},
    {"layer_gradient", "{\"layers\": null}", false},
    {"layer_gradient", "{\"layers\": 1}", true},
    {"layer_integrated_gradients", "{\"layers\": null, \"n_steps\": 3}", false},
    {"layer_integrated_gradients", "{\"layers\": 0, \"n_steps\": 3}", true},
    {"layer_deeplift", "{\"layers\": null}", false},
    {"layer_deeplift", "{\"layers\": 0, \"module\": \"mlp\"}", true},
    {"information_bottleneck", "{\"n_steps\": 1, \"n_samples\": 2}", false},
    {"information_bottleneck",
     "{\"n_steps\": 1, \"n_samples\": 2, \"layer\": 0, \"n_references\": 3}", true},
};

static struct attribution *attributed(struct model *m, size_t i, int64_t budget) {
    struct attribution *a = NULL;
    struct err e = {0};
    const struct attribute_request r = {.input_text = "The dog",
                                        .generated_text = "The dog barks at the",
                                        .method = cases[i].method,
                                        .attributed_fn = "logit",
                                        .attribution_kwargs = cases[i].kwargs,
                                        .memory_budget = budget};
    cr_assert_eq(attribute_run(&a, m, &r, NULL, NULL, &e), ERR_OK, "%s: %s", r.method, e.message);
    return a;
}

/* The same, however many go through the model together. */
static void expect_near(const struct scores *a, const struct scores *b, const char *what) {
    double largest = 0, worst = 0;
    for (int64_t k = 0; k < scores_count(a); k++) {
        cr_assert_eq(isnan(a->data[k]) != 0, isnan(b->data[k]) != 0);
        largest = isnan(a->data[k]) ? largest : fmax(largest, fabs((double)a->data[k]));
        worst = isnan(a->data[k]) ? worst : fmax(worst, fabs((double)a->data[k] - b->data[k]));
    }
    cr_expect(largest > 0 && worst <= 1e-4 * largest, "%s: %g of %g", what, worst, largest);
}

static void check(const char *name) {
    char *folder = tiny_folder(name);
    struct model *m;
    struct err e = {0};
    cr_assert_eq(model_open(&m, folder, NULL, NULL, &e), ERR_OK, "%s", e.message);
    const int64_t width = model_config(m)->n_width,
                  embedded = model_config_embedding_width(model_config(m));
    cr_assert_neq(width, embedded);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct attribution *a = attributed(m, i, 1ll << 30), *b = attributed(m, i, 1);
        const struct scores *s = &a->sequences[0].target_attributions;
        cr_expect_eq(scores_cell(s), cases[i].layers ? width : embedded, "%s, %s %s: %d", name,
                     cases[i].method, cases[i].kwargs, (int)scores_cell(s));
        expect_near(s, &b->sequences[0].target_attributions, cases[i].method);
        attribution_release(a);
        attribution_release(b);
    }
    model_free(m);
    free(folder);
}

Test(widths, of_embeddings_and_of_layers_are_their_own) {
    check("opt-narrow");
    check("opt-wide");
}
