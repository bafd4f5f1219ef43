#include "tests/backend/tape/site_checks.h"

#include "backend/model.h"
#include "backend/tn.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_TARGETS 4
#define N_BATCH 2
#define MOST_SITES 64
#define STEP 2e-6

struct check {
    struct model *m;
    struct forward_input in; /* of the whole model, with all sites */
    struct model_site sites[MOST_SITES];
    float *a[MOST_SITES],
        *g[MOST_SITES]; /* activations [B, rows, width], gradients [N, rows, width] */
    float *x[2], *d_logits;
    int64_t width, embedded, n_vocab, rows[2]; /* D, E; rows by stack */
    struct position at[N_TARGETS];
    uint64_t seed;
};

static double noise(struct check *c) {
    c->seed = c->seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(int64_t)(c->seed >> 33) / (double)(1u << 30) - 1;
}

static int64_t width_of(const struct check *c, int64_t s) {
    return c->sites[s].module == MODULE_EMBEDDING ? c->embedded : c->width;
}

static int64_t size_of(const struct check *c, int64_t s) {
    return c->rows[c->sites[s].stack] * width_of(c, s);
}

static struct forward *forward(const struct check *c, const struct forward_input *in) {
    struct forward *f = NULL;
    struct err e = {0};
    cr_assert_eq(model_forward(&f, c->m, in, NULL, &e), ERR_OK, "%s", e.message);
    return f;
}

/* Each target's function Σ_v d_logits[v] · logits[v]. */
static void values(const struct check *c, struct forward *f, double out[N_TARGETS]) {
    struct err e = {0};
    double *logits = malloc((size_t)(N_TARGETS * c->n_vocab) * sizeof *logits);
    cr_assert_eq(forward_logits_f64(f, c->at, N_TARGETS, logits, &e), ERR_OK, "%s", e.message);
    for (int i = 0; i < N_TARGETS; i++) {
        out[i] = 0;
        for (int64_t v = 0; v < c->n_vocab; v++)
            out[i] += c->d_logits[i * c->n_vocab + v] * logits[i * c->n_vocab + v];
    }
    free(logits);
}

/* The same with site s given, everything else as it is; asked again at the same place where
 * `gradient` is not NULL. */
static void values_given(const struct check *c, int64_t s, const float *given,
                         double out[N_TARGETS], float *gradient) {
    struct forward_input in = c->in;
    struct site_values site = {c->sites[s], given};
    struct err e = {0};
    in.sites = gradient ? &c->sites[s] : NULL;
    in.n_sites = gradient ? 1 : 0;
    in.keep_gradient = gradient;
    if (c->sites[s].module == MODULE_EMBEDDING && c->sites[s].stack == STACK_ENCODER)
        in.source_embeddings = given;
    else if (c->sites[s].module == MODULE_EMBEDDING)
        in.target_embeddings = given;
    else
        in.given = &site, in.n_given = 1;
    struct forward *f = forward(c, &in);
    values(c, f, out);
    if (gradient)
        cr_assert_eq(forward_vjp(f,
                                 &(struct vjp_request){.at = c->at,
                                                       .n = N_TARGETS,
                                                       .d_logits = c->d_logits,
                                                       .sites = &gradient},
                                 NULL, &e),
                     ERR_OK, "%s", e.message);
    forward_free(f);
}

static const char *label(const struct check *c, int64_t s) {
    static const char *const names[] = {"embedding", "block", "attention", "mlp"};
    static char text[80];
    snprintf(text, sizeof text, "%s %s %d",
             c->sites[s].stack == STACK_ENCODER ? "encoder" : "decoder", names[c->sites[s].module],
             (int)c->sites[s].layer);
    return text;
}

static void check_site(struct check *c, int64_t s, const double want[N_TARGETS]) {
    const int64_t size = size_of(c, s);
    float *moved[2], *again = malloc((size_t)(N_TARGETS * size) * sizeof *again);
    double f[2][N_TARGETS], same[N_TARGETS];
    for (int k = 0; k < 2; k++)
        moved[k] = malloc((size_t)(N_BATCH * size) * sizeof(float));
    for (int64_t i = 0; i < N_BATCH * size; i++) {
        double u = noise(c);
        moved[0][i] = (float)(c->a[s][i] + STEP * u);
        moved[1][i] = (float)(c->a[s][i] - STEP * u);
    }
    values_given(c, s, moved[0], f[0], NULL);
    values_given(c, s, moved[1], f[1], NULL);
    values_given(c, s, c->a[s], same, again);
    for (int t = 0; t < N_TARGETS; t++) {
        double predicted = 0, scale = 0, worst = 0, largest = 0;
        cr_expect(fabs(same[t] - want[t]) <= 2e-6 * (1 + fabs(want[t])),
                  "%s: given back: %.9g, was %.9g", label(c, s), same[t], want[t]);
        for (int64_t i = 0; i < size; i++) {
            double step = (double)moved[0][c->at[t].batch * size + i] -
                          moved[1][c->at[t].batch * size + i],
                   g = c->g[s][t * size + i];
            predicted += g * step;
            scale += fabs(g * step);
            largest = fmax(largest, fabs(g));
            worst =
                !(fabs(g - again[t * size + i]) <= worst) ? fabs(g - again[t * size + i]) : worst;
            if (c->sites[s].stack == STACK_DECODER && i / width_of(c, s) > c->at[t].row)
                cr_expect_eq(g, 0, "%s: target %d reaches row %d", label(c, s), t,
                             (int)(i / width_of(c, s)));
        }
        cr_expect_gt(largest, 0, "%s: target %d does not depend on it", label(c, s), t);
        cr_expect(fabs(f[0][t] - f[1][t] - predicted) <= 2e-5 * scale,
                  "%s: target %d: the difference is %g, the gradient says %g", label(c, s), t,
                  f[0][t] - f[1][t], predicted);
        cr_expect(worst <= 1e-5 * largest,
                  "%s: target %d: the gradient of what is given differs by %g of %g", label(c, s),
                  t, worst, largest);
    }
    free(moved[0]);
    free(moved[1]);
    free(again);
}

/* The embeddings' gradients are those of forward_vjp; the last block's lens is the head. */
static void check_ends(const struct check *c, struct forward *f) {
    struct err e = {0};
    float *source = malloc((size_t)(N_TARGETS * c->rows[0] * c->embedded + 1) * sizeof *source),
          *target = malloc((size_t)(N_TARGETS * c->rows[1] * c->embedded) * sizeof *target);
    float *lens = malloc((size_t)(N_TARGETS * c->n_vocab) * sizeof *lens),
          *logits = malloc((size_t)(N_TARGETS * c->n_vocab) * sizeof *logits);
    const int64_t last = model_config(c->m)->n_layers - 1;
    cr_assert_eq(forward_vjp(f,
                             &(struct vjp_request){.at = c->at,
                                                   .n = N_TARGETS,
                                                   .d_logits = c->d_logits,
                                                   .source = c->rows[0] ? source : NULL,
                                                   .target = target},
                             NULL, &e),
                 ERR_OK, "%s", e.message);
    cr_assert_eq(forward_logits(f, c->at, N_TARGETS, logits, &e), ERR_OK, "%s", e.message);
    for (int64_t s = 0; s < c->in.n_sites; s++) {
        if (c->sites[s].module == MODULE_EMBEDDING)
            cr_expect_eq(memcmp(c->g[s], c->sites[s].stack == STACK_ENCODER ? source : target,
                                (size_t)(N_TARGETS * size_of(c, s)) * sizeof(float)),
                         0);
        if (c->sites[s].stack == STACK_ENCODER)
            cr_expect_eq(forward_lens(f, s, c->at, N_TARGETS, lens, &e), ERR_UNSUPPORTED);
        if (c->sites[s].stack != STACK_DECODER || c->sites[s].module != MODULE_BLOCK ||
            c->sites[s].layer != last)
            continue;
        cr_assert_eq(forward_lens(f, s, c->at, N_TARGETS, lens, &e), ERR_OK, "%s", e.message);
        for (int64_t i = 0; i < N_TARGETS * c->n_vocab; i++)
            cr_assert(fabs(lens[i] - logits[i]) <= 1e-5 * (1 + fabs(logits[i])),
                      "lens %g, logit %g", lens[i], logits[i]);
    }
    free(source);
    free(target);
    free(lens);
    free(logits);
}

static void add_sites(struct check *c, enum model_stack stack, int64_t n_layers) {
    c->sites[c->in.n_sites++] = (struct model_site){stack, MODULE_EMBEDDING, 0};
    for (int64_t i = 0; i < n_layers; i++)
        for (enum model_module module = MODULE_BLOCK; module <= MODULE_MLP; module++) {
            cr_assert(c->in.n_sites < MOST_SITES);
            c->sites[c->in.n_sites++] = (struct model_site){stack, module, i};
        }
}

static void embed(struct check *c, enum model_stack stack, const int32_t *ids, int64_t n) {
    struct err e = {0};
    c->x[stack] = malloc((size_t)(N_BATCH * n * c->embedded + 1) * sizeof(float));
    c->rows[stack] = n;
    if (n == 0)
        return;
    cr_assert_eq(model_embed(c->m, stack, ids, n, c->x[stack], &e), ERR_OK, "%s", e.message);
    for (int64_t i = 0; i < n * c->embedded; i++)
        c->x[stack][n * c->embedded + i] = (float)(c->x[stack][i] * (1 + 0.2 * noise(c)));
}

/* A block that is given hides those before it; a layer that is not there is refused. */
static void check_refusals(const struct check *c) {
    const struct model_site none = {STACK_DECODER, MODULE_BLOCK, model_config(c->m)->n_layers},
                            first = {STACK_DECODER, MODULE_BLOCK, 0};
    struct site_values second = {{STACK_DECODER, MODULE_BLOCK, 1}, NULL};
    struct forward_input in = c->in;
    struct forward *f = NULL;
    struct err e = {0};
    in.sites = &none;
    in.n_sites = 1;
    cr_expect_eq(model_forward(&f, c->m, &in, NULL, &e), ERR_USAGE);
    if (none.layer < 2) /* none is before the last */
        return;
    for (int64_t s = 0; s < c->in.n_sites; s++)
        if (memcmp(&c->sites[s], &second.site, sizeof second.site) == 0)
            second.values = c->a[s];
    in.sites = &first;
    in.given = &second;
    in.n_given = 1;
    cr_expect_eq(model_forward(&f, c->m, &in, NULL, &e), ERR_USAGE);
    cr_expect_null(f);
}

void site_checks(const char *path, const int32_t *source, int64_t n_source, const int32_t *target,
                 int64_t n_target) {
    struct check c = {.seed = 7};
    struct model_options options = {.dtype = MODEL_FLOAT64};
    struct err e = {0};
    double want[N_TARGETS];
    cr_assert_eq(model_open(&c.m, path, &options, NULL, &e), ERR_OK, "%s", e.message);
    c.width = model_config(c.m)->n_width;
    c.embedded = model_config_embedding_width(model_config(c.m));
    c.n_vocab = model_config(c.m)->n_vocab;
    embed(&c, STACK_ENCODER, source, n_source);
    embed(&c, STACK_DECODER, target, n_target);
    c.in = (struct forward_input){.n_batch = N_BATCH,
                                  .source_ids = source,
                                  .n_source = n_source,
                                  .source_embeddings = n_source ? c.x[0] : NULL,
                                  .target_ids = target,
                                  .n_target = n_target,
                                  .target_embeddings = c.x[1],
                                  .keep_gradient = true,
                                  .sites = c.sites};
    if (n_source)
        add_sites(&c, STACK_ENCODER, model_config(c.m)->encoder_sizes.n_layers);
    add_sites(&c, STACK_DECODER, model_config(c.m)->n_layers);
    c.d_logits = malloc((size_t)(N_TARGETS * c.n_vocab) * sizeof *c.d_logits);
    for (int64_t i = 0; i < N_TARGETS * c.n_vocab; i++)
        c.d_logits[i] = (float)noise(&c);
    for (int i = 0; i < N_TARGETS; i++)
        c.at[i] = (struct position){i % N_BATCH, n_target - 1 - i};
    struct forward *f = forward(&c, &c.in);
    for (int64_t s = 0; s < c.in.n_sites; s++) {
        c.a[s] = malloc((size_t)(N_BATCH * size_of(&c, s)) * sizeof(float));
        c.g[s] = malloc((size_t)(N_TARGETS * size_of(&c, s)) * sizeof(float));
        cr_assert_eq(forward_activation(f, s, c.a[s], &e), ERR_OK, "%s", e.message);
    }
    cr_assert_eq(forward_vjp(f,
                             &(struct vjp_request){
                                 .at = c.at, .n = N_TARGETS, .d_logits = c.d_logits, .sites = c.g},
                             NULL, &e),
                 ERR_OK, "%s", e.message);
    values(&c, f, want);
    check_ends(&c, f);
    forward_free(f);
    for (int64_t s = 0; s < c.in.n_sites; s++)
        check_site(&c, s, want);
    check_refusals(&c);
    for (int64_t s = 0; s < c.in.n_sites; s++) {
        free(c.a[s]);
        free(c.g[s]);
    }
    free(c.x[0]);
    free(c.x[1]);
    free(c.d_logits);
    model_free(c.m);
    cr_expect_eq(tn_load(&e)->live_handles(), 0, "tensors were not freed");
}
