#include "tests/methods/engine/step_sight_checks.h"

#include "backend/base/mem.h"
#include "methods/engine/engine.h"
#include "methods/step_functions/plugin.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

static void load(const char *name) {
    const char *build = getenv("TINSEQ_BUILD");
    char *path = mem_format("%s/plugins/%s.so", build ? build : "build", name);
    struct err e = {0};
    cr_assert_eq(step_plugin_load(path, &e), ERR_OK, "%s", e.message);
    free(path);
}

struct model *step_sight_open_model(const char *path) {
    struct model_options options = {.dtype = MODEL_FLOAT64};
    struct model *m = NULL;
    struct err e = {0};
    load("context");
    load("depth");
    load("apart");
    cr_assert_eq(model_open(&m, path, &options, NULL, &e), ERR_OK, "%s", e.message);
    return m;
}

struct inputs {
    float *x[2];
    int64_t n[2];
};

static double value_at(const struct method_input *in, const struct inputs *x, int64_t c,
                       float *derivative, float *gradients[2]) {
    const struct method_run g = {.in = in};
    struct forward_input f = {.n_batch = 1,
                              .source_ids = in->source_ids,
                              .n_source = in->n_source,
                              .target_ids = in->target_ids,
                              .n_target = in->end - 1,
                              .source_embeddings = in->n_source ? x->x[0] : NULL,
                              .target_embeddings = x->x[1],
                              .keep_gradient = gradients != NULL};
    const struct position at = {0, engine_row(&g, c)};
    float *row = mem_alloc((size_t)method_row(in) * sizeof *row);
    struct forward *run;
    struct err e = {0};
    cr_assert_eq(model_forward(&run, in->model, &f, NULL, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(forward_logits(run, &at, 1, row, &e), ERR_OK, "%s", e.message);
    double value = engine_attribute(&g, c, row, derivative);
    if (gradients)
        cr_assert_eq(forward_vjp(run,
                                 &(struct vjp_request){.at = &at,
                                                       .n = 1,
                                                       .d_logits = derivative,
                                                       .source = in->n_source ? gradients[0] : NULL,
                                                       .target = gradients[1]},
                                 NULL, &e),
                     ERR_OK, "%s", e.message);
    forward_free(run);
    free(row);
    return value;
}

static double noise(uint64_t *seed) {
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(int64_t)(*seed >> 33) / (double)(1u << 30) - 1;
}

struct check {
    const char *name;
    double step, tolerance;
};

/* f(x + k·u) of one direction u; rows are read as float32, so the step is wide and the rule of
 * fourth order. */
static double moved_value(const struct method_input *in, const struct inputs *x, float *const u[2],
                          double k, int64_t c) {
    struct inputs moved = {.n = {x->n[0], x->n[1]}};
    for (int side = 0; side < 2; side++) {
        moved.x[side] = mem_alloc((size_t)(x->n[side] + 1) * sizeof(float));
        for (int64_t i = 0; i < x->n[side]; i++)
            moved.x[side][i] = (float)(x->x[side][i] + k * u[side][i]);
    }
    double value = value_at(in, &moved, c, NULL, NULL);
    free(moved.x[0]);
    free(moved.x[1]);
    return value;
}

static void check_column(const struct method_input *in, const struct inputs *x, int64_t c,
                         const struct check *by) {
    float *d = mem_alloc((size_t)method_row(in) * sizeof *d), *gradients[2], *u[2];
    uint64_t seed = 7 + (uint64_t)c;
    for (int side = 0; side < 2; side++) {
        gradients[side] = mem_alloc((size_t)(x->n[side] + 1) * sizeof(float));
        u[side] = mem_alloc((size_t)(x->n[side] + 1) * sizeof(float));
    }
    value_at(in, x, c, d, gradients);
    for (int round = 0; round < 3; round++) {
        double predicted = 0, size = 0;
        for (int side = 0; side < 2; side++)
            for (int64_t i = 0; i < x->n[side]; i++) {
                u[side][i] = (float)noise(&seed);
                predicted += (double)u[side][i] * gradients[side][i];
                size += fabs((double)u[side][i] * gradients[side][i]);
            }
        double f[4];
        for (int k = 0; k < 4; k++)
            f[k] = moved_value(in, x, u, (double[]){-2, -1, 1, 2}[k] * by->step, c);
        const double slope = (f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * by->step);
        cr_expect(fabs(slope - predicted) <= by->tolerance * size && size > 0,
                  "%s, column %d: the difference is %g, the gradient says %g (of %g)", by->name,
                  (int)c, slope, predicted, size);
    }
    for (int side = 0; side < 2; side++) {
        free(gradients[side]);
        free(u[side]);
    }
    free(d);
}

static enum err_code check_all(void *user, const struct attribution_sequence *tokens,
                               const struct method_input *in, const struct run_ctl *ctl,
                               struct err *e) {
    const int64_t width = model_config_embedding_width(in->config), V = in->config->n_vocab,
                  states = (in->config->n_layers + 1) * in->config->n_width;
    struct inputs x = {.n = {in->n_source * width, (in->end - 1) * width}};
    (void)tokens, (void)ctl;
    cr_expect_eq(in->n_row, 2 * (V + states),
                 "logits and the states of all layers, of the input and of the other run");
    for (int side = 0; side < 2; side++) {
        x.x[side] = mem_alloc((size_t)(x.n[side] + 1) * sizeof(float));
        if (x.n[side])
            cr_assert_eq(model_embed(in->model, side, side ? in->target_ids : in->source_ids,
                                     x.n[side] / width, x.x[side], e),
                         ERR_OK);
    }
    for (int64_t c = 0; c < in->end - in->start; c++)
        check_column(in, &x, c, user);
    free(x.x[0]);
    free(x.x[1]);
    return ERR_OK;
}

void step_sight_check_differences(struct model *m, const struct attribute_request *r, double step,
                                  double tolerance) {
    struct check by = {r->attributed_fn, step, tolerance};
    struct err e = {0};
    cr_assert_eq(attribute_prepare(m, r, NULL, check_all, &by, NULL, &e), ERR_OK, "%s", e.message);
}
