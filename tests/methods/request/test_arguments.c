/* Names, options and JSON of a request: what is found, what is refused, and what is said about
 * it. */
#include "methods/request/arguments.h"
#include "methods/request/attribute.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct attribute_request plain = {.input_text = "a"};

static struct run_arguments good(const struct attribute_request *r) {
    struct run_arguments a;
    struct err e = {0};
    cr_assert_eq(run_arguments_init(&a, r, &e), ERR_OK, "%s", e.message);
    cr_expect_eq(attribute_check(r, &e), ERR_OK, "%s", e.message);
    run_arguments_tell_of_contrast(&a, r);
    return a;
}

static struct run_arguments with_kwargs(const char *method, const char *fn, const char *kwargs) {
    struct attribute_request r = plain;
    r.method = method;
    r.attributed_fn = fn;
    r.attribution_kwargs = kwargs;
    return good(&r);
}

/* Both the run and the check before it refuse the request, with the same one-line message, which
 * holds all of `said`. */
static void bad(const struct attribute_request *r, const char *said, const char *also) {
    struct run_arguments a;
    struct err e = {0}, checked = {0};
    cr_assert_eq(run_arguments_init(&a, r, &e), ERR_USAGE);
    cr_expect_eq(attribute_check(r, &checked), ERR_USAGE);
    cr_expect_str_eq(e.message, checked.message);
    cr_expect_not_null(strstr(e.message, said), "\"%s\" should say \"%s\"", e.message, said);
    cr_expect(!also || strstr(e.message, also), "\"%s\" should say \"%s\"", e.message, also);
    cr_expect_null(strchr(e.message, '\n'));
    cr_expect_null(a.method);
    cr_expect_eq(a.n_scores, 0);
}

static void bad_kwargs(const char *method, const char *kwargs, const char *said, const char *also) {
    struct attribute_request r = plain;
    r.method = method;
    r.attribution_kwargs = kwargs;
    bad(&r, said, also);
}

Test(arguments, nothing_given_is_saliency_of_the_probability) {
    struct run_arguments a = good(&plain);
    cr_expect_str_eq(a.method->decl.id, "saliency");
    cr_expect_str_eq(a.target.function->decl.id, "probability");
    cr_expect_not(option_bool(&a.target.options, "logprob"));
    cr_expect_eq(a.n_scores, 0);
    cr_expect_null(a.contrast_targets);
    cr_expect_eq(a.n_notices, 0);
    run_arguments_dispose(&a);
}

Test(arguments, a_picked_foil_changes_the_default_function) {
    struct attribute_request r = plain;
    r.foil.step = optional_of(0);
    struct run_arguments a = good(&r);
    cr_expect_str_eq(a.target.function->decl.id, "contrast_logits_diff");
    cr_expect_eq(a.n_notices, 0);
    run_arguments_dispose(&a);
    r.attributed_fn = "contrast_prob_diff";
    a = good(&r);
    cr_expect_str_eq(a.target.function->decl.id, "contrast_prob_diff");
    run_arguments_dispose(&a);
}

Test(arguments, unknown_names_are_answered_with_the_nearest) {
    struct attribute_request r = plain;
    const char *scores[] = {"entropy", "perplexty"};
    r.method = "integrated_gradient";
    bad(&r, "attribution method \"integrated_gradient\"", "\"integrated_gradients\"");
    r = plain;
    r.attributed_fn = "probabilty";
    bad(&r, "attributed function \"probabilty\"", "\"probability\"");
    r = plain;
    r.step_scores = (struct names){scores, 2};
    bad(&r, "step score \"perplexty\"", "\"perplexity\"");
    bad_kwargs("integrated_gradients", "{\"n_step\": 3}", "\"n_step\"", "\"n_steps\"");
    bad_kwargs("saliency", "{\"logprobs\": true}", "\"logprobs\"", "\"logprob\"");
    bad_kwargs("saliency", "{\"contrast_target\": \"x\"}", "\"contrast_target\"",
               "\"contrast_targets\"");
}

Test(arguments, a_hostile_name_is_shown_without_its_control_characters) {
    struct attribute_request r = plain;
    struct run_arguments a;
    struct err e = {0};
    r.method = "sal\x1b[31m\niency";
    cr_assert_eq(run_arguments_init(&a, &r, &e), ERR_USAGE);
    cr_expect_null(strpbrk(e.message, "\x1b\n"), "%s", e.message);
}

Test(arguments, flat_kwargs_reach_whoever_declares_them) {
    struct attribute_request r = plain;
    const char *scores[] = {"contrast_prob_diff", "entropy"};
    r.method = "integrated_gradients";
    r.step_scores = (struct names){scores, 2};
    r.attribution_kwargs =
        "{\"n_steps\": 7, \"logprob\": true, \"return_convergence_delta\": true}";
    struct run_arguments a = good(&r);
    cr_expect_eq(option_int(&a.method_options, "n_steps"), 7);
    cr_expect(option_bool(&a.method_options, "return_convergence_delta"));
    cr_expect(option_bool(&a.target.options, "logprob"));
    cr_expect(option_bool(&a.scores[0].options, "logprob"));
    run_arguments_dispose(&a);
}

Test(arguments, nested_kwargs_reach_only_their_part) {
    struct attribute_request r = plain;
    const char *scores[] = {"probability"};
    r.method = "integrated_gradients";
    r.step_scores = (struct names){scores, 1};
    r.attribution_kwargs =
        "{\"attribution_args\": {\"n_steps\": 9}, \"step_scores_args\": {\"logprob\": true}}";
    struct run_arguments a = good(&r);
    cr_expect_eq(option_int(&a.method_options, "n_steps"), 9);
    cr_expect_not(option_bool(&a.target.options, "logprob"));
    cr_expect(option_bool(&a.scores[0].options, "logprob"));
    run_arguments_dispose(&a);
    r.attribution_kwargs = "{\"attributed_fn_args\": {\"logprob\": true}}";
    a = good(&r);
    cr_expect(option_bool(&a.target.options, "logprob"));
    cr_expect_not(option_bool(&a.scores[0].options, "logprob"));
    run_arguments_dispose(&a);
    bad_kwargs("integrated_gradients", "{\"attributed_fn_args\": {\"n_steps\": 9}}", "\"n_steps\"",
               NULL);
    bad_kwargs("integrated_gradients", "{\"attribution_args\": {\"logprob\": true}}", "\"logprob\"",
               NULL);
    bad_kwargs("integrated_gradients", "{\"attribution_args\": 3}",
               "attribution_args is not an object", NULL);
}

Test(arguments, method_inside_kwargs_is_the_integral_rule) {
    struct run_arguments a =
        with_kwargs("integrated_gradients", NULL, "{\"method\": \"riemann_middle\"}");
    cr_expect_str_eq(a.method->decl.id, "integrated_gradients");
    cr_expect_str_eq(option_text(&a.method_options, "method"), "riemann_middle");
    run_arguments_dispose(&a);
    bad_kwargs("integrated_gradients", "{\"method\": \"simpson\"}",
               "\"method\" is one of gausslegendre", "riemann_trapezoid");
    bad_kwargs("saliency", "{\"method\": \"riemann_middle\"}", "\"method\"", NULL);
}

Test(arguments, contrast_targets_may_come_in_kwargs) {
    static const char *const forms[] = {"{\"contrast_targets\": \"a b\"}",
                                        "{\"contrast_targets\": [\"a b\"]}",
                                        "{\"attributed_fn_args\": {\"contrast_targets\": \"a b\"}}",
                                        "{\"step_scores_args\": {\"contrast_targets\": \"a b\"}}"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct run_arguments a = with_kwargs(NULL, "contrast_prob_diff", forms[i]);
        cr_expect_str_eq(a.contrast_targets, "a b", "%s", forms[i]);
        cr_expect_eq(a.n_notices, 0);
        run_arguments_dispose(&a);
    }
    bad_kwargs(NULL, "{\"contrast_targets\": 3}", "contrast_targets is a text", NULL);
    bad_kwargs(NULL, "{\"contrast_targets\": [\"a\", \"b\"]}", "contrast_targets is a text", NULL);
}

Test(arguments, what_is_said_twice_must_be_the_same) {
    const struct attribute_request options = {
        .input_text = "a",
        .attributed_fn = "contrast_prob_diff",
        .contrast_targets = "a b",
        .contrast_force_inputs = true,
        .skip_special_tokens = true,
        .contrast_alignment = {.rule = ALIGN_POSITION},
    };
    static const char *const same =
        "{\"contrast_targets\": \"a b\", \"contrast_force_inputs\": true, "
        "\"skip_special_tokens\": true, \"contrast_targets_alignments\": \"position\"}";
    static const char *const others[][2] = {
        {"{\"contrast_targets\": \"a c\"}", "contrast_targets is given twice"},
        {"{\"contrast_force_inputs\": false}", "contrast_force_inputs is given twice"},
        {"{\"skip_special_tokens\": false}", "skip_special_tokens is given twice"},
        {"{\"contrast_targets_alignments\": \"diff\"}", "alignments is given twice"},
        {"{\"contrast_ids\": [1]}", "leave the contrast text out"},
    };
    struct attribute_request r = options;
    r.attribution_kwargs = same;
    struct run_arguments a = good(&r);
    run_arguments_dispose(&a);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        r.attribution_kwargs = others[i][0];
        bad(&r, others[i][1], NULL);
    }
}

Test(arguments, texts_and_ids_in_kwargs) {
    struct run_arguments a =
        with_kwargs(NULL, "contrast_prob_diff",
                    "{\"skip_special_tokens\": true, \"clean_special_chars\": true, "
                    "\"contrast_ids\": [4, 5, 0], \"contrast_attention_mask\": [[1, 1, 0]]}");
    cr_expect(a.skip_special && a.clean_special);
    cr_assert_eq(a.contrast_ids.n, 2);
    cr_expect_eq(a.contrast_ids.ids[1], 5);
    run_arguments_dispose(&a);
    bad_kwargs(NULL, "{\"clean_special_chars\": 1}", "clean_special_chars is true or false", NULL);
    bad_kwargs(NULL, "{\"clean_special_char\": true}", "nearest is \"clean_special_chars\"", NULL);
    bad_kwargs(NULL, "{\"contrast_ids\": [1.5]}", "number 1 is none", NULL);
    bad_kwargs(NULL, "{\"contrast_ids\": [1, -2]}", "number 2 is none", NULL);
    bad_kwargs(NULL, "{\"contrast_ids\": []}", "is a list such as", NULL);
    bad_kwargs(NULL, "{\"contrast_ids\": [1], \"attributed_fn_args\": {\"contrast_ids\": [2]}}",
               "given twice", NULL);
    bad_kwargs(NULL, "{\"contrast_attention_mask\": [1]}", "without contrast_ids", NULL);
    bad_kwargs(NULL, "{\"contrast_ids\": [1, 2], \"contrast_attention_mask\": [1]}",
               "has 1 numbers, and contrast_ids has 2", NULL);
    bad_kwargs(NULL, "{\"contrast_ids\": [1, 2, 3], \"contrast_attention_mask\": [1, 0, 1]}",
               "ids between others", NULL);
    bad_kwargs(NULL, "{\"contrast_ids\": [1], \"contrast_attention_mask\": [0]}", "hides all",
               NULL);
    bad_kwargs(NULL, "{\"contrast_ids\": [1], \"contrast_attention_mask\": [2]}", "from 0 to 1",
               NULL);
}

Test(arguments, contrast_targets_among_the_methods_options_is_not_answered_with_itself) {
    struct attribute_request r = plain;
    struct run_arguments a;
    struct err e = {0};
    r.attribution_kwargs = "{\"attribution_args\": {\"contrast_targets\": \"x\"}}";
    cr_assert_eq(run_arguments_init(&a, &r, &e), ERR_USAGE);
    cr_expect_null(strstr(e.message, "nearest is \"contrast_targets\""), "%s", e.message);
}

Test(arguments, values_of_the_wrong_type_or_out_of_range_are_refused) {
    static const char *const ig = "integrated_gradients";
    bad_kwargs(ig, "{\"n_steps\": \"20\"}", "\"n_steps\" is a whole number from 1", NULL);
    bad_kwargs(ig, "{\"n_steps\": 0}", "\"n_steps\" is a whole number from 1", NULL);
    bad_kwargs(ig, "{\"n_steps\": 2.5}", "\"n_steps\" is a whole number", NULL);
    bad_kwargs(ig, "{\"n_steps\": 1e300}", "\"n_steps\" is a whole number", NULL);
    bad_kwargs(ig, "{\"n_steps\": null}", "\"n_steps\" is a whole number", NULL);
    bad_kwargs(ig, "{\"n_steps\": true}", "\"n_steps\" is a whole number", NULL);
    bad_kwargs(ig, "{\"return_convergence_delta\": 1}", "true or false", NULL);
    bad_kwargs(ig, "{\"method\": 3}", "\"method\" is a text", NULL);
    bad_kwargs(NULL, "{\"logprob\": \"yes\"}", "true or false", NULL);
}

Test(arguments, kwargs_must_be_one_json_object) {
    static const char *const wrong[] = {"[]",         "3",
                                        "{",          "{\"n_steps\": 20",
                                        "n_steps=20", "{\"n_steps\": 20} }",
                                        "null",       "{\"n_steps\" 20}"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        bad_kwargs("integrated_gradients", wrong[i], "not a JSON object", NULL);
    struct run_arguments a = with_kwargs(NULL, NULL, "");
    run_arguments_dispose(&a);
    a = with_kwargs(NULL, NULL, " {} \n");
    run_arguments_dispose(&a);
}

Test(arguments, a_nul_in_kwargs_does_not_cut_their_texts) {
    bad_kwargs(NULL, "{\"contrast_targets\": \"a\\u0000b\"}", "\\u0000", NULL);
}

Test(arguments, step_scores_keep_their_order_and_come_once) {
    struct attribute_request r = plain;
    const char *scores[] = {"perplexity", "entropy", "perplexity", "logit"},
               *want[] = {"perplexity", "entropy", "logit"};
    r.step_scores = (struct names){scores, 4};
    struct run_arguments a = good(&r);
    cr_assert_eq(a.n_scores, 3);
    for (int i = 0; i < 3; i++)
        cr_expect_str_eq(a.scores[i].function->decl.id, want[i]);
    run_arguments_dispose(&a);
}

Test(arguments, notices_say_when_a_contrast_has_no_effect) {
    struct attribute_request r = plain;
    r.contrast_targets = "x";
    struct run_arguments a = good(&r);
    cr_assert_eq(a.n_notices, 1);
    cr_expect_not_null(strstr(a.notices[0], "contrast_logits_diff"));
    run_arguments_dispose(&a);
    r.attributed_fn = "contrast_logits_diff";
    a = good(&r);
    cr_expect_eq(a.n_notices, 0);
    run_arguments_dispose(&a);
    r.contrast_targets = NULL;
    a = good(&r);
    cr_assert_eq(a.n_notices, 1);
    cr_expect_not_null(strstr(a.notices[0], "itself"));
    run_arguments_dispose(&a);
    r.method = "attention"; /* no attributed function takes part */
    a = good(&r);
    cr_expect_eq(a.n_notices, 0);
    run_arguments_dispose(&a);
}

Test(arguments, generation_kwargs_are_checked_before_a_model_is_loaded) {
    static const char *const wrong[] = {"[]",
                                        "{",
                                        "{\"num_beams\": 0}",
                                        "{\"num_beams\": \"4\"}",
                                        "{\"num_beem\": 4}",
                                        "{\"max_new_tokens\": -3}",
                                        "{\"max_new_tokens\": 5} x"};
    struct attribute_request r = plain;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct err e = {0};
        r.generation_kwargs = wrong[i];
        cr_expect_eq(attribute_check(&r, &e), ERR_USAGE, "%s", wrong[i]);
        cr_expect(e.message[0] != '\0');
    }
    struct err e = {0};
    r.generation_kwargs = "{\"max_new_tokens\": 5, \"num_beams\": 4}";
    cr_expect_eq(attribute_check(&r, &e), ERR_OK, "%s", e.message);
    r.generation_kwargs = "";
    cr_expect_eq(attribute_check(&r, &e), ERR_OK, "%s", e.message);
}
