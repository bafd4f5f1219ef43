/* Step functions that look beyond logits, on a student, whose decoder is recurrent. */
#include "tests/methods/engine/step_sight_checks.h"

#include "backend/discovery.h"

#include <criterion/criterion.h>
#include <stdlib.h>

Test(step_sight, derivatives_of_the_whole_are_a_students_differences, .timeout = 300) {
    struct err e = {0};
    char *path = NULL;
    cr_assert_eq(model_resolve(&path, "en-pt", &e), ERR_OK, "%s", e.message);
    struct model *m = step_sight_open_model(path);
    struct attribute_request r = {.input_text = "I said hi",
                                  .generated_text = "Eu disse oi",
                                  .method = "saliency",
                                  .attribute_target = true,
                                  .attributed_fn = "context() + 0.5*depth() + 0.1*logit(y)"};
    step_sight_check_differences(m, &r, 0.0004, 1e-3);
    model_free(m);
    free(path);
}
