#include "tests/methods/gradients/path_checks.h"

#include "backend/base/mem.h"
#include "backend/model.h"
#include "methods/engine/engine.h"
#include "methods/request/attribute.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct model *opened(const struct path_case *c) {
    struct err e = {0};
    struct model *m = NULL;
    struct model_options options = {0};
    cr_assert_eq(model_open(&m, c->path, &options, NULL, &e), ERR_OK, "%s", e.message);
    return m;
}

static struct attribution *attributed(struct model *m, const struct path_case *c,
                                      const char *method, const char *kwargs, bool target,
                                      int64_t budget) {
    struct err e = {0};
    struct attribution *a = NULL;
    struct attribute_request r = {.input_text = c->input,
                                  .generated_text = c->generated,
                                  .method = method,
                                  .contrast_targets = c->contrast,
                                  .attributed_fn = c->contrast ? "contrast_logits_diff" : "logit",
                                  .attribution_kwargs = kwargs,
                                  .attribute_target = target && model_config(m)->encoder_decoder,
                                  .memory_budget = budget};
    cr_assert_eq(attribute_run(&a, m, &r, NULL, NULL, &e), ERR_OK, "%s: %s", method, e.message);
    return a;
}

static double step_score(const struct attribution *a, const char *name, int64_t c) {
    const struct scores *s = attribution_find_step_scores(&a->sequences[0], name);
    cr_assert_not_null(s, "%s", name);
    return s->data[c];
}

static double row_sum(const struct scores *s, int64_t row, int64_t c) {
    double sum = 0;
    for (int64_t k = 0; k < scores_cell(s); k++)
        sum += s->data[(row * s->dims[1] + c) * scores_cell(s) + k];
    return sum;
}

/* Σ |row sums| of a column: what its gap is held against. */
static double size_of(const struct attribution_sequence *s, int64_t c) {
    const struct scores *sides[2] = {&s->source_attributions, &s->target_attributions};
    double size = 0;
    for (int i = 0; i < 2; i++)
        for (int64_t row = 0; sides[i]->data && row < sides[i]->dims[0]; row++) {
            double v = row_sum(sides[i], row, c);
            size += isnan(v) ? 0 : fabs(v);
        }
    return size;
}

void path_check_completeness(const struct path_case *c) {
    struct model *m = opened(c);
    for (int target = 0; target <= model_config(m)->encoder_decoder; target++) {
        struct attribution *a =
            attributed(m, c, "integrated_gradients", "{\"auto_steps\": true}", target, 0);
        for (int64_t g = 0; g < attribution_steps(&a->sequences[0]); g++) {
            double gap = step_score(a, "convergence_gap", g), n = step_score(a, "n_steps", g);
            bool foil_is_target = size_of(&a->sequences[0], g) == 0;
            cr_expect(gap <= 0.05 || n == 1024 || foil_is_target,
                      "%s: column %d: gap %g with %g steps", c->path, (int)g, gap, n);
            cr_expect(fabs(step_score(a, "deltas", g)) <=
                          0.051 * size_of(&a->sequences[0], g) + 1e-5,
                      "%s: column %d: deltas %g of %g", c->path, (int)g, step_score(a, "deltas", g),
                      size_of(&a->sequences[0], g));
        }
        attribution_release(a);
        a = attributed(m, c, "guided_integrated_gradients",
                       c->rectifiers ? "{\"n_steps\": 600, \"return_convergence_delta\": true}"
                                     : "{\"n_steps\": 200, \"return_convergence_delta\": true}",
                       target, 0);
        for (int64_t g = 0; g < attribution_steps(&a->sequences[0]); g++)
            cr_expect(fabs(step_score(a, "deltas", g)) <=
                          (c->rectifiers ? 0.15 : 0.06) * size_of(&a->sequences[0], g) + 1e-5,
                      "%s: guided, column %d: deltas %g of %g", c->path, (int)g,
                      step_score(a, "deltas", g), size_of(&a->sequences[0], g));
        attribution_release(a);
    }
    model_free(m);
}

/* --- what needs the model itself --------------------------------------------------------- */

/* Called with the texts' ids, in place of a method. */
static enum err_code sequential_use(void *user, const struct attribution_sequence *tokens,
                                    const struct method_input *in, const struct run_ctl *ctl,
                                    struct err *e) {
    const struct attribution_sequence *got = &((struct attribution *)user)->sequences[0];
    const int64_t n_source = in->config->encoder_decoder ? in->n_source : 0,
                  width = model_config_embedding_width(in->config), n_target = in->end - 1;
    struct method_run g = {.in = in};
    float *logits = mem_alloc((size_t)in->config->n_vocab * sizeof *logits),
          *x = mem_alloc((size_t)((n_source + n_target) * width + 1) * sizeof *x);
    int32_t *base = mem_alloc((size_t)(n_source + n_target + 1) * sizeof *base);
    (void)tokens, (void)ctl;
    cr_assert_eq(engine_baseline(in, in->target_ids, n_target, in->config->encoder_decoder,
                                 base + n_source, e),
                 ERR_OK);
    if (n_source)
        cr_assert_eq(engine_baseline(in, in->source_ids, n_source, false, base, e), ERR_OK);
    for (int64_t r = 0; r <= n_source + n_target; r++) { /* the last: nothing replaced */
        float *target = x + n_source * width;
        int32_t *spare = mem_alloc((size_t)(n_target + 1) * sizeof *spare);
        struct forward *f;
        if (n_source)
            cr_assert_eq(model_embed(in->model, STACK_ENCODER, in->source_ids, n_source, x, e),
                         ERR_OK);
        memcpy(spare, in->target_ids, (size_t)n_target * sizeof *spare);
        if (r >= n_source && r < n_source + n_target)
            spare[r - n_source] = base[r];
        cr_assert_eq(model_embed(in->model, STACK_DECODER, spare, n_target, target, e), ERR_OK);
        if (r < n_source)
            cr_assert_eq(model_embed(in->model, STACK_ENCODER, base + r, 1, x + r * width, e),
                         ERR_OK);
        struct forward_input fi = {.n_batch = 1,
                                   .n_source = n_source,
                                   .n_target = n_target,
                                   .source_ids = in->source_ids,
                                   .target_ids = in->target_ids,
                                   .source_embeddings = n_source ? x : NULL,
                                   .target_embeddings = target};
        cr_assert_eq(model_forward(&f, in->model, &fi, NULL, e), ERR_OK, "%s", e->message);
        for (int64_t c = 0; c < in->end - in->start; c++) {
            const struct scores *s =
                r < n_source ? &got->source_attributions : &got->target_attributions;
            int64_t row = r < n_source ? r : r - n_source;
            struct position at = {0, in->start + c - 1};
            cr_assert_eq(forward_logits(f, &at, 1, logits, e), ERR_OK);
            double value = engine_attribute(&g, c, logits, NULL);
            if (r < n_source + n_target && s->data && (r < n_source || row < in->start + c))
                /* In the first element: sum + f(replaced) must be f(x). */
                s->data[(row * s->dims[1] + c) * scores_cell(s)] += (float)value;
            if (r < n_source + n_target)
                continue;
            for (int64_t k = 0; k < n_source + n_target; k++) {
                s = k < n_source ? &got->source_attributions : &got->target_attributions;
                row = k < n_source ? k : k - n_source;
                if (s->data && (k < n_source || row < in->start + c))
                    cr_expect(fabs(row_sum(s, row, c) - value) <= 2e-2 * fmax(1, fabs(value)),
                              "row %d, column %d: %g, f is %g", (int)k, (int)c, row_sum(s, row, c),
                              value);
            }
        }
        forward_free(f);
        free(spare);
    }
    free(logits);
    free(x);
    free(base);
    return ERR_OK;
}

void path_check_sequential(const struct path_case *c) {
    struct model *m = opened(c);
    struct err e = {0};
    struct attribution *a =
        attributed(m, c, "sequential_integrated_gradients",
                   c->rectifiers ? "{\"n_steps\": 240}" : "{\"n_steps\": 64}", true, 0);
    struct attribute_request r = {.input_text = c->input,
                                  .generated_text = c->generated,
                                  .contrast_targets = c->contrast,
                                  .attributed_fn = c->contrast ? "contrast_logits_diff" : "logit",
                                  .attribute_target = model_config(m)->encoder_decoder};
    cr_assert_eq(attribute_prepare(m, &r, NULL, sequential_use, a, NULL, &e), ERR_OK, "%s",
                 e.message);
    attribution_release(a);
    model_free(m);
}

static enum err_code rescale_use(void *user, const struct attribution_sequence *tokens,
                                 const struct method_input *in, const struct run_ctl *ctl,
                                 struct err *e) {
    const int64_t width = model_config_embedding_width(in->config),
                  sizes[2] = {in->config->encoder_decoder ? in->n_source * width : 0,
                              (in->end - 1) * width};
    float *x[2], *gradient[2][2], *d = mem_alloc((size_t)in->config->n_vocab * sizeof *d);
    struct position at = {0, in->end - 2};
    (void)user, (void)tokens, (void)ctl;
    d[in->target_ids[in->end - 1]] = 1;
    for (int i = 0; i < 2; i++) {
        x[i] = mem_alloc((size_t)(2 * sizes[i] + 1) * sizeof **x);
        for (int k = 0; k < 2; k++)
            gradient[k][i] = mem_alloc((size_t)(sizes[i] + 1) * sizeof(float));
        if (sizes[i])
            cr_assert_eq(model_embed(in->model, i ? STACK_DECODER : STACK_ENCODER,
                                     i ? in->target_ids : in->source_ids, sizes[i] / width, x[i],
                                     e),
                         ERR_OK);
        for (int64_t k = 0; k < sizes[i]; k++)
            x[i][sizes[i] + k] = x[i][k] * (1 + 1e-5f * (float)(k % 7 - 3));
    }
    for (int rule = 0; rule < 2; rule++) {
        struct forward_input fi = {.n_batch = 2,
                                   .n_source = in->config->encoder_decoder ? in->n_source : 0,
                                   .n_target = in->end - 1,
                                   .keep_gradient = true,
                                   .source_ids = in->source_ids,
                                   .target_ids = in->target_ids,
                                   .source_embeddings = sizes[0] ? x[0] : NULL,
                                   .target_embeddings = x[1],
                                   .rescale = rule ? RESCALE_ALL : RESCALE_NONE};
        struct forward *f;
        cr_assert_eq(model_forward(&f, in->model, &fi, NULL, e), ERR_OK, "%s", e->message);
        cr_assert_eq(
            forward_vjp(f,
                        &(struct vjp_request){.at = &at,
                                              .n = 1,
                                              .d_logits = d,
                                              .source = sizes[0] ? gradient[rule][0] : NULL,
                                              .target = gradient[rule][1]},
                        NULL, e),
            ERR_OK, "%s", e->message);
        forward_free(f);
    }
    for (int i = 0; i < 2; i++) {
        double largest = 0, worst = 0;
        for (int64_t k = 0; k < sizes[i]; k++) {
            largest = fmax(largest, fabs((double)gradient[0][i][k]));
            worst = fmax(worst, fabs((double)gradient[0][i][k] - gradient[1][i][k]));
        }
        cr_expect(worst <= 3e-3 * largest, "side %d: %g of %g", i, worst, largest);
        free(x[i]);
        free(gradient[0][i]);
        free(gradient[1][i]);
    }
    free(d);
    return ERR_OK;
}

void path_check_rescale(const struct path_case *c) {
    struct model *m = opened(c);
    struct err e = {0};
    struct attribute_request r = {.input_text = c->input, .generated_text = c->generated};
    cr_assert_eq(attribute_prepare(m, &r, NULL, rescale_use, NULL, NULL, &e), ERR_OK, "%s",
                 e.message);
    model_free(m);
}

void path_check_budgets(const struct path_case *c) {
    static const char *const methods[][2] = {
        {"deeplift", "{\"rescale_all\": true}"},
        {"discretized_integrated_gradients", "{\"n_steps\": 5}"},
        {"gradient_shap", "{\"stdevs\": 0.1}"},
        {"sequential_integrated_gradients", "{\"n_steps\": 2}"},
        {"guided_integrated_gradients", "{\"n_steps\": 3}"}};
    struct model *m = opened(c);
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        struct attribution *a = attributed(m, c, methods[i][0], methods[i][1], true, 1ll << 30),
                           *b = attributed(m, c, methods[i][0], methods[i][1], true, 1);
        const struct scores *of_a[2] = {&a->sequences[0].source_attributions,
                                        &a->sequences[0].target_attributions};
        const struct scores *of_b[2] = {&b->sequences[0].source_attributions,
                                        &b->sequences[0].target_attributions};
        for (int side = 0; side < 2; side++) {
            double largest = 0, worst = 0;
            for (int64_t k = 0; k < scores_count(of_a[side]); k++) {
                double v = of_a[side]->data[k], w = of_b[side]->data[k];
                cr_assert_eq(isnan(v), isnan(w));
                largest = isnan(v) ? largest : fmax(largest, fabs(v));
                worst = isnan(v) ? worst : fmax(worst, fabs(v - w));
            }
            cr_expect(worst <= 1e-4 * largest, "%s: side %d differs by %g of %g", methods[i][0],
                      side, worst, largest);
        }
        attribution_release(a);
        attribution_release(b);
    }
    model_free(m);
}
