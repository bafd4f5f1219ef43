/* Pairs of results whose texts have other lengths, by hand. */
#include "made.h"

#include "aggregators/token_match.h"

static void expect_match(const char *a, const char *b, const int64_t *want) {
    struct token_list x = {0}, y = {0};
    struct err e;
    int64_t got[8];
    add_pieces(&x, a);
    add_pieces(&y, b);
    cr_assert_eq(token_match(got, x.items, x.n, y.items, y.n, &e), ERR_OK, "%s", e.message);
    for (size_t i = 0; i < x.n; i++)
        cr_expect_eq(got[i], want[i], "%s, %s: %zu is %d", a, b, i, (int)got[i]);
    token_list_dispose(&x);
    token_list_dispose(&y);
}

Test(pair, what_both_have_is_matched_and_as_many_between_one_by_one) {
    expect_match("▁a ▁b ▁c ▁d", "▁b ▁x ▁d", (int64_t[]){-1, 0, 1, 2});
    expect_match("▁a ▁b", "▁a ▁x ▁b", (int64_t[]){0, 2});
    expect_match("▁a ▁b ▁c", "▁x ▁y ▁z", (int64_t[]){0, 1, 2});
    expect_match("▁a ▁b ▁c", "▁x ▁y", (int64_t[]){-1, -1, -1});
    expect_match("▁a ▁b ▁a ▁b", "▁b ▁a", (int64_t[]){-1, 0, 1, -1});
}

static enum err_code pair_of(struct attribution_sequence *out, const struct attribution_sequence *a,
                             const struct attribution_sequence *b, struct info_texts *notices,
                             struct err *e) {
    struct pipeline p = {0};
    enum err_code code = pipeline_add(&p, "pair", e);
    if (!code)
        code = aggregate_sequence(out, a, &p,
                                  &(struct aggregate_context){.paired = b, .notices = notices}, e);
    pipeline_dispose(&p);
    return code;
}

static void add_steps(struct attribution_sequence *s) {
    struct scores *steps = attribution_add_step_scores(s, "logit");
    for (int64_t g = 0; g < steps->dims[0]; g++)
        steps->data[g] = (float)(g * s->target.n);
    s->n_done = steps->dims[0];
}

Test(pair, texts_of_other_lengths_are_paired_by_their_tokens) {
    struct attribution_sequence a = made_mt("▁the ▁red ▁house </s>", "</s> ▁la ▁maison ▁rouge"),
                                b = made_mt("▁the ▁tree </s>", "</s> ▁la ▁rouge"), got;
    struct info_texts notices = {0};
    struct err e;
    add_steps(&a);
    add_steps(&b);
    cr_assert_eq(pair_of(&got, &a, &b, &notices, &e), ERR_OK, "%s", e.message);
    expect_joined(&got.source, "▁the|▁red|▁house|</s>", "source");
    expect_joined(&got.target, "</s>|▁la|▁maison|▁rouge", "target");
    /* a is 1 2 3, 4 5 6, 7 8 9, 10 11 12 and b is 1 2, 3 4, 5 6: la and rouge of "the" and </s>. */
    const float want[] = {0, NAN, -1, NAN, NAN, NAN, NAN, NAN, NAN, -5, NAN, -6};
    expect_scores(&got.source_attributions, &(struct scores){(float *)want, 2, {4, 3}, false},
                  "source");
    /* Rows </s> and la of the target: a 1 2 3, . 5 6 and b 1 2, . 4. */
    const float rows[] = {0, NAN, -1, NAN, NAN, -2, NAN, NAN, NAN, NAN, NAN, NAN};
    expect_scores(&got.target_attributions, &(struct scores){(float *)rows, 2, {4, 3}, false},
                  "target");
    const float steps[] = {0, NAN, 3 - 8};
    expect_scores(&got.step_scores[0].scores, &(struct scores){(float *)steps, 1, {3}, false},
                  "logit");
    cr_assert_eq(notices.n, 1);
    cr_expect(strstr(notices.items[0], "are 2 of 4 source and 1 of 4 target tokens; of the other "
                                       "result 1 and 0 are left out"),
              "%s", notices.items[0]);
    attribution_sequence_dispose(&a);
    attribution_sequence_dispose(&b);
    attribution_sequence_dispose(&got);
    info_texts_dispose(&notices);
}

Test(pair, texts_with_nothing_in_common_have_no_difference) {
    struct attribution_sequence a = made_mt("▁a", "</s> ▁x"), b = made_mt("▁a", "</s> ▁y ▁z"), got;
    struct err e;
    cr_expect_eq(pair_of(&got, &a, &b, NULL, &e), ERR_SHAPE);
    cr_expect(strstr(e.message, "no token of the shown text has a partner"), "%s", e.message);
    attribution_sequence_dispose(&a);
    attribution_sequence_dispose(&b);
}
