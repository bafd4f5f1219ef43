/* What a context attribution found, as it is kept: what is written is read again, of its own tokens
 * alone, and nothing else is. */
#include "methods/result/context_kept.h"

#include "backend/base/mem.h"
#include "methods/result/join.h"
#include "tests/methods/result/info.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WHOLE                                                                                      \
    "{\"metric\":\"kl_divergence\",\"threshold\":0.5,\"tokens\":[2,5,3,5],"                        \
    "\"input\":{\"side\":\"source\",\"from\":0,\"to\":2},"                                         \
    "\"output\":{\"side\":\"target\",\"from\":1,\"to\":3},\"cue_threshold\":1,\"cue_most\":2,"     \
    "\"cues\":[{\"column\":1,\"score\":0.75,\"foil_id\":7,\"foil\":\"·busy\",\"with\":\"so\","    \
    "\"without\":\"busy\",\"otherwise\":\"·ill\"},{\"column\":0,\"score\":0.5}],"                 \
    "\"request\":{\"input_text\":\"a\"}}"

/* Two tokens of a source, five of a target, of which the last two were generated. */
static struct attribution_sequence sequence_of(size_t n_target) {
    struct attribution_sequence s = {.attr_pos_start = 3, .attr_pos_end = 5};
    const int64_t dims[] = {3, 2};
    for (size_t i = 0; i < 2 + n_target; i++)
        token_list_add(i < 2 ? &s.source : &s.target, 5, false, "a", "a", 1);
    cr_assert(scores_init(&s.target_attributions, 2, dims, 0));
    return s;
}

Test(context_kept, what_is_written_is_read_again) {
    struct attribution_sequence s = sequence_of(5);
    struct context_kept k;
    cr_assert(context_kept_read(&k, WHOLE, &s));
    cr_expect_eq(k.n_cues, 2);
    cr_expect(k.input.given && !k.input.target && k.output.target && k.output.from == 1);
    cr_expect(k.cues[0].has_foil && k.cues[0].foil_id == 7 && !k.cues[1].has_foil);
    char *again = context_kept_json(&k, &s);
    cr_expect_str_eq(again, WHOLE, "%s", again);
    free(again);
    context_kept_dispose(&k);
    attribution_sequence_dispose(&s);
}

/* Tokens that were joined are others. */
Test(context_kept, of_other_tokens_it_says_nothing) {
    static const char *const nothing[] = {"", "[1]", "{}", "{\"tokens\":[2,5,3]}",
                                          "{\"tokens\":3}"};
    struct attribution_sequence s = sequence_of(4);
    struct context_kept k;
    cr_expect(!context_kept_read(&k, NULL, &s));
    cr_expect(!context_kept_read(&k, WHOLE, &s));
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
        cr_expect(!context_kept_read(&k, nothing[i], &s), "%s", nothing[i]);
    attribution_sequence_dispose(&s);
}

/* Whatever a file says, what is read lies within the tokens. */
Test(context_kept, places_beyond_the_tokens_are_left_out) {
    struct attribution_sequence s = sequence_of(5);
    struct context_kept k;
    cr_assert(context_kept_read(
        &k,
        "{\"tokens\":[2,5,3,5],\"input\":{\"side\":\"source\",\"from\":0,\"to\":3},"
        "\"output\":{\"side\":\"target\",\"from\":4,\"to\":2},\"cue_most\":-3,\"cues\":[5,"
        "{\"column\":2},{\"column\":-1},{\"column\":1e9},{\"column\":1,\"foil_id\":4294967297}],"
        "\"request\":[]}",
        &s));
    cr_expect(!k.input.given && !k.output.given && k.cue_most == 0);
    cr_assert_eq(k.n_cues, 1);
    cr_expect_null(k.request);
    cr_expect(k.cues[0].column == 1 && !k.cues[0].has_foil && isnan(k.cues[0].score));
    context_kept_dispose(&k);
    attribution_sequence_dispose(&s);
}

Test(context_kept, rows_are_the_largest_of_a_side) {
    struct attribution_sequence s = sequence_of(5);
    struct context_kept k = {.cue_threshold = 0, .input = {true, true, 0, 3}};
    const float scores[] = {0, 1, 0, 3, 0, 4};
    size_t rows[3];
    double from;
    memcpy(s.target_attributions.data, scores, sizeof scores);
    cr_assert_eq(context_kept_rows(rows, &from, &k, &k.input, &s, 1), 2);
    cr_expect(rows[0] == 2 && rows[1] == 1);
    cr_expect_float_eq(from, 8.0 / 3, 1e-6);
    k.cue_most = 1;
    cr_expect_eq(context_kept_rows(rows, NULL, &k, &k.input, &s, 1), 1);
    cr_expect_eq(context_kept_rows(rows, NULL, &k, &k.output, &s, 1), 0, "there is none");
    k.input.to = 4;
    cr_expect_eq(context_kept_rows(rows, NULL, &k, &k.input, &s, 1), 0, "a row has no scores");
    attribution_sequence_dispose(&s);
}

Test(context_kept, joined_results_keep_each_texts_own) {
    struct attribution *a = attribution_new(1), *b = attribution_new(1);
    b->info = info_from("{\"tinseq\":{\"context\":[{\"metric\":\"m\"}]}}");
    attribution_join_take(a, b);
    cr_expect_str_eq(info_of(a), "{\"tinseq\":{\"context\":[null,{\"metric\":\"m\"}]}}");
    attribution_release(a);
}
