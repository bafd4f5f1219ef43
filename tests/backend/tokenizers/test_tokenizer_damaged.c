/* Tokenizer files that are wrong, and expressions made to take for ever: an error in one sentence,
 * soon. */
#include "backend/base/clock.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/tokenizer.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BASE                                                                                       \
    "\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0, \"b\": 1, \"aa\": 2, \"\xC4\xA0\": 3}, " \
    "\"merges\": [\"a a\"]}"

static char path[64];

static enum err_code open_json(struct tokenizer **t, const char *text, struct err *e) {
    static char none[1], here[] = "here";
    struct model_files files = {.folder = here,
                                .tokenizer_json = path,
                                .tokenizer_config = none,
                                .special_tokens_map = none,
                                .vocab_json = none,
                                .merges = none};
    struct model_config config = {
        .bos_token_id = -1, .eos_token_id = -1, .pad_token_id = -1, .unk_token_id = -1};
    int fd = memfd_create("tokenizer", MFD_CLOEXEC);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    enum err_code code = tokenizer_open(t, &files, NULL, &config, e);
    close(fd);
    return code;
}

Test(tokenizer_damaged, files_that_are_wrong_are_refused) {
    static const struct {
        const char *text;
        enum err_code code;
        const char *said;
    } wrong[] = {
        {"", ERR_FORMAT, "JSON"},
        {"{", ERR_FORMAT, "JSON"},
        {"[]", ERR_FORMAT, "model is missing"},
        {"{\"model\": {\"vocab\": {\"a\xFF\": 0}, \"merges\": []}}", ERR_FORMAT,
         "JSON"}, /* a piece that is not UTF-8 could not be written to a file */
        {"{\"model\": {\"vocab\": {\"a\": -1}, \"merges\": []}}", ERR_FORMAT, "number from 0"},
        {"{\"model\": {\"vocab\": {\"a\": 1e300}, \"merges\": []}}", ERR_FORMAT, "number from 0"},
        {"{\"model\": {\"vocab\": {\"a\": 0}, \"merges\": [\"a\"]}}", ERR_FORMAT, "not a pair"},
        {"{\"model\": {\"vocab\": {\"a\": 0}, \"merges\": [\"a c\"]}}", ERR_FORMAT,
         "not in its vocabulary"},
        {"{\"model\": {\"type\": \"Unigram\"}}", ERR_FORMAT, "model.vocab"},
        {"{\"model\": {\"type\": \"Trigram\"}}", ERR_UNSUPPORTED, "Trigram"},
        {"{\"added_tokens\": [{\"id\": 5}], " BASE "}", ERR_FORMAT, "added_tokens[0].content"},
        {"{\"added_tokens\": [{\"content\": \"x\", \"lstrip\": 3}], " BASE "}", ERR_FORMAT,
         "added_tokens[0].lstrip"},
        {"{\"pre_tokenizer\": {\"type\": \"Split\", \"behavior\": \"Isolated\", \"pattern\": "
         "{\"Regex\": \"(\"}}, " BASE "}",
         ERR_FORMAT, "expression"},
        {"{\"model\": {\"type\": \"BPE\", \"continuing_subword_prefix\": \"##\", \"vocab\": "
         "{\"a\": 0, "
         "\"##\": 1}, \"merges\": [[\"a\", \"##\"]]}}",
         ERR_FORMAT, "goes in a circle: \"a\""},
        {"{\"model\": {\"type\": \"BPE\", \"dropout\": 0.1, \"vocab\": {\"a\": 0}, "
         "\"merges\": []}}",
         ERR_UNSUPPORTED, "model.dropout is 0.1"},
        {"{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 1999999}, \"merges\": []}}",
         ERR_FORMAT, "ids up to 1999999"},
        {"{\"model\": {\"type\": \"Unigram\", \"vocab\": [[\"a\", 0], [\"b\"]]}}", ERR_FORMAT,
         "model.vocab[1]"},
        {"{\"model\": {\"type\": \"Unigram\", \"unk_id\": 2, \"vocab\": [[\"a\", 0]]}}", ERR_FORMAT,
         "model.unk_id"},
        {"{\"model\": {\"type\": \"WordLevel\", \"unk_token\": \"u\", \"vocab\": {\"a\": 0}}}",
         ERR_FORMAT, "unk_token \"u\""},
        {"{\"pre_tokenizer\": {\"type\": \"Metaspace\"}, " BASE "}", ERR_FORMAT,
         "pre_tokenizer.replacement"},
        {"{\"pre_tokenizer\": {\"type\": \"Sequence\", \"pretokenizers\": [{\"type\": "
         "\"Whitespace\"}, {\"type\": \"Magic\"}]}, " BASE "}",
         ERR_UNSUPPORTED, "pre_tokenizer.pretokenizers[1]: pre-tokenizer \"Magic\""},
        {"{\"normalizer\": {\"type\": \"Precompiled\", \"precompiled_charsmap\": \"AAAA\"}, " BASE
         "}",
         ERR_FORMAT, "normalizer.precompiled_charsmap"},
        {"{\"normalizer\": {\"type\": \"Prepend\", \"prepend\": 1}, " BASE "}", ERR_FORMAT,
         "normalizer.prepend"},
        {"{\"decoder\": {\"type\": \"Strip\", \"content\": \"ab\"}, " BASE "}", ERR_FORMAT,
         "decoder.content is not one character"},
        {"{\"post_processor\": {\"type\": \"BertProcessing\", \"cls\": [\"a\", 9], \"sep\": "
         "[\"b\", 1]}, " BASE "}",
         ERR_FORMAT, "number from 0 to 3"},
        {"{\"post_processor\": {\"type\": \"TemplateProcessing\", \"single\": [{\"SpecialToken\": "
         "{\"id\": \"<s>\"}}]}, " BASE "}",
         ERR_FORMAT, "<s>"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct tokenizer *t = NULL;
        struct err e = {0};
        cr_expect_eq(open_json(&t, wrong[i].text, &e), wrong[i].code, "%s: %s", wrong[i].text,
                     e.message);
        cr_expect_not_null(strstr(e.message, wrong[i].said), "%s: %s", wrong[i].text, e.message);
        cr_expect_null(t);
    }
}

/* Transformers' import of a GGUF sets byte_fallback in a byte-level BPE, where it has no
 * meaning. */
Test(tokenizer_damaged, byte_fallback_beside_a_byte_level_decoder_is_ignored) {
    struct tokenizer *t = NULL;
    struct err e = {0};
    cr_assert_eq(
        open_json(&t,
                  "{\"decoder\": {\"type\": \"ByteLevel\"}, \"model\": {\"type\": \"BPE\", "
                  "\"byte_fallback\": true, \"vocab\": {\"a\": 0}, \"merges\": []}}",
                  &e),
        ERR_OK, "%s", e.message);
    tokenizer_free(t);
}

Test(tokenizer_damaged, expressions_that_explode_or_match_nothing_end_soon) {
    static const char *const expressions[] = {"(a+)+$", "(a|a)*c",      "(?:a*)*b{9}", "x*",
                                              "",       "(?=a)",        "a\\\\K",      "(?<=a)",
                                              "(?R)?a", "(a?){30}a{30}"};
    char text[4001];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 2] = 'b';
    text[sizeof text - 1] = '\0';
    for (size_t i = 0; i < sizeof expressions / sizeof *expressions; i++) {
        char json[600];
        struct tokenizer *t = NULL;
        struct token_list tokens = {0};
        struct err e = {0};
        double begin = clock_seconds();
        snprintf(json, sizeof json,
                 "{\"pre_tokenizer\": {\"type\": \"Split\", \"behavior\": \"Isolated\", "
                 "\"pattern\": {\"Regex\": \"%s\"}}, " BASE "}",
                 expressions[i]);
        enum err_code code = open_json(&t, json, &e);
        if (code == ERR_OK)
            code = tokenizer_encode(t, TEXT_TARGET, text, strlen(text), false, &tokens, &e);
        cr_expect(code == ERR_OK ||
                      ((code == ERR_FORMAT || code == ERR_UNSUPPORTED) && e.message[0]),
                  "%s: %d %s", expressions[i], code, e.message);
        size_t n = 0;
        for (size_t k = 0; k < tokens.n; k++)
            n += tokens.items[k].n_bytes;
        cr_expect(code != ERR_OK || n == strlen(text), "%s: %zu bytes of %zu", expressions[i], n,
                  strlen(text));
        cr_expect_lt(clock_seconds() - begin, 5, "%s took %g s", expressions[i],
                     clock_seconds() - begin);
        token_list_dispose(&tokens);
        tokenizer_free(t);
    }
}

/* Seeds of the fuzzer: a table that leads outside itself, or whose texts are none. */
Test(tokenizer_damaged, a_table_of_characters_that_lies_is_refused) {
    static const char *const names[] = {"far", "end", "broken", "middle", "short"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *json, *seed = mem_format("tests/fuzz/corpus/tokenizer/charsmap-%s.json", names[i]);
        size_t n;
        struct tokenizer *t = NULL;
        struct err e = {0};
        cr_assert_eq(file_read(&json, &n, seed, 1 << 20, &e), ERR_OK, "%s", e.message);
        cr_expect_eq(open_json(&t, json, &e), ERR_FORMAT, "%s", names[i]);
        cr_expect_not_null(strstr(e.message, "normalizer.precompiled_charsmap"), "%s: %s", names[i],
                           e.message);
        cr_expect_null(t);
        free(json);
        free(seed);
    }
}

/* Nothing in a text goes in a circle or is looked for again from its start. */
Test(tokenizer_damaged, long_runs_without_a_break_are_soon_done) {
    static const char *const pre[] = {"null", "{\"type\": \"ByteLevel\"}",
                                      "{\"type\": \"Whitespace\"}"};
    enum { N = 1 << 20 };
    char *text = malloc(N);
    for (size_t i = 0; i < sizeof pre / sizeof *pre; i++) {
        struct tokenizer *t = NULL;
        struct token_list tokens = {0};
        struct err e = {0};
        char *json = mem_format("{\"pre_tokenizer\": %s, " BASE "}", pre[i]);
        memset(text, 'a', N);
        cr_assert_eq(open_json(&t, json, &e), ERR_OK, "%s", e.message);
        cr_assert_eq(tokenizer_encode(t, TEXT_TARGET, text, N, false, &tokens, &e), ERR_OK, "%s",
                     e.message);
        cr_expect_geq(tokens.n, N / 2);
        token_list_dispose(&tokens);
        tokenizer_free(t);
        free(json);
    }
    free(text);
}
