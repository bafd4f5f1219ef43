/* A LoRA adapter's tensors and its base's (tests/fixtures/make_weights.py): all numbers are exact.
 */
#include "backend/adapter.h"
#include "backend/weights/store.h"
#include "tests/backend/weights/fixtures.h"

#include <criterion/criterion.h>
#include <string.h>

static struct adapter_alpha nine[] = {{(char *)"model.b", 9}};
static const struct adapter adapter = {.alpha = 6, .alphas = nine, .n_alphas = 1};

static void expect_same(const struct weights *w, const char *name, const struct weights *want,
                        const char *other) {
    const struct weight_info *info = weights_find(w, name), *like = weights_find(want, other);
    float got[64], expected[64];
    struct err e = {0};
    cr_assert(info && like && info->n_elements == like->n_elements, "%s", name);
    cr_assert_eq(weights_read_f32(w, info, got, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(weights_read_f32(want, like, expected, &e), ERR_OK, "%s", e.message);
    cr_expect_arr_eq(got, expected, (size_t)info->n_elements * sizeof *got, "%s", name);
}

Test(merge, products_are_added_and_what_was_trained_whole_replaces) {
    struct weights *w = open_fixture("lora.base.safetensors"),
                   *want = open_fixture("lora.expected.safetensors");
    struct err e = {0};
    float row[7], whole[35];
    cr_assert_eq(weights_merge(w, open_fixture("lora.safetensors"), &adapter, false, &e), ERR_OK,
                 "%s", e.message);
    cr_expect_eq(weights_count(w), 4);
    expect_same(w, "model.a.weight", want, "a");
    expect_same(w, "model.b.weight", want, "b");
    expect_same(w, "model.words.weight", want, "words");
    expect_same(w, "model.norm.weight", want, "norm");
    const struct weight_info *a = weights_find(w, "model.a.weight");
    cr_expect_null(weights_raw(w, a), "what lies in the file is not the sum");
    cr_assert_eq(weights_read_f32(w, a, whole, &e), ERR_OK);
    cr_assert_eq(weights_read_rows_f32(w, a, 3, 1, row, &e), ERR_OK);
    cr_expect_arr_eq(row, whole + 21, sizeof row);
    weights_close(want);
    weights_close(w);
}

Test(merge, factors_of_another_shape_are_refused) {
    /* a is [5, 7]: its factors make a [5, 7], which is no [I, O]. */
    struct weights *w = open_fixture("lora.base.safetensors");
    struct err e = {0};
    const struct adapter turned = {.alpha = 6, .transposed = true};
    cr_expect_eq(weights_merge(w, open_fixture("lora.safetensors"), &turned, false, &e), ERR_SHAPE);
    cr_expect_not_null(strstr(e.message, "model.a.lora_A.weight does not fit \"model.a.weight\""),
                       "%s", e.message);
    weights_close(w);
}

Test(merge, what_is_not_in_the_base_is_refused_by_name) {
    struct weights *w = open_fixture("plain.safetensors");
    struct err e = {0};
    cr_expect_eq(weights_merge(w, open_fixture("lora.safetensors"), &adapter, false, &e),
                 ERR_FORMAT);
    cr_expect_not_null(strstr(e.message, "model.norm.weight is not in its base"), "%s", e.message);
    weights_close(w);
    w = open_fixture("lora.base.safetensors");
    cr_expect_eq(weights_merge(w, open_fixture("plain.safetensors"), &adapter, false, &e),
                 ERR_FORMAT);
    cr_expect_not_null(strstr(e.message, "is not named base_model.model."), "%s", e.message);
    weights_close(w);
}
