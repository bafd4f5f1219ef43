/* Methods from shared objects: the examples say what our own methods say of a toy model; what is
 * wrong is refused with a reason, and what fails on the way ends the run. */
#include "backend/base/mem.h"
#include "methods/own/method_plugin.h"
#include "methods/registry.h"
#include "tests/methods/toy.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static enum err_code load(const char *name, struct err *e) {
    const char *build = getenv("TINSEQ_BUILD");
    char *path = mem_format("%s/plugins/%s.so", build ? build : "build", name);
    enum err_code code = method_plugin_load(path, e);
    free(path);
    return code;
}

static void must_load(const char *name) {
    struct err e = {0};
    cr_assert_eq(load(name, &e), ERR_OK, "%s", e.message);
}

static void expect_same(const struct scores *a, const struct scores *b, const char *what) {
    cr_assert_eq(scores_count(a), scores_count(b), "%s", what);
    for (int64_t i = 0; i < scores_count(b); i++)
        cr_expect(
            (isnan(a->data[i]) && isnan(b->data[i])) || fabsf(a->data[i] - b->data[i]) <= 2e-6f,
            "%s [%d]: %g, should be %g", what, (int)i, (double)a->data[i], (double)b->data[i]);
}

/* One of the user's against one of ours; its option and ours. */
static void compare(bool encoder_decoder, bool target, const char *own, const char *method,
                    const char *option) {
    struct session a, b;
    must_load(own);
    session_init(&a, encoder_decoder, own, "logit");
    session_init(&b, encoder_decoder, method, "logit");
    a.in.attribute_target = b.in.attribute_target = target;
    session_score(&a, "probability");
    session_score(&b, "probability");
    if (option) {
        session_option(&a, "points", "7");
        session_option(&b, "n_steps", "7");
        session_option(&b, "method", option);
    }
    cr_assert_eq(session_run(&a), ERR_OK, "%s", a.err.message);
    cr_assert_eq(session_run(&b), ERR_OK, "%s", b.err.message);
    session_check_nan(&a);
    cr_expect_eq(a.out.class, b.out.class);
    expect_same(&a.out.source_attributions, &b.out.source_attributions, own);
    expect_same(&a.out.target_attributions, &b.out.target_attributions, own);
    expect_same(&a.out.step_scores[0].scores, &b.out.step_scores[0].scores, "probability");
    session_dispose(&a);
    session_dispose(&b);
}

Test(method_plugin, other_tokens_say_what_occlusion_says) {
    compare(false, false, "blank", "occlusion", NULL);
    compare(true, true, "blank", "occlusion", NULL);
    compare(true, false, "blank", "occlusion", NULL);
}

Test(method_plugin, gradients_on_a_line_say_what_integrated_gradients_say) {
    compare(false, false, "straight", "integrated_gradients", "\"riemann_middle\"");
    compare(true, true, "straight", "integrated_gradients", "\"riemann_middle\"");
    compare(true, false, "straight", "integrated_gradients", "\"riemann_middle\"");
}

Test(method_plugin, its_options_are_followed) {
    struct session s;
    bool negative = false;
    must_load("blank");
    session_init(&s, false, "blank", "logit");
    session_option(&s, "with_sign", "1");
    cr_assert_eq(session_run(&s), ERR_OK, "%s", s.err.message);
    for (int64_t i = 0; i < scores_count(&s.out.target_attributions); i++)
        negative |= s.out.target_attributions.data[i] < 0;
    cr_expect(negative);
    session_dispose(&s);
}

Test(method_plugin, is_listed_once_with_what_it_says_and_costs) {
    size_t n, again;
    must_load("straight");
    const struct method_decl *const *all = method_decls(&n);
    cr_expect_str_eq(all[n - 1]->id, "straight");
    cr_expect_eq(all[n - 1]->family, FAMILY_GRADIENT);
    must_load("straight");
    method_decls(&again);
    cr_expect_eq(n, again);
    struct option_set options;
    const struct model_config config = {.n_vocab = 10, .n_width = 4, .n_layers = 1, .n_heads = 1};
    const struct method *m = method_find("straight");
    option_set_init(&options, m->decl.options, m->decl.n_options);
    struct cost c = {0}, twice = {0};
    const struct cost_input in = {.config = &config,
                                  .n_target = 5,
                                  .n_steps = 3,
                                  .options = &options,
                                  .memory_budget = 1 << 20,
                                  .element_bytes = 4};
    m->cost(&c, &in);
    options.values[0].number *= 2;
    m->cost(&twice, &in);
    cr_expect_float_eq(twice.logit_gradients, 2 * c.logit_gradients, 1e-9);
    cr_expect_gt(c.logit_gradients, 0);
    option_set_dispose(&options);
}

Test(method_plugin, what_is_wrong_is_refused_with_a_reason) {
    static const struct {
        const char *name, *message;
    } wrong[] = {
        {"bad_method1", "version 2 of tinseq-method.h, this program has version 1"},
        {"bad_method2", "has 8 bytes"},
        {"bad_method3", "called occlusion already"},
        {"bad_method4", "has no run"},
        {"bad_method7", "a default outside its range"},
        {"margin", "has no \"const struct tinseq_method"},
        {"missing", "cannot be loaded"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct err e = {0};
        cr_expect_eq(load(wrong[i].name, &e), ERR_USAGE, "%s", wrong[i].name);
        cr_expect_not_null(strstr(e.message, wrong[i].message), "%s: %s", wrong[i].name, e.message);
    }
}

Test(method_plugin, what_fails_on_the_way_ends_the_run) {
    struct session s;
    must_load("bad_method5");
    session_init(&s, false, "bad_day", "logit");
    cr_expect_eq(session_run(&s), ERR_USAGE);
    cr_expect_str_eq(s.err.message, "bad_day: it is a bad day");
    session_dispose(&s);
    must_load("bad_method6");
    session_init(&s, false, "wrong", "logit");
    cr_expect_eq(session_run(&s), ERR_USAGE);
    cr_expect_str_eq(s.err.message, "there is no token -1");
    session_dispose(&s);
}

Test(method_plugin, a_cancel_ends_the_run) {
    struct session s;
    must_load("straight");
    session_init(&s, false, "straight", "logit");
    s.model.cancel_at = 6;
    cr_expect_eq(session_run(&s), ERR_CANCELLED);
    session_dispose(&s);
}
