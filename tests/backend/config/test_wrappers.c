/* Language models among what sees pictures: which configuration is theirs, and which tensors. */
#include "backend/base/mem.h"
#include "backend/config.h"
#include "backend/weights/store.h"
#include "tests/backend/tree.h"

#include <criterion/criterion.h>
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

TestSuite(wrappers, .init = make_folder, .fini = remove_folder);

static enum err_code read_text(const char *text) {
    struct model_files files;
    free(tree_write(folder, "config.json", text));
    free(tree_write(folder, "model.safetensors", ""));
    cr_assert_eq(model_locate(&files, folder, &error), ERR_OK, "%s", error.message);
    enum err_code code = model_config_read(&config, &files, NULL, &error);
    model_files_dispose(&files);
    return code;
}

Test(wrappers, text_config_is_the_language_models) {
    cr_assert_eq(read_text("{\"architectures\": [\"LlavaForConditionalGeneration\"], "
                           "\"model_type\": \"llava\", \"hidden_size\": 7, \"text_config\": "
                           "{\"model_type\": \"llama\", \"hidden_size\": 64, "
                           "\"num_attention_heads\": 4}, \"vision_config\": {}}"),
                 ERR_OK, "%s", error.message);
    cr_expect(config.wrapped);
    cr_expect_eq(config.n_width, 64);
    cr_expect_str_eq(config.class_name, "LlamaForCausalLM");
    cr_expect_str_empty(config.notice);
    cr_assert_eq(read_text("{\"model_type\": \"mistral3\", \"text_config\": {\"hidden_size\": 96, "
                           "\"num_attention_heads\": 8}}"),
                 ERR_OK, "%s", error.message);
    cr_expect_str_eq(config.class_name, "MistralForCausalLM");
    cr_assert_eq(read_text("{\"model_type\": \"qwen2_5_vl\", \"hidden_size\": 64, "
                           "\"num_attention_heads\": 4, \"num_key_value_heads\": 2, "
                           "\"rope_scaling\": {\"type\": \"mrope\", "
                           "\"mrope_section\": [2, 3, 3]}}"),
                 ERR_OK, "%s", error.message);
    cr_expect_str_eq(config.class_name, "Qwen2ForCausalLM");
    cr_expect_eq(config.n_width, 64);
    cr_assert_eq(read_text("{\"model_type\": \"llama\"}"), ERR_OK, "%s", error.message);
    cr_expect_not(config.wrapped);
}

Test(wrappers, a_language_model_that_does_not_run_is_named) {
    cr_expect_eq(read_text("{\"model_type\": \"llava\", \"text_config\": {\"model_type\": "
                           "\"mamba\"}}"),
                 ERR_UNSUPPORTED);
    cr_expect_not_null(strstr(error.message, "amba"), "%s", error.message);
    cr_expect_eq(read_text("{\"model_type\": \"llava\", \"text_config\": 3}"), ERR_FORMAT);
    cr_expect_not_null(strstr(error.message, "text_config is no object"), "%s", error.message);
    cr_expect_eq(read_text("{\"model_type\": \"llava\", \"text_config\": {}, "
                           "\"quantization_config\": {\"quant_method\": \"awq\"}}"),
                 ERR_UNSUPPORTED);
    cr_expect_not_null(strstr(error.message, "AWQ"), "%s", error.message);
}

/* A safetensors file of float32 scalars with these names. */
static struct weights *with_names(unsigned char *bytes, size_t room, const char *const *names,
                                  size_t n) {
    struct text_buffer b = {0};
    struct weights *w;
    for (size_t i = 0; i < n; i++)
        text_buffer_format(&b,
                           "%s\"%s\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[%zu,%zu]}",
                           i ? "," : "{", names[i], 4 * i, 4 * i + 4);
    text_buffer_puts(&b, "}");
    const uint64_t n_header = b.n;
    cr_assert(8 + b.n + 4 * n <= room);
    memset(bytes, 0, room);
    memcpy(bytes, &n_header, 8);
    memcpy(bytes + 8, b.text, b.n);
    cr_assert_eq(weights_open_bytes(&w, bytes, 8 + b.n + 4 * n, &error), ERR_OK, "%s",
                 error.message);
    text_buffer_dispose(&b);
    return w;
}

static void expect_unwrapped(const char *const names[4], const char *parts) {
    unsigned char bytes[2000];
    struct weights *w = with_names(bytes, sizeof bytes, names, 4);
    char *left_out;
    size_t n;
    cr_assert_eq(weights_unwrap(w, &left_out, &n, &error), ERR_OK, "%s", error.message);
    cr_expect_eq(n, 2);
    cr_expect_str_eq(left_out, parts);
    cr_expect_eq(weights_count(w), 2);
    cr_expect_not_null(weights_find(w, "model.norm.weight"));
    cr_expect_not_null(weights_find(w, "lm_head.weight"));
    free(left_out);
    weights_close(w);
}

Test(wrappers, tensors_of_older_and_newer_files_get_the_names_they_have_alone) {
    expect_unwrapped((const char *[]){"language_model.model.norm.weight",
                                      "language_model.lm_head.weight", "vision_tower.a.weight",
                                      "multi_modal_projector.b"},
                     "vision_tower, multi_modal_projector");
    expect_unwrapped((const char *[]){"model.language_model.norm.weight", "lm_head.weight",
                                      "model.visual.a", "model.visual.b"},
                     "model.visual");
    expect_unwrapped(
        (const char *[]){"model.norm.weight", "lm_head.weight", "visual.a", "image_newline"},
        "visual, image_newline");
}

Test(wrappers, two_tensors_that_get_one_name_are_refused) {
    unsigned char bytes[2000];
    const char *const names[] = {"language_model.model.norm.weight", "model.norm.weight"};
    struct weights *w = with_names(bytes, sizeof bytes, names, 2);
    char *left_out;
    size_t n;
    cr_expect_eq(weights_unwrap(w, &left_out, &n, &error), ERR_FORMAT);
    cr_expect_not_null(strstr(error.message, "two tensors are named model.norm.weight"), "%s",
                       error.message);
    free(left_out);
    weights_close(w);
}
