/* Parts of a model that are there but cannot be read: errors that name them, none counts as
 * absent, and none is waited for. */
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/config.h"
#include "backend/tokenizer.h"
#include "backend/weights.h"
#include "tests/backend/tree.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct err error;

/* All of a model that needs no libtorch. */
static enum err_code open_all(const char *folder) {
    struct model_files files = {0};
    struct model_config config;
    struct weights *w = NULL;
    struct tokenizer *t = NULL;
    error = (struct err){0};
    enum err_code code = model_locate(&files, folder, &error);
    if (code)
        goto out;
    code = weights_open(&w, files.weights, &error);
    if (code)
        goto out;
    code = model_config_read(&config, &files, w, &error);
    if (code)
        goto out;
    code = tokenizer_open(&t, &files, w, &config, &error);
out:
    tokenizer_free(t);
    weights_close(w);
    model_files_dispose(&files);
    return code;
}

static void make_folder(const char *path) {
    cr_assert_eq(mkdir(path, 0700), 0);
}
static void make_loop(const char *path) {
    cr_assert_eq(symlink(strrchr(path, '/') + 1, path), 0);
}
static void make_dangling(const char *path) {
    cr_assert_eq(symlink("../blobs/pruned", path), 0);
}
static void make_pipe(const char *path) {
    cr_assert_eq(mkfifo(path, 0600), 0);
}
static void make_pointer(const char *path) {
    static const char text[] =
        "version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 5\n";
    cr_assert_eq(file_write(path, text, sizeof text - 1, &error), ERR_OK);
}

static const struct damage {
    const char *name;
    void (*make)(const char *path);
    const char *said;
} damages[] = {{"a folder", make_folder, "directory"},
               {"a loop", make_loop, "symbolic links"},
               {"a dangling link", make_dangling, "a link to what is not there"},
               {"a pipe", make_pipe, "not a regular file"},
               {"a pointer", make_pointer, "git lfs pull"}};

/* name: a part of the tiny checkpoint. What may be needed no more is taken away before. */
static void expect_named(const char *model, const char *name, const char *without) {
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        char *from = mem_format("tests/fixtures/tiny/%s", model), *copy = tree_copy(from),
             *path = file_join(copy, name), *other = file_join(copy, without ? without : "none");
        if (without)
            cr_assert_eq(unlink(other), 0);
        cr_assert_eq(open_all(copy), ERR_OK, "%s", error.message);
        cr_assert_eq(unlink(path), 0);
        damages[i].make(path);
        cr_expect_neq(open_all(copy), ERR_OK, "%s of %s as %s", name, model, damages[i].name);
        cr_expect(strstr(error.message, path) && strstr(error.message, damages[i].said),
                  "%s of %s as %s: \"%s\"", name, model, damages[i].name, error.message);
        tree_free(copy);
        free(from);
        free(path);
        free(other);
    }
}

Test(unreadable, parts_of_a_hugging_face_model_are_named) {
    static const char *const parts[] = {"config.json",           "generation_config.json",
                                        "tokenizer_config.json", "special_tokens_map.json",
                                        "tokenizer.json",        "model.safetensors"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        expect_named("llama", parts[i], NULL);
    expect_named("gpt2", "vocab.json", "tokenizer.json");
    expect_named("gpt2", "merges.txt", "tokenizer.json");
}

Test(unreadable, parts_of_a_marian_model_are_named) {
    static const char *const parts[] = {"source.spm", "target.spm", "vocab.json"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        expect_named("marian", parts[i], NULL);
    expect_named("student", "vocab.xx.spm", NULL);
}

Test(unreadable, what_is_missing_is_named) {
    static const char *const parts[] = {"source.spm", "target.spm", "vocab.json"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char *copy = tree_copy("tests/fixtures/tiny/marian"), *path = file_join(copy, parts[i]),
             *said = mem_format("%s: %s is missing", copy, parts[i]);
        cr_assert_eq(unlink(path), 0);
        cr_expect_eq(open_all(copy), ERR_IO);
        cr_expect_str_eq(error.message, said);
        tree_free(copy);
        free(path);
        free(said);
    }
}

Test(unreadable, a_marian_model_that_git_has_not_fetched_is_one) {
    char *copy = tree_copy("tests/fixtures/tiny/student"), *path = file_join(copy, "model.xx.bin");
    make_pointer(path);
    cr_expect_eq(open_all(copy), ERR_FORMAT);
    cr_expect(strstr(error.message, "git lfs pull"), "%s", error.message);
    cr_expect_eq(open_all(path), ERR_FORMAT);
    cr_expect(strstr(error.message, "git lfs pull"), "%s", error.message);
    tree_free(copy);
    free(path);
}

Test(unreadable, so_is_the_path_of_a_model) {
    char *folder = tree_new(), *path = file_join(folder, "m");
    for (size_t i = 1; i < sizeof damages / sizeof *damages; i++) {
        damages[i].make(path);
        cr_expect_neq(open_all(path), ERR_OK);
        cr_expect(strstr(error.message, path) && strstr(error.message, damages[i].said), "%s: %s",
                  damages[i].name, error.message);
        cr_assert_eq(unlink(path), 0);
    }
    tree_free(folder);
    free(path);
}

/* --- a NUL would end a text early --------------------------------------------------------- */

static void expect_nul_named(const char *model, const char *name, const char *without,
                             const char *from, const char *to) {
    char *folder = mem_format("tests/fixtures/tiny/%s", model), *copy = tree_copy(folder),
         *path = file_join(copy, name), *other = file_join(copy, without ? without : "none");
    if (without)
        cr_assert_eq(unlink(other), 0);
    if (from) {
        tree_edit(copy, name, from, to);
    } else { /* at the end, which nobody would miss */
        char *text;
        size_t n;
        cr_assert_eq(file_read(&text, &n, path, 1 << 20, &error), ERR_OK);
        memcpy(text + n - 9, "\0", 1);
        cr_assert_eq(file_write(path, text, n, &error), ERR_OK);
        free(text);
    }
    cr_expect_eq(open_all(copy), ERR_FORMAT, "%s of %s", name, model);
    cr_expect(strstr(error.message, path) && strstr(error.message, "NUL"), "%s of %s: %s", name,
              model, error.message);
    tree_free(copy);
    free(folder);
    free(path);
    free(other);
}

Test(unreadable, a_nul_in_a_part_is_named) {
    static const char type[] = "\"model_type\": \"llama\"",
                      said[] = "\"model_type\": \"llama\", \"x\": \"a\\u0000b\"";
    expect_nul_named("llama", "config.json", NULL, type, said);
    expect_nul_named("llama", "generation_config.json", NULL, "\"bos_token_id\"",
                     "\"x\\u0000\": 1, \"bos_token_id\"");
    expect_nul_named("llama", "tokenizer_config.json", NULL, "\"tokenizer_class\"",
                     "\"x\": \"\\u0000\", \"tokenizer_class\"");
    expect_nul_named("llama", "special_tokens_map.json", NULL, "\"bos_token\"",
                     "\"x\": \"\\u0000\", \"bos_token\"");
    expect_nul_named("llama", "tokenizer.json", NULL, "\"normalizer\"",
                     "\"x\": \"\\u0000\", \"normalizer\"");
    expect_nul_named("gpt2", "merges.txt", "tokenizer.json", NULL, NULL);
}
