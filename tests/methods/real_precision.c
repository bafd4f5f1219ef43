/* Differences of close numbers keep their digits in float32: SmolLM2, whose table of embeddings has
 * much in common that a softmax's derivative takes away. Inseq's are within 1.8e-5 of float64. */
#include "backend/discovery.h"
#include "tests/methods/precision.h"

#include <criterion/criterion.h>
#include <stdlib.h>

Test(precision, of_probability_differences_is_float32s, .timeout = 300) {
    static const char *const prompts[] = {"1 2 3 4 5 6", "The doctor said that"};
    char *path = NULL;
    struct err e = {0};
    cr_assert_eq(model_resolve(&path, "smollm2", &e), ERR_OK, "%s", e.message);
    for (int i = 0; i < 2; i++) {
        const struct attribute_request r = {.input_text = prompts[i],
                                            .method = "saliency",
                                            .attributed_fn = "contrast_prob_diff",
                                            .generation_kwargs = "{\"max_new_tokens\": 2}",
                                            .foil = {.step = optional_of(0), .rank = 1, .id = -1}};
        const double error = precision_of(path, &r);
        cr_expect(error < 1.8e-5, "%s: %g", prompts[i], error);
    }
    free(path);
}
