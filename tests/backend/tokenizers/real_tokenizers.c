/*
 * The real models' tokenizers against the libraries they were trained with, on difficult texts
 * (tests/fixtures/make_tokenizers.py).
 */
#include "backend/base/file.h"
#include "backend/discovery.h"
#include "backend/tokenizer.h"
#include "backend/weights.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

struct opened {
    struct model_files files;
    struct weights *weights;
    struct model_config config;
    struct tokenizer *tokenizer;
};

static void open_model(struct opened *o, const char *name) {
    struct err e = {0};
    char *path = NULL;
    cr_assert_eq(model_resolve(&path, name, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(model_locate(&o->files, path, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(weights_open(&o->weights, o->files.weights, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(model_config_read(&o->config, &o->files, o->weights, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(tokenizer_open(&o->tokenizer, &o->files, o->weights, &o->config, &e), ERR_OK, "%s",
                 e.message);
    free(path);
}

static void close_model(struct opened *o) {
    tokenizer_free(o->tokenizer);
    weights_close(o->weights);
    model_files_dispose(&o->files);
}

static cJSON *read_fixture(const char *path) {
    char *text = NULL;
    size_t n = 0;
    struct err e = {0};
    cr_assert_eq(file_read(&text, &n, path, 16 << 20, &e), ERR_OK, "%s", e.message);
    cJSON *json = cJSON_ParseWithLength(text, n);
    cr_assert_not_null(json);
    free(text);
    return json;
}

static void check_case(const struct opened *o, enum text_side side, const cJSON *c) {
    const char *text = cJSON_GetObjectItem(c, "text")->valuestring;
    const cJSON *ids = cJSON_GetObjectItem(c, "ids");
    struct err e = {0};
    struct token_list tokens = {0};
    cr_assert_eq(tokenizer_encode(o->tokenizer, side, text, strlen(text), true, &tokens, &e),
                 ERR_OK, "%s", e.message);
    int n = cJSON_GetArraySize(ids);
    bool same = (int)tokens.n == n;
    int32_t *got = calloc(tokens.n + 1, sizeof *got);
    for (size_t i = 0; i < tokens.n; i++) {
        got[i] = tokens.items[i].id;
        same = same && got[i] == cJSON_GetArrayItem(ids, (int)i)->valueint;
    }
    cr_expect(same, "\"%s\": %zu tokens, the reference has %d", text, tokens.n, n);
    char *decoded = NULL;
    cr_assert_eq(tokenizer_decode(o->tokenizer, side, got, tokens.n, true, &decoded, &e), ERR_OK);
    /* Sentencepiece shows an unknown piece as U+2047; here it is special, as in Transformers, and
     * left out. */
    if (same && !strstr(cJSON_GetObjectItem(c, "decoded")->valuestring, "\u2047"))
        cr_expect_str_eq(decoded, cJSON_GetObjectItem(c, "decoded")->valuestring);
    free(decoded);
    free(got);
    token_list_dispose(&tokens);
}

Test(tokenizers, smollm2_equals_the_tokenizers_library) {
    struct opened o = {0};
    open_model(&o, "smollm2");
    cJSON *json = read_fixture("tests/fixtures/tokenizers/smollm2.json"), *c;
    int n = 0;
    cJSON_ArrayForEach(c, cJSON_GetObjectItem(json, "cases")) {
        check_case(&o, TEXT_TARGET, c);
        n++;
    }
    cr_assert(n > 120);
    cJSON_Delete(json);
    close_model(&o);
}

Test(tokenizers, students_equal_sentencepiece) {
    const char *names[] = {"en-pt", "pt-en"};
    cJSON *json = read_fixture("tests/fixtures/tokenizers/student.json"), *c;
    for (int i = 0; i < 2; i++) {
        struct opened o = {0};
        open_model(&o, names[i]);
        cJSON_ArrayForEach(c, cJSON_GetObjectItem(json, names[i])) check_case(&o, TEXT_SOURCE, c);
        close_model(&o);
    }
    cJSON_Delete(json);
}

Test(tokenizers, bytes_of_tokens_are_the_text) {
    struct opened o = {0};
    struct err e = {0};
    open_model(&o, "smollm2");
    const char text[] = "a\0b \xe6\x97\xa5\xe6\x9c\xac <|im_end|> 12\n";
    struct token_list tokens = {0};
    cr_assert_eq(
        tokenizer_encode(o.tokenizer, TEXT_TARGET, text, sizeof text - 1, true, &tokens, &e),
        ERR_OK);
    char joined[sizeof text] = {0};
    size_t n = 0;
    int specials = 0;
    for (size_t i = 0; i < tokens.n; i++) {
        cr_assert(n + tokens.items[i].n_bytes < sizeof joined);
        memcpy(joined + n, tokens.items[i].bytes, tokens.items[i].n_bytes);
        n += tokens.items[i].n_bytes;
        specials += tokens.items[i].special;
    }
    cr_assert(n == sizeof text - 1 && memcmp(joined, text, n) == 0);
    cr_assert_eq(specials, 1);
    token_list_dispose(&tokens);
    close_model(&o);
}

Test(tokenizers, refuse_what_is_not_utf8_and_negative_ids) {
    struct opened o = {0};
    struct err e = {0};
    open_model(&o, "en-pt");
    struct token_list tokens = {0};
    cr_assert_eq(tokenizer_encode(o.tokenizer, TEXT_SOURCE, "ab\xff", 3, true, &tokens, &e),
                 ERR_FORMAT);
    cr_assert(strstr(e.message, "byte 2"));
    cr_assert_eq(tokenizer_token(o.tokenizer, TEXT_SOURCE, -1, &tokens, &e), ERR_FORMAT);
    char *text = NULL;
    cr_assert_eq(tokenizer_decode(o.tokenizer, TEXT_SOURCE, (int32_t[]){-1}, 1, true, &text, &e),
                 ERR_FORMAT);
    cr_assert_null(text);
    cr_assert_eq(tokens.n, 0);
    close_model(&o);
}
