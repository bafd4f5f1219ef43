/* The kin of integrated gradients on the tiny checkpoints: axioms. */
#include "tests/methods/gradients/path_checks.h"

#include <criterion/criterion.h>

static const struct path_case cases[] = {
    {"tests/fixtures/tiny/llama", "The nurse said", "The nurse said hello to",
     "The nurse said good bye", false},
    {"tests/fixtures/tiny/gpt2", "The dog barks", "The dog barks at the", NULL, false},
    {"tests/fixtures/tiny/marian", "The manager said hi", "O gerente disse", "A gerente disse",
     false},
    {"tests/fixtures/tiny/marian-relu", "The manager said hi", "O gerente disse", NULL, true},
};
#define N_CASES (sizeof cases / sizeof cases[0])

Test(path_kin, sums_are_what_the_function_changes, .timeout = 300) {
    for (size_t i = 0; i < N_CASES; i++)
        path_check_completeness(&cases[i]);
}

Test(path_kin, a_tokens_sequential_sum_is_what_its_own_replacement_changes, .timeout = 300) {
    for (size_t i = 0; i < N_CASES; i++)
        path_check_sequential(&cases[i]);
}

Test(path_kin, the_rescale_rule_near_its_reference_is_the_derivative) {
    for (size_t i = 0; i < N_CASES; i++)
        path_check_rescale(&cases[i]);
}

Test(path_kin, budgets_change_nothing, .timeout = 300) {
    for (size_t i = 0; i < N_CASES; i++)
        path_check_budgets(&cases[i]);
}
