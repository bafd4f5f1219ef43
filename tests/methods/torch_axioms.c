/* What must hold whatever the model, on the tiny checkpoints. */
#include "tests/methods/axiom_checks.h"

#include <criterion/criterion.h>

static const struct axiom_case cases[] = {
    {"tests/fixtures/tiny/llama", "The nurse said", "The nurse said hello to",
     "The nurse said hello by the", false, 0},
    {"tests/fixtures/tiny/gpt2", "The dog barks", "The dog barks at the", "The dog barks at my cat",
     false, 0},
    {"tests/fixtures/tiny/marian", "The manager said hi", "O gerente disse", "O gerente falou",
     false, 1},
    {"tests/fixtures/tiny/marian-relu", "The manager said hi", "O gerente disse", "O gerente falou",
     true, 1},
};

static void check_all(void (*axiom)(const struct axiom_case *c)) {
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        axiom(&cases[i]);
}

Test(axioms, budgets_and_threads_change_nothing, .timeout = 300) {
    check_all(axiom_check_invariance);
}
Test(axioms, later_tokens_reach_nothing, .timeout = 300) {
    check_all(axiom_check_causality);
}
Test(axioms, sums_are_what_the_function_changes, .timeout = 300) {
    check_all(axiom_check_completeness);
}
Test(axioms, parts_sum_to_one, .timeout = 300) {
    check_all(axiom_check_parts);
}
Test(axioms, every_method_can_be_cancelled, .timeout = 300) {
    check_all(axiom_check_cancel);
}
