/* Step functions on small rows of logits: values in closed form, derivatives against central
 * differences of the double values. */
#include "backend/base/json.h"
#include "methods/step_functions/registry.h"
#include "methods/step_functions/step_function.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define V 5

static const float row[V] = {0.5f, -1.25f, 2.0f, 0.0f, 1.5f};
static const float other[V] = {-0.75f, 1.0f, 0.25f, 2.5f, -2.0f};

static double p_of(const float *z, int y) {
    double sum = 0;
    for (int i = 0; i < V; i++)
        sum += exp((double)z[i]);
    return exp((double)z[y]) / sum;
}

/* A function's options, with logprob where `logprob` is set. */
static const double noisy[4] = {-1.5, -0.25, -2.0, -0.75};

/* A view with all that any function asks for. */
static struct step_view view_of(const struct step_function *f, const float *z, const float *q,
                                int y, int foil, const struct option_set *s) {
    return (struct step_view){.logits = z,
                              .contrast_logits = q,
                              .n_vocab = V,
                              .target = y,
                              .contrast = foil,
                              .options = s,
                              .function = f,
                              .noisy = noisy,
                              .n_noisy = f->noisy ? 4 : 0};
}

/* A number for an option of a set, which must have it. */
static void set_number(struct option_set *s, const char *name, double x) {
    struct err e = {0};
    bool known = false;
    char text[40];
    snprintf(text, sizeof text, "%.17g", x);
    const struct json_value v = {.type = JSON_NUMBER,
                                 .key = name,
                                 .n_key = strlen(name),
                                 .text = text,
                                 .n_text = strlen(text)};
    cr_assert_eq(option_set_json(s, "test", &v, &known, &e), ERR_OK, "%s", e.message);
    cr_assert(known);
}

static struct option_set options_of(const struct step_function *f, bool logprob) {
    struct option_set s;
    struct err e = {0};
    bool known = true;
    option_set_init(&s, f->decl.options, f->decl.n_options);
    if (logprob) {
        const struct json_value v = {.type = JSON_TRUE, .key = "logprob", .n_key = 7};
        cr_assert_eq(option_set_json(&s, f->decl.id, &v, &known, &e), ERR_OK, "%s", e.message);
        cr_assert(known);
    }
    return s;
}

static double value_of(const char *id, bool logprob, const float *z, const float *q, int y,
                       int foil) {
    const struct step_function *f = step_function_find(id);
    cr_assert_not_null(f, "%s", id);
    struct option_set s = options_of(f, logprob);
    struct step_view v = view_of(f, z, q, y, foil, &s);
    double x = f->value(&v);
    option_set_dispose(&s);
    return x;
}

static void expect_near(const char *what, double got, double want) {
    cr_expect(fabs(got - want) <= 1e-6 * (1 + fabs(want)), "%s: %.9g, should be %.9g", what, got,
              want);
}

Test(step_functions, values_in_closed_form) {
    double entropy = 0;
    for (int i = 0; i < V; i++)
        entropy -= p_of(row, i) * log(p_of(row, i));
    for (int y = 0; y < V; y++) {
        expect_near("logit", value_of("logit", false, row, row, y, y), row[y]);
        expect_near("probability", value_of("probability", false, row, row, y, y), p_of(row, y));
        expect_near("log probability", value_of("probability", true, row, row, y, y),
                    log(p_of(row, y)));
        expect_near("entropy", value_of("entropy", false, row, row, y, y), entropy);
        expect_near("crossentropy", value_of("crossentropy", false, row, row, y, y),
                    -log(p_of(row, y)));
        expect_near("perplexity", value_of("perplexity", false, row, row, y, y),
                    pow(2, -log(p_of(row, y))));
    }
}

Test(step_functions, contrasts_against_own_and_other_logits) {
    for (int y = 0; y < V; y++)
        for (int foil = 0; foil < V; foil++) {
            expect_near("logits, own", value_of("contrast_logits_diff", false, row, row, y, foil),
                        (double)row[y] - row[foil]);
            expect_near("logits, other",
                        value_of("contrast_logits_diff", false, row, other, y, foil),
                        (double)row[y] - other[foil]);
            expect_near("probability, own",
                        value_of("contrast_prob_diff", false, row, row, y, foil),
                        p_of(row, y) - p_of(row, foil));
            expect_near("probability, other",
                        value_of("contrast_prob_diff", false, row, other, y, foil),
                        p_of(row, y) - p_of(other, foil));
            expect_near("foil's logit", value_of("contrast_logits", false, row, other, y, foil),
                        other[foil]);
            expect_near("foil's probability", value_of("contrast_prob", false, row, other, y, foil),
                        p_of(other, foil));
            expect_near("pcxmi", value_of("pcxmi", false, row, other, y, foil),
                        -log2(p_of(row, y) / p_of(other, foil)));
            expect_near("pvi", value_of("in_context_pvi", false, row, other, y, foil),
                        log(p_of(other, foil) / p_of(row, y)));
            expect_near("logarithms, other",
                        value_of("contrast_prob_diff", true, row, other, y, foil),
                        log(p_of(row, y) / p_of(other, foil)));
        }
}

/* The derivative of every element against (f(z + h) − f(z − h)) / 2h; the step is what float
 * holds of it. */
static void check_derivative(const struct step_function *f, bool logprob, bool own, int y,
                             int foil) {
    struct option_set s = options_of(f, logprob);
    float z[V], derivative[V];
    memcpy(z, row, sizeof z);
    struct step_view v = view_of(f, z, own ? z : other, y, foil, &s);
    memset(derivative, 0x7f, sizeof derivative); /* must be overwritten, not added to */
    f->derivative(&v, derivative);
    for (int i = 0; i < V; i++) {
        float up = row[i] + 0x1p-10f, down = row[i] - 0x1p-10f;
        z[i] = up;
        double above = f->value(&v);
        z[i] = down;
        double below = f->value(&v), want = (above - below) / ((double)up - down);
        z[i] = row[i];
        cr_expect(fabs(derivative[i] - want) <= 1e-5 * (1 + fabs(want)),
                  "%s%s, y %d, foil %d, %s logits: ∂/∂z[%d] is %g, differences give %g", f->decl.id,
                  logprob ? " (logprob)" : "", y, foil, own ? "own" : "other", i,
                  (double)derivative[i], want);
    }
    option_set_dispose(&s);
}

/* The same with respect to the contrast's logits, the others held. */
static void check_contrast_derivative(const struct step_function *f, bool logprob, int y,
                                      int foil) {
    struct option_set s = options_of(f, logprob);
    float q[V], derivative[V];
    memcpy(q, other, sizeof q);
    struct step_view v = view_of(f, row, q, y, foil, &s);
    memset(derivative, 0x7f, sizeof derivative);
    cr_assert_not_null(f->contrast_derivative, "%s", f->decl.id);
    f->contrast_derivative(&v, derivative);
    for (int i = 0; i < V; i++) {
        float up = other[i] + 0x1p-10f, down = other[i] - 0x1p-10f;
        q[i] = up;
        double above = f->value(&v);
        q[i] = down;
        double below = f->value(&v), want = (above - below) / ((double)up - down);
        q[i] = other[i];
        cr_expect(fabs(derivative[i] - want) <= 1e-5 * (1 + fabs(want)),
                  "%s, y %d, foil %d: ∂/∂z′[%d] is %g, differences give %g", f->decl.id, y, foil, i,
                  (double)derivative[i], want);
    }
    option_set_dispose(&s);
}

static bool has_option(const struct step_function_decl *d, const char *name) {
    bool found = false;
    for (size_t i = 0; i < d->n_options; i++)
        found |= strcmp(d->options[i].name, name) == 0;
    return found;
}

Test(step_functions, derivatives_are_those_of_the_values) {
    size_t n;
    const struct step_function_decl *const *decls = step_function_decls(&n);
    cr_assert_geq(n, 14);
    for (size_t i = 0; i < n; i++) {
        const struct step_function *f = step_function_find(decls[i]->id);
        cr_assert_not_null(f, "%s", decls[i]->id);
        if (!decls[i]->can_be_target)
            continue;
        for (int y = 0; y < V; y++)
            for (int foil = 0; foil < (decls[i]->contrastive ? V : 1); foil++)
                for (int own = 0; own < 2; own++) {
                    check_derivative(f, false, own, y, foil);
                    if (has_option(decls[i], "logprob"))
                        check_derivative(f, true, own, y, foil);
                    if (decls[i]->contrastive && !own) {
                        check_contrast_derivative(f, false, y, foil);
                        if (has_option(decls[i], "logprob"))
                            check_contrast_derivative(f, true, y, foil);
                    }
                }
    }
}

Test(step_functions, contrast_with_oneself_is_zero_everywhere) {
    static const char *const ids[] = {"contrast_logits_diff", "contrast_prob_diff", "pcxmi",
                                      "in_context_pvi", "kl_divergence"};
    for (int i = 0; i < 5; i++) {
        const struct step_function *f = step_function_find(ids[i]);
        struct option_set s = options_of(f, false);
        const double bound = strcmp(ids[i], "kl_divergence") == 0
                                 ? 1e-7
                                 : 0; /* rounding must not leave a map of noise */
        for (int y = 0; y < 60; y++) {
            float z[V], derivative[V];
            for (int k = 0; k < V; k++)
                z[k] = (float)(3 * sin(7 * y + 2.5 * k));
            struct step_view v = view_of(f, z, z, y % V, y % V, &s);
            f->derivative(&v, derivative);
            cr_expect_eq(f->value(&v), 0);
            for (int k = 0; k < V; k++)
                cr_expect(fabs(derivative[k]) <= bound, "%s: %g", ids[i], (double)derivative[k]);
        }
        option_set_dispose(&s);
    }
}

/* float exp would overflow at 89 and lose everything below −104. */
Test(step_functions, extreme_logits_stay_finite) {
    const float far[V] = {3000, -3000, 2999, 0, -INFINITY};
    float derivative[V];
    size_t n;
    const struct step_function_decl *const *decls = step_function_decls(&n);
    for (size_t i = 0; i < n; i++) {
        const struct step_function *f = step_function_find(decls[i]->id);
        if (!f->decl.can_be_target)
            continue;
        struct option_set s = options_of(f, false);
        struct step_view v = view_of(f, far, far, 0, 2, &s);
        cr_expect(isfinite(f->value(&v)), "%s", decls[i]->id);
        f->derivative(&v, derivative);
        for (int k = 0; k < V; k++)
            cr_expect(isfinite(derivative[k]), "%s: ∂/∂z[%d] is %g", decls[i]->id, k,
                      (double)derivative[k]);
        option_set_dispose(&s);
    }
    expect_near("probability", value_of("probability", false, far, far, 0, 0), 1 / (1 + exp(-1)));
    cr_expect_eq(value_of("probability", false, far, far, 1, 1), 0);
}

/* Of 1 − p[y] in float32 nothing would be left. */
Test(step_functions, a_nearly_certain_token_has_an_exact_derivative) {
    const float certain[V] = {0, 14, 1, -2, 0.5f};
    const struct step_function *f = step_function_find("probability");
    struct option_set s = options_of(f, false);
    const struct step_view v = view_of(f, certain, certain, 1, 1, &s);
    float d[V];
    double rest = 0;
    f->derivative(&v, d);
    for (int i = 0; i < V; i++)
        rest += i == 1 ? 0 : p_of(certain, i);
    const double want = p_of(certain, 1) * rest;
    cr_expect(rest < 1e-5 && fabs(d[1] - want) < 1e-6 * want, "%.9g, not %.9g", d[1], want);
    option_set_dispose(&s);
}

Test(step_functions, unknown_names_are_not_found) {
    cr_expect_null(step_function_find("probabilty"));
    cr_expect_null(step_function_find(""));
    cr_expect_null(step_function_decl_find("entropy "));
}

static double kl_of(const float *z, const float *q, const bool *keep) {
    double sum_p = 0, sum_q = 0, kl = 0;
    for (int i = 0; i < V; i++) {
        sum_p += keep[i] ? p_of(z, i) : 0;
        sum_q += keep[i] ? p_of(q, i) : 0;
    }
    for (int i = 0; i < V; i++)
        kl += keep[i] ? p_of(z, i) / sum_p * log(p_of(z, i) / sum_p / (p_of(q, i) / sum_q)) : 0;
    return kl;
}

/* z + z′ is −0.25, −0.25, 2.25, 2.5, −0.5: of these the largest two hold 0.82 of the mass,
 * the largest 0.46. */
Test(step_functions, divergence_counts_what_the_filters_leave) {
    static const struct {
        double top_k, top_p, least;
        bool keep[V];
    } cases[] = {
        {0, 1, 1, {1, 1, 1, 1, 1}},   {1, 1, 1, {0, 0, 0, 1, 0}},   {2, 1, 1, {0, 0, 1, 1, 0}},
        {3, 1, 1, {1, 1, 1, 1, 0}}, /* equals stay */
        {0, 0.4, 1, {0, 0, 0, 1, 0}}, {0, 0.8, 1, {0, 0, 1, 1, 0}}, {0, 0, 2, {0, 0, 1, 1, 0}},
        {1, 0.8, 1, {0, 0, 0, 1, 0}}, {9, 1, 1, {1, 1, 1, 1, 1}},   {1, 1, 2, {0, 0, 1, 1, 0}},
    };
    const struct step_function *f = step_function_find("kl_divergence");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct option_set s = options_of(f, false);
        set_number(&s, "top_k", cases[i].top_k);
        set_number(&s, "top_p", cases[i].top_p);
        set_number(&s, "min_tokens_to_keep", cases[i].least);
        struct step_view v = view_of(f, row, other, 0, 0, &s);
        expect_near("divergence", f->value(&v), kl_of(row, other, cases[i].keep));
        option_set_dispose(&s);
        check_derivative(f, false, false, 0, 0);
    }
}

Test(step_functions, top_p_size_counts_the_smallest_set) {
    static const struct {
        double top_p, want;
    } cases[] = {{0, 1}, {0.3, 1}, {0.6, 2}, {0.8, 2}, {0.9, 3}, {0.97, 4}, {1, 5}};
    const struct step_function *f = step_function_find("top_p_size");
    cr_expect_not(f->decl.can_be_target);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct option_set s = options_of(f, false);
        set_number(&s, "top_p", cases[i].top_p);
        struct step_view v = view_of(f, row, row, 0, 0, &s);
        cr_expect_eq(f->value(&v), cases[i].want, "%g: %g", cases[i].top_p, f->value(&v));
        option_set_dispose(&s);
    }
}

Test(step_functions, dropout_is_measured_in_deviations_of_the_noisy) {
    double mean = 0, squares = 0;
    for (int i = 0; i < 4; i++)
        mean += exp(noisy[i]) / 4;
    for (int i = 0; i < 4; i++)
        squares += (exp(noisy[i]) - mean) * (exp(noisy[i]) - mean);
    expect_near("probability", value_of("mc_dropout_prob_avg", false, row, row, 2, 2),
                (p_of(row, 2) - mean) / sqrt(squares / 3));
    expect_near("logarithm", value_of("mc_dropout_prob_avg", true, row, row, 2, 2),
                (log(p_of(row, 2)) + 1.125) /
                    sqrt((0.375 * 0.375 + 0.875 * 0.875 + 0.875 * 0.875 + 0.375 * 0.375) / 3));
}
