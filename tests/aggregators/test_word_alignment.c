/* Word alignments: cases computed by hand, and grow-diag by its published steps. */
#include "made.h"

#include "aggregators/word_alignment.h"

static void expect_alignment(const struct attribution_sequence *s, const char *way,
                             double threshold, const char *want, int64_t unpaired) {
    const struct word_alignment_how how = {word_alignment_way_find(way), threshold};
    struct text_buffer b = {0};
    struct word_alignment a;
    struct err e;
    cr_assert_eq(word_alignment_of(&a, s, &how, &e), ERR_OK, "%s", e.message);
    word_alignment_write(&b, &a);
    cr_expect_str_eq(b.text, want, "%s %g: %s", way, threshold, b.text);
    cr_expect_eq(word_alignment_unpaired(&a, s), unpaired, "%s %g", way, threshold);
    text_buffer_dispose(&b);
    word_alignment_dispose(&a);
}

static void set(struct attribution_sequence *s, const float *values) {
    memcpy(s->source_attributions.data, values,
           (size_t)scores_count(&s->source_attributions) * sizeof *values);
}

/* The special tokens have the largest scores, and take no part; "house" and "red" count as much for
 * "rouge": the first is taken. */
Test(word_alignment, the_largest_score_pairs_words_and_leaves_special_tokens_out) {
    struct attribution_sequence s =
        made_mt("▁the ▁red ▁house </s>", "</s> ▁la ▁maison ▁rouge </s>");
    set(&s, (const float[]){.6f, .1f, .2f, 2,   /* the */
                            .3f, .2f, .5f, 2,   /* red */
                            .1f, .7f, .5f, 2,   /* house */
                            .9f, .9f, .9f, 9}); /* </s> */
    expect_alignment(&s, "columns", 0, "0-0 1-2 2-1\n", 0);
    /* Shares without </s>: la .6 .3 .1, maison .1 .2 .7, rouge .17 .42 .42. */
    expect_alignment(&s, "columns", .3, "0-0 1-0 1-2 2-1 2-2\n", 0);
    expect_alignment(&s, "columns", .5, "0-0 2-1\n", 1);
    /* By rows: the .67 .11 .22, red .3 .2 .5, house .08 .54 .38. */
    expect_alignment(&s, "rows", .45, "0-0 1-2 2-1\n", 0);
    expect_alignment(&s, "intersection", .45, "0-0 2-1\n", 1);
    expect_alignment(&s, "union", .45, "0-0 1-2 2-1\n", 0);
    attribution_sequence_dispose(&s);
}

/* A text that is explained from its second word on: words are those of the whole text. */
Test(word_alignment, words_before_the_first_column_are_counted) {
    struct attribution_sequence s = made_mt("▁the ▁house", "</s> ▁la ▁maison");
    s.attr_pos_start = 2;
    scores_dispose(&s.source_attributions);
    scores_dispose(&s.target_attributions);
    fill(&s.source_attributions, 2, 1, 2, false);
    expect_alignment(&s, "columns", 0, "1-1\n", 0);
    attribution_sequence_dispose(&s);
}

Test(word_alignment, what_is_zero_negative_or_no_number_pairs_nothing) {
    struct attribution_sequence s = made_mt("▁a ▁b ▁", "</s> ▁x ▁y ▁z");
    set(&s, (const float[]){NAN, 0, -3, -1, 0, NAN, 5, 5, 5});
    s.source.items[2].n_bytes = 0; /* a blank is no word */
    expect_alignment(&s, "columns", 0, "\n", 3);
    set(&s, (const float[]){NAN, 0, -3, .01f, -2, NAN, 5, 5, 5});
    expect_alignment(&s, "columns", 0, "1-0\n", 2);
    expect_alignment(&s, "union", 1, "1-0\n", 2);
    attribution_sequence_dispose(&s);
}

Test(word_alignment, what_has_no_source_is_refused_with_the_reason) {
    struct attribution_sequence s = made_lm("<s> ▁a ▁b", 1);
    const struct word_alignment_how how = {word_alignment_way_find("columns"), 0};
    struct word_alignment a;
    struct err e;
    cr_expect_eq(word_alignment_of(&a, &s, &how, &e), ERR_USAGE);
    cr_expect(strstr(e.message, "decoder-only"), "%s", e.message);
    attribution_sequence_dispose(&s);
}

#define N 5

/* Pairs as "i-j", in any order. */
static struct word_alignment pairs_of(const char *text) {
    struct word_alignment a = {N, N, mem_alloc(N * N * sizeof(bool))};
    for (; *text; text += text[3] ? 4 : 3)
        a.pairs[(text[0] - '0') * N + text[2] - '0'] = true;
    return a;
}

static void expect_joined_by(const char *way, const char *columns, const char *rows,
                             const char *want) {
    struct word_alignment a = pairs_of(columns), b = pairs_of(rows), out = pairs_of("");
    struct text_buffer text = {0};
    word_alignment_way_find(way)->join(&out, &a, &b);
    word_alignment_write(&text, &out);
    cr_expect_str_eq(text.text, want, "%s: %s", way, text.text);
    text_buffer_dispose(&text);
    word_alignment_dispose(&a);
    word_alignment_dispose(&b);
    word_alignment_dispose(&out);
}

/* The intersection is 0-0 1-1 3-3. Neighbours with a word that has no pair yet join: 1-2, 2-3. Both
 * words of 0-1 have one, and 4-0 touches nothing. */
Test(word_alignment, grow_diag_adds_neighbours_while_a_word_is_without) {
    static const char columns[] = "0-0 1-1 1-2 3-3 0-1", rows[] = "0-0 1-1 2-3 3-3 4-0";
    expect_joined_by("columns", columns, rows, "0-0 0-1 1-1 1-2 3-3\n");
    expect_joined_by("rows", columns, rows, "0-0 1-1 2-3 3-3 4-0\n");
    expect_joined_by("intersection", columns, rows, "0-0 1-1 3-3\n");
    expect_joined_by("union", columns, rows, "0-0 0-1 1-1 1-2 2-3 3-3 4-0\n");
    expect_joined_by("grow-diag", columns, rows, "0-0 1-1 1-2 2-3 3-3\n");
}

/* 2-2 is added from 1-1, which was added from 0-0, and 3-1 from 2-2, though it was passed over as
 * long as nothing stood beside it. Neighbours in line come before those over a corner, so that both
 * words of 0-0 have a pair before its turn. */
Test(word_alignment, grow_diag_goes_on_from_what_it_added) {
    expect_joined_by("grow-diag", "0-0 1-1 2-2", "0-0 3-1", "0-0 1-1 2-2 3-1\n");
    expect_joined_by("grow-diag", "4-4 3-3 2-2 1-1", "4-4", "1-1 2-2 3-3 4-4\n");
    expect_joined_by("grow-diag", "1-1 0-0", "1-1 1-0 0-1", "0-1 1-0 1-1\n");
    expect_joined_by("grow-diag", "0-0", "1-1", "\n");
}
