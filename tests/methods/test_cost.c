/* Costs against what the toy model is asked for, and estimates in closed form. */
#include "backend/base/mem.h"
#include "methods/engine/apart.h"
#include "methods/estimate.h"
#include "methods/registry.h"
#include "tests/methods/toy.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct cost_input sizes_of(const struct session *s) {
    return (struct cost_input){.config = &s->config,
                               .n_source = s->in.n_source,
                               .n_target = s->in.end - 1,
                               .n_steps = s->in.end - s->in.start,
                               .attribute_target = s->in.attribute_target,
                               .options = &s->options,
                               .memory_budget = s->in.memory_budget,
                               .element_bytes = 4};
}

/* The declared passes are the sequences that the model really saw. */
static void check_passes(const char *method, bool encoder_decoder, const char *key,
                         const char *value) {
    struct session s;
    struct cost c = {0};
    session_init(&s, encoder_decoder, method, "logit");
    if (key)
        session_option(&s, key, value);
    cr_assert_eq(session_run(&s), ERR_OK, "%s", s.err.message);
    const struct cost_input in = sizes_of(&s);
    cr_assert_not_null(s.method->cost);
    s.method->cost(&c, &in);
    cr_expect_eq((int64_t)c.passes, s.model.n_sequences, "%s: %g passes declared, %d made", method,
                 c.passes, (int)s.model.n_sequences);
    cr_expect_gt(c.bytes, 0);
    session_dispose(&s);
}

Test(cost, each_other_run_of_the_model_costs_as_much_again) {
    const struct model_config config = {.decoder = {{PART_ATTENTION, PART_FEED_FORWARD}},
                                        .n_vocab = 100,
                                        .n_width = 8,
                                        .n_ffn = 16,
                                        .n_layers = 2,
                                        .n_heads = 2,
                                        .n_kv_heads = 2,
                                        .n_head_width = 4};
    const struct method *m = method_find("saliency");
    struct option_set options;
    struct cost_estimate one, three;
    option_set_init(&options, m->decl.options, m->decl.n_options);
    struct cost_input in = {.config = &config,
                            .n_target = 20,
                            .n_steps = 5,
                            .options = &options,
                            .memory_budget = 1 << 24,
                            .element_bytes = 4};
    cost_estimate(&one, m, &in, 1e6, -1);
    in.n_other_runs = 2;
    cost_estimate(&three, m, &in, 1e6, -1);
    cr_expect_float_eq(three.seconds, 3 * one.seconds, 1e-9);
    cr_expect_float_eq(three.cost.passes, 3 * one.cost.passes, 1e-9);
    cr_expect(three.bytes >= 3 * one.bytes - 3 && one.bytes > 0);
    option_set_dispose(&options);
}

Test(cost, declared_passes_are_made) {
    for (int side = 0; side < 2; side++) {
        check_passes("saliency", side, NULL, NULL);
        check_passes("input_x_gradient", side, NULL, NULL);
        check_passes("integrated_gradients", side, "n_steps", "7");
        check_passes("integrated_gradients", side, "return_convergence_delta", "true");
        check_passes("attention", side, NULL, NULL);
        check_passes("dummy", side, NULL, NULL);
        check_passes("lime", side, "n_samples", "9");
    }
}

/* Of a model that rotates otherwise beyond 3 tokens, by one other table or by one for each length:
 * steps read 2, 3, 4 and 5 tokens. */
static void check_apart(const char *method, double growth, int64_t n_runs) {
    struct session s;
    struct cost_estimate one, c;
    session_init(&s, false, method, "logit");
    const struct cost_input in = sizes_of(&s);
    cost_estimate(&one, s.method, &in, 0, -1);
    s.config.rope_switch = 3;
    s.config.rope_growth = growth;
    cost_estimate(&c, s.method, &in, 0, -1);
    struct attribution_sequence out = {.attr_pos_start = s.in.start, .attr_pos_end = s.in.end};
    cr_assert_eq(apart_run(&out, s.method, &s.in, &s.ctl, &s.err), ERR_OK, "%s", s.err.message);
    cr_expect(s.n_shaped == 1 && s.n_published == 4 && out.n_done == 4);
    cr_expect_eq((int64_t)c.cost.passes, s.model.n_sequences, "%s: %g passes declared, %d made",
                 method, c.cost.passes, (int)s.model.n_sequences);
    cr_expect(c.n_runs == n_runs && one.n_runs == 1);
    cr_expect(c.cost.target_rows >= one.cost.target_rows && c.cost.result == one.cost.result &&
              c.cost.result > 0 && c.cost.bytes > c.cost.result);
    char *text = cost_text(&c), *wanted = mem_format("in %d runs instead of 1", (int)n_runs);
    cr_expect(strstr(text, wanted), "%s", text);
    free(text);
    free(wanted);
    attribution_sequence_dispose(&out);
    session_dispose(&s);
}

Test(cost, steps_that_run_apart_cost_runs_of_their_own) {
    check_apart("saliency", 2, 3);
    check_apart("integrated_gradients", 0, 2);
    check_apart("attention", 2, 3);
    check_apart("lime", 0, 2);
}

/* Tokens that are their own baseline are counted, not run: the end of a source. */
Test(cost, occlusion_declares_a_pass_a_token) {
    check_passes("occlusion", false, NULL, NULL);
    struct session s;
    struct cost c = {0};
    session_init(&s, true, "occlusion", "logit");
    cr_assert_eq(session_run(&s), ERR_OK);
    const struct cost_input in = sizes_of(&s);
    s.method->cost(&c, &in);
    cr_expect_eq((int64_t)c.passes, s.model.n_sequences + 1);
    session_dispose(&s);
}

/* Only as bounds: neither knows before how many rounds there will be. */
Test(cost, reduction_makes_no_more_passes_than_declared) {
    for (int side = 0; side < 2; side++) {
        struct session s;
        struct cost c = {0};
        session_init(&s, side, "input_reduction", "logit");
        cr_assert_eq(session_run(&s), ERR_OK);
        const struct cost_input in = sizes_of(&s);
        s.method->cost(&c, &in);
        cr_expect(s.model.n_sequences >= 4 && (double)s.model.n_sequences <= c.passes,
                  "%g declared, %d made", c.passes, (int)s.model.n_sequences);
        session_dispose(&s);
    }
}

Test(cost, every_method_declares_one_that_grows_with_the_text) {
    size_t n;
    const struct method_decl *const *all = method_decls(&n);
    const struct model_config config = {
        .encoder = {{PART_ATTENTION, PART_FEED_FORWARD}},
        .decoder = {{PART_ATTENTION, PART_CROSS_ATTENTION, PART_FEED_FORWARD}},
        .encoder_decoder = true,
        .n_vocab = 1000,
        .n_width = 64,
        .n_ffn = 256,
        .n_layers = 3,
        .n_heads = 2,
        .n_kv_heads = 2,
        .n_head_width = 32,
        .encoder_sizes = {
            .n_layers = 2, .n_heads = 2, .n_kv_heads = 2, .n_head_width = 32, .n_ffn = 256}};
    for (size_t i = 0; i < n; i++) {
        const struct method *m = method_find(all[i]->id);
        struct option_set options;
        struct cost_estimate one, more;
        option_set_init(&options, m->decl.options, m->decl.n_options);
        struct cost_input in = {.config = &config,
                                .n_source = 10,
                                .n_target = 9,
                                .n_steps = 9,
                                .options = &options,
                                .memory_budget = 64 << 20,
                                .element_bytes = 4};
        cr_expect(m->cost, "%s declares no cost", all[i]->id);
        cost_estimate(&one, m, &in, 0, -1);
        in.n_source = in.n_target = in.n_steps = 40;
        cost_estimate(&more, m, &in, 0, -1);
        cr_expect(one.operations > 0 && more.operations > 2 * one.operations, "%s: %g, %g",
                  all[i]->id, one.operations, more.operations);
        cr_expect(one.bytes > 0 && more.bytes > one.bytes, "%s: %lld, %lld", all[i]->id,
                  (long long)one.bytes, (long long)more.bytes);
        option_set_dispose(&options);
    }
}

/* GPT-2's layer of width D and F = 4 D: 2 · (4 D² + 8 D²) operations a row, and 2 V D for
 * logits.
 */
Test(cost, operations_in_closed_form) {
    const struct model_config config = {.decoder = {{PART_ATTENTION, PART_FEED_FORWARD}},
                                        .n_vocab = 1000,
                                        .n_width = 8,
                                        .n_ffn = 32,
                                        .n_layers = 3,
                                        .n_heads = 2,
                                        .n_kv_heads = 2,
                                        .n_head_width = 4};
    const struct cost_input in = {.config = &config,
                                  .n_target = 10,
                                  .n_steps = 4,
                                  .memory_budget = 1 << 20,
                                  .element_bytes = 4};
    struct cost_estimate c;
    cost_estimate(&c, method_find("dummy"), &in, 1e6, -1);
    const double attention = 1.5 * 4 * 8 * 10 / 2, row = 3 * (2 * 12 * 64 + attention),
                 gradient = 3 * (2 * 12 * 64 + 2.5 * attention);
    cr_expect_float_eq(c.operations, 10 * row + 4 * 2 * 1000 * 8, 1e-6);
    cr_expect(c.least < c.seconds && c.seconds < c.most && c.most == c.worst);
    cr_expect(c.least < c.operations / 1e6 && c.operations / 1e6 < c.most);
    cr_expect(c.fits && c.available == -1);
    cost_estimate(&c, method_find("saliency"), &in, 0, -1);
    /* One forward; the gradients of columns that see 7, 8, 9 and 10 rows; logits there and back. */
    cr_expect_float_eq(c.operations, 10 * row + 34 * gradient + 8 * 2 * 1000 * 8, 1e-6);
    cr_expect_lt(c.seconds, 0);
    cr_assert_null(method_find("salience"));
}

/* A long text's blocks are computed again for as many columns as fit in the budget together. */
Test(cost, what_is_computed_again_is_counted) {
    const struct model_config config = {.decoder = {{PART_ATTENTION, PART_FEED_FORWARD}},
                                        .n_vocab = 1000,
                                        .n_width = 512,
                                        .n_ffn = 2048,
                                        .n_layers = 8,
                                        .n_heads = 8,
                                        .n_kv_heads = 8,
                                        .n_head_width = 64};
    struct cost_input in = {.config = &config,
                            .n_target = 6000,
                            .n_steps = 10,
                            .memory_budget = 1 << 20,
                            .element_bytes = 4};
    struct cost_estimate narrow, wide;
    cr_assert(model_config_recomputes(&config, 4, 1, 0, 6000) &&
              !model_config_recomputes(&config, 4, 1, 0, 60));
    cost_estimate(&narrow, method_find("saliency"), &in, 0, -1);
    cr_expect_eq(narrow.cost.target_rows, 11 * 6000, "the forward, and again for every column");
    in.memory_budget = INT64_MAX / 4;
    cost_estimate(&wide, method_find("saliency"), &in, 0, -1);
    cr_expect_eq(wide.cost.target_rows, 2 * 6000, "and once for all");
    cr_expect_lt(wide.operations, narrow.operations);
    cr_expect_eq(wide.cost.passes, narrow.cost.passes);
}

Test(cost, chunks_take_a_quarter_of_what_is_free_within_bounds) {
    const struct model_config config = {.decoder = {{PART_ATTENTION, PART_FEED_FORWARD}},
                                        .n_vocab = 1000,
                                        .n_width = 512,
                                        .n_ffn = 2048,
                                        .n_layers = 8,
                                        .n_heads = 8,
                                        .n_kv_heads = 8,
                                        .n_head_width = 64};
    const struct cost_input brief = {.config = &config, .n_target = 60, .element_bytes = 4},
                            lengthy = {.config = &config, .n_target = 6000, .element_bytes = 4};
    cr_expect_eq(cost_memory_budget(&brief, 400 << 20), 100 << 20);
    cr_expect_eq(cost_memory_budget(&brief, 1 << 20), 16 << 20);
    cr_expect_eq(cost_memory_budget(&brief, 1ll << 40), 256 << 20);
    cr_expect_eq(cost_memory_budget(&brief, -1), 256 << 20);
    cr_expect_eq(cost_memory_budget(&lengthy, 400 << 20), 100 << 20);
    cr_expect_eq(cost_memory_budget(&lengthy, 1ll << 40), 768 << 20);
    cr_expect_eq(cost_memory_budget(&lengthy, -1), 256 << 20);
}

Test(cost, what_would_fit) {
    const struct model_config config = {.decoder = {{PART_ATTENTION, PART_FEED_FORWARD}},
                                        .n_vocab = 50000,
                                        .n_width = 512,
                                        .n_ffn = 2048,
                                        .n_layers = 8,
                                        .n_heads = 8,
                                        .n_kv_heads = 8,
                                        .n_head_width = 64};
    struct cost_input in = {.config = &config,
                            .n_target = 4000,
                            .n_steps = 1000,
                            .memory_budget = 64 << 20,
                            .element_bytes = 4};
    struct cost_estimate all, some, none;
    cost_estimate(&all, method_find("attention"), &in, 0, INT64_MAX);
    cr_expect(all.fits && all.steps_that_fit == 1000);
    cr_expect_null(cost_warning(&all));
    int64_t available = (int64_t)(0.9 * (double)all.bytes);
    cost_estimate(&some, method_find("attention"), &in, 0, available);
    cr_assert(!some.fits && some.steps_that_fit > 1 && some.steps_that_fit < 1000);
    /* So many fit, and one more does not. */
    in.n_steps = some.steps_that_fit;
    in.n_target = 3000 + in.n_steps;
    cost_estimate(&none, method_find("attention"), &in, 0, available);
    cr_expect(none.fits);
    in.n_steps++, in.n_target++;
    cost_estimate(&none, method_find("attention"), &in, 0, available);
    cr_expect_not(none.fits);
    char *text = cost_warning(&some), number[32];
    snprintf(number, sizeof number, "first %d of", (int)some.steps_that_fit);
    cr_expect(text && strstr(text, number), "%s", text);
    free(text);
    cost_estimate(&none, method_find("attention"), &in, 0, 1000);
    text = cost_warning(&none);
    cr_expect(none.steps_that_fit == 0 && text && strstr(text, "not even one"), "%s", text);
    free(text);
}

/* Whole numbers from ten on, and always outwards: what lies in the range lies in its words. */
Test(cost, as_text) {
    static const struct {
        double least, most, worst;
        int64_t bytes;
        const char *text;
    } cases[] = {{0.01, 0.3, 0.3, 100, "under 1 s and 1 MB"},
                 {0.01, 1.72, 1.72, 100, "under 1.8 s and 1 MB"},
                 {0.52, 2.34, 2.34, 240000000, "0.5 to 2.4 s and 240 MB"},
                 {8, 19.2, 19.2, 2500000000, "8 to 20 s and 2.5 GB"},
                 {2.02, 2.1, 2.2, 1000000, "2 to 2.1 s and 1 MB"},
                 {3, 3, 3, 1000000, "3 s and 1 MB"},
                 {45, 150, 150, 1000000, "45 s to 2.5 min and 1 MB"},
                 {1, 12, 2400, 1000000, "1 to 12 s (at worst 40 min) and 1 MB"},
                 {7300, 30000, 30000, 1000000, "2 to 8.4 h and 1 MB"},
                 {-1, -1, -1, 7000000, "about 7 MB"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct cost_estimate c = {.seconds = cases[i].least,
                                        .least = cases[i].least,
                                        .most = cases[i].most,
                                        .worst = cases[i].worst,
                                        .bytes = cases[i].bytes};
        char *text = cost_text(&c);
        cr_expect_str_eq(text, cases[i].text);
        free(text);
    }
}

/* What is done tells of the rest; where the text may end the work sooner, only of its bound. */
Test(cost, is_refined_by_what_is_done) {
    struct cost_estimate fixed = {.cost = {.least = 1, .most = 1, .worst = 1},
                                  .seconds = 50,
                                  .least = 10,
                                  .most = 100,
                                  .worst = 100},
                         open = {.cost = {.least = 0.1, .most = 4, .worst = 100},
                                 .seconds = 10,
                                 .least = 1,
                                 .most = 40,
                                 .worst = 1000},
                         unknown = {.seconds = -1, .least = -1};
    cost_refine(&fixed, 5, 0.25);
    cr_expect_float_eq(fixed.seconds, 20, 1e-9);
    cr_expect(fixed.least > 5 && fixed.least < 20 && fixed.most > 20 && fixed.most < 40);
    cr_expect_eq(fixed.worst, fixed.most);
    cost_refine(&fixed, 20, 1);
    cr_expect(fixed.least == 20 && fixed.most == 20);
    cost_refine(&open, 5, 0.01);
    cr_expect(open.least == 5 && open.most == 40 && open.worst > 500 && open.worst < 1000);
    cost_refine(&open, 100, 0.2);
    cr_expect(open.least == 100 && open.most == 100 && open.worst > 500 && open.worst < 700);
    cost_refine(&unknown, 5, 0.5);
    cr_expect_eq(unknown.seconds, -1);
}

/* Where the text decides on the work, the range and its worst case say so. */
Test(cost, of_what_the_text_decides_is_wide) {
    static const char *const methods[] = {"reagent", "input_reduction", "attention"};
    struct cost_estimate c[3];
    for (int i = 0; i < 3; i++) {
        struct session s;
        session_init(&s, false, methods[i], "logit");
        const struct cost_input in = sizes_of(&s);
        cost_estimate(&c[i], s.method, &in, 1e9, -1);
        session_dispose(&s);
    }
    cr_expect(c[0].least < c[0].seconds && c[0].seconds < c[0].most && c[0].most < c[0].worst);
    cr_expect(c[0].worst > 100 * c[0].seconds && c[0].least < c[0].seconds / 10);
    cr_expect(c[1].cost.least < 1 && c[1].most == c[1].worst);
    cr_expect(c[2].most == c[2].worst && c[2].least > 0 && c[2].most < 10 * c[2].least);
}
