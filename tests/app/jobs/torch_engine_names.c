/* What a result calls the model that made it: the name that -m takes, or a path that lasts. */
#include "app/files/result_model.h"
#include "app/jobs/engine.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *folder, *tiny;

/* A Hugging Face cache with the tiny model as org/small. */
static void make_cache(void) {
    struct err e = {0};
    folder = mem_text("/tmp/tinseq-names-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    tiny = realpath("tests/fixtures/tiny/llama", NULL);
    char *snapshots = mem_format("%s/models--org--small/snapshots", folder),
         *snapshot = mem_format("%s/0a1b2c3d", snapshots);
    cr_assert_eq(file_make_folders(snapshots, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(symlink(tiny, snapshot), 0);
    setenv("HF_HUB_CACHE", folder, 1);
    setenv("TINSEQ_MODELS", "/nonexistent", 1);
    setenv("XDG_STATE_HOME", "/nonexistent", 1);
    free(snapshots);
    free(snapshot);
}

/* A result of the model that -m names so. */
static struct attribution *made_by(struct engine *engine, const struct engine_ops *ops,
                                   const char *given) {
    const struct attribute_request r = {
        .input_text = "The city", .generated_text = "The city said", .method = "dummy"};
    struct engine_model about;
    struct attribution *a = NULL;
    struct err e = {0};
    cr_assert_eq(ops->load(engine, given, &about, NULL, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(ops->attribute(engine, &a, &r, NULL, NULL, &e), ERR_OK, "%s", e.message);
    cr_expect_str_eq(about.name, a->info.model_name);
    return a;
}

Test(engine_names, of_a_listed_model_are_the_lists_and_of_a_path_the_whole_path) {
    const struct engine_options options = {0};
    const struct engine_ops *ops;
    struct engine *engine;
    struct err e = {0};
    make_cache();
    cr_assert_eq(engine_real_new(&engine, &ops, &options, &e), ERR_OK, "%s", e.message);
    struct attribution *a = made_by(engine, ops, "org/small");
    cr_expect_str_eq(a->info.model_name, "org/small");
    cr_expect_null(a->info.model_path);
    char *found = result_model(&a->info, NULL);
    cr_expect_str_eq(found, "org/small");
    free(found);
    attribution_release(a);
    a = made_by(engine, ops, "tests/fixtures/../fixtures/tiny/llama/");
    cr_expect_str_eq(a->info.model_name, "llama");
    cr_expect_str_eq(a->info.model_path, tiny);
    found = result_model(&a->info, NULL);
    cr_expect_str_eq(found, tiny);
    free(found);
    mem_replace(&a->info.model_path, mem_text("/gone/llama"));
    cr_expect_null(result_model(&a->info, "/elsewhere/a.json"));
    found = result_model(&a->info, "tests/fixtures/tiny/a.json");
    cr_expect_str_eq(found, "tests/fixtures/tiny/llama");
    free(found);
    attribution_release(a);
    ops->free(engine);
    char *remove = mem_format("rm -r %s", folder);
    cr_expect_eq(system(remove), 0);
    free(remove);
    free(folder);
    free(tiny);
}

Test(engine_names, a_tokenizer_and_its_arguments_are_for_the_first_model) {
    const struct engine_options options[] = {{.tokenizer_kwargs = "{\"src_lang\": \"de\"}"},
                                             {.tokenizer = "/nowhere/tokenizer.json"}};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        const struct engine_ops *ops;
        struct engine *engine;
        struct engine_model about;
        struct err e = {0};
        cr_assert_eq(engine_real_new(&engine, &ops, &options[i], &e), ERR_OK, "%s", e.message);
        for (int again = 0; again < 2; again++) {
            cr_expect_neq(ops->load(engine, "tests/fixtures/tiny/llama", &about, NULL, &e), ERR_OK);
            cr_expect(strstr(e.message, i ? "/nowhere/tokenizer.json" : "src_lang"), "%s",
                      e.message);
            cr_expect_eq(ops->load(engine, "tests/fixtures/tiny/gpt2", &about, NULL, &e), ERR_OK,
                         "%s", e.message);
        }
        ops->free(engine);
    }
}
