/* Which tokenizer a model has is decided by the tokenizer's files, whatever its family. */
#include "backend/architectures/families.h"
#include "backend/base/mem.h"
#include "backend/tokenizer.h"
#include "backend/weights.h"
#include "tests/backend/tree.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct err error;

static struct model_config no_ids(const struct family *family) {
    return (struct model_config){.family = family,
                                 .bos_token_id = -1,
                                 .eos_token_id = -1,
                                 .pad_token_id = -1,
                                 .unk_token_id = -1,
                                 .decoder_start_token_id = -1};
}

/* The pieces of "the cat" with special tokens, or the error. Owned by the caller. */
static char *pieces_of(const struct model_files *f, const struct family *family) {
    struct model_config config = no_ids(family);
    struct token_list tokens = {0};
    struct text_buffer out = {0};
    struct tokenizer *t = NULL;
    error = (struct err){0};
    enum err_code code = tokenizer_open(&t, f, NULL, &config, &error);
    if (!code)
        code = tokenizer_encode(t, TEXT_SOURCE, "the cat", 7, true, &tokens, &error);
    for (size_t i = 0; i < tokens.n; i++)
        text_buffer_format(&out, "%s|", tokens.items[i].piece);
    if (code) {
        cr_expect_null(t);
        text_buffer_puts(&out, error.message);
    }
    token_list_dispose(&tokens);
    tokenizer_free(t);
    return text_buffer_take(&out);
}

static struct model_files tiny(const char *name) {
    struct model_files f;
    char *path = mem_format("%s/tiny/%s", getenv("TINSEQ_FIXTURES"), name);
    cr_assert_eq(model_locate(&f, path, &error), ERR_OK, "%s", error.message);
    free(path);
    return f;
}

Test(tokenizer_kinds, files_decide_and_not_the_family) {
    static const struct {
        const char *name, *mark;
        bool ends;
    } cases[] = {{"gpt2", "\u0120", false},
                 {"llama", "\u0120", false},
                 {"marian", "\u2581", true},
                 {"student", "\u2581", true}};
    size_t n_families;
    const struct family *const *all = families(&n_families);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct model_files f = tiny(cases[i].name);
        char *first = NULL;
        for (size_t k = 0; k < n_families; k++) {
            char *pieces = pieces_of(&f, all[k]);
            cr_expect(strstr(pieces, cases[i].mark), "%s: %s", cases[i].name, pieces);
            cr_expect_eq(strstr(pieces, "</s>|") != NULL, cases[i].ends, "%s: %s", cases[i].name,
                         pieces);
            if (first)
                cr_expect_str_eq(pieces, first);
            free(first);
            first = pieces;
        }
        char *problem = tokenizer_problem(&f, NULL);
        cr_expect_null(problem, "%s", problem);
        free(problem);
        free(first);
        model_files_dispose(&f);
    }
}

Test(tokenizer_kinds, tokenizer_json_stands_before_the_older_files_and_these_serve_without_it) {
    struct model_files f = tiny("gpt2");
    char *json = pieces_of(&f, NULL);
    *f.tokenizer_json = '\0';
    char *older = pieces_of(&f, NULL);
    cr_expect_str_eq(older, json);
    *f.merges = '\0';
    char *none = pieces_of(&f, NULL);
    cr_expect_not_null(strstr(none, "has no tokenizer that is read here"), "%s", none);
    cr_expect_not_null(strstr(none, "nor vocab.json with merges.txt"), "%s", none);
    char *problem = tokenizer_problem(&f, NULL);
    cr_expect_not_null(strstr(problem, "no tokenizer: neither"), "%s", problem);
    free(problem);
    free(none);
    free(older);
    free(json);
    model_files_dispose(&f);
}

Test(tokenizer_kinds, a_part_that_is_missing_is_named) {
    struct model_files f = tiny("marian");
    *f.target_spm = '\0';
    char *said = pieces_of(&f, NULL), *problem = tokenizer_problem(&f, NULL);
    cr_expect_str_eq(problem, "target.spm is missing");
    cr_expect(strstr(said, f.folder) && strstr(said, problem), "%s", said);
    free(problem);
    free(said);
    model_files_dispose(&f);
}

static char *gguf_problem(const char *model, const char *pre) {
    const struct gguf_key keys[] = {{"general.architecture", "llama", 0},
                                    {"tokenizer.ggml.model", model, 0},
                                    {"tokenizer.ggml.pre", pre, 0}};
    char *folder = tree_new(), *path = tree_write_gguf(folder, "m.gguf", keys, 3, 10, 8);
    struct model_files f;
    struct weights *w;
    cr_assert_eq(model_locate(&f, path, &error), ERR_OK, "%s", error.message);
    cr_assert_eq(weights_open(&w, path, &error), ERR_OK, "%s", error.message);
    char *problem = tokenizer_problem(&f, w);
    struct tokenizer *t;
    struct model_config config = no_ids(NULL);
    cr_expect_neq(tokenizer_open(&t, &f, w, &config, &error), ERR_OK);
    weights_close(w);
    model_files_dispose(&f);
    tree_free(folder);
    free(path);
    return problem;
}

Test(tokenizer_kinds, a_gguf_names_its_kind) {
    char *problem = gguf_problem("rwkv", "gpt2");
    cr_expect_not_null(strstr(problem, "its tokenizer is \"rwkv\""), "%s", problem);
    cr_expect_not_null(strstr(error.message, "\"rwkv\""), "%s", error.message);
    free(problem);
    problem = gguf_problem("gpt2", "no-such-rule");
    cr_expect_not_null(strstr(problem, "no-such-rule"), "%s", problem);
    cr_expect_not_null(strstr(error.message, "no-such-rule"), "%s", error.message);
    free(problem);
    problem = gguf_problem("gpt2", "smollm");
    cr_expect_null(problem);
    cr_expect_not_null(strstr(error.message, "tokenizer.ggml.tokens"), "%s", error.message);
}
