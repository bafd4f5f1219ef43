/* "quantization_config", and numbers that JSON has not but Python writes. */
#include "backend/base/json_file.h"
#include "backend/base/mem.h"
#include "backend/config.h"
#include "tests/backend/tree.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static char *folder;
static struct model_config config;
static struct err error;

static void make_folder(void) {
    folder = tree_new();
}
static void remove_folder(void) {
    tree_free(folder);
}

TestSuite(quantized, .init = make_folder, .fini = remove_folder);

/* A Llama's config.json with something more. */
static enum err_code read_with(const char *more) {
    struct model_files files;
    char *text = mem_format("{\"model_type\": \"llama\", %s}", more);
    free(tree_write(folder, "config.json", text));
    free(tree_write(folder, "model.safetensors", ""));
    free(text);
    cr_assert_eq(model_locate(&files, folder, &error), ERR_OK, "%s", error.message);
    enum err_code code = model_config_read(&config, &files, NULL, &error);
    model_files_dispose(&files);
    return code;
}

static void expect_refused(const char *more, enum err_code want, const char *part) {
    cr_expect_eq(read_with(more), want, "%s", more);
    cr_expect_not_null(strstr(error.message, part), "%s", error.message);
}

Test(quantized, methods_are_refused_by_name_with_what_to_use) {
    static const char *const methods[][2] = {{"gptq", "by GPTQ ("},
                                             {"awq", "by AWQ ("},
                                             {"bitsandbytes", "by bitsandbytes (8 or 4 bits) ("},
                                             {"compressed-tensors", "by compressed-tensors ("},
                                             {"hqq", "by HQQ ("},
                                             {"eetq", "by EETQ ("},
                                             {"tomorrow", "by tomorrow ("}};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        char *more =
            mem_format("\"quantization_config\": {\"quant_method\": \"%s\"}", methods[i][0]);
        expect_refused(more, ERR_UNSUPPORTED, methods[i][1]);
        cr_expect_not_null(strstr(error.message, "use the model that it was made from, or a GGUF"),
                           "%s", error.message);
        free(more);
    }
    expect_refused("\"compression_config\": {\"format\": \"x\"}", ERR_UNSUPPORTED,
                   "by compressed-tensors (");
    expect_refused("\"quantization_config\": {}", ERR_UNSUPPORTED, "does not name");
}

Test(quantized, blocks_of_fp8_are_read) {
    cr_assert_eq(read_with("\"quantization_config\": {\"quant_method\": \"fp8\", \"fmt\": "
                           "\"e4m3\", \"activation_scheme\": \"dynamic\", "
                           "\"weight_block_size\": [128, 64]}"),
                 ERR_OK, "%s", error.message);
    cr_expect(config.scale_block[0] == 128 && config.scale_block[1] == 64);
    cr_expect_str_empty(config.notice);
    cr_assert_eq(read_with("\"quantization_config\": null"), ERR_OK);
    cr_expect_eq(config.scale_block[0], 0);
    expect_refused("\"quantization_config\": {\"quant_method\": \"fp8\", "
                   "\"weight_block_size\": [128, 0]}",
                   ERR_UNSUPPORTED, "weight_block_size");
    expect_refused("\"quantization_config\": {\"quant_method\": \"fp8\", "
                   "\"weight_block_size\": [128, 128], \"fmt\": \"e5m2\"}",
                   ERR_UNSUPPORTED, "fmt is e5m2");
}

#define GROUP(what)                                                                                \
    "\"quantization_config\": {\"quant_method\": \"compressed-tensors\", \"config_groups\": "      \
    "{\"group_0\": {\"targets\": [\"Linear\"], \"weights\": {" what "}}}}"

Test(quantized, one_scale_a_tensor_or_a_row_is_read) {
    static const char *const read[] = {
        "\"quantization_config\": {\"quant_method\": \"fp8\", \"activation_scheme\": \"static\"}",
        "\"quantization_config\": {\"quant_method\": \"fbgemm_fp8\", \"activation_scale_ub\": "
        "1200}",
        GROUP(
            "\"num_bits\": 8, \"type\": \"float\", \"strategy\": \"tensor\", \"symmetric\": true"),
        GROUP("\"num_bits\": 8, \"type\": \"float\", \"strategy\": \"channel\"")};
    static const char *const refused[] = {
        GROUP("\"num_bits\": 4, \"type\": \"float\", \"strategy\": \"tensor\""),
        GROUP("\"num_bits\": 8, \"type\": \"int\", \"strategy\": \"channel\""),
        GROUP("\"num_bits\": 8, \"type\": \"float\", \"strategy\": \"group\""),
        GROUP("\"num_bits\": 8, \"type\": \"float\", \"strategy\": \"tensor\", \"symmetric\": "
              "false")};
    for (size_t i = 0; i < 4; i++) {
        cr_expect_eq(read_with(read[i]), ERR_OK, "%s: %s", read[i], error.message);
        cr_expect(config.scaled_whole && !config.scale_block[0]);
        expect_refused(refused[i], ERR_UNSUPPORTED, "by compressed-tensors (");
    }
}

Test(quantized, infinities_of_python_are_numbers_and_nan_is_none) {
    cJSON *json;
    char *path = tree_write(folder, "x.json",
                            "{\"a\": Infinity, \"b\": [-Infinity, 1], \"c\": NaN, "
                            "\"NaN\": \"say \\\"Infinity NaN\"}");
    cr_assert_eq(json_read_object(&json, path, 1000, &error), ERR_OK, "%s", error.message);
    cr_expect(isinf(cJSON_GetObjectItem(json, "a")->valuedouble));
    cr_expect(cJSON_GetArrayItem(cJSON_GetObjectItem(json, "b"), 0)->valuedouble == -INFINITY);
    cr_expect_str_eq(cJSON_GetStringValue(cJSON_GetObjectItem(json, "c")), "NaN");
    cr_expect_str_eq(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "NaN")),
                     "say \"Infinity NaN");
    cJSON_Delete(json);
    free(path);
    cr_expect_eq(read_with("\"time_step_limit\": [0.0, Infinity]"), ERR_OK, "%s", error.message);
    expect_refused("\"rope_theta\": Infinity", ERR_FORMAT, "rope_theta must be a number from");
    expect_refused("\"rms_norm_eps\": NaN", ERR_FORMAT, "rms_norm_eps must be a number from");
    expect_refused("\"hidden_size\": -Infinity", ERR_FORMAT, "hidden_size must be a whole number");
}
