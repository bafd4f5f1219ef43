/* Perturbation methods on the toy model against their definitions, computed another way. */
#include "methods/random.h"
#include "tests/methods/toy.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must_run(struct session *s) {
    cr_assert_eq(session_run(s), ERR_OK, "%s: %s", s->method->decl.id, s->err.message);
}

static void expect_near(double got, double want, double bound, const char *what) {
    cr_expect(fabs(got - want) <= bound * (1 + fabs(want)), "%s: %.9g, should be %.9g", what, got,
              want);
}

static const int32_t contrast[] = {TOY_PAD, 3, 4, 4, 5, 6};
static const int64_t alignment[] = {2, 3, 4, 5};

static double probability(const double h[TOY_WIDTH], int32_t y) {
    double z[TOY_VOCAB], sum = 0;
    toy_logits(z, h);
    for (int v = 0; v < TOY_VOCAB; v++)
        sum += exp(z[v]);
    return exp(z[y]) / sum;
}

static double value(const struct session *s, const char *function, const double h[TOY_WIDTH],
                    int64_t c) {
    double z[TOY_VOCAB];
    int32_t y = s->in.target_ids[s->in.start + c];
    toy_logits(z, h);
    if (strcmp(function, "probability") == 0)
        return probability(h, y);
    return strcmp(function, "logit") == 0 ? z[y] : z[y] - z[contrast[alignment[c]]];
}

/* --- occlusion --------------------------------------------------------------------------- */

static int32_t baseline(const struct session *s, enum model_stack stack, int64_t row, int32_t id) {
    bool stays = (stack == STACK_DECODER && s->config.encoder_decoder && row == 0) ||
                 (id == TOY_EOS && !s->in.include_eos_baseline);
    return stays ? id : TOY_UNK;
}

static void check_occlusion(bool encoder_decoder, bool eos, const char *function) {
    struct session s;
    session_init(&s, encoder_decoder, "occlusion", function);
    session_contrast(&s, contrast, 6, alignment);
    s.in.attribute_target = encoder_decoder;
    s.in.include_eos_baseline = eos;
    must_run(&s);
    session_check_nan(&s);
    for (int64_t c = 0; c < 4; c++) {
        double clean[TOY_WIDTH];
        session_state(&s, c, clean);
        for (enum model_stack stack = encoder_decoder ? STACK_ENCODER : STACK_DECODER;
             stack <= STACK_DECODER; stack++)
            for (int64_t row = 0; row < (stack == STACK_ENCODER ? 3 : s.in.start + c); row++) {
                double h[TOY_WIDTH], x[TOY_WIDTH], other[TOY_WIDTH];
                int32_t id = stack == STACK_ENCODER ? s.in.source_ids[row] : s.in.target_ids[row];
                toy_embedding(x, stack, id);
                toy_embedding(other, stack, baseline(&s, stack, row, id));
                for (int k = 0; k < TOY_WIDTH; k++)
                    h[k] = clean[k] + toy_row_weight(stack, row) * (other[k] - x[k]);
                expect_near(session_at(&s,
                                       stack == STACK_ENCODER ? &s.out.source_attributions
                                                              : &s.out.target_attributions,
                                       row, c, 0),
                            fabs(value(&s, function, clean, c) - value(&s, function, h, c)), 2e-6,
                            function);
            }
    }
    session_dispose(&s);
}

Test(occlusion, equals_its_definition) {
    static const char *const functions[] = {"logit", "probability", "contrast_logits_diff"};
    for (int i = 0; i < 12; i++)
        check_occlusion(i & 1, i & 2, functions[i / 4]);
}

Test(occlusion, shares_forwards_over_columns_and_publishes_what_no_later_token_reaches) {
    struct session s;
    session_init(&s, false, "occlusion", "probability");
    must_run(&s);
    cr_expect_leq(
        s.model.n_forwards,
        3); /* the input, then all five variants (four after the first, which shares nothing) */
    session_dispose(&s);
    session_init(&s, false, "occlusion", "probability");
    s.in.memory_budget = 1; /* a variant a forward */
    s.cancel_after_columns = 2;
    cr_expect_eq(session_run(&s), ERR_CANCELLED);
    cr_expect_eq(s.out.n_done, 2);
    cr_expect_eq(s.model.n_forwards, 1 + 3); /* the second column sees three rows */
    session_dispose(&s);
}

/* --- LIME -------------------------------------------------------------------------------- */

enum { MOST_FEATURES = 8 * TOY_WIDTH, SAMPLES = 9 };

/* Weighted ridge regression with an unpenalised intercept, by the normal equations of all entries
 * and Gaussian elimination. */
static void ridge(double x[][MOST_FEATURES], const double *y, const double *w, int n, int m,
                  double *out) {
    double a[MOST_FEATURES + 1][MOST_FEATURES + 2] = {{0}};
    for (int s = 0; s < n; s++)
        for (int i = 0; i <= m; i++) {
            double xi = i < m ? x[s][i] : 1;
            for (int j = 0; j <= m; j++)
                a[i][j] += w[s] * xi * (j < m ? x[s][j] : 1);
            a[i][m + 1] += w[s] * xi * y[s];
        }
    for (int i = 0; i < m; i++)
        a[i][i] += 1;
    for (int i = 0; i <= m; i++) {
        int pivot = i;
        for (int r = i + 1; r <= m; r++)
            pivot = fabs(a[r][i]) > fabs(a[pivot][i]) ? r : pivot;
        for (int j = 0; j <= m + 1; j++) {
            double t = a[i][j];
            a[i][j] = a[pivot][j], a[pivot][j] = t;
        }
        for (int r = 0; r <= m; r++)
            for (int j = m + 1; r != i && j >= i; j--)
                a[r][j] -= a[r][i] / a[i][i] * a[i][j];
    }
    for (int i = 0; i < m; i++)
        out[i] = a[i][m + 1] / a[i][i];
}

/* One sample of one side: its entries into x, what it adds to h; returns how many entries are the
 * input's own. */
static int add_sample(const struct session *s, enum model_stack stack, int64_t n, int sample,
                      double *x, double h[TOY_WIDTH], bool masked) {
    int same = 0;
    for (int64_t row = 0; row < n; row++) {
        double e[TOY_WIDTH];
        toy_embedding(e, stack,
                      stack == STACK_ENCODER ? s->in.source_ids[row] : s->in.target_ids[row]);
        bool kept = !masked ||
                    random_uniform_of(random_key(random_key(random_key(5, (uint64_t)sample), stack),
                                                 (uint64_t)row)) >= 0.4;
        for (int k = 0; k < TOY_WIDTH; k++) {
            double v = kept ? e[k] : TOY_UNK;
            same += kept;
            if (masked)
                x[row * TOY_WIDTH + k] = v;
            h[k] += toy_row_weight(stack, row) * v;
        }
    }
    return masked ? same : 0;
}

static void check_lime(bool encoder_decoder, bool attribute_target) {
    struct session s;
    session_init(&s, encoder_decoder, "lime", "contrast_logits_diff");
    session_contrast(&s, contrast, 6, alignment);
    session_option(&s, "n_samples", "9");
    session_option(&s, "mask_prob", "0.4");
    session_option(&s, "seed", "5");
    s.in.attribute_target = attribute_target;
    must_run(&s);
    session_check_nan(&s);
    for (int64_t c = 0; c < 4; c++) {
        double x[SAMPLES][MOST_FEATURES], y[SAMPLES], w[SAMPLES], want[MOST_FEATURES];
        int64_t n_source = s.in.n_source, n_target = s.in.start + c,
                features =
                    TOY_WIDTH * (n_source + (!encoder_decoder || attribute_target ? n_target : 0));
        for (int k = 0; k < SAMPLES; k++) {
            double h[TOY_WIDTH] = {0};
            w[k] = add_sample(&s, STACK_ENCODER, n_source, k, x[k], h, true);
            w[k] += add_sample(&s, STACK_DECODER, n_target, k, x[k] + n_source * TOY_WIDTH, h,
                               !encoder_decoder || attribute_target);
            y[k] = value(&s, "contrast_logits_diff", h, c);
        }
        ridge(x, y, w, SAMPLES, (int)features, want);
        for (int64_t i = 0; i < features; i++) {
            int64_t token = i / TOY_WIDTH;
            bool source = token < n_source;
            expect_near(session_at(&s,
                                   source ? &s.out.source_attributions : &s.out.target_attributions,
                                   source ? token : token - n_source, c, i % TOY_WIDTH),
                        want[i], 1e-5, "ridge");
        }
    }
    session_dispose(&s);
}

Test(lime, equals_a_ridge_regression_over_all_entries) {
    check_lime(false, false);
    check_lime(true, false);
    check_lime(true, true);
}

static double total(const struct session *s) {
    double sum = 0;
    for (int64_t i = 0; i < scores_count(&s->out.target_attributions); i++)
        sum += isnan(s->out.target_attributions.data[i])
                   ? 0
                   : (1 + (double)i) * s->out.target_attributions.data[i];
    return sum;
}

static void check_seeds(const char *method) {
    struct session s;
    session_init(&s, false, method, "probability");
    session_option(&s, "seed", "11");
    must_run(&s);
    double first = total(&s);
    must_run(&s);
    cr_expect_eq(total(&s), first, "%s: the same seed, another result", method);
    session_option(&s, "seed", "12");
    must_run(&s);
    cr_expect_neq(total(&s), first, "%s: another seed, the same result", method);
    session_dispose(&s);
}

Test(lime, a_seed_repeats_it) {
    check_seeds("lime");
}
Test(reagent, a_seed_repeats_it) {
    check_seeds("reagent");
}
Test(information_bottleneck, a_seed_repeats_it) {
    check_seeds("information_bottleneck");
}

Test(lime, masking_nothing_or_everything_shows_nothing) {
    for (int i = 0; i < 2; i++) {
        struct session s;
        session_init(&s, false, "lime", "probability");
        session_option(&s, "mask_prob", i ? "1" : "0");
        must_run(&s);
        session_check_nan(&s);
        for (int64_t k = 0; k < scores_count(&s.out.target_attributions); k++)
            cr_expect(isnan(s.out.target_attributions.data[k]) ||
                      fabs(s.out.target_attributions.data[k]) < 1e-9);
        session_dispose(&s);
    }
}

Test(lime, without_the_mask_token_it_says_what_to_choose) {
    struct session s;
    session_init(&s, false, "lime", "probability");
    s.config.pad_token_id = -1;
    session_option(&s, "mask_token", "\"pad\"");
    cr_expect_eq(session_run(&s), ERR_UNSUPPORTED);
    cr_expect_not_null(strstr(s.err.message, "mask_token"), "%s", s.err.message);
    session_option(&s, "mask_token", "\"zero\"");
    must_run(&s);
    session_dispose(&s);
}

/* As zero does, which is not what the unknown token's number does. */
Test(lime, without_an_unknown_token_what_is_masked_is_zero) {
    static const char *const masks[] = {"\"zero\"", "\"unk\"", "\"unk\""};
    struct session s[3];
    for (int i = 0; i < 3; i++) {
        session_init(&s[i], false, "lime", "probability");
        s[i].config.unk_token_id = i < 2 ? -1 : 3;
        session_option(&s[i], "mask_token", masks[i]);
        must_run(&s[i]);
    }
    const float *zero = s[0].out.target_attributions.data;
    double apart = 0;
    for (int64_t k = 0; k < scores_count(&s[0].out.target_attributions); k++) {
        const float unknown = s[1].out.target_attributions.data[k];
        cr_expect(isnan(zero[k]) ? isnan(unknown) : zero[k] == unknown);
        apart += isnan(zero[k]) ? 0 : fabs(zero[k] - s[2].out.target_attributions.data[k]);
    }
    cr_expect(apart > 1e-6, "%g", apart);
    for (int i = 0; i < 3; i++)
        session_dispose(&s[i]);
}

/* --- ReAGent ----------------------------------------------------------------------------- */

static void check_sums(const struct session *s) {
    for (int64_t c = 0; c < 4; c++) {
        double sum = 0;
        for (int64_t row = 0; row < s->in.n_source; row++)
            sum += session_at(s, &s->out.source_attributions, row, c, 0);
        for (int64_t row = 0; s->out.target_attributions.data && row < s->in.start + c; row++)
            sum += session_at(s, &s->out.target_attributions, row, c, TOY_WIDTH - 1);
        cr_expect(fabs(sum - 1) <= 1e-5, "column %d sums to %g", (int)c, sum);
    }
}

Test(reagent, scores_sum_to_one_over_what_is_attributed) {
    for (int i = 0; i < 6; i++) {
        struct session s;
        session_init(&s, i % 3, "reagent", "probability");
        s.in.attribute_target = i % 3 == 2;
        session_option(&s, "sampler", i / 3 ? "\"model\"" : "\"unigram\"");
        session_option(&s, "stopping_condition_top_k", "7");
        must_run(&s);
        check_sums(&s);
        session_dispose(&s);
    }
}

/* With everything kept, a probe ends exactly where the target is among the likeliest of the input
 * itself. */
Test(reagent, is_unknown_where_no_probe_ends) {
    int n_unknown = 0;
    for (int top_k = 1; top_k <= TOY_VOCAB; top_k++) {
        struct session s;
        char text[16];
        snprintf(text, sizeof text, "%d", top_k);
        session_init(&s, true, "reagent", "probability");
        session_option(&s, "max_probe_steps", "3");
        session_option(&s, "stopping_condition_top_k", text);
        must_run(&s);
        cr_expect_eq(s.out.n_done, 4);
        for (int64_t c = 0; c < 4; c++) {
            double h[TOY_WIDTH], z[TOY_VOCAB];
            int rank = 0;
            session_state(&s, c, h);
            toy_logits(z, h);
            for (int v = 0; v < TOY_VOCAB; v++)
                rank += z[v] > z[s.in.target_ids[s.in.start + c]];
            cr_expect_eq(isnan(session_at(&s, &s.out.source_attributions, 0, c, 0)) != 0,
                         rank >= top_k, "column %d, top %d", (int)c, top_k);
            n_unknown += rank >= top_k;
        }
        session_dispose(&s);
    }
    cr_expect(n_unknown > 0 && n_unknown < 4 * TOY_VOCAB);
}

struct watched {
    int64_t n, done, total;
    bool backwards;
};

static void watch(void *user, const char *phase, int64_t done, int64_t total) {
    struct watched *w = user;
    if (strcmp(phase, "attributing") != 0)
        return;
    w->backwards |= done < w->done;
    w->done = done;
    w->total = total;
    w->n++;
}

/* Progress moves with every round, also while no probe ends, and is whole at the end: a probe that
 * ends leaves out its other rounds. */
Test(reagent, tells_of_every_round) {
    static const char *const top_k[] = {"1", "4", "7"};
    for (int i = 0; i < 3; i++) {
        struct session s;
        struct watched w = {0};
        session_init(&s, true, "reagent", "probability");
        session_option(&s, "max_probe_steps", "5");
        session_option(&s, "stopping_condition_top_k", top_k[i]);
        s.ctl.progress = watch;
        s.ctl.user = &w;
        must_run(&s);
        const int64_t n_probes = option_int(&s.options, "num_probes");
        cr_expect_not(w.backwards);
        cr_expect_eq(w.total, 5 * 4 * n_probes);
        cr_expect_eq(w.done, w.total, "%d of %d", (int)w.done, (int)w.total);
        cr_expect(w.n >= 4 * n_probes, "%d", (int)w.n);
        session_dispose(&s);
    }
}

/* With everything kept a probe ends in its first round: one update, written down here. */
Test(reagent, one_round_is_the_papers_update) {
    struct session s;
    session_init(&s, false, "reagent", "probability");
    session_option(&s, "stopping_condition_top_k", "7");
    session_option(&s, "num_probes", "2");
    session_option(&s, "replacing_ratio", "0.5");
    session_option(&s, "seed", "21");
    must_run(&s);
    for (int64_t c = 0; c < 4; c++) {
        double clean[TOY_WIDTH], want[6] = {0};
        int64_t n = s.in.start + c;
        int32_t y = s.in.target_ids[n];
        session_state(&s, c, clean);
        for (uint64_t probe = 0; probe < 2; probe++) {
            double h[TOY_WIDTH] = {0}, score[6], sum = 0;
            bool replaced[6];
            int32_t ids[6];
            for (int64_t t = 0; t < n; t++) {
                double u[3];
                for (uint64_t purpose = 0; purpose < 3; purpose++) {
                    uint64_t key =
                        random_key(random_key(random_key(21, purpose), probe), purpose > 0);
                    u[purpose] =
                        random_uniform_of(random_key(random_key(key, STACK_DECODER), (uint64_t)t));
                }
                score[t] = u[0];
                replaced[t] = u[1] < 0.5;
                ids[t] = replaced[t] ? (int32_t)(u[2] * TOY_VOCAB) : s.in.target_ids[t];
            }
            toy_add_rows(h, STACK_DECODER, ids, n);
            double change = probability(clean, y) - probability(h, y), x = 0.5 + 0.5 * change;
            for (int64_t t = 0; t < n; t++) {
                double p = replaced[t] ? x : 1 - x;
                score[t] = exp(score[t] + log(p / (1 - p)));
                sum += score[t];
            }
            for (int64_t t = 0; t < n; t++)
                want[t] += score[t] / sum / 2;
        }
        for (int64_t t = 0; t < n; t++)
            expect_near(session_at(&s, &s.out.target_attributions, t, c, 1), want[t], 1e-5,
                        "one round");
    }
    session_dispose(&s);
}
