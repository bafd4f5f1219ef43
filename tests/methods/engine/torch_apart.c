/* Models whose rotations depend on how long a text is (tests/fixtures: llama-dynamic, where every
 * length beyond 8 has its own, llama-longrope and phi3-longrope, where all have other ones): steps
 * that are run together are what each is when it is run alone. That these are Transformers' is in
 * the families' fixtures. */
#include "aggregators/aggregate.h"
#include "backend/base/mem.h"
#include "backend/model.h"
#include "methods/evaluation/faithfulness.h"
#include "methods/registry.h"
#include "methods/request/attribute.h"
#include "tests/backend/tiny.h"
#include "tests/backend/tree.h"
#include "tests/methods/engine/step_sight_checks.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* 7 tokens, and 12: the first two steps read no more than 8, of the foil, which is a token shorter,
 * the first three. */
#define PROMPT "The nurse said hello to the"
#define TEXT "The nurse said hello to the cat and the dog"
#define FOIL "The nurse said he to the city and the dog"

static const char *const names[] = {"llama-dynamic", "llama-longrope", "phi3-longrope"};

static struct model *opened(const char *name) {
    char *folder = tiny_folder(name);
    struct model *m = step_sight_open_model(folder);
    free(folder);
    return m;
}

static struct attribution *attributed(struct model *m, const struct attribute_request *r) {
    struct attribution *a = NULL;
    struct err e = {0};
    cr_assert_eq(attribute_run(&a, m, r, NULL, NULL, &e), ERR_OK, "%s: %s", r->method, e.message);
    return a;
}

/* How far column g of `all` is from the one column of `one`, relative to its largest. */
static double apart(const struct scores *all, const struct scores *one, int64_t g) {
    const int64_t cell = scores_cell(one);
    double largest = 0, worst = 0;
    cr_assert_eq(all->data != NULL, one->data != NULL);
    cr_assert_eq(scores_cell(all), cell);
    for (int64_t i = 0; one->data && i < one->dims[0] * cell; i++) {
        const double x = all->data[(i / cell * all->dims[1] + g) * cell + i % cell],
                     y = one->data[i];
        cr_assert_eq(isnan(x) != 0, isnan(y) != 0);
        largest = isnan(y) ? largest : fmax(largest, fabs(y));
        worst = isnan(y) ? worst : fmax(worst, fabs(x - y));
    }
    return worst / (largest > 0 ? largest : 1);
}

/* Whether a column is what it is alone. */
static void expect_alike(const struct attribution *whole, const struct attribution *alone,
                         int64_t g, const char *what) {
    const struct attribution_sequence *all = &whole->sequences[0], *one = &alone->sequences[0];
    const double d = apart(&all->target_attributions, &one->target_attributions, g);
    cr_expect(d <= 1e-6, "%s: column %d is %g from what it is alone", what, (int)g, d);
    cr_assert_eq(all->n_step_scores, one->n_step_scores);
    for (size_t i = 0; i < one->n_step_scores; i++) {
        const double x = all->step_scores[i].scores.data[g], y = one->step_scores[i].scores.data[0];
        cr_expect((isnan(x) && isnan(y)) || fabs(x - y) <= 1e-6 * fmax(1, fabs(y)),
                  "%s: %s of column %d is %g, and alone %g", what, one->step_scores[i].name, (int)g,
                  x, y);
    }
    cr_expect(all->candidates[g].n == one->candidates[0].n &&
                  all->candidates[g].items[0].id == one->candidates[0].items[0].id,
              "%s: candidates of column %d", what, (int)g);
}

/* From column `first` on. */
static void check_columns(struct model *m, const struct attribute_request *r, int64_t first) {
    struct attribution *whole = attributed(m, r);
    const int64_t start = whole->sequences[0].attr_pos_start;
    for (int64_t g = first; g < attribution_steps(&whole->sequences[0]); g++) {
        struct attribute_request own = *r;
        own.attr_pos_start = optional_of(start + g);
        own.attr_pos_end = optional_of(start + g + 1);
        struct attribution *alone = attributed(m, &own);
        expect_alike(whole, alone, g, r->method);
        attribution_release(alone);
    }
    attribution_release(whole);
}

static struct attribute_request request_of(const char *method, const char *kwargs) {
    return (struct attribute_request){.input_text = PROMPT,
                                      .generated_text = TEXT,
                                      .method = method,
                                      .attribution_kwargs = kwargs};
}

/* Against the foil, token by token, with its own run. */
static struct attribute_request against_foil(const char *method) {
    static struct align_link links[] = {{7, 6}, {8, 7}, {9, 8}, {10, 9}, {11, 10}};
    struct attribute_request r = request_of(method, NULL);
    r.attributed_fn = "contrast_prob_diff";
    r.contrast_targets = FOIL;
    r.contrast_alignment = (struct alignment){ALIGN_PAIRS, links, 5};
    r.contrast_force_inputs = true;
    return r;
}

static const char *quick(const char *method) {
    static const char *const kwargs[][2] = {
        {"integrated_gradients", "{\"n_steps\": 3, \"return_convergence_delta\": true}"},
        {"gradient_shap", "{\"n_samples\": 2}"},
        {"sequential_integrated_gradients", "{\"n_steps\": 2}"},
        {"discretized_integrated_gradients", "{\"n_steps\": 3}"},
        {"guided_integrated_gradients", "{\"n_steps\": 2}"},
        {"layer_integrated_gradients", "{\"layers\": \"all\", \"n_steps\": 2}"},
        {"layer_gradient", "{\"layers\": \"all\", \"module\": \"mlp\"}"},
        {"lime", "{\"n_samples\": 4}"},
        {"reagent", "{\"num_probes\": 1, \"max_probe_steps\": 3, \"stopping_condition_top_k\": "
                    "1000, \"keep_top_n\": 2}"},
        {"information_bottleneck", "{\"n_steps\": 1, \"n_samples\": 1}"},
    };
    for (size_t i = 0; i < sizeof kwargs / sizeof *kwargs; i++)
        if (strcmp(kwargs[i][0], method) == 0)
            return kwargs[i][1];
    return NULL;
}

/* Methods that draw draw the same where a step is run alone either way: from the third on. */
Test(apart, every_methods_steps_are_what_each_is_alone, .timeout = 120) {
    struct model *m = opened("llama-dynamic");
    size_t n;
    const struct method_decl *const *decls = method_decls(&n);
    for (size_t i = 0; i < n; i++) {
        const struct attribute_request r = request_of(decls[i]->id, quick(decls[i]->id));
        check_columns(m, &r, 2);
    }
    model_free(m);
}

Test(apart, steps_on_either_side_of_the_switch_are_what_each_is_alone, .timeout = 120) {
    static const char *const methods[] = {"saliency", "attention", "occlusion", "value_zeroing",
                                          "input_reduction"};
    for (size_t k = 0; k < 3; k++) {
        struct model *m = opened(names[k]);
        for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
            const struct attribute_request r = request_of(methods[i], NULL);
            check_columns(m, &r, 0);
        }
        model_free(m);
    }
}

/* The contrast's own run and another run of a text that is a token shorter have other rotations one
 * step later. */
Test(apart, other_runs_change_where_their_own_texts_do, .timeout = 120) {
    static const char *const scores[] = {"kl_divergence", "context"};
    for (size_t k = 0; k < 3; k++) {
        struct model *m = opened(names[k]);
        struct attribute_request r = against_foil("input_x_gradient");
        r.step_scores = (struct names){scores, 2};
        check_columns(m, &r, 0);
        r.attributed_fn = "context";
        check_columns(m, &r, 0);
        model_free(m);
    }
}

static enum err_code reduce(void *user, struct attribution_sequence *out,
                            const struct attribution_sequence *in, struct err *e) {
    (void)user;
    return aggregate_default(out, in, e);
}

static struct faithfulness *evaluated(struct model *m, const struct attribution *a) {
    static const struct faithfulness_reducer reducer = {NULL, reduce};
    const struct faithfulness_spec spec = {
        .n_points = 2, .parts = {50}, .n_parts = 1, .n_noise = 1, .noise = 0.01};
    struct faithfulness *f = NULL;
    struct err e = {0};
    cr_assert_eq(faithfulness_run(&f, m, &a, 1, 0, &spec, &reducer, NULL, NULL, &e), ERR_OK, "%s",
                 e.message);
    return f;
}

/* Columns from `first` on are evaluated as each is alone, also where noise is added to its run. */
static void check_evaluation(struct model *m, const struct attribute_request *r, int64_t first) {
    struct attribution *whole = attributed(m, r);
    struct faithfulness *all = evaluated(m, whole);
    for (int64_t g = first; g < all->n_columns; g++) {
        struct attribute_request own = *r;
        own.attr_pos_start = optional_of(whole->sequences[0].attr_pos_start + g);
        own.attr_pos_end = optional_of(whole->sequences[0].attr_pos_start + g + 1);
        struct attribution *alone = attributed(m, &own);
        struct faithfulness *one = evaluated(m, alone);
        const struct faithfulness_numbers *x = &all->methods[0].columns[g].numbers,
                                          *y = &one->methods[0].columns[0].numbers;
        const double near = 1e-5, of = fabs(one->value[0]) + 1e-3;
        cr_expect(fabs(all->value[g] - one->value[0]) <= near * of &&
                      fabs(x->deletion - y->deletion) <= near * of &&
                      fabs(x->insertion - y->insertion) <= near * of &&
                      fabs(x->comprehensiveness - y->comprehensiveness) <= near * of &&
                      fabs(x->sensitivity - y->sensitivity) <= 1e-4 * y->sensitivity,
                  "%s: column %d is %g, deletion %g, sensitivity %g; alone %g, %g, %g",
                  r->attributed_fn, (int)g, all->value[g], x->deletion, x->sensitivity,
                  one->value[0], y->deletion, y->sensitivity);
        faithfulness_free(one);
        attribution_release(alone);
    }
    faithfulness_free(all);
    attribution_release(whole);
}

Test(apart, evaluation_watches_each_steps_own_run) {
    for (size_t k = 0; k < 3; k++) {
        struct model *m = opened(names[k]);
        const struct attribute_request r = against_foil("saliency");
        check_evaluation(m, &r, 0);
        model_free(m);
    }
}

/* Noise is drawn for a run as long as it is: the first column shares the second's. */
Test(apart, passes_with_dropout_are_each_steps_own) {
    char *from = tiny_folder("llama-dynamic"), *folder = tree_copy(from);
    tree_edit(folder, "config.json", "\"attention_dropout\": 0.0", "\"attention_dropout\": 0.3");
    struct model *m = step_sight_open_model(folder);
    struct attribute_request r = request_of("saliency", NULL);
    r.attributed_fn = "mc_dropout_prob_avg";
    check_evaluation(m, &r, 1);
    model_free(m);
    tree_free(folder);
    free(from);
}

struct told {
    char notices[1000];
    int64_t n_runs, n_columns;
    double last;
};

static void on_notice(void *user, const char *text) {
    struct told *t = user;
    strncat(t->notices, text, sizeof t->notices - strlen(t->notices) - 1);
}

static void on_cost(void *user, const struct cost_estimate *c) {
    ((struct told *)user)->n_runs = c->n_runs;
}

static void on_column(void *user, const struct attribution_sequence *s, int64_t g) {
    struct told *t = user;
    cr_expect(s->done[g] && s->n_done == ++t->n_columns);
}

static void on_progress(void *user, const char *phase, int64_t done, int64_t total) {
    struct told *t = user;
    if (strcmp(phase, "attributing") != 0)
        return;
    cr_expect((double)done / (double)total >= t->last - 1e-9, "progress goes back");
    t->last = (double)done / (double)total;
}

Test(apart, who_watches_is_told_of_all_runs_as_of_one) {
    static const struct {
        const char *notice;
        int64_t n_runs;
    } wanted[] = {{"at every length by its own", 4}, {"in 2 runs instead of 1", 2}};
    for (size_t k = 0; k < 2; k++) {
        struct model *m = opened(names[k]);
        const struct attribute_request r = request_of("saliency", NULL);
        struct told t = {0};
        const struct attribute_events events = {
            .user = &t, .notice = on_notice, .cost = on_cost, .column = on_column};
        const struct run_ctl ctl = {.progress = on_progress, .user = &t};
        struct attribution *a = NULL;
        struct err e = {0};
        cr_assert_eq(attribute_run(&a, m, &r, &events, &ctl, &e), ERR_OK, "%s", e.message);
        cr_expect_eq(t.n_columns, attribution_steps(&a->sequences[0]));
        cr_expect_eq(t.n_runs, wanted[k].n_runs, "%s: %d runs", names[k], (int)t.n_runs);
        cr_expect(strstr(t.notices, wanted[k].notice), "%s", t.notices);
        cr_expect_float_eq(t.last, 1, 1e-9);
        attribution_release(a);
        model_free(m);
    }
}
