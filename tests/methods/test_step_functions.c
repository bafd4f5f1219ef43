/* Step functions on small rows of logits: values in closed form, derivatives against central differences of the double values. */
#include "methods/step_functions/step_function.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
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
static struct option_set options_of(const struct step_function *f, bool logprob) {
    struct option_set s;
    struct err e = {0};
    bool known = true;
    option_set_init(&s, f->decl.options, f->decl.n_options);
    if (logprob) {
        cJSON *v = cJSON_CreateTrue();
        cr_assert_eq(option_set_json(&s, f->decl.id, "logprob", v, &known, &e), ERR_OK, "%s", e.message);
        cr_assert(known);
        cJSON_Delete(v);
    }
    return s;
}

static double value_of(const char *id, bool logprob, const float *z, const float *q, int y, int foil) {
    const struct step_function *f = step_function_find(id);
    cr_assert_not_null(f, "%s", id);
    struct option_set s = options_of(f, logprob);
    struct step_view v = {z, q, V, y, foil, &s};
    double x = f->value(&v);
    option_set_dispose(&s);
    return x;
}

static void expect_near(const char *what, double got, double want) {
    cr_expect(fabs(got - want) <= 1e-6 * (1 + fabs(want)), "%s: %.9g, should be %.9g", what, got, want);
}

Test(step_functions, values_in_closed_form) {
    double entropy = 0;
    for (int i = 0; i < V; i++)
        entropy -= p_of(row, i) * log(p_of(row, i));
    for (int y = 0; y < V; y++) {
        expect_near("logit", value_of("logit", false, row, row, y, y), row[y]);
        expect_near("probability", value_of("probability", false, row, row, y, y), p_of(row, y));
        expect_near("log probability", value_of("probability", true, row, row, y, y), log(p_of(row, y)));
        expect_near("entropy", value_of("entropy", false, row, row, y, y), entropy);
        expect_near("crossentropy", value_of("crossentropy", false, row, row, y, y), -log(p_of(row, y)));
        expect_near("perplexity", value_of("perplexity", false, row, row, y, y), pow(2, -log(p_of(row, y))));
    }
}

Test(step_functions, contrasts_against_own_and_other_logits) {
    for (int y = 0; y < V; y++)
        for (int foil = 0; foil < V; foil++) {
            expect_near("logits, own", value_of("contrast_logits_diff", false, row, row, y, foil), (double)row[y] - row[foil]);
            expect_near("logits, other", value_of("contrast_logits_diff", false, row, other, y, foil), (double)row[y] - other[foil]);
            expect_near("probability, own", value_of("contrast_prob_diff", false, row, row, y, foil), p_of(row, y) - p_of(row, foil));
            expect_near("probability, other", value_of("contrast_prob_diff", false, row, other, y, foil), p_of(row, y) - p_of(other, foil));
            expect_near("logarithms, other", value_of("contrast_prob_diff", true, row, other, y, foil), log(p_of(row, y) / p_of(other, foil)));
        }
}

/* The derivative of every element against (f(z + h) − f(z − h)) / 2h; the step is what float holds of it. */
static void check_derivative(const struct step_function *f, bool logprob, bool own, int y, int foil) {
    struct option_set s = options_of(f, logprob);
    float z[V], derivative[V];
    memcpy(z, row, sizeof z);
    struct step_view v = {z, own ? z : other, V, y, foil, &s};
    memset(derivative, 0x7f, sizeof derivative); /* must be overwritten, not added to */
    f->derivative(&v, derivative);
    for (int i = 0; i < V; i++) {
        float up = row[i] + 0x1p-10f, down = row[i] - 0x1p-10f;
        z[i] = up;
        double above = f->value(&v);
        z[i] = down;
        double below = f->value(&v), want = (above - below) / ((double)up - down);
        z[i] = row[i];
        cr_expect(fabs(derivative[i] - want) <= 1e-5 * (1 + fabs(want)), "%s%s, y %d, foil %d, %s logits: ∂/∂z[%d] is %g, differences give %g", f->decl.id,
                  logprob ? " (logprob)" : "", y, foil, own ? "own" : "other", i, (double)derivative[i], want);
    }
    option_set_dispose(&s);
}

Test(step_functions, derivatives_are_those_of_the_values) {
    size_t n;
    const struct step_function_decl *const *decls = step_function_decls(&n);
    cr_assert_geq(n, 7);
    for (size_t i = 0; i < n; i++) {
        const struct step_function *f = step_function_find(decls[i]->id);
        cr_assert_not_null(f, "%s", decls[i]->id);
        if (!decls[i]->can_be_target)
            continue;
        for (int y = 0; y < V; y++)
            for (int foil = 0; foil < (decls[i]->contrastive ? V : 1); foil++)
                for (int own = 0; own < 2; own++) {
                    check_derivative(f, false, own, y, foil);
                    if (decls[i]->n_options)
                        check_derivative(f, true, own, y, foil);
                }
    }
}

Test(step_functions, contrast_with_oneself_is_zero_everywhere) {
    static const char *const ids[] = {"contrast_logits_diff", "contrast_prob_diff"};
    for (int i = 0; i < 2; i++) {
        const struct step_function *f = step_function_find(ids[i]);
        struct option_set s = options_of(f, false);
        struct step_view v = {row, row, V, 2, 2, &s};
        float derivative[V];
        f->derivative(&v, derivative);
        cr_expect_eq(f->value(&v), 0);
        for (int k = 0; k < V; k++)
            cr_expect(fabs(derivative[k]) < 1e-7, "%s: %g", ids[i], (double)derivative[k]);
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
        struct option_set s = options_of(f, false);
        struct step_view v = {far, far, V, 0, 2, &s};
        cr_expect(isfinite(f->value(&v)), "%s", decls[i]->id);
        f->derivative(&v, derivative);
        for (int k = 0; k < V; k++)
            cr_expect(isfinite(derivative[k]), "%s: ∂/∂z[%d] is %g", decls[i]->id, k, (double)derivative[k]);
        option_set_dispose(&s);
    }
    expect_near("probability", value_of("probability", false, far, far, 0, 0), 1 / (1 + exp(-1)));
    cr_expect_eq(value_of("probability", false, far, far, 1, 1), 0);
}

Test(step_functions, unknown_names_are_not_found) {
    cr_expect_null(step_function_find("probabilty"));
    cr_expect_null(step_function_find(""));
    cr_expect_null(step_function_decl_find("entropy "));
}
