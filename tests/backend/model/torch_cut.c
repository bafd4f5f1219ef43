/* A checkpoint that is cut short while the model is in use: an error, and life goes on. */
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/model.h"
#include "tests/backend/tree.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct err error;

static void copy(const char *folder, const char *name) {
    char *from = mem_format("%s/tiny/llama/%s", getenv("TINSEQ_FIXTURES"), name), *bytes;
    size_t n;
    cr_assert_eq(file_read(&bytes, &n, from, 64 << 20, &error), ERR_OK, "%s", error.message);
    free(tree_write_bytes(folder, name, bytes, n));
    free(bytes);
    free(from);
}

static enum err_code forward(struct model *m) {
    static const int32_t ids[] = {5, 270, 31, 44};
    const struct forward_input in = {.n_batch = 1, .target_ids = ids, .n_target = 4};
    struct forward *f = NULL;
    enum err_code code = model_forward(&f, m, &in, NULL, &error);
    forward_free(f);
    return code;
}

Test(cut_checkpoint, is_an_error_of_the_next_forward_pass) {
    static const char *const names[] = {"config.json", "generation_config.json",
                                        "model.safetensors", "tokenizer.json",
                                        "tokenizer_config.json"};
    const struct model_options options = {0};
    char *folder = tree_new();
    struct model *m;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        copy(folder, names[i]);
    cr_assert_eq(model_open(&m, folder, &options, NULL, &error), ERR_OK, "%s", error.message);
    cr_expect_eq(forward(m), ERR_OK, "%s", error.message);
    char *weights = file_join(folder, "model.safetensors");
    cr_assert_eq(truncate(weights, 4096), 0);
    cr_expect_eq(forward(m), ERR_IO);
    cr_expect(strstr(error.message, "cut short while it was in use"), "%s", error.message);
    model_free(m);
    cr_expect_eq(model_open(&m, folder, &options, NULL, &error), ERR_FORMAT);
    copy(folder, "model.safetensors");
    cr_assert_eq(model_open(&m, folder, &options, NULL, &error), ERR_OK, "%s", error.message);
    cr_expect_eq(forward(m), ERR_OK, "%s", error.message);
    model_free(m);
    free(weights);
    tree_free(folder);
}
