/* bfloat16 weights on the tiny checkpoints: every family of methods within a stated bound of
 * float32; and what a slow processor's user is told. */
#include "backend/model.h"
#include "backend/tn.h"
#include "methods/request/attribute.h"
#include "tests/methods/bf16_checks.h"
#include "tests/methods/result/info.h"

#include <criterion/criterion.h>
#include <string.h>

/* Of a logit the error is rounding's own; a probability's derivative has the logits' error as a
 * common factor. */
static const struct bf16_case cases[] = {
    {"saliency", "logit", NULL, 0.04},
    {"saliency", "probability", NULL, 0.13},
    {"input_x_gradient", "logit", NULL, 0.04},
    {"integrated_gradients", "logit", "{\"n_steps\": 20}", 0.04},
    {"deeplift", "logit", NULL, 0.04},
    {"occlusion", "logit", NULL, 0.1},
    {"attention", NULL, NULL, 0.03},
    {"value_zeroing", NULL, NULL, 0.06},
    {"layer_gradient_x_activation", "logit", "{\"layers\": \"all\"}", 0.04},
};
enum { N = sizeof cases / sizeof *cases };

Test(bf16, scores_of_a_llama_are_close_to_float32) {
    bf16_check("tests/fixtures/tiny/llama", "The manager said hi to",
               "The manager said hi to the nurse and the doctor.", cases, N);
}

Test(bf16, scores_of_a_gpt2_are_close_to_float32) {
    bf16_check("tests/fixtures/tiny/gpt2", "The manager said hi to",
               "The manager said hi to the nurse and the doctor.", cases, N);
}

Test(bf16, scores_of_a_marian_model_are_close_to_float32) {
    bf16_check("tests/fixtures/tiny/marian", "The manager said hi to the nurse.",
               "O gerente disse oi para a enfermeira.", cases, N);
}

static void keep(void *user, const char *text) {
    char *all = user;
    strncat(all, text, 999 - strlen(all));
}

static void notices(char all[1000], enum model_dtype dtype) {
    struct err e = {0};
    struct model *m = NULL;
    struct attribution *a = NULL;
    const struct model_options options = {.dtype = dtype};
    const struct attribute_request r = {.input_text = "The manager",
                                        .generated_text = "The manager said hi"};
    const struct attribute_events events = {.user = all, .notice = keep};
    all[0] = '\0';
    cr_assert_eq(model_open(&m, "tests/fixtures/tiny/llama", &options, NULL, &e), ERR_OK, "%s",
                 e.message);
    cr_assert_eq(attribute_run(&a, m, &r, &events, NULL, &e), ERR_OK, "%s", e.message);
    cr_expect_eq(strstr(info_of(a), "no instruction for bfloat16") != NULL,
                 strstr(all, "no instruction for bfloat16") != NULL);
    attribution_release(a);
    model_free(m);
}

Test(bf16, processor_without_the_instruction_gives_a_notice) {
    char all[1000];
    struct err e = {0};
    const struct tn_api *tn = tn_load(&e);
    cr_assert_not_null(tn, "%s", e.message);
    tn->limit_bf16(2);
    cr_expect_not(tn->multiplies_bf16(TN_CPU));
    notices(all, MODEL_BFLOAT16);
    cr_expect_not_null(strstr(all, "not faster than float32"), "%s", all);
    notices(all, MODEL_FLOAT32);
    cr_expect_null(strstr(all, "bfloat16"), "%s", all);
    if (tn->limit_bf16(3) == 3) {
        notices(all, MODEL_BFLOAT16);
        cr_expect_null(strstr(all, "bfloat16"), "%s", all);
    }
}
