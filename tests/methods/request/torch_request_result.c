/* The request that a result tells makes the same result again, whatever was asked for. */
#include "methods/request/request_result.h"

#include "backend/base/mem.h"
#include "backend/model.h"
#include "methods/request/attribute.h"
#include "tests/methods/result/info.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

static struct attribution *run(struct model *m, const struct attribute_request *r) {
    struct attribution *a = NULL;
    struct err e = {0};
    cr_assert_eq(attribute_run(&a, m, r, NULL, NULL, &e), ERR_OK, "%s, %s: %s", r->method,
                 r->attribution_kwargs ? r->attribution_kwargs : "", e.message);
    return a;
}

static bool same_tokens(const struct token_list *a, const struct token_list *b) {
    bool same = a->n == b->n;
    for (size_t i = 0; i < a->n && same; i++)
        same = strcmp(a->items[i].piece, b->items[i].piece) == 0;
    return same;
}

static bool same_scores(const struct scores *a, const struct scores *b) {
    bool same = scores_count(a) == scores_count(b);
    for (int64_t i = 0; i < scores_count(a) && same; i++)
        same = fabsf(a->data[i] - b->data[i]) <= 1e-6f * fabsf(a->data[i]) ||
               (isnan(a->data[i]) && isnan(b->data[i]));
    return same;
}

static bool same_sequences(const struct attribution_sequence *a,
                           const struct attribution_sequence *b) {
    bool same = same_tokens(&a->target, &b->target) && same_tokens(&a->source, &b->source) &&
                a->attr_pos_start == b->attr_pos_start && a->attr_pos_end == b->attr_pos_end &&
                same_scores(&a->source_attributions, &b->source_attributions) &&
                same_scores(&a->target_attributions, &b->target_attributions) &&
                a->n_step_scores == b->n_step_scores;
    for (size_t i = 0; i < a->n_step_scores && same; i++)
        same = same_scores(&a->step_scores[i].scores, &b->step_scores[i].scores);
    return same;
}

static struct attribute_request expect_again(struct model *m, const struct attribute_request *r) {
    struct attribution *first = run(m, r);
    struct attribute_request told = request_of_result(first, 0);
    struct attribution *second = run(m, &told);
    char *text = request_text(&told);
    cr_expect(same_sequences(&first->sequences[0], &second->sequences[0]), "%s", text);
    free(text);
    attribution_release(first);
    attribution_release(second);
    return told;
}

static void check(const char *name, const struct attribute_request *requests, size_t n) {
    struct model *m;
    struct err e = {0};
    struct model_options options = {0};
    char *path = mem_format("tests/fixtures/tiny/%s", name);
    cr_assert_eq(model_open(&m, path, &options, NULL, &e), ERR_OK, "%s", e.message);
    for (size_t i = 0; i < n; i++) {
        struct attribute_request told = expect_again(m, &requests[i]);
        request_dispose(&told);
    }
    model_free(m);
    free(path);
}

static const char *const scores[] = {"probability", "contrast_prob", "entropy"};

#define CAT .input_text = "The nurse said", .generated_text = "The nurse said hello to the cat"
#define DOG .contrast_targets = "The nurse said hello to the gato"

Test(request_result, of_a_language_model_is_run_again) {
    static struct align_link links[] = {{5, 4}, {6, 7}};
    const struct attribute_request requests[] = {
        {.input_text = "The city", .generation_kwargs = "{\"max_new_tokens\": 5}"},
        {.input_text = "<s>The<pad> city", .generation_kwargs = "{\"max_new_tokens\": 5}"},
        {CAT, .method = "integrated_gradients", .attribution_kwargs = "{\"n_steps\": 3}"},
        {CAT, .method = "attention"},
        {CAT, .attributed_fn = "logit", .step_scores = {scores, 3}, DOG,
         .attribution_kwargs = "{\"step_scores_args\": {\"logprob\": true}}"},
        {CAT, .step_scores = {scores, 3}, DOG,
         .attribution_kwargs = "{\"attributed_fn_args\": {\"logprob\": true}}"},
        {CAT, .step_scores = {scores, 3}, DOG, .attribution_kwargs = "{\"logprob\": true}"},
        {CAT, .attributed_fn = "contrast_logits_diff", DOG},
        {CAT, .attributed_fn = "contrast_logits_diff", DOG, .contrast_force_inputs = true},
        {CAT, .attributed_fn = "contrast_prob_diff", DOG,
         .contrast_alignment = {ALIGN_PAIRS, links, 2}},
        {CAT, .foil = {.step = {true, 1}, .rank = 2}},
        {CAT, .foil = {.step = {true, 2}, .text = " cat"}, .attributed_fn = "contrast_prob_diff"},
        {CAT, .attr_pos_start = {true, 6}, .attr_pos_end = {true, 8}},
        {CAT, .span = {{true, 6}, {true, 8}, true}},
        {CAT, .attributed_fn = "logit(y) - 0.5*entropy()", .include_eos_baseline = true},
        {.input_text = "<s>The nurse",
         .generated_text = "<s>The nurse<pad> said",
         .skip_special_tokens = true,
         .method = "occlusion"},
        {.input_text = "", .generated_text = "The nurse said", .method = "input_x_gradient"},
    };
    check("llama", requests, sizeof requests / sizeof *requests);
}

Test(request_result, of_an_encoder_decoder_is_run_again) {
#define HI .input_text = "The nurse said hello", .generated_text = "The doctor 茶 said"
    const struct attribute_request requests[] = {
        {.input_text = "The city 茶", .generation_kwargs = "{\"max_new_tokens\": 5}"},
        {HI, .attribute_target = true},
        {HI, .attribute_target = true, .attr_pos_start = {true, 3}, .attr_pos_end = {true, 5}},
        {HI, .attributed_fn = "contrast_prob_diff", .contrast_targets = "The nurse said",
         .contrast_sources = "The doctor said hello", .contrast_force_inputs = true},
        {HI, .method = "dummy", .step_scores = {scores, 1}},
    };
    check("marian", requests, sizeof requests / sizeof *requests);
}

/* What a person did not ask for stays out of the form: it would outlive the text. */
Test(request_result, says_no_more_than_was_asked) {
    struct model *m;
    struct err e = {0};
    struct model_options options = {0};
    cr_assert_eq(model_open(&m, "tests/fixtures/tiny/llama", &options, NULL, &e), ERR_OK);
    const struct attribute_request generated = {.input_text = "The<pad> city",
                                                .generation_kwargs = "{\"max_new_tokens\": 3}",
                                                .method = "lime",
                                                .attribution_kwargs = "{\"n_samples\": 4}"};
    struct attribute_request told = expect_again(m, &generated);
    cr_expect(!told.generated_text && !told.attr_pos_start.given && !told.attr_pos_end.given);
    cr_expect_str_eq(told.attributed_fn, "probability");
    cr_expect_str_eq(told.attribution_kwargs, "{\"n_samples\":4}");
    cr_expect_str_eq(told.generation_kwargs, "{\"max_new_tokens\":3}");
    request_dispose(&told);
    const struct attribute_request forced = {CAT, .attr_pos_start = {true, 5}};
    told = expect_again(m, &forced);
    cr_expect_str_eq(told.generated_text, forced.generated_text);
    cr_expect(told.attr_pos_start.value == 5 && !told.attr_pos_end.given &&
              !told.generation_kwargs && !told.attribution_kwargs);
    request_dispose(&told);
    model_free(m);
}
