/* What a result was made of: read and printed without loss, copied, joined. */
#include "methods/result/join.h"
#include "tests/methods/result/info.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void expect_back(const char *json, const char *expected) {
    struct result_info info = info_from(json), copy = result_info_copy(&info);
    result_info_dispose(&info);
    char *text = result_info_text(&copy);
    cr_expect_str_eq(text, expected);
    free(text);
    result_info_dispose(&copy);
}

Test(result_info, what_was_read_is_printed_again) {
    static const char *const whole[] = {
        "{}",
        "{\"attr_pos_end\":5,\"attribute_target\":false,\"attributed_fn\":\"probability_fn\"}",
        "{\"attributed_fn\":\"reference_perplexity\",\"exec_time\":0.0}",
        "{\"attributed_fn_args\":{\"logprob\":true,\"contrast_force_inputs\":true,"
        "\"contrast_sources\":[\"a\",\"b\"],\"contrast_targets\":\"c\","
        "\"contrast_targets_alignments\":[[[3,9],[4,10]],[[1,2]]]}}",
        "{\"attribution_args\":{\"n\":12345678901234567,\"stdevs\":0.0},\"exec_time\":1e-05}",
        "{\"generated_texts\":[\"\u201chi\u201d\",null],\"step_scores\":[]}",
        "{\"tinseq\":{\"span_end\":4,\"span_reduce\":\"mean\",\"span_start\":2,\"foil_id\":9,"
        "\"run\":{\"a\":[1,2.50]},\"version\":\"1\"}}",
    };
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        expect_back(whole[i], whole[i]);
}

Test(result_info, what_is_unknown_or_of_another_type_is_kept_as_it_was) {
    static const char *const kept[] = {
        "{\"attr_pos_end\":5.0,\"exec_time\":2,\"model_name\":[1],\"step_scores\":{}}",
        "{\"attributed_fn_args\":{\"contrast_targets_alignments\":\"auto\"},\"zeta\":{\"b\":1}}",
        "{\"attributed_fn_args\":{\"contrast_targets_alignments\":[[3,9]]}}",
        "{\"tinseq\":[]}",
        "{\"tinseq\":{\"theirs\":1.50,\"span_start\":\"x\"}}",
    };
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        expect_back(kept[i], kept[i]);
    expect_back("[1]", "{}");
}

Test(result_info, own_members_replace_what_is_no_object) {
    struct result_info info = info_from("{\"tinseq\":3}");
    info.dtype = mem_text("float32");
    char *text = result_info_text(&info);
    cr_expect_str_eq(text, "{\"tinseq\":{\"dtype\":\"float32\"}}");
    free(text);
    result_info_dispose(&info);
}

static void expect_joined(const char *a, const char *b, const char *expected) {
    struct attribution *first = attribution_new(1), *second = attribution_new(1);
    first->info = info_from(a);
    second->info = info_from(b);
    attribution_join_take(first, second);
    cr_expect_eq(first->n_sequences, 2);
    cr_expect_str_eq(info_of(first), expected);
    attribution_release(first);
}

Test(result_info, of_joined_results_has_a_text_for_each) {
    expect_joined("{\"input_texts\":[\"a\"],\"exec_time\":1.5,\"generated_texts\":[\"c\"]}",
                  "{\"input_texts\":[\"b\"],\"exec_time\":2.0,\"generated_texts\":[\"d\"]}",
                  "{\"exec_time\":3.5,\"generated_texts\":[\"c\",\"d\"],"
                  "\"input_texts\":[\"a\",\"b\"]}");
    expect_joined("{\"attributed_fn_args\":{\"contrast_targets\":\"one\"}}",
                  "{\"attributed_fn_args\":{\"contrast_targets\":\"one\"}}",
                  "{\"attributed_fn_args\":{\"contrast_targets\":\"one\"}}");
    expect_joined("{\"attributed_fn_args\":{\"contrast_targets\":\"one\","
                  "\"contrast_targets_alignments\":[[[1,2]]]}}",
                  "{\"attributed_fn_args\":{\"contrast_targets\":\"two\","
                  "\"contrast_targets_alignments\":[[[3,4]]]}}",
                  "{\"attributed_fn_args\":{\"contrast_targets\":[\"one\",\"two\"],"
                  "\"contrast_targets_alignments\":[[[1,2]],[[3,4]]]}}");
    expect_joined("{\"model_name\":\"m\"}", "{\"tinseq\":{\"fields\":[{\"n\":1}]}}",
                  "{\"model_name\":\"m\",\"tinseq\":{\"fields\":[null,{\"n\":1}]}}");
}

Test(result_info, columns_without_a_number_are_not_done) {
    const int64_t dims[] = {2, 3};
    struct attribution_sequence s = {.attr_pos_start = 1, .attr_pos_end = 4};
    cr_assert(scores_init(&s.target_attributions, 2, dims, 0));
    attribution_find_done(&s);
    cr_expect_null(s.done);
    s.target_attributions.data[1] = s.target_attributions.data[2] = __builtin_nanf("");
    s.target_attributions.data[4] = __builtin_nanf("");
    attribution_find_done(&s);
    cr_assert_not_null(s.done);
    cr_expect(s.done[0] && !s.done[1] && s.done[2] && s.n_done == 2);
    attribution_sequence_dispose(&s);
}
