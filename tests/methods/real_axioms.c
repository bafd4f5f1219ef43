/* What must hold whatever the model, on a student: its decoder is recurrent, its activations are
 * ReLUs. */
#include "tests/methods/axiom_checks.h"

#include "backend/discovery.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void check(void (*axiom)(const struct axiom_case *c)) {
    struct err e = {0};
    char *path = NULL;
    cr_assert_eq(model_resolve(&path, "en-pt", &e), ERR_OK, "%s", e.message);
    axiom(&(struct axiom_case){path, "I said hi", "Eu disse oi para", "Eu disse olá", true, 4});
    free(path);
}

Test(axioms, a_students_budgets_and_threads_change_nothing, .timeout = 400) {
    check(axiom_check_invariance);
}
Test(axioms, a_students_later_tokens_reach_nothing, .timeout = 400) {
    check(axiom_check_causality);
}
Test(axioms, a_students_sums_are_what_the_function_changes, .timeout = 400) {
    check(axiom_check_completeness);
}
Test(axioms, a_students_parts_sum_to_one, .timeout = 400) {
    check(axiom_check_parts);
}
Test(axioms, every_method_can_be_cancelled_on_a_student, .timeout = 400) {
    check(axiom_check_cancel);
}
