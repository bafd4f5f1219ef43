#include "tests/backend/tape/gradient_checks.h"

#include "backend/model.h"
#include "backend/tn.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define N_TARGETS 5
#define N_BATCH 2
#define STEP 2e-6

struct check {
    struct model *m;
    const int32_t *source, *target;
    int64_t n_source, n_target, width, embedded, n_vocab; /* width D, embedded E */
    float *x[2], *d_logits; /* source and target embeddings [B, n, E]; [N, V] */
    float *d_states;        /* [N, n_states, D]; NULL: logits only */
    int64_t n_states;
    bool recompute;
    struct position at[N_TARGETS];
    uint64_t seed;
};

static double noise(struct check *c) {
    c->seed = c->seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(int64_t)(c->seed >> 33) / (double)(1u << 30) - 1;
}

static struct forward *run(const struct check *c, float *const x[2], bool keep_gradient) {
    struct forward_input in = {.n_batch = N_BATCH,
                               .source_ids = c->source,
                               .n_source = c->n_source,
                               .source_embeddings = c->n_source ? x[0] : NULL,
                               .target_ids = c->target,
                               .n_target = c->n_target,
                               .target_embeddings = x[1],
                               .keep_gradient = keep_gradient,
                               .keep_hidden = c->n_states > 1,
                               .recompute = c->recompute};
    struct forward *f = NULL;
    struct err e = {0};
    cr_assert_eq(model_forward(&f, c->m, &in, NULL, &e), ERR_OK, "%s", e.message);
    return f;
}

/* Each target's function Σ_v d_logits[v] · logits[v] + Σ d_states · states. */
static void values(const struct check *c, float *const x[2], double out[N_TARGETS]) {
    struct forward *f = run(c, x, false);
    struct err e = {0};
    double *logits = malloc((size_t)(N_TARGETS * c->n_vocab) * sizeof *logits);
    cr_assert_eq(forward_logits_f64(f, c->at, N_TARGETS, logits, &e), ERR_OK, "%s", e.message);
    for (int i = 0; i < N_TARGETS; i++) {
        out[i] = 0;
        for (int64_t v = 0; v < c->n_vocab; v++)
            out[i] += c->d_logits[i * c->n_vocab + v] * logits[i * c->n_vocab + v];
    }
    const int64_t n = c->d_states ? c->n_states * c->width : 0;
    double *states = malloc((size_t)(N_TARGETS * n + 1) * sizeof *states);
    if (n)
        cr_assert_eq(forward_states_f64(f, c->n_states > 1, c->at, N_TARGETS, states, &e), ERR_OK,
                     "%s", e.message);
    for (int64_t k = 0; k < N_TARGETS * n; k++)
        out[k / n] += c->d_states[k] * states[k];
    free(states);
    free(logits);
    forward_free(f);
}

/* One random direction over all embeddings: the difference along it against the gradient's
 * prediction. */
static void check_direction(struct check *c, float *const gradient[2]) {
    int64_t n[2] = {c->n_source, c->n_target};
    float *moved[2][2];
    double f[2][N_TARGETS];
    for (int sign = 0; sign < 2; sign++)
        for (int side = 0; side < 2; side++)
            moved[sign][side] =
                malloc((size_t)(N_BATCH * n[side] * c->embedded + 1) * sizeof(float));
    for (int side = 0; side < 2; side++)
        for (int64_t i = 0; i < N_BATCH * n[side] * c->embedded; i++) {
            double u = noise(c);
            moved[0][side][i] = (float)(c->x[side][i] + STEP * u);
            moved[1][side][i] = (float)(c->x[side][i] - STEP * u);
        }
    values(c, moved[0], f[0]);
    values(c, moved[1], f[1]);
    for (int t = 0; t < N_TARGETS; t++) {
        double predicted = 0, scale = 0;
        for (int side = 0; side < 2; side++) {
            int64_t size = n[side] * c->embedded, from = c->at[t].batch * size;
            for (int64_t i = 0; i < size; i++) { /* the step as float32 rounded it */
                double step = (double)moved[0][side][from + i] - moved[1][side][from + i];
                predicted += gradient[side][t * size + i] * step;
                scale += fabs(gradient[side][t * size + i] * step);
            }
        }
        double d = fabs(f[0][t] - f[1][t] - predicted);
        cr_expect(d <= 1e-5 * scale, "target %d: the difference is %g, the gradient says %g", t,
                  f[0][t] - f[1][t], predicted);
    }
    for (int k = 0; k < 4; k++)
        free(moved[k / 2][k % 2]);
}

/* Each target alone gives what all together give; rows after a target's own are zero. */
static void check_chunks(const struct check *c, struct forward *f, float *const gradient[2]) {
    int64_t n[2] = {c->n_source, c->n_target};
    float *alone[2];
    struct err e = {0};
    for (int side = 0; side < 2; side++)
        alone[side] = malloc((size_t)(n[side] * c->embedded + 1) * sizeof(float));
    for (int t = 0; t < N_TARGETS; t++) {
        cr_assert_eq(forward_vjp(f,
                                 &(struct vjp_request){.at = &c->at[t],
                                                       .n = 1,
                                                       .d_logits = c->d_logits + t * c->n_vocab,
                                                       .source = c->n_source ? alone[0] : NULL,
                                                       .target = alone[1]},
                                 NULL, &e),
                     ERR_OK, "%s", e.message);
        for (int side = 0; side < 2; side++) {
            double largest = 0, worst = 0;
            for (int64_t i = 0; i < n[side] * c->embedded; i++) {
                double a = alone[side][i], b = gradient[side][t * n[side] * c->embedded + i];
                largest = fabs(b) > largest ? fabs(b) : largest;
                worst = !(fabs(a - b) <= worst) ? fabs(a - b) : worst;
                if (side == 1 && i / c->embedded > c->at[t].row)
                    cr_expect(a == 0 && b == 0, "target %d reaches row %d", t,
                              (int)(i / c->embedded));
            }
            cr_expect(worst <= 1e-6 * largest || n[side] == 0,
                      "target %d alone differs by %g of %g", t, worst, largest);
        }
    }
    free(alone[0]);
    free(alone[1]);
}

static void check_cancel(const struct check *c, struct forward *f, float *const gradient[2]) {
    atomic_bool cancel = true;
    struct run_ctl ctl = {.cancel = &cancel};
    struct err e = {0};
    struct forward *none = NULL;
    struct forward_input in = {.n_batch = 1,
                               .source_ids = c->source,
                               .n_source = c->n_source,
                               .target_ids = c->target,
                               .n_target = c->n_target};
    cr_expect_eq(forward_vjp(f,
                             &(struct vjp_request){.at = c->at,
                                                   .n = N_TARGETS,
                                                   .d_logits = c->d_logits,
                                                   .source = c->n_source ? gradient[0] : NULL,
                                                   .target = gradient[1]},
                             &ctl, &e),
                 ERR_CANCELLED);
    cr_expect_eq(model_forward(&none, c->m, &in, &ctl, &e), ERR_CANCELLED);
    cr_expect_null(none);
}

static void embed(struct check *c, int side, enum model_stack stack, const int32_t *ids,
                  int64_t n) {
    struct err e = {0};
    c->x[side] = malloc((size_t)(N_BATCH * n * c->embedded + 1) * sizeof(float));
    if (n == 0)
        return;
    cr_assert_eq(model_embed(c->m, stack, ids, n, c->x[side], &e), ERR_OK, "%s", e.message);
    for (int64_t i = 0; i < n * c->embedded; i++) /* the second entry is another text altogether */
        c->x[side][n * c->embedded + i] = (float)(c->x[side][i] * (1 + 0.2 * noise(c)));
}

/* Through hidden states too: the last one, and those of all layers, which are what forward_hidden
 * says they are; also where blocks are computed twice. */
static void check_states(struct check *c, float *const gradient[2]) {
    const int64_t n_layers = model_config(c->m)->n_layers;
    float *states = malloc((size_t)(N_TARGETS * (n_layers + 1) * c->width) * sizeof *states),
          *hidden = malloc((size_t)(N_BATCH * c->n_target * c->width) * sizeof *hidden);
    struct err e = {0};
    c->d_states = malloc((size_t)(N_TARGETS * (n_layers + 1) * c->width) * sizeof *c->d_states);
    for (int64_t i = 0; i < N_TARGETS * (n_layers + 1) * c->width; i++)
        c->d_states[i] = (float)(4 * noise(c));
    for (int round = 0; round < 3; round++) {
        c->n_states = round ? n_layers + 1 : 1;
        c->recompute = round == 2;
        struct forward *f = run(c, c->x, true);
        const struct vjp_request back = {.at = c->at,
                                         .n = N_TARGETS,
                                         .d_logits = c->d_logits,
                                         .d_states = c->d_states,
                                         .all_states = c->n_states > 1,
                                         .source = c->n_source ? gradient[0] : NULL,
                                         .target = gradient[1]};
        cr_assert_eq(forward_vjp(f, &back, NULL, &e), ERR_OK, "%s", e.message);
        check_direction(c, gradient);
        forward_free(f);
    }
    struct forward_input in = {.n_batch = N_BATCH,
                               .source_ids = c->source,
                               .n_source = c->n_source,
                               .source_embeddings = c->n_source ? c->x[0] : NULL,
                               .target_ids = c->target,
                               .n_target = c->n_target,
                               .target_embeddings = c->x[1],
                               .keep_states = true,
                               .keep_hidden = true};
    struct forward *f = NULL;
    cr_assert_eq(model_forward(&f, c->m, &in, NULL, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(forward_states(f, true, c->at, N_TARGETS, states, &e), ERR_OK, "%s", e.message);
    for (int64_t l = 0; l <= n_layers; l++) {
        cr_assert_eq(forward_hidden(f, STACK_DECODER, l, hidden, &e), ERR_OK, "%s", e.message);
        for (int i = 0; i < N_TARGETS; i++)
            cr_expect_eq(memcmp(states + (i * (n_layers + 1) + l) * c->width,
                                hidden + (c->at[i].batch * c->n_target + c->at[i].row) * c->width,
                                (size_t)c->width * sizeof *states),
                         0, "layer %d, target %d", (int)l, i);
    }
    cr_assert_eq(forward_states(f, false, c->at, N_TARGETS, hidden, &e), ERR_OK, "%s", e.message);
    cr_expect_eq(memcmp(hidden, states + n_layers * c->width, (size_t)c->width * sizeof *states), 0,
                 "the last state is the last of all");
    forward_free(f);
    in.keep_hidden = false;
    cr_assert_eq(model_forward(&f, c->m, &in, NULL, &e), ERR_OK, "%s", e.message);
    cr_expect_eq(forward_states(f, true, c->at, N_TARGETS, states, &e), ERR_UNSUPPORTED);
    forward_free(f);
    free(c->d_states);
    free(states);
    free(hidden);
}

void gradient_checks(const char *path, const int32_t *source, int64_t n_source,
                     const int32_t *target, int64_t n_target) {
    struct check c = {
        .source = source, .target = target, .n_source = n_source, .n_target = n_target, .seed = 42};
    struct model_options options = {.dtype = MODEL_FLOAT64};
    struct err e = {0};
    cr_assert_eq(model_open(&c.m, path, &options, NULL, &e), ERR_OK, "%s", e.message);
    c.width = model_config(c.m)->n_width;
    c.embedded = model_config_embedding_width(model_config(c.m));
    c.n_vocab = model_config(c.m)->n_vocab;
    embed(&c, 0, STACK_ENCODER, source, n_source);
    embed(&c, 1, STACK_DECODER, target, n_target);
    c.d_logits = malloc((size_t)(N_TARGETS * c.n_vocab) * sizeof *c.d_logits);
    for (int64_t i = 0; i < N_TARGETS * c.n_vocab; i++)
        c.d_logits[i] = (float)noise(&c);
    for (int t = 0; t < N_TARGETS; t++)
        c.at[t] = (struct position){t % N_BATCH, (t * 3 + 1) % n_target};
    float *gradient[2] = {malloc((size_t)(N_TARGETS * n_source * c.embedded + 1) * sizeof(float)),
                          malloc((size_t)(N_TARGETS * n_target * c.embedded) * sizeof(float))};
    struct forward *f = run(&c, c.x, true);
    cr_assert_eq(forward_vjp(f,
                             &(struct vjp_request){.at = c.at,
                                                   .n = N_TARGETS,
                                                   .d_logits = c.d_logits,
                                                   .source = n_source ? gradient[0] : NULL,
                                                   .target = gradient[1]},
                             NULL, &e),
                 ERR_OK, "%s", e.message);
    for (int round = 0; round < 3; round++)
        check_direction(&c, gradient);
    check_chunks(&c, f, gradient);
    check_cancel(&c, f, gradient);
    forward_free(f);
    check_states(&c, gradient);
    model_free(c.m);
    const struct tn_api *tn = tn_load(&e);
    cr_expect_eq(tn->live_handles(), 0, "%d tensors or scopes are left", (int)tn->live_handles());
    free(gradient[0]);
    free(gradient[1]);
    free(c.x[0]);
    free(c.x[1]);
    free(c.d_logits);
}
