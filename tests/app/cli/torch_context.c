/* attribute-context as Inseq has it, on the tiny models; and where Inseq is wrong. */
#include "tests/app/cli/context_cases.h"

#include "app/cli/subcommands.h"
#include "app/files/result_file.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "methods/request/request_result.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *tiny(const char *name) {
    return mem_format("%s/tiny/%s", getenv("TINSEQ_FIXTURES"), name);
}

Test(context, gpt2, .timeout = 200) {
    char *path = tiny("gpt2");
    char *wrong = context_cases_check("gpt2", path, 15);
    cr_expect_str_empty(wrong, "%s", wrong);
    free(wrong);
    free(path);
}

Test(context, marian, .timeout = 200) {
    char *path = tiny("marian");
    char *wrong = context_cases_check("marian", path, 15);
    cr_expect_str_empty(wrong, "%s", wrong);
    free(wrong);
    free(path);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static cJSON *good(const char *model, const char *const *words) {
    char *path = tiny(model);
    struct err e = {0};
    cJSON *out = NULL;
    cr_assert_eq(context_command(&out, path, words, &e), ERR_OK, "%s", e.message);
    free(path);
    return out;
}

static void refused(const char *model, const char *const *words, const char *said) {
    char *path = tiny(model);
    struct err e = {0};
    cJSON *out = NULL;
    cr_expect_eq(context_command(&out, path, words, &e), ERR_USAGE, "%s", e.message);
    cr_expect_not_null(strstr(e.message, said), "\"%s\" should say \"%s\"", e.message, said);
    free(path);
}

#define TEXTS                                                                                      \
    "--input_current_text", "They went there", "--input_context_text", "The city was small."

static size_t cues(const cJSON *result) {
    return (size_t)cJSON_GetArraySize(cJSON_GetObjectItem(result, "cci_scores"));
}

/* In Inseq the scores of one context are appended to the other's. */
Test(context, scores_of_both_contexts_stay_apart) {
    cJSON *out = good("gpt2", WORDS(TEXTS, "--output_context_text", "It had a river.",
                                    "--output_current_text", "The river was very wide and cold",
                                    "-fn", "contrast_prob_diff"));
    const cJSON *cue = cJSON_GetArrayItem(cJSON_GetObjectItem(out, "cci_scores"), 0);
    static const char *const sides[] = {"input_context", "output_context"};
    cr_assert_not_null(cue);
    for (int i = 0; i < 2; i++) {
        char *scores = mem_format("%s_scores", sides[i]),
             *tokens = mem_format("%s_tokens", sides[i]);
        cr_expect_eq(cJSON_GetArraySize(cJSON_GetObjectItem(cue, scores)),
                     cJSON_GetArraySize(cJSON_GetObjectItem(out, tokens)));
        free(scores);
        free(tokens);
    }
    cJSON_Delete(out);
}

/* In Inseq always an error. */
Test(context, an_output_context_needs_no_output) {
    cJSON *out = good("gpt2", WORDS(TEXTS, "--output_context_text", "It had a river.",
                                    "--generation_kwargs", "{\"max_new_tokens\": 6}"));
    cr_expect_gt(strlen(cJSON_GetObjectItem(out, "output_current")->valuestring), 0);
    cJSON_Delete(out);
}

/* In Inseq the template's beginning is appended once more for each sensitive token. */
Test(context, what_a_template_puts_before_the_input_is_there_once) {
    cJSON *out =
        good("gpt2", WORDS(TEXTS, "--input_template", "In {context} now {current}",
                           "--contextless_input_current_text", "now {current}",
                           "--output_current_text", "and saw the river", "-fn",
                           "contrast_logits_diff", "--context_sensitivity_std_threshold", "-20"));
    const cJSON *cue;
    cr_assert_eq(cues(out), cJSON_GetArraySize(cJSON_GetObjectItem(out, "cti_scores")));
    cJSON_ArrayForEach(cue, cJSON_GetObjectItem(out, "cci_scores")) {
        const char *text = cJSON_GetObjectItem(cue, "contextless_output")->valuestring,
                   *first = strstr(text, "now They");
        cr_assert_not_null(first, "%s", text);
        cr_expect_null(strstr(first + 1, "now They"), "%s", text);
    }
    cJSON_Delete(out);
}

/* A word is the same foil with its blank as without. */
Test(context, a_foil_is_found_with_or_without_its_blank) {
    char *found[2];
    for (int i = 0; i < 2; i++) {
        cJSON *out = good("gpt2", WORDS(TEXTS, "--output_current_text", "and saw the river", "-fn",
                                        "contrast_prob_diff", "--context_sensitivity_topk", "1",
                                        "--contextless_output_next_tokens", i ? " city" : "city"));
        const cJSON *cue = cJSON_GetArrayItem(cJSON_GetObjectItem(out, "cci_scores"), 0);
        found[i] = mem_text(cJSON_GetObjectItem(cue, "contrast_token")->valuestring);
        cJSON_Delete(out);
    }
    cr_expect_str_eq(found[0], found[1]);
    free(found[0]);
    free(found[1]);
}

/* The command and the request that it keeps are of the whole, not of the attribution alone. */
Test(context, a_result_tells_the_command_that_makes_it) {
    char path[] = "/tmp/tinseq-context-result-XXXXXX.json";
    struct err e;
    struct attribution *a;
    const int file = mkstemps(path, 5);
    cr_assert_geq(file, 0);
    (void)close(file);
    cJSON_Delete(good("gpt2", WORDS(TEXTS, "--output_current_text", "and saw the river",
                                    "--attribution_topk", "2", "--export", path)));
    cr_assert_eq(result_file_load(&a, path, &e), ERR_OK, "%s", e.message);
    const char *command = info_text_of(&a->info.commands, 0);
    cr_assert_not_null(command);
    cr_expect(strncmp(command, "tinseq attribute-context --", 27) == 0, "%s", command);
    cr_expect_not_null(strstr(command, " --input_current_text='They went there' "));
    cr_expect_not_null(strstr(command, " --input_context_text='The city was small.' "));
    cr_expect_not_null(strstr(command, " --output_current_text='and saw the river' "));
    cr_expect_not_null(strstr(command, " --attribution_topk=2"));
    struct attribute_request r = request_of_result(a, 0);
    cr_expect(request_has_context(&r));
    cr_expect_str_eq(r.input_text, "They went there");
    cr_expect_str_eq(r.output_current, "and saw the river");
    cr_expect_str_eq(r.method, "saliency");
    const struct attribution_sequence *s = &a->sequences[0];
    cr_expect(s->done && s->n_done > 0 && s->n_done < attribution_steps(s),
              "what the context does not change is not done");
    cr_expect(r.cue_most == 2 && !r.generated_text && !r.step_scores.n);
    request_dispose(&r);
    attribution_release(a);
    (void)unlink(path);
}

/* Nothing runs the text without the context again: a contrast with nothing would be 0 throughout.
 */
Test(context, a_contrast_with_a_context_is_not_evaluated) {
    char path[] = "/tmp/tinseq-context-result-XXXXXX.json", *argv[] = {path, "-m", tiny("gpt2")};
    struct cli_arguments a;
    struct err e;
    const int file = mkstemps(path, 5);
    cr_assert_geq(file, 0);
    (void)close(file);
    cJSON_Delete(good("gpt2", WORDS(TEXTS, "--output_current_text", "and saw the river", "-fn",
                                    "contrast_prob_diff", "--export", path)));
    cr_assert_eq(cli_parse(&a, CLI_EVALUATE, 3, argv, &e), ERR_OK, "%s", e.message);
    cr_expect_eq(cli_subcommand_find("evaluate")->run(&a, &e), ERR_UNSUPPORTED, "%s", e.message);
    cr_expect_not_null(strstr(e.message, "without the context"), "%s", e.message);
    cli_arguments_dispose(&a);
    (void)unlink(path);
    free(argv[2]);
}

Test(context, nothing_kept_is_an_empty_list) {
    cJSON *out = good("gpt2", WORDS(TEXTS, "--output_current_text", "and saw the river",
                                    "--context_sensitivity_std_threshold", "50"));
    cr_expect_eq(cues(out), 0);
    cJSON_Delete(out);
}

/* Inseq's last resort: an encoder, where there is one. What the model wrote stays as it is. */
Test(context, an_output_is_parted_by_aligning_it_with_the_input) {
    const char *const words[] = {"--input_context_text",
                                 "The nurse is here.",
                                 "--input_current_text",
                                 "She said hello.",
                                 "--output_template",
                                 "{context} {current}",
                                 "--handle_output_context_strategy",
                                 "auto",
                                 "--generation_kwargs",
                                 "{\"max_new_tokens\": 12}",
                                 NULL};
    char models[] = "/tmp/tinseq-models-XXXXXX";
    cr_assert_not_null(mkdtemp(models));
    char *link = mem_format("%s/minilm", models),
         *encoder = mem_format("%s/encoder/uncased", getenv("TINSEQ_FIXTURES"));
    cr_assert(symlink(encoder, link) == 0 && setenv("TINSEQ_MODELS", models, 1) == 0 &&
              setenv("HF_HUB_CACHE", models, 1) == 0);
    cJSON *out = good("marian", words);
    const char *context = cJSON_GetObjectItem(out, "output_context")->valuestring,
               *current = cJSON_GetObjectItem(out, "output_current")->valuestring;
    char *whole = mem_format("%s %s", context, current);
    cr_expect(*context && *current);
    cr_expect_str_eq(whole, "r m m m m m m m m m m");
    free(whole);
    cJSON_Delete(out);
    (void)unlink(link);
    refused("marian", words, "no encoder to align it");
    (void)rmdir(models);
    free(link);
    free(encoder);
}

/* Braces of a template's own stand in the text, and are no part of what is looked for there. */
Test(context, a_template_may_have_braces_of_its_own) {
    cJSON *out =
        good("gpt2", WORDS(TEXTS, "--input_template", "{{{context}}} {{current}} {current}",
                           "--output_current_text", "and saw", "-fn", "logit"));
    const cJSON *cue = cJSON_GetArrayItem(cJSON_GetObjectItem(out, "cci_scores"), 0);
    const char *text = cJSON_GetObjectItem(cue, "contextual_output")->valuestring;
    cr_expect(strncmp(text, "{The city was small.} {current} They went there", 47) == 0, "%s",
              text);
    cJSON_Delete(out);
}

Test(context, what_cannot_be_is_refused) {
    refused("gpt2", WORDS("--input_current_text", "They went"), "no context");
    refused("gpt2", WORDS("--input_context_text", "They went"), "--input_current_text");
    refused("gpt2", WORDS(TEXTS, "--input_template", "{context}"), "lacks {current}");
    refused("gpt2", WORDS(TEXTS, "--input_template", "{current} {contex}"), "{contex}");
    refused("gpt2", WORDS(TEXTS, "--input_template", "{current}"), "no {context}");
    refused("gpt2", WORDS(TEXTS, "--input_template", "{{context}} {current}"), "no {context}");
    refused("gpt2", WORDS(TEXTS, "--input_template", "{context} {context} {current}"), "twice");
    refused("gpt2", WORDS(TEXTS, "--output_template", "{current} {current}"), "twice");
    refused("gpt2", WORDS(TEXTS, "--contextless_input_current_text", "{context} {current}"),
            "{current} alone");
    refused("gpt2", WORDS("--input_current_text", "They went", "--input_context_text", ""),
            "--input_context_text is empty");
    refused("gpt2", WORDS(TEXTS, "--output_context_text", ""), "--output_context_text is empty");
    refused("gpt2", WORDS(TEXTS, "--output_current_text", ""), "--output_current_text is empty");
    refused("gpt2", WORDS(TEXTS, "--context_sensitivity_metric", "entropy"), "entropy");
    refused("gpt2", WORDS(TEXTS, "--handle_output_context_strategy", "pree"), "pre");
    refused("gpt2", WORDS(TEXTS, "--context_sensitivity_topk", "0"), "topk");
    refused("gpt2", WORDS(TEXTS, "--output_template", "{current} {context}"), "before {current}");
    refused("gpt2",
            WORDS(TEXTS, "--output_current_text", "and saw", "-fn", "contrast_prob_diff",
                  "--context_sensitivity_topk", "1", "--contextless_output_next_tokens", "a", "b"),
            "one for each token");
    refused("gpt2",
            WORDS(TEXTS, "--output_template", "{context} {current}",
                  "--handle_output_context_strategy", "pre"),
            "pre");
}
