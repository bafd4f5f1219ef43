/* Every kind of tokenizer.json against Transformers' fast tokenizers, on hard texts
 * (tests/fixtures/make_tokenizer_json.py): ids, the bytes that each token stands for, and what
 * decoding gives. */
#include "backend/base/base64.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/tokenizer.h"
#include "tests/backend/tree.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static struct err error;

static char *fixture(const char *name) {
    return mem_format("%s/%s", getenv("TINSEQ_FIXTURES"), name);
}

static char *read_packed(const char *path) {
    struct text_buffer text = {0};
    char block[1 << 16];
    int n;
    gzFile file = gzopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    while ((n = gzread(file, block, sizeof block)) > 0)
        text_buffer_add(&text, block, (size_t)n);
    cr_assert_eq(gzclose(file), Z_OK, "%s", path);
    return text_buffer_take(&text);
}

static cJSON *parse(char *text) {
    cJSON *json = cJSON_Parse(text);
    cr_assert_not_null(json);
    free(text);
    return json;
}

/* The table of characters in tiny/marian/source.spm: a length and a trie of 179200 bytes, and
 * texts; field 2 of the normalizer. In base64. */
static char *character_table(void) {
    char *data, *path = fixture("tiny/marian/source.spm");
    struct text_buffer out = {0};
    size_t n;
    const unsigned char length[4] = {0x00, 0xBC, 0x02, 0x00};
    cr_assert_eq(file_read(&data, &n, path, 1 << 20, &error), ERR_OK, "%s", error.message);
    const unsigned char *at = memmem(data, n, length, sizeof length);
    cr_assert_not_null(at);
    /* Its size stands before it, in seven bits a byte. */
    cr_assert_eq(at[-4], 0x12);
    const size_t size = (at[-3] & 0x7Fu) | (at[-2] & 0x7Fu) << 7 | (size_t)at[-1] << 14;
    base64_add(&out, at, size);
    free(data);
    free(path);
    return text_buffer_take(&out);
}

/* `text` with the table in the place of "@charsmap". */
static char *with_table(const char *text) {
    static const char mark[] = "@charsmap";
    char *table = character_table();
    struct text_buffer out = {0};
    for (const char *at; (at = strstr(text, mark)); text = at + strlen(mark)) {
        text_buffer_add(&out, text, (size_t)(at - text));
        text_buffer_puts(&out, table);
    }
    text_buffer_puts(&out, text);
    free(table);
    return text_buffer_take(&out);
}

static void write_json(const char *folder, const char *name, const cJSON *json) {
    char *text = cJSON_PrintUnformatted(json), *whole = with_table(text);
    free(tree_write(folder, name, whole));
    free(whole);
    free(text);
}

static struct tokenizer *open_tokenizer(const cJSON *fixture_json) {
    struct model_config config = {
        .bos_token_id = -1, .eos_token_id = -1, .pad_token_id = -1, .unk_token_id = -1};
    struct model_files f;
    struct tokenizer *t = NULL;
    char *folder = tree_new();
    free(tree_write(folder, "config.json", "{\"model_type\":\"gpt2\"}"));
    free(tree_write(folder, "model.safetensors", ""));
    write_json(folder, "tokenizer.json", cJSON_GetObjectItem(fixture_json, "tokenizer"));
    write_json(folder, "tokenizer_config.json", cJSON_GetObjectItem(fixture_json, "config"));
    cr_assert_eq(model_locate(&f, folder, &error), ERR_OK, "%s", error.message);
    cr_assert_eq(tokenizer_open(&t, &f, NULL, &config, &error), ERR_OK, "%s", error.message);
    model_files_dispose(&f);
    tree_free(folder);
    return t;
}

static void check_tokens(const struct token_list *tokens, const cJSON *c, const char *text) {
    const cJSON *ids = cJSON_GetObjectItem(c, "ids"), *offsets = cJSON_GetObjectItem(c, "offsets");
    const cJSON *id = ids->child, *offset = offsets->child;
    cr_expect_eq((int)tokens->n, cJSON_GetArraySize(ids), "\"%s\": %zu tokens, not %d", text,
                 tokens->n, cJSON_GetArraySize(ids));
    for (size_t i = 0; i < tokens->n && id; i++, id = id->next, offset = offset->next->next) {
        const struct token *t = &tokens->items[i];
        if (t->id != id->valueint) {
            cr_expect_fail("\"%s\", token %zu: %d \"%s\", not %d", text, i, t->id, t->piece,
                           id->valueint);
            return;
        }
        cr_expect((int)t->from == offset->valueint && (int)t->to == offset->next->valueint,
                  "\"%s\", token %zu \"%s\": bytes %zu to %zu, not %d to %d", text, i, t->piece,
                  t->from, t->to, offset->valueint, offset->next->valueint);
    }
}

static void check_text(const struct tokenizer *t, const struct token_list *tokens, bool skip,
                       const cJSON *expected, const char *text) {
    int32_t *ids = token_list_ids(tokens);
    char *decoded = NULL;
    const char *wanted = cJSON_IsString(expected) ? expected->valuestring : text;
    cr_assert_eq(tokenizer_decode(t, TEXT_TARGET, ids, tokens->n, skip, &decoded, &error), ERR_OK,
                 "%s", error.message);
    cr_expect_str_eq(decoded, wanted, "\"%s\"%s: \"%s\", not \"%s\"", text,
                     skip ? " without special tokens" : "", decoded, wanted);
    free(decoded);
    free(ids);
}

static void check_case(const struct tokenizer *t, const char *text, const cJSON *c) {
    struct token_list tokens = {0};
    cr_assert_eq(tokenizer_encode(t, TEXT_TARGET, text, strlen(text), true, &tokens, &error),
                 ERR_OK, "\"%s\": %s", text, error.message);
    check_tokens(&tokens, c, text);
    check_text(t, &tokens, false, cJSON_GetObjectItem(c, "decoded"), text);
    check_text(t, &tokens, true, cJSON_GetObjectItem(c, "skipped"), text);
    token_list_dispose(&tokens);
}

static void check_family(const char *name, const cJSON *texts) {
    char *path = mem_format("%s/tokenizer_json/%s", getenv("TINSEQ_FIXTURES"), name);
    cJSON *json = parse(read_packed(path));
    struct tokenizer *t = open_tokenizer(json);
    const cJSON *c = cJSON_GetObjectItem(json, "cases")->child, *text = texts->child;
    for (; c && text; c = c->next, text = text->next)
        check_case(t, text->valuestring, c);
    cr_expect(!c && !text, "%s: as many cases as texts", name);
    tokenizer_free(t);
    cJSON_Delete(json);
    free(path);
}

/* Families in four parts, so that tests can run beside each other. */
enum { PARTS = 4 };

ParameterizedTestParameters(tokenizer_json, equals_transformers) {
    static int parts[PARTS] = {0, 1, 2, 3};
    return cr_make_param_array(int, parts, PARTS);
}

ParameterizedTest(int *part, tokenizer_json, equals_transformers) {
    char *folder = fixture("tokenizer_json"), *path = fixture("tokenizer_json/texts.json"), *data;
    size_t n;
    cr_assert_eq(file_read(&data, &n, path, 1 << 20, &error), ERR_OK, "%s", error.message);
    cJSON *texts = parse(data);
    struct file_names names = file_list(folder, 1000);
    cr_expect_geq(names.n, 38);
    cr_expect_geq(cJSON_GetArraySize(texts), 100);
    for (size_t i = (size_t)*part; i < names.n; i += PARTS)
        if (text_ends_with(names.items[i], ".gz"))
            check_family(names.items[i], texts);
    file_names_dispose(&names);
    cJSON_Delete(texts);
    free(folder);
    free(path);
}
