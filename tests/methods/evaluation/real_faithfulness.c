/* Faithfulness of the models of `make models`, for prompts of a chat and for characters that the
 * vocabulary lacks. */
#include "tests/methods/evaluation/token_checks.h"

Test(faithfulness_tokens, of_a_chat_are_the_results_own) {
    const struct attribute_request requests[] = {
        {.input_text = "<|im_start|>user\nCapital of Italy?<|im_end|>\n<|im_start|>assistant\n",
         .generation_kwargs = "{\"max_new_tokens\": 4}"}};
    check_model("smollm2", requests, sizeof requests / sizeof *requests);
}

Test(faithfulness_tokens, of_what_the_vocabulary_lacks_are_the_results_own) {
    const struct attribute_request requests[] = {
        {.input_text = "I like tea", .generated_text = "Gosto de 茶"},
        {.input_text = "I like 茶 and 酒", .attribute_target = true},
        {.input_text = "I said hi to the manager",
         .generated_text = "Eu disse oi para o gerente",
         .attributed_fn = "contrast_logits_diff",
         .contrast_targets = "Eu disse oi para a gerente",
         .contrast_force_inputs = true}};
    check_model("en-pt", requests, sizeof requests / sizeof *requests);
}
