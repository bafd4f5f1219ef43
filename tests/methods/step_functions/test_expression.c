/* Expressions: values against the same formula in C, derivatives against differences, and texts
 * that are none. */
#include "methods/step_functions/expression.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { N = 6 };

static const float row[N] = {0.5f, -1.25f, 2.0f, 0.0f, 1.5f, -0.5f},
                   other[N] = {-0.75f, 1.0f, 0.25f, 2.5f, -2.0f, 0.125f};

static struct step_view view_of(const struct step_function *f, const float *z, const float *q) {
    return (struct step_view){
        .logits = z, .contrast_logits = q, .n_vocab = N, .target = 2, .contrast = 4, .function = f};
}

static const struct step_function *parsed(const char *text) {
    const struct step_function *f = NULL;
    struct err e = {0};
    cr_assert_eq(expression_function(&f, text, &e), ERR_OK, "%s: %s", text, e.message);
    return f;
}

static double value_of(const char *text) {
    const struct step_function *f = parsed(text);
    struct step_view v = view_of(f, row, other);
    return f->value(&v);
}

static double p_of(const float *z, int y) {
    double sum = 0;
    for (int i = 0; i < N; i++)
        sum += exp((double)z[i]);
    return exp((double)z[y]) / sum;
}

static void expect(const char *text, double want) {
    double got = value_of(text);
    cr_expect(fabs(got - want) <= 1e-9 * (1 + fabs(want)), "%s: %.12g, should be %.12g", text, got,
              want);
}

Test(expression, arithmetic_is_that_of_school) {
    expect("(1 + 2)", 3);
    expect("1 - 2 - 3*0", -1);
    expect("2*3 + 4*5", 26);
    expect("12 / 2 / 3*1", 2);
    expect("-2^2", -4);
    expect("2^-1*1", 0.5);
    expect("2^3^2*1", 512);
    expect("--3*1", 3);
    expect("( ( 1.5e2 ) )", 150);
}

Test(expression, names_are_what_they_say) {
    double entropy = 0;
    for (int i = 0; i < N; i++)
        entropy -= p_of(row, i) * log(p_of(row, i));
    expect("logit(y)", 2);
    expect("logit(foil)", 1.5);
    expect("logit(#3)", 0);
    expect("contrast_logit(foil)", -2);
    expect("prob(y)", p_of(row, 2));
    expect("contrast_prob(y)", p_of(other, 2));
    expect("logprob(foil) - contrast_logprob(#0)", log(p_of(row, 4)) - log(p_of(other, 0)));
    expect("entropy()", entropy);
    expect("logit(y) - 0.5*entropy()", 2 - 0.5 * entropy);
    expect("contrast_prob_diff()", p_of(row, 2) - p_of(other, 4));
    expect("max(logit(y), logit(foil)) + min(1, abs(-3))", 3);
    expect("log(exp(2)) + sqrt(16) + tanh(0) + sigmoid(0)", 6.5);
}

/* Both derivatives of every kind of term against differences of the values. */
Test(expression, derivatives_go_through_everything) {
    static const char *const texts[] = {
        "logit(y) - 0.5*entropy()",
        "prob(y)*prob(foil)",
        "logprob(y)/(3 + contrast_logit(foil))",
        "(2 + prob(y))^(1 + prob(foil))",
        "exp(prob(y)) - log(prob(#0))",
        "sqrt(entropy())*tanh(logit(#3))",
        "sigmoid(logit(y) - contrast_logit(#1))",
        "abs(-logit(y))",
        "min(logit(y), logit(foil))",
        "max(logit(y), logit(foil))",
        "kl_divergence()^2",
        "contrast_prob_diff()*pcxmi() - contrast_logprob(#5)",
        "-crossentropy()",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const struct step_function *f = parsed(texts[i]);
        for (int which = 0; which < 3; which++) { /* z with another z′; z′; both one array */
            float z[N], q[N], d[N], *moved = which == 1 ? q : z;
            memcpy(z, row, sizeof z);
            memcpy(q, other, sizeof q);
            struct step_view v = view_of(f, z, which == 2 ? z : q);
            memset(d, 0x7f, sizeof d);
            (which == 1 ? f->contrast_derivative : f->derivative)(&v, d);
            for (int k = 0; k < N; k++) {
                const float at = moved[k];
                moved[k] = at + 0x1p-10f;
                double above = f->value(&v);
                moved[k] = at - 0x1p-10f;
                double below = f->value(&v), want = (above - below) / 0x1p-9;
                moved[k] = at;
                cr_expect(fabs(d[k] - want) <= 2e-5 * (1 + fabs(want)),
                          "%s, %d: ∂/∂z[%d] is %g, differences give %g", texts[i], which, k,
                          (double)d[k], want);
            }
        }
    }
}

Test(expression, the_same_text_is_the_same_function) {
    cr_expect_eq(parsed("logit(y) + 1"), parsed("logit(y) + 1"));
    cr_expect_neq(parsed("logit(y) + 1"), parsed("logit(y) + 2"));
    cr_expect(parsed("prob(foil)")->decl.contrastive);
    cr_expect(parsed("pcxmi()")->decl.contrastive);
    cr_expect_not(parsed("prob(y)")->decl.contrastive);
}

Test(expression, says_where_it_is_wrong) {
    static const struct {
        const char *text, *message;
    } wrong[] = {
        {"", "character 1"},
        {"1 +", "character 4"},
        {"logit(z)", "character 7: a token is"},
        {"entrpy()", "did you mean entropy"},
        {"(1", "\")\" is missing"},
        {"1 2", "operator is missing"},
        {"min(1)", "\",\" is missing"},
        {"top_p_size()", "cannot be part"},
        {"mc_dropout_prob_avg()", "cannot be part"},
        {"1..2", "no number"},
        {"1e999", "no number"},
        {"logit(#99999999999)", "too large"},
        {"prob(y", "missing"},
        {"@", "missing"},
        {"y", "missing"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const struct step_function *f = NULL;
        struct err e = {0};
        cr_expect_eq(expression_function(&f, wrong[i].text, &e), ERR_USAGE, "%s", wrong[i].text);
        cr_expect_null(f);
        cr_expect_not_null(strstr(e.message, wrong[i].message), "%s: %s", wrong[i].text, e.message);
    }
}

Test(expression, depth_and_length_are_limited) {
    char text[EXPRESSION_LONGEST + 3];
    struct expression *x;
    struct err e = {0};
    for (int n = 1; n <= EXPRESSION_LONGEST / 2 - 1; n++) {
        memset(text, '(', (size_t)n);
        text[n] = '1';
        memset(text + n + 1, ')', (size_t)n);
        text[2 * n + 1] = 0;
        enum err_code code = expression_parse(&x, text, &e);
        cr_expect_eq(code, n < EXPRESSION_DEEPEST ? ERR_OK : ERR_USAGE, "%d parentheses", n);
        if (code == ERR_OK)
            expression_free(x);
    }
    memset(text, '-', EXPRESSION_LONGEST);
    snprintf(text + EXPRESSION_LONGEST, 3, "1");
    cr_expect_eq(expression_parse(&x, text, &e), ERR_USAGE, "too long");
    cr_expect_eq(expression_parse(&x, text + 1, &e), ERR_USAGE, "too deep");
    cr_expect_eq(expression_parse(&x, text + EXPRESSION_LONGEST - 10, &e), ERR_OK, "%s", e.message);
    expression_free(x);
}
