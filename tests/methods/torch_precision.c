/* Differences of close numbers keep their digits in float32: tiny models. */
#include "tests/methods/precision.h"

#include <criterion/criterion.h>

Test(precision, of_small_changes_under_occlusion_is_float32s) {
    const struct attribute_request r = {.input_text = "The manager said hi to the nurse.",
                                        .generated_text = "O gerente disse oi ao gato",
                                        .method = "occlusion",
                                        .attribute_target = true};
    const double error = precision_of("tests/fixtures/tiny/marian", &r);
    cr_expect(error < 5e-5, "%g", error);
}
