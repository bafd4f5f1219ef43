/* bfloat16 weights on trained models: the error that the README states. */
#include "backend/discovery.h"
#include "tests/methods/bf16_checks.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void check(const char *name, const char *input, const char *generated,
                  const struct bf16_case *cases, int n) {
    struct err e = {0};
    char *path = NULL;
    cr_assert_eq(model_resolve(&path, name, &e), ERR_OK, "%s", e.message);
    bf16_check(path, input, generated, cases, n);
    free(path);
}

Test(bf16, scores_of_smollm2_are_close_to_float32, .timeout = 300) {
    static const struct bf16_case cases[] = {
        {"saliency", "probability", NULL, 0.08},
        {"input_x_gradient", "probability", NULL, 0.08},
        {"deeplift", "probability", NULL, 0.08},
        {"attention", NULL, NULL, 0.005},
        {"layer_gradient_x_activation", "probability", "{\"layers\": \"all\"}", 0.08}};
    static const char *const prompt =
        "The lighthouse on the northern coast was built after a storm had destroyed three ships in "
        "a single night. The people of";
    static const char *const text =
        "The lighthouse on the northern coast was built after a storm had destroyed three ships in "
        "a single night. The people of "
        "the village collected the money, and a young engineer from the city drew the plans.";
    check("smollm2", prompt, text, cases, sizeof cases / sizeof *cases);
}

/* A student's activations are ReLUs: its derivatives jump where rounding moves an input across
 * zero. */
Test(bf16, scores_of_a_student_are_close_to_float32, .timeout = 300) {
    static const struct bf16_case cases[] = {{"saliency", "logit", NULL, 0.15},
                                             {"input_x_gradient", "logit", NULL, 0.15}};
    check("en-pt", "I said hi to the manager of the city.", "Eu disse oi para o gerente da cidade.",
          cases, sizeof cases / sizeof *cases);
}
