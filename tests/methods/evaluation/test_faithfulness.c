/* Faithfulness on the toy model, whose function of any masked input can be written down. */
#include "methods/evaluation/faithfulness.h"
#include "methods/statistics/ranks.h"

#include "backend/base/mem.h"
#include "tests/methods/toy.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- scores and closed forms ------------------------------------------------------------- */

/* Made-up scores per token for a session's shape: any numbers that order rows differently in each
 * column. */
static void make_scores(struct attribution_sequence *out, const struct session *s,
                        double frequency) {
    const int64_t steps = s->in.end - s->in.start, source[2] = {s->in.n_source, steps},
                  target[2] = {s->in.end, steps};
    bool two = s->config.encoder_decoder;
    *out = (struct attribution_sequence){.attr_pos_start = s->in.start, .attr_pos_end = s->in.end};
    if (two)
        cr_assert(scores_init(&out->source_attributions, 2, source, NAN));
    if (!two || s->in.attribute_target)
        cr_assert(scores_init(&out->target_attributions, 2, target, NAN));
    for (int64_t c = 0; c < steps; c++) {
        for (int64_t r = 0; two && r < s->in.n_source; r++)
            out->source_attributions.data[r * steps + c] =
                (float)sin(frequency * (double)(r + 1) + (double)c);
        for (int64_t r = 0; out->target_attributions.data && r < s->in.start + c; r++)
            out->target_attributions.data[r * steps + c] =
                (float)cos(frequency * (double)(r + 1) - (double)c);
    }
}

static bool taken_away(const struct session *s, bool target, int64_t row) {
    int32_t id = target ? s->in.target_ids[row] : s->in.source_ids[row];
    bool start = target && row == 0 && s->config.encoder_decoder;
    return id != TOY_EOS && id != TOY_UNK && !start;
}

/* The places of column c that can be taken away, ordered by score; at [m] of 100 · target +
 * row. */
static int64_t order_of(const struct session *s, const struct attribution_sequence *scores,
                        int64_t c, int64_t *at) {
    int64_t m = 0, steps = s->in.end - s->in.start;
    double values[32];
    for (int side = 0; side < 2; side++) {
        const struct scores *x = side ? &scores->target_attributions : &scores->source_attributions;
        for (int64_t r = 0; x->data && r < (side ? s->in.start + c : s->in.n_source); r++) {
            if (!taken_away(s, side, r))
                continue;
            int64_t i = m++;
            double v = x->data[r * steps + c];
            for (; i > 0 && values[i - 1] < v; i--) {
                values[i] = values[i - 1];
                at[i] = at[i - 1];
            }
            values[i] = v;
            at[i] = 100 * side + r;
        }
    }
    return m;
}

/* The logit of column c's token when at[from … to) are replaced by the unknown token. */
static double logit_without(const struct session *s, int64_t c, const int64_t *at, int64_t from,
                            int64_t to) {
    int32_t source[16], target[16];
    double h[TOY_WIDTH] = {0}, z[TOY_VOCAB];
    memcpy(target, s->in.target_ids, (size_t)s->in.n_target * sizeof *target);
    for (int64_t i = 0; i < s->in.n_source; i++)
        source[i] = s->in.source_ids[i];
    for (int64_t i = from; i < to; i++)
        *(at[i] >= 100 ? &target[at[i] - 100] : &source[at[i]]) = TOY_UNK;
    toy_add_rows(h, STACK_ENCODER, source, s->in.n_source);
    toy_add_rows(h, STACK_DECODER, target, s->in.start + c);
    toy_logits(z, h);
    return z[s->in.target_ids[s->in.start + c]];
}

static struct faithfulness *evaluate(struct session *s, const struct faithfulness_spec *spec,
                                     const struct attribution_sequence *scores, size_t n) {
    const char *names[] = {"a", "b", "c"};
    struct faithfulness *f = faithfulness_new(spec, names, n, s->in.end - s->in.start);
    struct err e = {0};
    cr_assert_eq(faithfulness_curves(f, &s->in, scores, NULL, &s->ctl, &e), ERR_OK, "%s",
                 e.message);
    cr_expect_eq(s->model.n_open, 0);
    return f;
}

static void check_columns(bool encoder_decoder, bool attribute_target) {
    struct session s;
    struct attribution_sequence scores;
    struct faithfulness_spec spec = {.n_points = 4, .parts = {1, 50}, .n_parts = 2, .n_top = 2};
    session_init(&s, encoder_decoder, "dummy", "logit");
    s.in.attribute_target = attribute_target;
    make_scores(&scores, &s, 1.7);
    struct faithfulness *f = evaluate(&s, &spec, &scores, 1);
    for (int64_t c = 0; c < f->n_columns; c++) {
        int64_t at[32], m = order_of(&s, &scores, c, at);
        const struct faithfulness_column *got = &f->methods[0].columns[c];
        double all = logit_without(&s, c, at, 0, 0), sum[2] = {0};
        cr_assert_gt(m, 0);
        cr_expect_eq(f->n_tokens[c], m);
        cr_expect(f->done[c]);
        cr_expect_float_eq(f->value[c], all, 1e-5);
        cr_expect_float_eq(f->empty[c], logit_without(&s, c, at, 0, m), 1e-5);
        for (int64_t i = 0; i <= 4; i++) {
            int64_t k = (int64_t)floor((double)(i * m) / 4 + 0.5);
            cr_expect_float_eq(got->deletion[i], logit_without(&s, c, at, 0, k), 1e-5,
                               "column %d, point %d", (int)c, (int)i);
            cr_expect_float_eq(got->insertion[i], logit_without(&s, c, at, k, m), 1e-5);
        }
        if (m <= 4) /* the curve then has every k */
            for (int64_t k = 0; k < m; k++) {
                sum[0] += (logit_without(&s, c, at, 0, k) + logit_without(&s, c, at, 0, k + 1)) /
                          (2 * (double)m);
                sum[1] += (logit_without(&s, c, at, k, m) + logit_without(&s, c, at, k + 1, m)) /
                          (2 * (double)m);
            }
        if (m <= 4) {
            cr_expect_float_eq(got->numbers.deletion, sum[0], 1e-5);
            cr_expect_float_eq(got->numbers.insertion, sum[1], 1e-5);
        }
        int64_t half = (m + 1) / 2; /* one percent is one token */
        double comprehensive =
            all - (logit_without(&s, c, at, 0, 1) + logit_without(&s, c, at, 0, half)) / 2;
        cr_expect_float_eq(got->numbers.comprehensiveness, comprehensive, 1e-5);
        cr_expect_float_eq(
            got->numbers.sufficiency,
            all - (logit_without(&s, c, at, 1, m) + logit_without(&s, c, at, half, m)) / 2, 1e-5);
        cr_expect(isnan(got->numbers.sensitivity));
    }
    faithfulness_free(f);
    attribution_sequence_dispose(&scores);
    session_dispose(&s);
}

Test(faithfulness, curves_are_the_functions_of_masked_inputs) {
    check_columns(false, false);
    check_columns(true, false);
    check_columns(true, true);
}

/* Column 2 of the same curve with other parts: its areas are the same, and parts that are the same
 * number of its tokens count once. */
Test(faithfulness, parts_move_no_area_and_count_once) {
    struct session s;
    struct attribution_sequence scores;
    const struct faithfulness_spec specs[] = {
        {.n_points = 2, .parts = {50}, .n_parts = 1, .n_top = 1},
        {.n_points = 2, .parts = {1, 2, 3, 50}, .n_parts = 4, .n_top = 1},
        {.n_points = 2, .parts = {1, 50}, .n_parts = 2, .n_top = 1}};
    struct faithfulness_numbers n[3];
    session_init(&s, false, "dummy", "logit");
    make_scores(&scores, &s, 0.9);
    for (size_t i = 0; i < 3; i++) {
        struct faithfulness *f = evaluate(&s, &specs[i], &scores, 1);
        cr_assert_gt(f->n_tokens[2],
                     2); /* 1, 2 and 3 percent of it are a point between the curve's */
        n[i] = f->methods[0].columns[2].numbers;
        faithfulness_free(f);
    }
    cr_expect_eq(n[0].deletion, n[1].deletion);
    cr_expect_eq(n[0].insertion, n[1].insertion);
    cr_expect_float_eq(n[1].comprehensiveness, n[2].comprehensiveness, 1e-9);
    cr_expect_float_eq(n[1].sufficiency, n[2].sufficiency, 1e-9);
    cr_expect_neq(n[0].comprehensiveness, n[2].comprehensiveness);
    attribution_sequence_dispose(&scores);
    session_dispose(&s);
}

Test(faithfulness, counts_instead_of_percents) {
    struct session s;
    struct attribution_sequence scores;
    struct faithfulness_spec spec = {
        .n_points = 1, .parts = {0, 2, 99}, .n_parts = 3, .counts = true, .n_top = 1};
    session_init(&s, false, "dummy", "logit");
    make_scores(&scores, &s, 0.9);
    struct faithfulness *f = evaluate(&s, &spec, &scores, 1);
    int64_t at[32], m = order_of(&s, &scores, 3, at);
    double all = logit_without(&s, 3, at, 0, 0);
    double want = all - (all + logit_without(&s, 3, at, 0, 2) + logit_without(&s, 3, at, 0, m)) / 3;
    cr_expect_float_eq(f->methods[0].columns[3].numbers.comprehensiveness, want, 1e-5);
    faithfulness_free(f);
    attribution_sequence_dispose(&scores);
    session_dispose(&s);
}

/* --- batches, chance, stopping ----------------------------------------------------------- */

static double digest(const struct faithfulness *f) {
    double sum = 0;
    for (size_t i = 0; i < f->n_methods + f->has_random; i++)
        for (int64_t c = 0; c < f->n_columns; c++)
            for (int64_t k = 0; k <= f->spec.n_points; k++)
                sum += (double)(i + 1) * (double)(c + 1) *
                       (f->methods[i].columns[c].deletion[k] +
                        2 * f->methods[i].columns[c].insertion[k]);
    return sum;
}

Test(faithfulness, batches_do_not_matter_and_seeds_do) {
    struct session s;
    struct attribution_sequence scores[2];
    struct faithfulness_spec spec = {.n_points = 5, .n_random = 4, .seed = 3, .n_top = 2};
    session_init(&s, true, "dummy", "probability");
    s.in.attribute_target = true;
    make_scores(&scores[0], &s, 1.7);
    make_scores(&scores[1], &s, 0.6);
    struct faithfulness *large = evaluate(&s, &spec, scores, 2);
    cr_expect_gt(s.model.most_batch, 8);
    s.model.most_batch = 0;
    s.in.memory_budget = 1;
    struct faithfulness *small = evaluate(&s, &spec, scores, 2);
    cr_expect_eq(s.model.most_batch, 1);
    spec.seed = 4;
    struct faithfulness *other = evaluate(&s, &spec, scores, 2);
    cr_expect_eq(digest(large), digest(small));
    cr_expect_neq(digest(large), digest(other));
    cr_expect_str_eq(large->methods[2].name, "random");
    /* Chance has no effect on the methods themselves, and its curves end where all others do. */
    cr_expect_eq(large->methods[0].columns[2].numbers.deletion,
                 other->methods[0].columns[2].numbers.deletion);
    cr_expect_float_eq(large->methods[2].columns[2].deletion[5], large->empty[2], 1e-12);
    cr_expect_float_eq(large->methods[2].columns[2].insertion[5], large->value[2], 1e-12);
    faithfulness_free(large);
    faithfulness_free(small);
    faithfulness_free(other);
    attribution_sequence_dispose(&scores[0]);
    attribution_sequence_dispose(&scores[1]);
    session_dispose(&s);
}

/* Random orders alone show what their spread is: as many evaluations with one order each. */
Test(faithfulness, the_spread_is_that_of_the_random_orders) {
    struct session s;
    struct attribution_sequence scores;
    struct faithfulness_spec spec = {
        .n_points = 4, .parts = {30, 60}, .n_parts = 2, .n_random = 6, .n_top = 2};
    session_init(&s, false, "dummy", "logit");
    make_scores(&scores, &s, 1.7);
    struct faithfulness *f = evaluate(&s, &spec, &scores, 1);
    /* Of two orders: the variance is half the square of their difference. */
    spec.n_random = 2;
    struct faithfulness *two = evaluate(&s, &spec, &scores, 1);
    spec.n_random = 1;
    struct faithfulness *one = evaluate(&s, &spec, &scores, 1);
    const double first = one->methods[1].columns[2].numbers.comprehensiveness,
                 mean = two->methods[1].columns[2].numbers.comprehensiveness;
    cr_expect_float_eq(two->spread[2].comprehensiveness, 2 * (first - mean) * (first - mean),
                       1e-12);
    cr_expect(isnan(one->spread[2].both));
    /* The curves that are kept: means over columns, the second one read backwards. */
    struct curves c = faithfulness_method_curves(f, 0, "logit");
    double value = 0, all = 0, variance = 0;
    for (int64_t g = 0; g < f->n_columns; g++) {
        value += f->methods[0].columns[g].deletion[1] / (double)f->n_columns;
        all += f->methods[0].columns[g].insertion[3] / (double)f->n_columns;
        variance += f->spread[g].insertion[3] / (double)(f->n_columns * f->n_columns);
    }
    cr_expect_eq(c.n, 5);
    cr_expect_float_eq(c.comprehensiveness.curve[1], value, 1e-12);
    cr_expect_float_eq(c.sufficiency.curve[1], all, 1e-12);
    cr_expect_float_eq(c.sufficiency.deviation[1], sqrt(variance), 1e-12);
    cr_expect_float_eq(c.comprehensiveness.curve[0], c.sufficiency.curve[0], 1e-12);
    cr_expect_float_eq(c.comprehensiveness.curve[4], c.sufficiency.curve[4], 1e-12);
    cr_expect(c.overall.low < c.overall.value - c.overall.random &&
              c.overall.high > c.overall.value - c.overall.random);
    curves_dispose(&c);
    faithfulness_free(f);
    faithfulness_free(two);
    faithfulness_free(one);
    attribution_sequence_dispose(&scores);
    session_dispose(&s);
}

/* An evaluation of two columns, whose random orders have known variances. */
static struct faithfulness *known(double comprehensiveness, double sufficiency, double variance) {
    struct faithfulness_spec spec = {.n_points = 1, .n_random = 3};
    struct faithfulness *f = faithfulness_new(&spec, (const char *const[]){"a"}, 1, 3);
    for (int64_t g = 0; g < 2; g++) { /* the third was not measured */
        f->methods[0].columns[g].numbers.comprehensiveness = comprehensiveness;
        f->methods[0].columns[g].numbers.sufficiency = sufficiency;
        f->methods[1].columns[g].numbers.comprehensiveness = 1;
        f->methods[1].columns[g].numbers.sufficiency = 1;
        f->spread[g].comprehensiveness = f->spread[g].sufficiency = f->spread[g].both = variance;
    }
    return f;
}

/* V = 2 v / 4, four degrees of freedom: ± 2.776 · sqrt(v / 2 · 4 / 3). */
Test(faithfulness, a_verdict_is_against_what_one_more_random_order_would_be) {
    static const struct {
        double comprehensiveness, sufficiency, variance;
        enum curves_verdict overall, comp, suff;
    } cases[] = {{3, 1, 1, CURVES_EVEN, CURVES_EVEN, CURVES_EVEN},
                 {4, 1, 1, CURVES_BETTER, CURVES_BETTER, CURVES_EVEN},
                 {1, 4, 1, CURVES_WORSE, CURVES_EVEN, CURVES_WORSE},
                 {1, -2, 1, CURVES_BETTER, CURVES_EVEN, CURVES_BETTER},
                 {1, 1.000001, 0, CURVES_EVEN, CURVES_EVEN, CURVES_EVEN},
                 {1, 1, NAN, CURVES_UNKNOWN, CURVES_UNKNOWN, CURVES_UNKNOWN}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct faithfulness *f =
            known(cases[i].comprehensiveness, cases[i].sufficiency, cases[i].variance);
        struct curves c = faithfulness_method_curves(f, 0, "logit");
        cr_expect_eq(c.overall.verdict, cases[i].overall, "%zu", i);
        cr_expect_eq(c.comprehensiveness.verdict, cases[i].comp, "%zu", i);
        cr_expect_eq(c.sufficiency.verdict, cases[i].suff, "%zu", i);
        cr_expect_eq(c.n_columns, 2);
        if (i == 0) {
            cr_expect_float_eq(c.overall.high, 2 + 2.776 * sqrt(2.0 / 3), 1e-9);
            cr_expect_float_eq(c.overall.low, 2 - 2.776 * sqrt(2.0 / 3), 1e-9);
        }
        curves_dispose(&c);
        faithfulness_free(f);
    }
}

Test(faithfulness, stops_where_a_call_fails_or_someone_cancels) {
    struct session s;
    struct attribution_sequence scores;
    struct faithfulness_spec spec = {.n_points = 3, .n_random = 1, .n_top = 2};
    const char *names[] = {"a"};
    session_init(&s, false, "dummy", "logit");
    make_scores(&scores, &s, 1.7);
    s.in.memory_budget = 1;
    faithfulness_free(evaluate(&s, &spec, &scores, 1));
    int64_t n_calls = s.model.n_calls;
    cr_assert_gt(n_calls, 20);
    for (int cancel = 0; cancel < 2; cancel++)
        for (int64_t i = 1; i < n_calls; i += 3) {
            struct err e = {0};
            struct faithfulness *f = faithfulness_new(&spec, names, 1, s.in.end - s.in.start);
            s.model.n_calls = 0;
            s.model.fail_at = cancel ? 0 : i;
            s.model.cancel_at = cancel ? i : 0;
            s.model.fail_code = ERR_NOMEM;
            atomic_store(&s.model.cancel, false);
            cr_expect_eq(faithfulness_curves(f, &s.in, &scores, NULL, &s.ctl, &e),
                         cancel ? ERR_CANCELLED : ERR_NOMEM, "call %d", (int)i);
            cr_expect_eq(s.model.n_open, 0);
            cr_expect_leq(s.model.n_calls, i + 2);
            faithfulness_free(f);
        }
    attribution_sequence_dispose(&scores);
    session_dispose(&s);
}

Test(faithfulness, where_nothing_can_be_taken_away_nothing_is_said) {
    static const int32_t ids[] = {TOY_EOS, TOY_UNK, 5, 6};
    struct session s;
    struct attribution_sequence scores;
    struct faithfulness_spec spec = {
        .n_points = 2, .parts = {50}, .n_parts = 1, .n_random = 2, .n_top = 2};
    session_init(&s, false, "dummy", "logit");
    s.in.target_ids = ids;
    s.in.n_target = s.in.end = 4;
    make_scores(&scores, &s, 1.7);
    struct faithfulness *f = evaluate(&s, &spec, &scores, 1);
    faithfulness_average(f);
    cr_expect(f->n_tokens[0] == 0 && isnan(f->methods[0].columns[0].numbers.deletion) &&
              isnan(f->methods[1].columns[0].numbers.insertion));
    cr_expect(f->n_tokens[1] == 1 && !isnan(f->methods[0].columns[1].numbers.deletion));
    cr_expect_eq(f->methods[0].mean.deletion, f->methods[0].columns[1].numbers.deletion);
    faithfulness_free(f);
    attribution_sequence_dispose(&scores);
    session_dispose(&s);
}

/* --- ranks and agreement ----------------------------------------------------------------- */

Test(faithfulness, orders_and_ranks) {
    const double values[] = {2, NAN, 7, 2, -1};
    int64_t order[5];
    rank_order(order, values, 5);
    cr_expect(order[0] == 2 && order[1] == 0 && order[2] == 3 && order[3] == 4 && order[4] == 1);
    const double a[] = {1, 2, 3, 4, 5}, b[] = {5, 6, 7, 8, 7}, tied[] = {1, 1, 2, 2, 3},
                 flat[] = {4, 4, 4, 4, 4};
    cr_expect_float_eq(rank_spearman(a, a, 5), 1, 1e-12);
    cr_expect_float_eq(rank_spearman(a, b, 5), 0.8207826816681233,
                       1e-12); /* scipy.stats.spearmanr */
    cr_expect_float_eq(rank_spearman(a, tied, 5), 0.9486832980505138, 1e-12);
    cr_expect(isnan(rank_spearman(a, flat, 5)) && isnan(rank_spearman(a, b, 1)));
}

Test(faithfulness, agreement_of_methods) {
    /* One column of four rows; the target's own row is NaN. */
    float a[] = {0.1f, -0.9f, 0.5f, 0.3f, NAN}, b[] = {0.2f, 0.8f, 0.6f, -0.1f, NAN},
          magnitudes[] = {0.1f, 0.9f, 0.5f, 0.3f, NAN};
    struct attribution_sequence scores[3] = {
        {.target_attributions = {a, 2, {5, 1}, false}},
        {.target_attributions = {b, 2, {5, 1}, false}},
        {.target_attributions = {magnitudes, 2, {5, 1}, false}}};
    const char *names[] = {"a", "b", "c"};
    const struct faithfulness_spec spec = {.n_points = 1, .n_top = 2};
    struct faithfulness *f = faithfulness_new(&spec, names, 3, 1);
    faithfulness_agree(f, scores);
    const struct faithfulness_agreement *ab = &f->agreement[1], *ba = &f->agreement[3],
                                        *aa = &f->agreement[0], *ac = &f->agreement[2];
    cr_expect_float_eq(ab->spearman, -0.4, 1e-12); /* ranks 1 0 3 2 and 1 3 2 0 */
    cr_expect_eq(ab->overlap, 1);                  /* rows 1 and 2 lead both */
    cr_expect_eq(ab->sign, 0.5);                   /* and one of them changes its sign */
    cr_expect(ba->spearman == ab->spearman && ba->sign == ab->sign);
    cr_expect(aa->spearman == 1 && aa->overlap == 1 && aa->sign == 1);
    cr_expect(ac->overlap == 1 && isnan(ac->sign)); /* magnitudes have no signs to agree on */
    faithfulness_free(f);
}

/* --- noise ------------------------------------------------------------------------------- */

/* A method that only looks at what it is given. */
static struct {
    int n;
    double worst_length, worst_row, worst_other, worst_forward;
} seen;

static double far(const float *a, const float *b, int64_t n) {
    double sum = 0;
    for (int64_t k = 0; k < n; k++)
        sum += ((double)a[k] - b[k]) * ((double)a[k] - b[k]);
    return sqrt(sum);
}

static double larger(double a, double b) {
    return a > b ? a : b;
}

static void without_noise(float *out, const int32_t *ids, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        double x[TOY_WIDTH];
        toy_embedding(x, STACK_DECODER, ids[i]);
        for (int k = 0; k < TOY_WIDTH; k++)
            out[i * TOY_WIDTH + k] = (float)x[k];
    }
}

static enum err_code probe(struct attribution_sequence *out, const struct method_input *in,
                           const struct run_ctl *ctl, struct err *e) {
    static const int32_t others[] = {6, 6, 6, 6};
    float x[6 * TOY_WIDTH], clean[6 * TOY_WIDTH], row[TOY_WIDTH], zero[TOY_WIDTH] = {0},
                                                                  logits[2][TOY_VOCAB];
    int64_t n = in->end - 1, dims[2] = {in->end, in->end - in->start};
    struct position at = {0, n - 1};
    cr_assert_eq(model_embed(in->model, STACK_DECODER, in->target_ids, n, x, e), ERR_OK);
    without_noise(clean, in->target_ids, n);
    seen.n++;
    for (int64_t i = 0; i < n; i++) {
        double moved = far(x + i * TOY_WIDTH, clean + i * TOY_WIDTH, TOY_WIDTH) /
                       far(clean + i * TOY_WIDTH, zero, TOY_WIDTH);
        seen.worst_length = seen.n == 1 ? moved : larger(seen.worst_length, fabs(moved - 0.1));
    }
    cr_assert_eq(model_embed(in->model, STACK_DECODER, in->target_ids + 2, 1, row, e), ERR_OK);
    seen.worst_row = larger(seen.worst_row, far(row, x + 2 * TOY_WIDTH, TOY_WIDTH));
    cr_assert_eq(model_embed(in->model, STACK_DECODER, others, 4, clean, e), ERR_OK);
    without_noise(row, others, 1);
    seen.worst_other = larger(seen.worst_other, far(clean, row, TOY_WIDTH));
    for (int given = 0; given < 2; given++) {
        struct forward *f;
        const struct forward_input input = {.n_batch = 1,
                                            .target_ids = in->target_ids,
                                            .n_target = n,
                                            .target_embeddings = given ? x : NULL};
        cr_assert_eq(model_forward(&f, in->model, &input, ctl, e), ERR_OK);
        cr_assert_eq(forward_logits(f, &at, 1, logits[given], e), ERR_OK);
        forward_free(f);
    }
    seen.worst_forward = larger(seen.worst_forward, far(logits[0], logits[1], TOY_VOCAB));
    cr_assert(scores_init(&out->target_attributions, 2, dims, 0));
    for (int64_t i = 0; i < n; i++)
        for (int64_t c = 0; c < dims[1]; c++)
            out->target_attributions.data[i * dims[1] + c] = x[i * TOY_WIDTH];
    return ERR_OK;
}

static enum err_code as_it_is(void *user, struct attribution_sequence *out,
                              const struct attribution_sequence *in, struct err *e) {
    (void)user, (void)e;
    cr_assert(attribution_sequence_copy(out, in, true));
    return ERR_OK;
}

Test(faithfulness, noise_reaches_the_input_and_nothing_else) {
    struct session s;
    struct err e = {0};
    const struct method looks = {.decl = {.id = "probe"}, .run = probe};
    const char *names[] = {"probe"};
    const struct faithfulness_reducer reducer = {NULL, as_it_is};
    const struct faithfulness_spec spec = {.n_points = 1, .n_noise = 3, .noise = 0.1, .n_top = 1};
    session_init(&s, false, "dummy", "logit");
    struct faithfulness *f = faithfulness_new(&spec, names, 1, s.in.end - s.in.start);
    cr_assert_eq(faithfulness_noise(f, 0, &looks, &s.in, &s.out, &reducer, &s.ctl, &e), ERR_OK,
                 "%s", e.message);
    cr_expect_eq(seen.n, 4);
    cr_expect_lt(seen.worst_length, 1e-5);
    cr_expect_lt(seen.worst_row, 1e-12);
    cr_expect_lt(seen.worst_other, 1e-12);
    cr_expect_lt(seen.worst_forward, 1e-12);
    cr_expect_eq(s.model.n_open, 0);
    const struct faithfulness_numbers *n = &f->methods[0].columns[1].numbers;
    cr_expect(n->sensitivity > 0 && n->worst_sensitivity >= n->sensitivity &&
              n->worst_sensitivity < 0.5);
    faithfulness_free(f);
    session_dispose(&s);
}

static enum err_code sum_width(void *user, struct attribution_sequence *out,
                               const struct attribution_sequence *in, struct err *e) {
    (void)user, (void)e;
    const struct scores *from[2] = {&in->source_attributions, &in->target_attributions};
    *out = (struct attribution_sequence){.attr_pos_start = in->attr_pos_start,
                                         .attr_pos_end = in->attr_pos_end};
    struct scores *to[2] = {&out->source_attributions, &out->target_attributions};
    for (int side = 0; side < 2; side++) {
        int64_t cell = scores_cell(from[side]);
        if (!from[side]->data)
            continue;
        cr_assert(scores_init(to[side], 2, from[side]->dims, 0));
        for (int64_t i = 0; i < scores_count(from[side]); i++)
            to[side]->data[i / cell] += from[side]->data[i];
    }
    return ERR_OK;
}

/* Small noise moves scores in proportion to its length; none does not move them. */
static void check_proportion(const char *method, bool encoder_decoder) {
    struct session s;
    struct err e = {0};
    const char *names[] = {method};
    const struct faithfulness_reducer reducer = {NULL, sum_width};
    double measured[3];
    session_init(&s, encoder_decoder, method, "logit");
    s.in.attribute_target = encoder_decoder;
    for (int i = 0; i < 3; i++) {
        const struct faithfulness_spec spec = {
            .n_points = 1, .n_noise = 2, .noise = 0.002 * i, .n_top = 1};
        struct faithfulness *f = faithfulness_new(&spec, names, 1, s.in.end - s.in.start);
        cr_assert_eq(faithfulness_noise(f, 0, s.method, &s.in, &s.out, &reducer, &s.ctl, &e),
                     ERR_OK, "%s: %s", method, e.message);
        measured[i] = f->methods[0].columns[2].numbers.sensitivity;
        faithfulness_free(f);
    }
    cr_expect_lt(measured[0], 1e-6, "%s: %g", method, measured[0]);
    cr_expect_gt(measured[1], 1e-5, "%s", method);
    cr_expect_float_eq(measured[2] / measured[1], 2, 0.1, "%s: %g, %g", method, measured[1],
                       measured[2]);
    cr_expect_eq(s.n_published, 0);
    session_dispose(&s);
}

Test(faithfulness, sensitivity_is_in_proportion_to_small_noise) {
    for (int side = 0; side < 2; side++) {
        check_proportion("input_x_gradient", side);
        check_proportion("saliency", side);
        check_proportion("integrated_gradients", side);
        check_proportion("occlusion", side);
    }
}
