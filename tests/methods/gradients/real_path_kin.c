/* The kin of integrated gradients on a student, whose decoder is recurrent and whose activations
 * are ReLUs. */
#include "tests/methods/gradients/path_checks.h"

#include "backend/discovery.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void check(void (*axiom)(const struct path_case *c)) {
    struct err e = {0};
    char *path = NULL;
    cr_assert_eq(model_resolve(&path, "en-pt", &e), ERR_OK, "%s", e.message);
    axiom(&(struct path_case){path, "I said hi", "Eu disse oi", NULL, true});
    free(path);
}

Test(path_kin, a_students_sums_are_what_the_function_changes, .timeout = 400) {
    check(path_check_completeness);
}
Test(path_kin, a_students_sequential_sums_are_what_replacements_change, .timeout = 400) {
    check(path_check_sequential);
}
Test(path_kin, a_students_rescale_rule_near_its_reference_is_the_derivative) {
    check(path_check_rescale);
}
Test(path_kin, a_students_budgets_change_nothing, .timeout = 400) {
    check(path_check_budgets);
}
