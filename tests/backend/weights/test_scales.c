/* Weights in FP8 that have one scale, or one for each row. */
#include "backend/weights.h"
#include "tests/backend/tree.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* A file of safetensors: a header of JSON, then the numbers. */
static struct weights *open_numbers(const char *json, const void *numbers, size_t n) {
    char *folder = tree_new(), bytes[2000] = {0};
    const uint64_t n_json = strlen(json);
    struct weights *w = NULL;
    struct err e = {0};
    memcpy(bytes, &n_json, 8);
    memcpy(bytes + 8, json, n_json);
    memcpy(bytes + 8 + n_json, numbers, n);
    char *path = tree_write_bytes(folder, "x.safetensors", bytes, 8 + n_json + n);
    cr_assert_eq(weights_open(&w, path, &e), ERR_OK, "%s", e.message);
    free(path);
    tree_free(folder);
    return w;
}

static void expect_scaled(const struct weights *w, const char *name, const float *want, size_t n) {
    float got[8];
    struct err e = {0};
    const struct weight_info *info = weights_find(w, name);
    cr_assert(info && info->n_elements == (int64_t)n && n <= 8);
    cr_assert_eq(weights_read_f32(w, info, got, &e), ERR_OK, "%s", e.message);
    cr_expect_eq(memcmp(got, want, n * sizeof *got), 0, "%s", name);
}

#define TENSOR(name, type, shape, from, to)                                                        \
    "\"" name "\":{\"dtype\":\"" type "\",\"shape\":[" shape "],\"data_offsets\":[" from "," to "]}"

/* In e4m3 0x38 is 1, 0x40 2, 0x44 3 and 0xB8 −1. */
static const struct {
    float scales[4];
    unsigned char numbers[10];
} float8 = {{0.5f, 9, 2, 0.25f}, {0x38, 0x40, 0x44, 0xB8, 0, 0x38, 0x38, 0x40, 0x44, 0xB8}};

Test(scales, fp8_under_one_scale_a_tensor_or_a_row_is_scaled) {
    struct weights *w =
        open_numbers("{" TENSOR("a.weight_scale", "F32", "", "0", "4") "," TENSOR(
                         "a.input_scale", "F32", "1", "4",
                         "8") "," TENSOR("b.weight_scale", "F32", "2,1", "8",
                                         "16") "," TENSOR("a.weight", "F8_E4M3", "2,3", "16",
                                                          "22") "," TENSOR("b.weight", "F8_E4M3",
                                                                           "2,2", "22", "26") "}",
                     &float8, 26);
    struct err e = {0};
    bool inputs;
    cr_assert_eq(weights_take_whole_scales(w, &inputs, &e), ERR_OK, "%s", e.message);
    cr_expect(inputs && weights_count(w) == 2, "%d tensors", (int)weights_count(w));
    expect_scaled(w, "a.weight", (float[]){0.5f, 1, 1.5f, -0.5f, 0, 0.5f}, 6);
    expect_scaled(w, "b.weight", (float[]){2, 4, 0.75f, -0.25f}, 4);
    weights_close(w);
}

Test(scales, fp8_without_a_scale_or_with_others_is_refused) {
    struct err e = {0};
    bool inputs;
    struct weights *w = open_numbers("{" TENSOR("a.weight_scale", "F32", "4", "0", "16") "," TENSOR(
                                         "a.weight", "F8_E4M3", "2,3", "16", "22") "}",
                                     &float8, 22);
    cr_expect_eq(weights_take_whole_scales(w, &inputs, &e), ERR_FORMAT);
    cr_expect(strstr(e.message, "a.weight_scale\" has 4 numbers, neither one nor one for each"),
              "%s", e.message);
    weights_close(w);
    w = open_numbers("{" TENSOR("a.weight", "F8_E4M3", "2,3", "0", "6") "}", &float8, 6);
    cr_expect_eq(weights_take_whole_scales(w, &inputs, &e), ERR_FORMAT);
    cr_expect(strstr(e.message, "\"a.weight\" is FP8 and has no"), "%s", e.message);
    weights_close(w);
}
