/* What of the tokens is shown: characters of several, and without special ones. */
#include "made.h"

#include "aggregators/text/characters.h"

static void reduce(struct attribution_sequence *out, const struct attribution_sequence *s,
                   const char *stage) {
    struct pipeline p = {0};
    struct err e;
    cr_assert_eq(pipeline_add(&p, stage, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(aggregate_sequence(out, s, &p, NULL, &e), ERR_OK, "%s", e.message);
    pipeline_dispose(&p);
}

static void expect_shown(const char *pieces, int64_t start, const char *stage, const char *want) {
    struct attribution_sequence s = made_lm(pieces, start), got;
    reduce(&got, &s, stage);
    expect_joined(&got.target, want, stage);
    attribution_sequence_dispose(&got);
    attribution_sequence_dispose(&s);
}

Test(shown_tokens, bytes_of_one_character_are_joined) {
    expect_shown("▁ok <0xE8> <0x8C> <0xB6> 人", 1, "characters:sum", "▁ok|<0xE8><0x8C><0xB6>|人");
    expect_shown("<0xE8> <0x8C> <0xB6> <0xE8> <0x8C> <0xB6> ▁x", 3, "characters:sum",
                 "<0xE8><0x8C><0xB6>|<0xE8><0x8C><0xB6>|▁x");
    /* What is no whole character, and what is none at all. */
    expect_shown("▁a <0xE8> <0x8C> b <0x8C> <0xFF>", 1, "characters:sum",
                 "▁a|<0xE8><0x8C>|b|<0x8C>|<0xFF>");
    expect_shown("plain words here", 1, "characters:sum", "plain|words|here");
}

Test(shown_tokens, their_scores_are_summed) {
    struct attribution_sequence s = made_lm("▁a <0xE8> <0x8C> <0xB6> b c", 4), got;
    cr_expect(characters_are_split(&s.target));
    reduce(&got, &s, "characters:sum");
    cr_expect_float_eq(mass(&got), mass(&s), 1e-4);
    cr_expect_not(characters_are_split(&got.target));
    attribution_sequence_dispose(&got);
    attribution_sequence_dispose(&s);
}

Test(shown_tokens, special_ones_are_left_out_with_their_scores) {
    expect_shown("<s> ▁a ▁b </s>", 2, "without_special", "▁a|▁b");
    expect_shown("▁a ▁b ▁c", 1, "without_special", "▁a|▁b|▁c");
    expect_shown("<s> ▁a </s>", 2, "without_special", "▁a|</s>"); /* there is nothing else */
    struct attribution_sequence s = made_lm("<s> ▁a ▁b ▁c", 2), got;
    reduce(&got, &s, "without_special");
    cr_assert_eq(got.target_attributions.dims[0] + 1, s.target_attributions.dims[0]);
    for (int64_t i = 0; i < scores_count(&got.target_attributions); i++) {
        const int64_t row = s.target_attributions.dims[1];
        const float x = got.target_attributions.data[i], y = s.target_attributions.data[i + row];
        cr_expect(x == y || (isnan(x) && isnan(y)));
    }
    attribution_sequence_dispose(&got);
    attribution_sequence_dispose(&s);
}
