/* Units of text: where each begins, whatever the vocabulary. */
#include "made.h"

#include "aggregators/unit_list.h"

/* A prompt that is all of the tokens but the last, by one unit. */
static void expect_unit(const char *pieces, const char *unit, const char *more, const char *want) {
    struct attribution_sequence s = made_lm(pieces, 1), got;
    char *stage = mem_format("units:sum{\"rows\":\"%s\",\"columns\":\"%s\"%s%s}", unit, unit,
                             more ? "," : "", more ? more : "");
    struct pipeline p = {0};
    struct err e;
    cr_assert_eq(pipeline_add(&p, stage, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(aggregate_sequence(&got, &s, &p, NULL, &e), ERR_OK, "%s", e.message);
    expect_joined(&got.target, want, stage);
    cr_expect_float_eq(mass(&got), mass(&s), 1e-3, "%s keeps the mass", stage);
    pipeline_dispose(&p);
    attribution_sequence_dispose(&got);
    attribution_sequence_dispose(&s);
    free(stage);
}

Test(units, words_are_known_by_the_vocabularys_own_marker) {
    expect_unit("<s> ▁The ▁doc tor ▁spo ke .", "word", NULL, "<s>|▁The|▁doctor|▁spoke.");
    expect_unit("Hel lo Ġwor ld Ġ, Ġgood", "word", NULL, "Hello|Ġworld|Ġ,|Ġgood");
    expect_unit("[CLS] phen ##omen ##al play ##ing [SEP]", "word", NULL,
                "[CLS]|phen##omen##al|play##ing|[SEP]");
    expect_unit("phen omen</w> is</w> play ing</w>", "word", NULL,
                "phenomen</w>|is</w>|playing</w>");
    expect_unit("▁ Hello ▁ ▁ you", "word", NULL, "▁Hello|▁|▁you");
}

/* Inseq leaves the last token where it is, and joins special ones. */
Test(units, the_last_token_joins_its_word_and_special_ones_stand_alone) {
    expect_unit("<s> ▁The ▁Ei ff el", "word", NULL, "<s>|▁The|▁Eiffel");
    expect_unit("<|im_start|> user Ċ Hi <|im_end|> Ċ Bye", "word", NULL,
                "<|im_start|>|user|Ċ|Hi|<|im_end|>|Ċ|Bye");
}

Test(units, punctuation_joins_its_word_or_stands_apart) {
    static const char pieces[] = "<s> ▁( He llo , ▁don ' t !) ▁\" ok \".";
    expect_unit(pieces, "word", NULL, "<s>|▁(Hello,|▁don't!)|▁\"ok\".");
    expect_unit(pieces, "word", "\"punctuation\":\"apart\"", "<s>|▁(|Hello|,|▁don't|!)|▁\"|ok|\".");
}

Test(units, in_a_script_without_spaces_each_token_is_a_word) {
    expect_unit("<s> ▁今天 天气 很好 。 ▁Hello 世界 ok", "word", NULL,
                "<s>|▁今天|天气|很好。|▁Hello|世界|ok");
    /* A character in several tokens is still one: 中 is three bytes here. */
    expect_unit("▁ok ▁国 <0xE4> <0xB8> <0xAD> 人", "word", NULL, "▁ok|▁国|<0xE4><0xB8><0xAD>|人");
    /* Korean has spaces. */
    expect_unit("<s> ▁안녕 하세요 ▁여러 분", "word", NULL, "<s>|▁안녕하세요|▁여러분");
}

Test(units, words_without_any_marker_stay_tokens_and_a_notice_tells) {
    struct attribution_sequence s = made_lm("a b c", 1), got;
    struct info_texts notices = {0};
    struct pipeline p = {0};
    struct err e;
    cr_assert_eq(pipeline_add(&p, "units{\"rows\":\"word\",\"columns\":\"word\"}", &e), ERR_OK);
    cr_assert_eq(
        aggregate_sequence(&got, &s, &p, &(struct aggregate_context){.notices = &notices}, &e),
        ERR_OK);
    expect_joined(&got.target, "a|b|c", "no marker");
    cr_expect(notices.n >= 1 && strstr(notices.items[0], "no word"));
    info_texts_dispose(&notices);
    pipeline_dispose(&p);
    attribution_sequence_dispose(&got);
    attribution_sequence_dispose(&s);
}

Test(units, sentences_end_at_their_marks_and_nowhere_else) {
    expect_unit("<s> ▁Hi . ▁Dr . ▁No ? ▁\" Yes .\" ▁End", "sentence", NULL,
                "<s>|▁Hi.|▁Dr.|▁No?|▁\"Yes.\"|▁End");
    expect_unit("<s> ▁J . ▁Smith , ▁e . g . ▁this , ▁3 . 14 . ▁Ok", "sentence", NULL,
                "<s>|▁J.▁Smith,▁e.g.▁this,▁3.14.|▁Ok");
    expect_unit("今天 很好 。 你 呢 ？ 好", "sentence", NULL, "今天很好。|你呢？|好");
    expect_unit("One Ċ Two Ġthree ... Ġfour ! Ġ Five", "sentence", NULL,
                "OneĊ|TwoĠthree...Ġfour!|ĠFive");
}

Test(units, lines_and_paragraphs_end_at_line_breaks) {
    static const char pieces[] = "One Ċ two Ċ Ċ three .ĊĊ four Ċ five";
    expect_unit(pieces, "line", NULL, "OneĊ|twoĊ|Ċ|three.ĊĊ|fourĊ|five");
    expect_unit(pieces, "paragraph", NULL, "OneĊtwoĊĊ|three.ĊĊ|fourĊfive");
    expect_unit("a Ċ Ġ Ċ b", "paragraph", NULL, "aĊĠĊ|b");
}

Test(units, turns_begin_at_the_tokens_of_chat_templates) {
    expect_unit("<|im_start|> user Ċ Hi <|im_end|> Ċ <|im_start|> assistant Ċ Yes", "turn", NULL,
                "<|im_start|>userĊHi<|im_end|>Ċ|<|im_start|>assistantĊYes");
    expect_unit("<s> [INST] ▁Hi [/INST] ▁Yes </s>", "turn", NULL, "<s>|[INST]▁Hi|[/INST]▁Yes</s>");
    expect_unit("▁no ▁turns ▁here", "turn", NULL, "▁no|▁turns|▁here");
}

Test(units, an_expression_looks_at_the_text_not_at_pieces) {
    expect_unit("One Ġ, Ġtwo ; Ġthree", "regex", "\"split_pattern\":\"[,;]\"",
                "One|Ġ,|Ġtwo|;|Ġthree");
    expect_unit("One Ġ, Ġtwo ; Ġthree", "regex",
                "\"split_pattern\":\"[,;]\",\"split_mode\":\"end\"", "OneĠ,|Ġtwo;|Ġthree");
    expect_unit("One Ġtwo Ġthree", "regex", "\"split_pattern\":\" t\",\"split_mode\":\"start\"",
                "One|Ġtwo|Ġthree");
}

Test(units, an_expression_that_takes_too_long_is_refused) {
    struct text_buffer pieces = {0};
    text_buffer_puts(&pieces, "x");
    for (int i = 0; i < 40; i++)
        text_buffer_puts(&pieces, " a");
    struct attribution_sequence s = made_lm(pieces.text, 1), got;
    struct err e = {0};
    cr_expect_eq(aggregate_by(&got, &s, "split", "{\"split_pattern\": \"(a|aa)+[bc]\"}", &e),
                 ERR_USAGE);
    cr_expect(strstr(e.message, "too long"), "%s", e.message);
    attribution_sequence_dispose(&s);
    text_buffer_dispose(&pieces);
}

Test(units, rows_and_columns_may_be_of_different_units) {
    struct attribution_sequence s = made_lm("<s> ▁One . ▁T wo . ▁Three ▁fo ur", 6), got;
    struct err e;
    cr_assert_eq(
        aggregate_by(&got, &s, "units:sum", "{\"rows\": \"sentence\", \"columns\": \"word\"}", &e),
        ERR_OK, "%s", e.message);
    expect_joined(&got.target, "<s>|▁One.|▁Two.|▁Three|▁four", "sentences × words");
    expect_joined(&got.source, "<s>|▁One.|▁Two.", "the prompt");
    cr_expect_eq(got.attr_pos_start, 3);
    cr_expect_eq(got.attr_pos_end, 5);
    attribution_sequence_dispose(&got);
    cr_assert_eq(aggregate_by(&got, &s, "units:sum", "{\"columns\": \"word\"}", &e), ERR_OK);
    expect_joined(&got.target, "<s>|▁One|.|▁T|wo|.|▁Three|▁four", "tokens × words");
    attribution_sequence_dispose(&got);
    attribution_sequence_dispose(&s);
}

Test(units, every_unit_says_what_it_is_and_does_the_same_twice) {
    static const char pieces[] = "<|im_start|> user Ċ One Ġtwo . Ġ, Ġthree Ċ Ċ four Ġfi ve";
    size_t n;
    const struct unit *const *all = units(&n);
    for (size_t i = 0; i < n; i++) {
        char *kwargs =
            mem_format("{\"rows\": \"%s\", \"columns\": \"%s\"%s}", all[i]->id, all[i]->id,
                       strcmp(all[i]->id, "regex") ? "" : ", \"split_pattern\": \",\"");
        struct attribution_sequence s = made_lm(pieces, 4), once, twice;
        struct err e;
        cr_expect(all[i]->title && all[i]->summary);
        cr_assert_eq(aggregate_by(&once, &s, "units:sum", kwargs, &e), ERR_OK, "%s", e.message);
        cr_assert_eq(aggregate_by(&twice, &s, "units:sum units:sum", kwargs, &e), ERR_OK);
        expect_pieces(&twice.target, &once.target, all[i]->id);
        expect_scores(&twice.target_attributions, &once.target_attributions, all[i]->id);
        cr_expect_float_eq(mass(&once), mass(&s), 1e-3);
        attribution_sequence_dispose(&s);
        attribution_sequence_dispose(&once);
        attribution_sequence_dispose(&twice);
        free(kwargs);
    }
}
