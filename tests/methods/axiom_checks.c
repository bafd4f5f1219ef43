#include "tests/methods/axiom_checks.h"

#include "backend/base/mem.h"
#include "backend/model.h"
#include "backend/tn.h"
#include "methods/engine/engine.h"
#include "methods/request/attribute.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct model *opened(const struct axiom_case *c, int n_threads) {
    struct err e = {0};
    struct model *m = NULL;
    struct model_options options = {.n_threads = n_threads};
    cr_assert_eq(model_open(&m, c->path, &options, NULL, &e), ERR_OK, "%s", e.message);
    return m;
}

/* With the target attributed too, but where a method traces the source alone. */
static struct attribute_request request_of(const struct axiom_case *c, const struct model *m,
                                           const char *method, const char *kwargs) {
    static const char *const scores[] = {"logit"};
    const bool target =
        model_config(m)->encoder_decoder && strcmp(method, "activation_patching") != 0;
    return (struct attribute_request){.input_text = c->input,
                                      .generated_text = c->generated,
                                      .method = method,
                                      .attributed_fn = "logit",
                                      .step_scores = {scores, 1},
                                      .attribution_kwargs = kwargs,
                                      .attribute_target = target};
}

/* NULL where the architecture has none; then the refusal says why. */
static struct attribution *attributed(struct model *m, const struct attribute_request *r) {
    struct err e = {0};
    struct attribution *a = NULL;
    enum err_code code = attribute_run(&a, m, r, NULL, NULL, &e);
    cr_assert(code == ERR_OK || code == ERR_UNSUPPORTED, "%s: %s", r->method, e.message);
    cr_assert(code == ERR_OK || strlen(e.message) > 20, "%s: %s", r->method, e.message);
    return a;
}

/* --- one table of every method ----------------------------------------------------------- */

struct trial {
    const char *method, *kwargs;
};
/* What makes a method quick, or richer; the others take their defaults. */
static const struct trial trials[] = {
    {"integrated_gradients", "{\"n_steps\": 6}"},
    {"gradient_shap", "{\"n_samples\": 3, \"stdevs\": 0.1}"},
    {"deeplift", "{\"rescale_all\": true}"},
    {"sequential_integrated_gradients", "{\"n_steps\": 2}"},
    {"discretized_integrated_gradients", "{\"n_steps\": 5}"},
    {"guided_integrated_gradients", "{\"n_steps\": 5}"},
    {"layer_gradient_x_activation", "{\"layers\": [0, 1]}"},
    {"layer_gradient", "{\"layers\": [0, 1], \"module\": \"attention\"}"},
    {"layer_integrated_gradients", "{\"layers\": [0, 1], \"n_steps\": 4}"},
    {"layer_deeplift", "{\"layers\": [0, 1], \"module\": \"mlp\"}"},
    {"contrastive_tracing", "{\"layers\": [0, 1]}"},
    {"activation_patching", "{\"n_samples\": 2}"},
    {"lime", "{\"n_samples\": 12}"},
    {"reagent", "{\"num_probes\": 2, \"max_probe_steps\": 5, \"stopping_condition_top_k\": 60, "
                "\"keep_top_n\": 2}"},
    {"information_bottleneck", "{\"n_steps\": 3, \"n_samples\": 2}"},
};

static const char *kwargs_of(const char *method) {
    for (size_t i = 0; i < sizeof trials / sizeof *trials; i++)
        if (strcmp(trials[i].method, method) == 0)
            return trials[i].kwargs;
    return NULL;
}

/* A gradient jumps where a rectifier's input is zero, and some point may be as near to that as
 * rounding: of a path, or of the bottleneck's descent. */
static double bound_of(const struct axiom_case *c, const struct method_decl *decl) {
    const bool jumps =
        decl->family == FAMILY_GRADIENT || strcmp(decl->id, "information_bottleneck") == 0;
    return c->rectifiers && jumps ? 3e-2 : 2e-4;
}

/* The first n columns of a and b [rows, G, …]: NaN in the same places, else near relative to the
 * column's largest. */
static void expect_same(const char *method, const char *what, const struct scores *a,
                        const struct scores *b, int64_t n, double bound) {
    cr_assert_eq(a->data == NULL, b->data == NULL, "%s, %s", method, what);
    if (!a->data)
        return;
    const int64_t cell = scores_cell(a), rows = a->dims[0] < b->dims[0] ? a->dims[0] : b->dims[0];
    for (int64_t c = 0; c < n; c++) {
        double largest = 0, worst = 0;
        for (int64_t i = 0; i < rows * cell; i++) {
            double x = a->data[(i / cell * a->dims[1] + c) * cell + i % cell],
                   y = b->data[(i / cell * b->dims[1] + c) * cell + i % cell];
            cr_assert_eq(isnan(x) != 0, isnan(y) != 0, "%s, %s: row %d, column %d: %g and %g",
                         method, what, (int)(i / cell), (int)c, x, y);
            largest = isnan(x) ? largest : fmax(largest, fabs(x));
            worst = isnan(x) ? worst : fmax(worst, fabs(x - y));
        }
        cr_expect(worst <= bound * largest + 1e-7, "%s, %s: column %d differs by %g of %g", method,
                  what, (int)c, worst, largest);
    }
}

static void expect_same_run(const char *what, const struct axiom_case *case_of,
                            const struct method_decl *decl, const struct attribution *a,
                            const struct attribution *b, int64_t n) {
    const char *method = decl->id;
    const struct attribution_sequence *x = &a->sequences[0], *y = &b->sequences[0];
    char label[100];
    snprintf(label, sizeof label, "%s, source", what);
    expect_same(method, label, &x->source_attributions, &y->source_attributions, n,
                bound_of(case_of, decl));
    snprintf(label, sizeof label, "%s, target", what);
    expect_same(method, label, &x->target_attributions, &y->target_attributions, n,
                bound_of(case_of, decl));
    cr_assert_eq(x->n_step_scores, y->n_step_scores);
    for (size_t i = 0; i < x->n_step_scores; i++)
        for (int64_t c = 0; c < n; c++) {
            double p = x->step_scores[i].scores.data[c], q = y->step_scores[i].scores.data[c];
            double bound = strcmp(x->step_scores[i].name, "convergence_gap") == 0
                               ? 1e-2
                               : 1e-3; /* a part of a difference, which may be small */
            cr_expect(isnan(p) ? isnan(q) : fabs(p - q) <= bound * (1 + fabs(p)),
                      "%s, %s: %s of column %d: %g and %g", method, what, x->step_scores[i].name,
                      (int)c, p, q);
        }
}

/* --- invariance and causality ------------------------------------------------------------ */

void axiom_check_invariance(const struct axiom_case *c) {
    size_t n;
    const struct method_decl *const *decls = method_decls(&n);
    struct attribution **kept = mem_alloc(n * sizeof *kept);
    int n_refused = 0;
    struct model *m = opened(c, 2);
    for (size_t i = 0; i < n; i++) {
        struct attribute_request r = request_of(c, m, decls[i]->id, kwargs_of(decls[i]->id));
        r.memory_budget = 1ll << 30;
        kept[i] = attributed(m, &r);
        n_refused += !kept[i];
        if (!kept[i])
            continue;
        r.memory_budget = 1;
        struct attribution *small = attributed(m, &r);
        expect_same_run("a small budget", c, decls[i], kept[i], small,
                        attribution_steps(&kept[i]->sequences[0]));
        attribution_release(small);
    }
    model_free(m);
    m = opened(c, 1);
    for (size_t i = 0; i < n; i++) {
        struct attribute_request r = request_of(c, m, decls[i]->id, kwargs_of(decls[i]->id));
        struct attribution *one = kept[i] ? attributed(m, &r) : NULL;
        if (one)
            expect_same_run("one thread", c, decls[i], kept[i], one,
                            attribution_steps(&kept[i]->sequences[0]));
        attribution_release(one);
        attribution_release(kept[i]);
    }
    cr_expect_eq(n_refused, c->n_refused, "%s: %d methods are refused", c->path, n_refused);
    model_free(m);
    free(kept);
}

static int64_t common_columns(const struct attribution_sequence *a,
                              const struct attribution_sequence *b) {
    int64_t n = 0;
    while (n < attribution_steps(a) && n < attribution_steps(b) &&
           a->target.items[a->attr_pos_start + n].id == b->target.items[b->attr_pos_start + n].id)
        n++;
    return n;
}

void axiom_check_causality(const struct axiom_case *c) {
    size_t n;
    const struct method_decl *const *decls = method_decls(&n);
    struct model *m = opened(c, 2);
    for (size_t i = 0; i < n; i++) {
        struct attribute_request r = request_of(c, m, decls[i]->id, kwargs_of(decls[i]->id));
        /* The strength of its noise is how much the embeddings of the whole text vary. */
        struct attribution *a =
            strcmp(decls[i]->id, "activation_patching") == 0 ? NULL : attributed(m, &r);
        if (!a)
            continue;
        r.generated_text = c->other;
        struct attribution *b = attributed(m, &r);
        const struct attribution_sequence *s = &a->sequences[0];
        const int64_t common = common_columns(s, &b->sequences[0]);
        cr_assert(common >= 2 && common < attribution_steps(s) &&
                      common < attribution_steps(&b->sequences[0]),
                  "%s: %d columns in common", c->path, (int)common);
        expect_same_run("another end", c, decls[i], a, b, common);
        const struct scores *t = &s->target_attributions;
        for (int64_t k = 0; t->data && k < scores_count(t); k++) {
            int64_t row = k / scores_cell(t) / t->dims[1], column = k / scores_cell(t) % t->dims[1];
            cr_assert(row < s->attr_pos_start + column || isnan(t->data[k]),
                      "%s: column %d has a score in row %d, which comes later", decls[i]->id,
                      (int)column, (int)row);
        }
        attribution_release(a);
        attribution_release(b);
    }
    model_free(m);
}

/* --- completeness ------------------------------------------------------------------------ */

struct change {
    double f[64];
    int64_t n;
    bool target;
}; /* of each column, f(x) − f(x′); target: the prefix is replaced too */

/* In place of a method: two forwards, of the input and of the baseline. */
static enum err_code change_use(void *user, const struct attribution_sequence *tokens,
                                const struct method_input *in, const struct run_ctl *ctl,
                                struct err *e) {
    struct change *out = user;
    const bool two = in->config->encoder_decoder;
    const int64_t n_source = two ? in->n_source : 0, n_target = in->end - 1,
                  width = model_config_embedding_width(in->config);
    struct method_run g = {.in = in};
    int32_t *base = mem_alloc((size_t)(n_source + n_target + 1) * sizeof *base);
    float *x = mem_alloc((size_t)((n_source + n_target + 1) * width) * sizeof *x),
          *logits = mem_alloc((size_t)in->config->n_vocab * sizeof *logits);
    (void)tokens;
    out->n = in->end - in->start;
    cr_assert_leq(out->n, 64);
    for (int replaced = 0; replaced < 2; replaced++) {
        memcpy(base, in->source_ids ? in->source_ids : in->target_ids,
               (size_t)n_source * sizeof *base);
        memcpy(base + n_source, in->target_ids, (size_t)n_target * sizeof *base);
        if (replaced && two)
            cr_assert_eq(engine_baseline(in, in->source_ids, n_source, false, base, e), ERR_OK);
        if (replaced && out->target)
            cr_assert_eq(engine_baseline(in, in->target_ids, n_target, two, base + n_source, e),
                         ERR_OK);
        if (two)
            cr_assert_eq(model_embed(in->model, STACK_ENCODER, base, n_source, x, e), ERR_OK);
        cr_assert_eq(model_embed(in->model, STACK_DECODER, base + n_source, n_target,
                                 x + n_source * width, e),
                     ERR_OK);
        struct forward_input fi = {.n_batch = 1,
                                   .n_source = n_source,
                                   .n_target = n_target,
                                   .source_ids = in->source_ids,
                                   .target_ids = in->target_ids,
                                   .source_embeddings = two ? x : NULL,
                                   .target_embeddings = x + n_source * width};
        struct forward *f;
        cr_assert_eq(model_forward(&f, in->model, &fi, ctl, e), ERR_OK, "%s", e->message);
        for (int64_t c = 0; c < out->n; c++) {
            struct position at = {0, in->start + c - 1};
            cr_assert_eq(forward_logits(f, &at, 1, logits, e), ERR_OK);
            out->f[c] = replaced ? out->f[c] - engine_attribute(&g, c, logits, NULL)
                                 : engine_attribute(&g, c, logits, NULL);
        }
        forward_free(f);
    }
    free(base);
    free(x);
    free(logits);
    return ERR_OK;
}

/* Sum and sum of magnitudes of the rows' sums, of one column and layer. */
static double column_sum(const struct attribution_sequence *s, int64_t c, int64_t layer,
                         int64_t n_layers, double *size) {
    const struct scores *sides[2] = {&s->source_attributions, &s->target_attributions};
    double sum = 0;
    *size = 0;
    for (int i = 0; i < 2; i++)
        for (int64_t row = 0; sides[i]->data && row < sides[i]->dims[0]; row++) {
            const int64_t cell = scores_cell(sides[i]), width = cell / n_layers;
            double of_row = 0;
            for (int64_t k = 0; k < width; k++)
                of_row += sides[i]->data[(row * sides[i]->dims[1] + c) * cell + layer * width + k];
            sum += isnan(of_row) ? 0 : of_row;
            *size += isnan(of_row) ? 0 : fabs(of_row);
        }
    return sum;
}

/* Which methods promise it; `rectified` and `loose`: with rectifiers; NULL: not asked of them.
 * `layers`: at every block, each of whose sums is the whole. */
struct promise {
    const char *method, *kwargs, *rectified;
    double bound, loose;
    bool layers;
};
static const struct promise promises[] = {
    {"integrated_gradients", "{\"n_steps\": 100}", "{\"n_steps\": 300}", 0.01, 0.1, false},
    {"integrated_gradients", "{\"n_steps\": 200, \"method\": \"riemann_middle\"}", NULL, 0.01, 0.1,
     false},
    {"guided_integrated_gradients", "{\"n_steps\": 200}", "{\"n_steps\": 300}", 0.05, 0.15, false},
    {"gradient_shap", "{\"n_samples\": 3000}", "{\"n_samples\": 1000}", 0.06, 0.12,
     false}, /* in expectation */
    {"layer_integrated_gradients", "{\"n_steps\": 100}", "{\"n_steps\": 300}", 0.01, 0.1, false},
    {"layer_integrated_gradients", "{\"n_steps\": 100, \"layers\": \"all\"}",
     "{\"n_steps\": 300, \"layers\": \"all\"}", 0.01, 0.1, true},
};

static void check_promise(struct model *m, const struct axiom_case *c, const struct promise *p,
                          bool target) {
    const bool two = model_config(m)->encoder_decoder;
    struct attribute_request r =
        request_of(c, m, p->method, c->rectifiers ? p->rectified : p->kwargs);
    struct change change = {.target = !two || target};
    struct err e = {0};
    r.attribute_target = two && target;
    cr_assert_eq(attribute_prepare(m, &r, NULL, change_use, &change, NULL, &e), ERR_OK, "%s",
                 e.message);
    struct attribution *a = attributed(m, &r);
    cr_assert_not_null(a, "%s, %s", c->path, p->method);
    const struct attribution_sequence *s = &a->sequences[0];
    const struct scores *any =
        s->source_attributions.data ? &s->source_attributions : &s->target_attributions;
    const int64_t n_layers = p->layers ? any->dims[2] : 1;
    cr_assert(!p->layers || any->n_dims == 4);
    cr_assert_eq(change.n, attribution_steps(s));
    for (int64_t g = 0; g < change.n; g++)
        for (int64_t layer = 0; layer < n_layers; layer++) {
            double size, sum = column_sum(s, g, layer, n_layers, &size);
            cr_expect(fabs(sum - change.f[g]) <=
                          (c->rectifiers ? p->loose : p->bound) * size + 1e-5,
                      "%s, %s %s%s, column %d, layer %d: Σ is %g (Σ| | %g), f changes by %g",
                      c->path, p->method, r.attribution_kwargs, target ? ", with target" : "",
                      (int)g, (int)layer, sum, size, change.f[g]);
        }
    attribution_release(a);
}

void axiom_check_completeness(const struct axiom_case *c) {
    struct model *m = opened(c, 2);
    for (size_t i = 0; i < sizeof promises / sizeof *promises; i++)
        for (int target = 0; target <= model_config(m)->encoder_decoder; target++)
            /* A decoder's blocks see the encoder's last one too: with target no one layer's change
             * is the whole. */
            if ((!promises[i].layers || !target) && (!c->rectifiers || promises[i].rectified))
                check_promise(m, c, &promises[i], target);
    model_free(m);
}

void axiom_check_parts(const struct axiom_case *c) {
    static const char *const methods[] = {"alti", "attention_rollout", "globenc"};
    struct model *m = opened(c, 2);
    for (int i = 0; i < 3; i++) {
        struct attribute_request r = request_of(c, m, methods[i], kwargs_of(methods[i]));
        struct attribution *a = attributed(m, &r);
        for (int64_t g = 0; a && g < attribution_steps(&a->sequences[0]); g++) {
            const struct attribution_sequence *s = &a->sequences[0];
            double size, sum = column_sum(s, g, 0, 1, &size);
            cr_expect(fabs(sum - 1) <= 1e-5, "%s, %s: column %d sums to %g", c->path, methods[i],
                      (int)g, sum);
            cr_expect(fabs(sum - size) <= 1e-5, "%s, %s: column %d has a negative part", c->path,
                      methods[i], (int)g);
        }
        attribution_release(a);
    }
    model_free(m);
}

/* --- cancelling -------------------------------------------------------------------------- */

struct canceller {
    atomic_bool cancel;
    int n, at;
};

static void count_report(struct canceller *k) {
    if (++k->n == k->at)
        atomic_store(&k->cancel, true);
}

static void on_progress(void *user, const char *phase, int64_t done, int64_t total) {
    (void)phase, (void)done, (void)total;
    count_report(user);
}

static void on_column(void *user, const struct attribution_sequence *s, int64_t g) {
    (void)s, (void)g;
    count_report(user);
}

/* Whether the run went on to its end: it reported less often than `at`. */
static bool ends_before(struct model *m, const struct attribute_request *r, int at) {
    struct canceller k = {.at = at};
    const struct run_ctl ctl = {.cancel = &k.cancel, .progress = on_progress, .user = &k};
    const struct attribute_events events = {.user = &k, .column = on_column};
    struct attribution *a = NULL;
    struct err e = {0};
    enum err_code code = attribute_run(&a, m, r, &events, &ctl, &e);
    /* Where nothing is left to compute but to hand out columns, a run may end. */
    cr_expect(code == ERR_CANCELLED || code == ERR_OK || code == ERR_UNSUPPORTED,
              "%s, cancelled at report %d: %s", r->method, at, e.message);
    cr_expect(code == ERR_OK || !a || a->sequences[0].n_done > 0, "%s, cancelled at report %d",
              r->method, at);
    attribution_release(a);
    return code != ERR_CANCELLED;
}

void axiom_check_cancel(const struct axiom_case *c) {
    enum { MOST = 12 };
    size_t n;
    const struct method_decl *const *decls = method_decls(&n);
    struct model *m = opened(c, 2);
    struct err e;
    const bool small =
        model_config(m)->n_vocab <
        1000; /* a pass for every row is no long wait: many chunks, none of which is all */
    const int64_t handles = tn_load(&e)->live_handles();
    for (size_t i = 0; i < n; i++) {
        struct attribute_request r = request_of(c, m, decls[i]->id, kwargs_of(decls[i]->id));
        r.memory_budget = small ? 1 : 8 << 20;
        int at = 1;
        for (; at < MOST && !ends_before(m, &r, at); at += 1 + at / 2)
            cr_expect_eq(tn_load(&e)->live_handles(), handles,
                         "%s, cancelled at report %d: tensors were not freed", decls[i]->id, at);
        /* Its only pass may be over; a reduction, with its first round. */
        const bool one_pass =
            decls[i]->family == FAMILY_INTERNALS || decls[i]->family == FAMILY_NONE ||
            strcmp(decls[i]->id, "logit_lens") == 0 || strcmp(decls[i]->id, "input_reduction") == 0;
        cr_expect(!small || one_pass || at > 1,
                  "%s, cancelled at its first report, went on to its end", decls[i]->id);
    }
    model_free(m);
}
