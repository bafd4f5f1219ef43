/* Added tokens that take white space with them, or stand for whole words only, against the
 * tokenizers library (tests/fixtures/make_tokenizers.py). */
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/tokenizer.h"
#include "tests/backend/tree.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct err error;

static cJSON *read_fixture(void) {
    char *text, *path = mem_format("%s/tokenizers/added.json", getenv("TINSEQ_FIXTURES"));
    size_t n;
    cr_assert_eq(file_read(&text, &n, path, 1 << 20, &error), ERR_OK, "%s", error.message);
    cJSON *json = cJSON_ParseWithLength(text, n);
    cr_assert_not_null(json);
    free(path);
    free(text);
    return json;
}

/* The fixture's tokenizer in a folder of its own. */
static struct tokenizer *open_tokenizer(const cJSON *fixture) {
    struct model_config config = {
        .bos_token_id = -1, .eos_token_id = -1, .pad_token_id = -1, .unk_token_id = -1};
    struct model_files f;
    struct tokenizer *t;
    char *folder = tree_new(),
         *text = cJSON_PrintUnformatted(cJSON_GetObjectItem(fixture, "tokenizer"));
    free(tree_write(folder, "config.json", "{\"model_type\":\"gpt2\"}"));
    free(tree_write(folder, "model.safetensors", ""));
    free(tree_write(folder, "tokenizer.json", text));
    cr_assert_eq(model_locate(&f, folder, &error), ERR_OK, "%s", error.message);
    cr_assert_eq(tokenizer_open(&t, &f, NULL, &config, &error), ERR_OK, "%s", error.message);
    model_files_dispose(&f);
    free(text);
    tree_free(folder);
    return t;
}

Test(added_tokens, are_found_as_by_the_tokenizers_library) {
    cJSON *fixture = read_fixture(), *c;
    struct tokenizer *t = open_tokenizer(fixture);
    int n_cases = 0;
    cJSON_ArrayForEach(c, cJSON_GetObjectItem(fixture, "cases")) {
        const char *text = cJSON_GetObjectItem(c, "text")->valuestring;
        const cJSON *ids = cJSON_GetObjectItem(c, "ids");
        struct token_list tokens = {0};
        cr_assert_eq(tokenizer_encode(t, TEXT_TARGET, text, strlen(text), true, &tokens, &error),
                     ERR_OK, "%s", error.message);
        cr_expect_eq((int)tokens.n, cJSON_GetArraySize(ids), "\"%s\"", text);
        for (int i = 0; i < (int)tokens.n && i < cJSON_GetArraySize(ids); i++)
            cr_expect_eq(tokens.items[i].id, cJSON_GetArrayItem(ids, i)->valueint,
                         "\"%s\", token %d", text, i);
        token_list_dispose(&tokens);
        n_cases++;
    }
    cr_expect_gt(n_cases, 40);
    tokenizer_free(t);
    cJSON_Delete(fixture);
}

Test(added_tokens, an_id_beyond_the_vocabulary_stands_for_nothing) {
    cJSON *fixture = read_fixture();
    struct tokenizer *t = open_tokenizer(fixture);
    struct token_list tokens = {0};
    const int32_t beyond = (int32_t)tokenizer_vocab_size(t) + 7, a = tokenizer_piece_id(t, "a"),
                  ids[] = {a, beyond, a, beyond};
    char *text, *name = mem_format("<id %d>", beyond);
    cr_assert_geq(a, 0);
    cr_assert_eq(tokenizer_token(t, TEXT_TARGET, beyond, &tokens, &error), ERR_OK);
    cr_expect_eq(tokens.items[0].id, beyond);
    cr_expect_eq(tokens.items[0].n_bytes, 0);
    cr_expect_str_eq(tokens.items[0].piece, name);
    cr_expect_str_eq(tokens.items[0].printable, name);
    cr_assert_eq(tokenizer_decode(t, TEXT_TARGET, ids, 4, false, &text, &error), ERR_OK);
    cr_expect_str_eq(text, "aa");
    cr_expect_eq(tokenizer_token(t, TEXT_TARGET, -1, &tokens, &error), ERR_FORMAT);
    cr_expect_eq(tokens.n, 1);
    free(text);
    free(name);
    token_list_dispose(&tokens);
    tokenizer_free(t);
    cJSON_Delete(fixture);
}
