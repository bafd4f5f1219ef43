/* Faithfulness works from a result's tokens: its texts are not read. */
#include "tests/methods/evaluation/token_checks.h"

#include "methods/result/join.h"

Test(faithfulness_tokens, of_special_ones_in_the_prompt_are_the_results_own) {
    const struct attribute_request requests[] = {
        {.input_text = "<s>The<pad> city", .generation_kwargs = "{\"max_new_tokens\": 4}"},
        {.input_text = "The</s> nurse", .generated_text = "The</s> nurse said<pad> hello"},
        {.input_text = "", .generated_text = "The nurse said"},
        {.input_text = "The nurse",
         .generated_text = "The nurse said 茶",
         .attributed_fn = "contrast_logits_diff",
         .contrast_targets = "The nurse said the cat",
         .contrast_force_inputs = true},
        {.input_text = "The nurse",
         .generated_text = "The nurse said hello",
         .foil = {.step = {true, 1}, .rank = 1}}};
    check_tokens("tests/fixtures/tiny/llama", requests, sizeof requests / sizeof *requests);
}

Test(faithfulness_tokens, of_encoder_decoders_are_the_results_own) {
    const struct attribute_request requests[] = {
        {.input_text = "The city", .generation_kwargs = "{\"max_new_tokens\": 4}"},
        {.input_text = "The 茶 city", .generated_text = "The nurse 茶 said"},
        {.input_text = "The city",
         .generated_text = "The nurse said",
         .attribute_target = true,
         .attr_pos_start = {true, 2},
         .attr_pos_end = {true, 4}},
        {.input_text = "The city",
         .generated_text = "The nurse said",
         .attributed_fn = "contrast_prob_diff",
         .contrast_targets = "The doctor said",
         .contrast_sources = "The nurse",
         .contrast_force_inputs = true}};
    check_tokens("tests/fixtures/tiny/marian", requests, sizeof requests / sizeof *requests);
}

/* Each text of a file has the foil that was found for it. */
Test(faithfulness_tokens, of_foils_are_each_texts_own) {
    static const char *const fn = "contrast_logits_diff";
    const struct attribute_request requests[2] = {{.input_text = "The city",
                                                   .generated_text = "The city said",
                                                   .step_scores = {&fn, 1},
                                                   .foil = {.step = {true, 0}, .rank = 1}},
                                                  {.input_text = "The nurse said",
                                                   .generated_text = "The nurse said hello",
                                                   .step_scores = {&fn, 1},
                                                   .foil = {.step = {true, 0}, .rank = 3}}};
    struct model *m = open_at("tests/fixtures/tiny/llama");
    struct attribution *both = run_request(m, &requests[0]), *second = run_request(m, &requests[1]);
    cr_assert_neq(both->info.foil_id.value, second->info.foil_id.value);
    attribution_join_take(both, second);
    check_values(m, both, 0, fn);
    check_values(m, both, 1, fn);
    attribution_release(both);
    model_free(m);
}

/* A model that knows a token by another piece did not make the result; several tokens joined into
 * one are none of any model's. */
Test(faithfulness_tokens, of_another_vocabulary_are_refused_by_name) {
    const struct attribute_request r = {.input_text = "The city",
                                        .generated_text = "The city said hello"};
    struct model *llama = open_at("tests/fixtures/tiny/llama"),
                 *marian = open_at("tests/fixtures/tiny/marian");
    struct attribution *a = run_request(llama, &r);
    expect_refused(marian, a, "is it the model that made it?");
    struct token *t = &a->sequences[0].target.items[1];
    t->id = -1;
    mem_replace(&t->piece, mem_text("Ġcity said"));
    expect_refused(llama, a, "is none of this model's");
    mem_replace(&t->piece, mem_text("Ġdoctor → Ġcity"));
    struct faithfulness *f = evaluate(llama, a, 0);
    faithfulness_free(f);
    attribution_release(a);
    model_free(llama);
    model_free(marian);
}
