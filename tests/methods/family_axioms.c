#include "tests/methods/family_axioms.h"

#include "backend/base/mem.h"
#include "backend/model.h"
#include "methods/request/attribute.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct model *opened(const char *folder) {
    struct err e = {0};
    struct model *m = NULL;
    cr_assert_eq(model_open(&m, folder, NULL, NULL, &e), ERR_OK, "%s: %s", folder, e.message);
    return m;
}

static struct attribute_request request_of(const struct model *m, const char *method,
                                           const char *kwargs) {
    const bool two = model_config(m)->encoder_decoder;
    return (struct attribute_request){.input_text = two ? "The manager said hi" : "The dog",
                                      .generated_text = two ? "O gerente" : "The dog barks at",
                                      .method = method,
                                      .attributed_fn = "logit",
                                      .attribution_kwargs = kwargs,
                                      .attribute_target =
                                          two && strcmp(method, "activation_patching") != 0};
}

static struct attribution *attributed(struct model *m, const struct attribute_request *r) {
    struct err e = {0};
    struct attribution *a = NULL;
    cr_assert_eq(attribute_run(&a, m, r, NULL, NULL, &e), ERR_OK, "%s: %s", r->method, e.message);
    return a;
}

/* --- method × family --------------------------------------------------------------------- */

/* What makes a method quick; the others take their defaults. Where the decoder has fewer layers
 * than the encoder, a layer that both have: their numbers are the same. */
static const char *quick(const struct model *m, const char *method) {
    const bool shallow = model_config(m)->n_layers < model_config(m)->encoder_sizes.n_layers;
    static const char *const kwargs[][3] = {
        {"integrated_gradients", "{\"n_steps\": 2}"},
        {"gradient_shap", "{\"n_samples\": 1}"},
        {"deeplift", "{\"rescale_all\": true}"},
        {"sequential_integrated_gradients", "{\"n_steps\": 2}"},
        {"discretized_integrated_gradients", "{\"n_steps\": 3}"},
        {"guided_integrated_gradients", "{\"n_steps\": 2}"},
        {"layer_gradient_x_activation", "{\"layers\": \"all\", \"module\": \"attention\"}",
         "{\"layers\": 0, \"module\": \"attention\"}"},
        {"layer_gradient", "{\"layers\": \"all\", \"module\": \"mlp\"}",
         "{\"layers\": 0, \"module\": \"mlp\"}"},
        {"contrastive_tracing", "{}", "{\"layers\": 0}"},
        {"layer_integrated_gradients", "{\"layers\": [0], \"n_steps\": 2}"},
        {"layer_deeplift", "{\"layers\": [0], \"module\": \"mlp\", \"rescale_all\": true}"},
        {"activation_patching", "{\"n_samples\": 1}"},
        {"lime", "{\"n_samples\": 4}"},
        {"reagent",
         "{\"num_probes\": 1, \"max_probe_steps\": 3, \"stopping_condition_top_k\": 1000, "
         "\"keep_top_n\": 2}"},
        {"information_bottleneck", "{\"n_steps\": 1, \"n_samples\": 1}"},
    };
    for (size_t i = 0; i < sizeof kwargs / sizeof *kwargs; i++)
        if (strcmp(kwargs[i][0], method) == 0)
            return shallow && kwargs[i][2] ? kwargs[i][2] : kwargs[i][1];
    return NULL;
}

/* Why a method has no meaning on such a model; NULL: it has to run. */
static const char *reason(const struct model_config *c, const char *method) {
    static const char *const weights[] = {"attention", "attention_rollout", "attention_flow"};
    for (int i = 0; i < 3; i++)
        if (!plan_has(&c->decoder, PART_ATTENTION) && strcmp(method, weights[i]) == 0)
            return "no self-attention";
    if (plan_norms_sums(&c->decoder) && strcmp(method, "alti_logit") == 0)
        return "post-norm";
    return NULL;
}

static bool has_number(const struct scores *s) {
    for (int64_t i = 0; s->data && i < scores_count(s); i++)
        if (isfinite(s->data[i]))
            return true;
    return false;
}

/* A method that makes step scores alone has none. */
static void expect_numbers(const char *folder, const struct method_decl *decl,
                           const struct attribution *a) {
    const struct attribution_sequence *s = &a->sequences[0];
    if (decl->family != FAMILY_NONE && strcmp(decl->id, "reagent") != 0)
        cr_expect(has_number(&s->source_attributions) || has_number(&s->target_attributions),
                  "%s: %s gives no number", folder, decl->id);
}

static void write_row(const char *name, const char *text) {
    const char *build = getenv("TINSEQ_BUILD");
    char *folder = mem_format("%s/method-table", build ? build : "build"),
         *path = mem_format("%s/%s.md", folder, name);
    mkdir(folder, 0777);
    FILE *f = fopen(path, "w");
    cr_assert_not_null(f, "%s", path);
    fputs(text, f);
    fclose(f);
    free(path);
    free(folder);
}

void family_axioms_methods(const char *folder, const char *name) {
    size_t n;
    const struct method_decl *const *decls = method_decls(&n);
    struct text_buffer row = {0}, head = {0}, line = {0};
    struct model *m = opened(folder);
    cr_expect(model_product_rate(m) > 0, "%s: its products could not be timed", folder);
    text_buffer_format(&row, "| %s |", name);
    text_buffer_puts(&head, "| |");
    text_buffer_puts(&line, "| --- |");
    for (size_t i = 0; i < n; i++) {
        const struct attribute_request r = request_of(m, decls[i]->id, quick(m, decls[i]->id));
        const char *why = reason(model_config(m), decls[i]->id), *refusal = why ? why : "REFUSED";
        struct attribution *a = NULL;
        struct err e = {0};
        const enum err_code code = attribute_run(&a, m, &r, NULL, NULL, &e);
        cr_expect(code == (why ? ERR_UNSUPPORTED : ERR_OK), "%s: %s: %s", folder, decls[i]->id,
                  code ? e.message : "ran, and is listed as without a meaning");
        if (!code)
            expect_numbers(folder, decls[i], a);
        text_buffer_format(&row, " %s |", code ? refusal : "yes");
        text_buffer_format(&head, " %s |", decls[i]->id);
        text_buffer_puts(&line, " --- |");
        attribution_release(a);
    }
    model_free(m);
    text_buffer_puts(&row, "\n");
    text_buffer_format(&head, "\n%s\n", line.text);
    write_row(name, row.text);
    write_row("0", head.text);
    text_buffer_dispose(&row);
    text_buffer_dispose(&head);
    text_buffer_dispose(&line);
}

/* --- sums -------------------------------------------------------------------------------- */

/* Sum and sum of magnitudes of a column's elements, NaN left out. */
static double column_sum(const struct attribution_sequence *s, int64_t c, double *size) {
    const struct scores *sides[2] = {&s->source_attributions, &s->target_attributions};
    double sum = 0;
    *size = 0;
    for (int i = 0; i < 2; i++) {
        const int64_t cell = sides[i]->data ? scores_cell(sides[i]) : 0;
        for (int64_t k = 0; sides[i]->data && k < scores_count(sides[i]); k++)
            if (k / cell % sides[i]->dims[1] == c && !isnan(sides[i]->data[k])) {
                sum += sides[i]->data[k];
                *size += fabs(sides[i]->data[k]);
            }
    }
    return sum;
}

/* The step score deltas is how far sums are from f(x) − f(x′), which has forwards of its own. */
static void expect_complete(struct model *m, const char *folder, const char *method,
                            const char *kwargs) {
    struct attribute_request r = request_of(m, method, kwargs);
    struct attribution *a = attributed(m, &r);
    const struct attribution_sequence *s = &a->sequences[0];
    const struct scores *deltas = NULL;
    for (size_t i = 0; i < s->n_step_scores; i++)
        if (strcmp(s->step_scores[i].name, "deltas") == 0)
            deltas = &s->step_scores[i].scores;
    cr_assert_not_null(deltas, "%s", method);
    for (int64_t c = 0; c < attribution_steps(s); c++) {
        double size, sum = column_sum(s, c, &size);
        cr_expect(fabs((double)deltas->data[c]) <= 0.1 * size + 1e-4,
                  "%s: %s: column %d sums to %g (Σ| | %g), %g from what f changes by", folder,
                  method, (int)c, sum, size, (double)deltas->data[c]);
    }
    attribution_release(a);
}

/* A row's sum where tokens move one at a time is what f changes by when that token alone is
 * replaced, which occlusion measures by forwards. */
static void expect_complete_tokens(struct model *m, const char *folder) {
    struct attribute_request path = request_of(m, "sequential_integrated_gradients",
                                               "{\"n_steps\": 240}"),
                             forwards = request_of(m, "occlusion", NULL);
    struct attribution *a = attributed(m, &path), *b = attributed(m, &forwards);
    const struct attribution_sequence *s = &a->sequences[0], *o = &b->sequences[0];
    const struct scores *x[2] = {&s->source_attributions, &s->target_attributions},
                        *y[2] = {&o->source_attributions, &o->target_attributions};
    double largest = 0, worst = 0;
    for (int i = 0; i < 2; i++)
        for (int64_t k = 0; x[i]->data && k < x[i]->dims[0] * x[i]->dims[1]; k++) {
            const int64_t cell = scores_cell(x[i]);
            double sum = 0;
            for (int64_t w = 0; w < cell; w++)
                sum += x[i]->data[k * cell + w];
            const double change = y[i]->data[k];
            cr_assert_eq(isnan(sum) != 0, isnan(change) != 0);
            largest = isnan(sum) ? largest : fmax(largest, change);
            worst = isnan(sum) ? worst : fmax(worst, fabs(fabs(sum) - change));
        }
    cr_expect(worst <= 0.05 * largest + 1e-4,
              "%s: a token's path sums to %g from what f changes by, of %g", folder, worst,
              largest);
    attribution_release(a);
    attribution_release(b);
}

/* Each layer's and head's weights of a column share 1, on either side. */
static void expect_ones(struct model *m, const char *folder) {
    struct attribute_request r = request_of(m, "attention", NULL);
    struct attribution *a = attributed(m, &r);
    const struct attribution_sequence *s = &a->sequences[0];
    const struct scores *sides[2] = {&s->source_attributions, &s->target_attributions};
    for (int i = 0; i < 2; i++) {
        const int64_t cell = sides[i]->data ? scores_cell(sides[i]) : 0;
        for (int64_t k = 0; sides[i]->data && k < sides[i]->dims[1] * cell; k++) {
            double sum = 0;
            for (int64_t row = 0; row < sides[i]->dims[0]; row++) {
                const float x = sides[i]->data[row * sides[i]->dims[1] * cell + k];
                sum += isnan(x) ? 0 : x;
            }
            cr_expect(fabs(sum - 1) <= 1e-5, "%s: attention %d sums to %g", folder, (int)k, sum);
        }
    }
    attribution_release(a);
}

/* How many tokens before it a position depends on; −1: all. */
static int64_t reach(const struct model_config *c) {
    for (int64_t i = 0; i < c->n_layers; i++)
        if (c->n_window <= 0 || !layer_in(&c->decoder.local, i))
            return -1;
    return c->n_layers * (c->n_window - 1);
}

static void expect_nothing_unseen(struct model *m, const char *folder) {
    const int64_t most = reach(model_config(m));
    struct attribute_request r = request_of(m, "saliency", NULL);
    r.generated_text = "The dog barks at my cat and the cat barks at the dog";
    if (most < 0)
        return;
    struct attribution *a = attributed(m, &r);
    const struct attribution_sequence *s = &a->sequences[0];
    const int64_t n = attribution_steps(s), cell = scores_cell(&s->target_attributions);
    int64_t n_unseen = 0;
    for (int64_t c = 0; c < n; c++)
        for (int64_t row = 0; row < s->attr_pos_start + c - 1 - most; row++)
            for (int64_t k = 0; k < cell; k++, n_unseen++)
                cr_expect(s->target_attributions.data[(row * n + c) * cell + k] == 0,
                          "%s: column %d sees token %d", folder, (int)c, (int)row);
    cr_expect(n_unseen > 0, "%s: every column sees the whole text", folder);
    attribution_release(a);
}

static void expect_same_on_any_budget(struct model *m, const char *folder, const char *method) {
    struct attribute_request r = request_of(m, method, quick(m, method));
    r.memory_budget = 1ll << 30;
    struct attribution *large = attributed(m, &r);
    r.memory_budget = 1;
    struct attribution *small = attributed(m, &r);
    const struct attribution_sequence *a = &large->sequences[0], *b = &small->sequences[0];
    const struct scores *x[2] = {&a->source_attributions, &a->target_attributions},
                        *y[2] = {&b->source_attributions, &b->target_attributions};
    for (int i = 0; i < 2; i++) {
        double largest = 0, worst = 0;
        for (int64_t k = 0; x[i]->data && k < scores_count(x[i]); k++) {
            const float p = x[i]->data[k], q = y[i]->data[k];
            cr_assert_eq(isnan(p) != 0, isnan(q) != 0);
            largest = isnan(p) ? largest : fmax(largest, fabs(p));
            worst = isnan(p) ? worst : fmax(worst, fabs((double)p - q));
        }
        cr_expect(worst <= 1e-3 * largest + 1e-7, "%s: %s: a small budget changes %g of %g", folder,
                  method, worst, largest);
    }
    attribution_release(large);
    attribution_release(small);
}

static void expect_complete_inside(struct model *m, const char *folder) {
    expect_complete(m, folder, "layer_integrated_gradients",
                    "{\"n_steps\": 32, \"layers\": [0], \"module\": \"attention\", "
                    "\"return_convergence_delta\": true}");
    expect_complete(m, folder, "layer_integrated_gradients",
                    "{\"n_steps\": 32, \"layers\": [0], \"module\": \"mlp\", "
                    "\"return_convergence_delta\": true}");
    expect_complete_tokens(m, folder);
}

/* A state that is put back where nothing was taken away brings nothing back. */
static void expect_nothing_restored(struct model *m, const char *folder) {
    struct attribute_request r =
        request_of(m, "activation_patching", "{\"noise\": 0, \"n_samples\": 1}");
    struct attribution *a = attributed(m, &r);
    const struct attribution_sequence *s = &a->sequences[0];
    const struct scores *sides[2] = {&s->source_attributions, &s->target_attributions};
    for (int i = 0; i < 2; i++)
        for (int64_t k = 0; sides[i]->data && k < scores_count(sides[i]); k++)
            cr_assert(!(fabs((double)sides[i]->data[k]) > 1e-3),
                      "%s: activation_patching without noise: layer %d brings back %g", folder,
                      (int)(k % sides[i]->dims[2]), (double)sides[i]->data[k]);
    attribution_release(a);
}

void family_axioms_sums(const char *folder) {
    static const char *const methods[] = {"saliency", "integrated_gradients",
                                          "layer_gradient_x_activation", "value_zeroing",
                                          "occlusion"};
    struct model *m = opened(folder);
    expect_complete(m, folder, "integrated_gradients",
                    "{\"n_steps\": 64, \"return_convergence_delta\": true}");
    expect_complete(m, folder, "layer_integrated_gradients",
                    "{\"n_steps\": 32, \"layers\": [0], \"return_convergence_delta\": true}");
    expect_complete(m, folder, "guided_integrated_gradients",
                    "{\"n_steps\": 60, \"return_convergence_delta\": true}");
    /* A router's choice of experts jumps, and no integral of gradients sees it. */
    if (model_config(m)->experts.n == 0)
        expect_complete_inside(m, folder);
    if (plan_has(&model_config(m)->decoder, PART_ATTENTION))
        expect_ones(m, folder);
    expect_nothing_unseen(m, folder);
    expect_nothing_restored(m, folder);
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        expect_same_on_any_budget(m, folder, methods[i]);
    model_free(m);
}
