/* Attention sinks: who is one, and what becomes of the others without them. */
#include "aggregators/sinks.h"
#include "made.h"

#include <criterion/criterion.h>

/* Weights [rows, 2, 2, 2] of a language model's two last tokens: each row's share, and what steps
 * do not see. */
static struct attribution_sequence with_weights(const char *pieces, const double *shares) {
    struct attribution_sequence s = made_lm(pieces, 4);
    const int64_t rows = s.attr_pos_end, columns = rows - 4;
    scores_dispose(&s.target_attributions);
    cr_assert(scores_init(&s.target_attributions, 4, (int64_t[]){rows, columns, 2, 2}, NAN));
    for (int64_t g = 0; g < columns; g++) {
        double sum = 0;
        for (int64_t r = 0; r < 4 + g; r++)
            sum += shares[r];
        for (int64_t r = 0; r < 4 + g; r++)
            for (int64_t i = 0; i < 4; i++)
                s.target_attributions.data[(r * columns + g) * 4 + i] = (float)(shares[r] / sum);
    }
    return s;
}

static void expect_sinks(const char *pieces, const double *shares, const char *names,
                         double least) {
    struct attribution_sequence s = with_weights(pieces, shares);
    struct sinks sinks = sinks_find(&s.target_attributions, &s.target);
    char *text = sinks_names(&sinks, &s.target);
    cr_expect_str_eq(text, names, "%s: %s", pieces, text);
    cr_expect(sinks.share >= least && sinks.share < least + 0.1, "%g", sinks.share);
    free(text);
    sinks_dispose(&sinks);
    attribution_sequence_dispose(&s);
}

Test(sinks, are_the_first_token_special_ones_and_separators_that_take_much) {
    expect_sinks("The old man sleeps now .", (double[]){6, 1, 1, 1, 1, 1}, "\"The\" (first token)",
                 0.6);
    expect_sinks("The old man , now .", (double[]){1, 1, 1, 6, 1, 1}, "\",\"", 0.6);
    expect_sinks("<s> old , sleeps now .", (double[]){6, 0.1, 6, 0.1, 0.1, 0.1},
                 "\"<s>\" (first token), \",\"", 0.93);
}

Test(sinks, are_no_words_and_no_even_parts) {
    expect_sinks("The old man sleeps now .", (double[]){1, 1, 6, 1, 1, 1}, "", 0);
    expect_sinks("The old man sleeps now .", (double[]){1, 1, 1, 1, 1, 1}, "", 0);
}

/* Scores that are no weights: negative, or summing to anything; too few tokens. */
Test(sinks, are_those_of_attention_weights_alone) {
    struct attribution_sequence s =
        with_weights("The old man sleeps now .", (double[]){6, 1, 1, 1, 1, 1});
    s.target_attributions.data[0] = -0.5f;
    cr_expect_null(sinks_find(&s.target_attributions, &s.target).rows);
    for (int64_t i = 0; i < scores_count(&s.target_attributions); i++)
        s.target_attributions.data[i] = 0.3f;
    cr_expect_null(sinks_find(&s.target_attributions, &s.target).rows);
    s.target_attributions.n_dims = 3;
    cr_expect_null(sinks_find(&s.target_attributions, &s.target).rows);
    attribution_sequence_dispose(&s);
}

static float at(const struct scores *s, int64_t row, int64_t column) {
    return s->data[row * s->dims[1] + column];
}

Test(sinks, left_out_count_as_nothing_and_the_rest_may_share_what_they_had) {
    struct attribution_sequence s = made_mt("a b </s>", "x y z"), got;
    struct err e = {0};
    cr_assert_eq(aggregate_by(&got, &s, "leave_out", "{\"source_spans\": [2, 3]}", &e), ERR_OK);
    cr_expect(at(&got.source_attributions, 2, 0) == 0 && at(&got.source_attributions, 0, 0) == 1);
    cr_expect_eq(at(&got.target_attributions, 0, 1), at(&s.target_attributions, 0, 1));
    attribution_sequence_dispose(&got);
    cr_assert_eq(aggregate_by(&got, &s, "leave_out",
                              "{\"source_spans\": [2, 3], \"renormalize\": true}", &e),
                 ERR_OK);
    cr_expect_float_eq(mass(&got), mass(&s), 1e-4);
    /* The first column: 1 3 5 of the source, 1 of the target that its step sees. */
    cr_expect_float_eq(at(&got.source_attributions, 1, 0), 3.0f * 10 / 5, 1e-5f);
    cr_expect_float_eq(at(&got.target_attributions, 0, 0), 1.0f * 10 / 5, 1e-5f);
    cr_expect(isnan(at(&got.target_attributions, 2, 0)));
    attribution_sequence_dispose(&got);
    cr_expect_eq(aggregate_by(&got, &s, "leave_out", "{\"source_spans\": [2, 4]}", &e), ERR_USAGE);
    cr_expect_eq(aggregate_by(&got, &s, "leave_out", NULL, &e), ERR_USAGE);
    attribution_sequence_dispose(&s);
}
