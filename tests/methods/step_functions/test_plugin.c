/* Step functions from shared objects: the example is found, counts and differentiates; what is
 * wrong is refused with a reason. */
#include "backend/base/mem.h"
#include "methods/request/attribute.h"
#include "methods/step_functions/expression.h"
#include "methods/step_functions/plugin.h"
#include "methods/step_functions/registry.h"
#include "methods/step_functions/step_function.h"
#include "tests/methods/toy.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static char *plugin_path(const char *name) {
    const char *build = getenv("TINSEQ_BUILD");
    return mem_format("%s/plugins/%s.so", build ? build : "build", name);
}

static enum err_code load(const char *name, struct err *e) {
    char *path = plugin_path(name);
    enum err_code code = step_plugin_load(path, e);
    free(path);
    return code;
}

static const struct step_function *margin(void) {
    struct err e = {0};
    cr_assert_eq(load("margin", &e), ERR_OK, "%s", e.message);
    const struct step_function *f = step_function_find("margin");
    cr_assert_not_null(f);
    return f;
}

Test(plugin, is_found_by_its_name_and_listed) {
    const struct step_function *f = margin();
    size_t n;
    const struct step_function_decl *const *decls = step_function_decls(&n);
    cr_expect_eq(decls[n - 1], &f->decl);
    cr_expect_eq(step_function_decl_find("margin"), &f->decl);
    cr_expect(f->decl.contrastive && f->decl.can_be_target);
    cr_expect_str_eq(f->decl.options[0].name, "power");
    margin(); /* again: no error, no second one */
    size_t again;
    step_function_decls(&again);
    cr_expect_eq(n, again);
}

Test(plugin, counts_and_differentiates) {
    static const float row[4] = {0.5f, -1, 2, 0}, other[4] = {1, 0, -2, 0.25f};
    const struct step_function *f = margin();
    struct option_set s;
    float d[4];
    option_set_init(&s, f->decl.options, f->decl.n_options);
    s.values[0].number = 2;
    struct step_view v = {.logits = row,
                          .contrast_logits = other,
                          .n_vocab = 4,
                          .target = 2,
                          .contrast = 3,
                          .options = &s,
                          .function = f};
    cr_expect_float_eq(f->value(&v), 1.75 * 1.75, 1e-12);
    f->derivative(&v, d);
    cr_expect(d[2] == 3.5f && d[3] == 0, "the contrast is held");
    f->contrast_derivative(&v, d);
    cr_expect(d[2] == 0 && d[3] == -3.5f);
    v.contrast_logits = row;
    f->derivative(&v, d);
    cr_expect(d[2] == 4 && d[3] == -4, "both, where they are the same");
    option_set_dispose(&s);
}

Test(plugin, can_be_part_of_an_expression) {
    static const float row[4] = {0.5f, -1, 2, 0};
    const struct step_function *f;
    struct err e = {0};
    margin();
    cr_assert_eq(expression_function(&f, "2*margin()", &e), ERR_OK, "%s", e.message);
    struct step_view v = {.logits = row,
                          .contrast_logits = row,
                          .n_vocab = 4,
                          .target = 2,
                          .contrast = 1,
                          .function = f};
    cr_expect_float_eq(f->value(&v), 6, 1e-12);
}

/* With its default, the first power, it is contrast_logits_diff. */
Test(plugin, can_be_explained) {
    static const int32_t contrast[6] = {3, 4, 5, 6, 3, 4};
    static const int64_t alignment[4] = {2, 3, 4, 5};
    struct session s, reference;
    margin();
    session_init(&s, false, "input_x_gradient", "margin");
    session_init(&reference, false, "input_x_gradient", "contrast_logits_diff");
    session_contrast(&s, contrast, 6, alignment);
    session_contrast(&reference, contrast, 6, alignment);
    session_score(&s, "margin");
    session_score(&reference, "contrast_logits_diff");
    cr_assert_eq(session_run(&s), ERR_OK, "%s", s.err.message);
    cr_assert_eq(session_run(&reference), ERR_OK, "%s", reference.err.message);
    const struct scores *a = &s.out.target_attributions, *b = &reference.out.target_attributions;
    for (int64_t i = 0; i < scores_count(a); i++)
        cr_expect((isnan(a->data[i]) && isnan(b->data[i])) ||
                      fabsf(a->data[i] - b->data[i]) <= 1e-6f,
                  "%g, should be %g", (double)a->data[i], (double)b->data[i]);
    for (int c = 0; c < 4; c++)
        cr_expect_float_eq(s.out.step_scores[0].scores.data[c],
                           reference.out.step_scores[0].scores.data[c], 1e-6);
    session_dispose(&s);
    session_dispose(&reference);
}

Test(plugin, what_is_wrong_is_refused_with_a_reason) {
    static const struct {
        const char *name, *message;
    } wrong[] = {
        {"bad1", "version 3 of tinseq-step.h"},
        {"bad2", "has 8 bytes"},
        {"bad3", "letters, digits"},
        {"bad4", "called entropy already"},
        {"bad5", "has no \"const struct tinseq_step"},
        {"bad7", "is for version 1 of tinseq-step.h, this program has version 2: build it anew"},
        {"bad8", "states"},
        {"missing", "cannot be loaded"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct err e = {0};
        cr_expect_eq(load(wrong[i].name, &e), ERR_USAGE, "%s", wrong[i].name);
        cr_expect_not_null(strstr(e.message, wrong[i].message), "%s: %s", wrong[i].name, e.message);
    }
}

Test(plugin, says_what_it_looks_at) {
    struct err e = {0};
    cr_assert_eq(load("context", &e), ERR_OK, "%s", e.message);
    cr_assert_eq(load("depth", &e), ERR_OK, "%s", e.message);
    cr_expect_str_eq(step_function_decl_find("context")->sees,
                     "the last hidden state, and another run of the model");
    cr_expect_str_eq(step_function_decl_find("depth")->sees, "the hidden states of all layers");
    cr_expect_null(step_function_decl_find("logit")->sees);
    const struct step_function *f;
    cr_assert_eq(expression_function(&f, "context() - context()*2", &e), ERR_OK,
                 "the same function twice: %s", e.message);
    cr_expect(f->run && f->states == TINSEQ_STEP_LAST_STATE);
    cr_assert_eq(expression_function(&f, "depth() + context()", &e), ERR_OK, "%s", e.message);
    cr_expect(f->run && f->states == TINSEQ_STEP_ALL_STATES);
}

Test(plugin, without_a_derivative_it_is_a_score_only) {
    struct err e = {0};
    cr_assert_eq(load("bad6", &e), ERR_OK, "%s", e.message);
    const struct step_function *f = step_function_find("score_only");
    cr_assert_not_null(f);
    cr_expect_not(f->decl.can_be_target);
    struct attribute_request r = {.input_text = "a", .attributed_fn = "score_only"};
    cr_expect_eq(attribute_check(&r, &e), ERR_USAGE);
    cr_expect_not_null(strstr(e.message, "no derivative"), "%s", e.message);
    const char *scores[] = {"score_only"};
    r = (struct attribute_request){.input_text = "a", .step_scores = {scores, 1}};
    cr_expect_eq(attribute_check(&r, &e), ERR_OK, "%s", e.message);
}
