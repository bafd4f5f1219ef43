/* Folders of LoRA adapters: what is read, where the base is looked for, what is refused. */
#include "backend/adapter.h"
#include "backend/base/mem.h"
#include "backend/config.h"
#include "tests/backend/tree.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static char *folder;
static struct err error;

static void make_folder(void) {
    folder = tree_new();
    setenv("HF_HUB_CACHE", folder, 1);
}
static void remove_folder(void) {
    tree_free(folder);
}

TestSuite(adapter, .init = make_folder, .fini = remove_folder);

static void put(const char *name, const char *text) {
    free(tree_write(folder, name, text));
}

static enum err_code locate(struct model_files *files, const char *config) {
    put("lora/adapter_config.json", config);
    put("lora/adapter_model.safetensors", "");
    char *path = mem_format("%s/lora", folder);
    enum err_code code = model_locate(files, path, &error);
    free(path);
    return code;
}

Test(adapter, the_base_is_found_beside_it_and_in_the_cache) {
    struct model_files files;
    put("base/config.json", "{}");
    put("base/model.safetensors", "");
    put("base/tokenizer.json", "{}");
    cr_assert_eq(locate(&files, "{\"peft_type\": \"LORA\", \"base_model_name_or_path\": "
                                "\"../base\"}"),
                 ERR_OK, "%s", error.message);
    cr_expect_not_null(strstr(files.weights, "base/model.safetensors"));
    cr_expect_not_null(strstr(files.adapter, "lora/adapter_model.safetensors"));
    cr_expect_not_null(strstr(files.tokenizer_json, "base/tokenizer.json"));
    model_files_dispose(&files);
    put("lora/tokenizer.json", "{}");
    put("models--org--name/refs/v1", "abc\n");
    put("models--org--name/snapshots/abc/config.json", "{}");
    put("models--org--name/snapshots/abc/pytorch_model.bin", "");
    cr_assert_eq(locate(&files, "{\"base_model_name_or_path\": \"org/name\", \"revision\": "
                                "\"v1\"}"),
                 ERR_OK, "%s", error.message);
    cr_expect_not_null(strstr(files.weights, "snapshots/abc/pytorch_model.bin"));
    cr_expect_not_null(strstr(files.tokenizer_json, "lora/tokenizer.json"), "its own comes first");
    model_files_dispose(&files);
}

Test(adapter, a_base_that_is_not_here_is_named) {
    struct model_files files;
    cr_expect_eq(locate(&files, "{\"base_model_name_or_path\": \"org/absent\"}"), ERR_IO);
    cr_expect_not_null(strstr(error.message, "a LoRA adapter of org/absent, which is not on this"),
                       "%s", error.message);
    cr_expect_eq(locate(&files, "{\"base_model_name_or_path\": \"../../no-such-base\"}"), ERR_IO,
                 "%s", error.message);
    cr_expect_eq(locate(&files, "{}"), ERR_FORMAT);
    cr_expect_not_null(strstr(error.message, "base_model_name_or_path is missing"));
}

static void expect_refused(const char *more, const char *part) {
    struct model_files files;
    char *text = mem_format("{\"base_model_name_or_path\": \"base\", %s}", more);
    cr_expect_eq(locate(&files, text), ERR_UNSUPPORTED, "%s", text);
    cr_expect_not_null(strstr(error.message, part), "%s", error.message);
    free(text);
}

Test(adapter, what_is_more_than_lora_is_refused_by_name) {
    expect_refused("\"peft_type\": \"IA3\"", "PEFT adapter of type IA3");
    expect_refused("\"use_dora\": true", "DoRA");
    expect_refused("\"lora_bias\": true", "lora_bias");
    expect_refused("\"layer_replication\": [[0, 4]]", "layer_replication");
    expect_refused("\"init_lora_weights\": \"pissa_niter_16\"", "began as pissa_niter_16");
    expect_refused("\"alpha_pattern\": {\".*q_proj\": 4}", "no module's name");
}

Test(adapter, scales_and_patterns_are_read) {
    struct adapter a;
    char *path = tree_write(folder, "x.json",
                            "{\"base_model_name_or_path\": \"b\", \"lora_alpha\": 32, "
                            "\"use_rslora\": true, \"fan_in_fan_out\": true, \"use_dora\": "
                            "false, \"init_lora_weights\": true, \"alpha_pattern\": "
                            "{\"mlp.up_proj\": 4.5}}");
    cr_assert_eq(adapter_read(&a, path, &error), ERR_OK, "%s", error.message);
    cr_expect(a.alpha == 32 && a.rank_stabilised && a.transposed && a.n_alphas == 1 &&
              a.alphas[0].alpha == 4.5);
    cr_expect_str_eq(a.alphas[0].module, "mlp.up_proj");
    cr_expect_str_empty(a.notice);
    adapter_dispose(&a);
    free(path);
    path = tree_write(folder, "x.json",
                      "{\"base_model_name_or_path\": \"b\", \"use_tomorrow\": true}");
    cr_assert_eq(adapter_read(&a, path, &error), ERR_OK, "%s", error.message);
    cr_expect_not_null(strstr(a.notice, "use_tomorrow (x.json)"), "%s", a.notice);
    adapter_dispose(&a);
    free(path);
}
