/* What the fuzzers of tokenizers found: expressions whose matches run backwards, and sentencepiece
 * models that lead outside themselves. */
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/tokenizer.h"
#include "backend/tokenizers/character_map.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char no_path[1];

static struct model_files no_files(enum model_layout layout) {
    return (struct model_files){.layout = layout,
                                .folder = no_path,
                                .weights = no_path,
                                .config = no_path,
                                .generation_config = no_path,
                                .tokenizer_config = no_path,
                                .tokenizer_json = no_path,
                                .vocab_json = no_path,
                                .merges = no_path,
                                .source_spm = no_path,
                                .target_spm = no_path,
                                .special_tokens_map = no_path,
                                .decoder_yaml = no_path};
}

/* Opens a tokenizer.json with this text for a Llama model. */
static enum err_code open_json(struct tokenizer **out, const char *json, struct err *e) {
    char path[] = "/tmp/tinseq-tokenizer-XXXXXX";
    int fd = mkstemp(path);
    cr_assert(fd >= 0 && write(fd, json, strlen(json)) == (ssize_t)strlen(json));
    close(fd);
    struct model_files f = no_files(LAYOUT_HUGGING_FACE);
    struct model_config config = {
        .bos_token_id = -1, .eos_token_id = -1, .pad_token_id = -1, .unk_token_id = -1};
    f.tokenizer_json = path;
    enum err_code code = tokenizer_open(out, &f, NULL, &config, e);
    unlink(path);
    return code;
}

/* Oniguruma, which the tokenizers library matches with, has no such constructs. */
Test(tokenizers, an_expression_that_calls_a_group_is_refused_by_name) {
    static const struct {
        const char *expression, *named;
    } cases[] = {{"(?=(?1))a|(ab\\\\K){0}z", "\"(?1\""},
                 {"(?(DEFINE)(?<x>\\\\K))(?<=a(?&x))b", "\"(?(\""},
                 {"a\\\\g<1>", "\"\\g\""},
                 {"(?<x>a)", "\"(?<\""},
                 {"\\\\x{zz}", "\\x{zz"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tokenizer *t;
        struct err e = {0};
        char *json = mem_format(
            "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"b\":1,\"x\":2},\"merges\":[]},"
            "\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"Regex\":\"%s\"},"
            "\"behavior\":\"Isolated\"}}",
            cases[i].expression);
        cr_expect_eq(open_json(&t, json, &e), ERR_UNSUPPORTED, "%s", cases[i].expression);
        cr_expect(strstr(e.message, cases[i].named) &&
                      strstr(e.message, "pre_tokenizer.pattern.Regex"),
                  "%s", e.message);
        free(json);
    }
}

/* Without a token and without an unknown token, a byte would vanish from the text. */
Test(tokenizers, a_byte_without_a_token_is_named) {
    static const struct {
        const char *model;
        enum err_code code;
    } cases[] = {{"", ERR_UNSUPPORTED}, {",\"unk_token\":\"x\"", ERR_OK}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tokenizer *t;
        struct token_list tokens = {0};
        struct err e = {0};
        char *json = mem_format("{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"b\":1,\"x\":2},"
                                "\"merges\":[]%s},\"pre_tokenizer\":{\"type\":\"ByteLevel\","
                                "\"add_prefix_space\":false}}",
                                cases[i].model);
        cr_assert_eq(open_json(&t, json, &e), ERR_OK, "%s", e.message);
        cr_expect_eq(tokenizer_encode(t, TEXT_TARGET,
                                      "a\x1d"
                                      "b",
                                      3, true, &tokens, &e),
                     cases[i].code);
        cr_expect_eq(strstr(e.message, "byte 0x1D") != NULL, cases[i].code != ERR_OK, "%s",
                     e.message);
        cr_expect(cases[i].code || (tokens.n == 3 && tokens.items[1].id == 2));
        for (size_t k = 0; k < tokens.n && !cases[i].code; k++)
            cr_expect_eq(token_is_unknown(&tokens.items[k]), k == 1);
        cr_expect(cases[i].code || strcmp(tokens.items[1].bytes, "\x1d") == 0);
        token_list_dispose(&tokens);
        tokenizer_free(t);
        free(json);
    }
}

/* --- sentencepiece's normalisation table --- */

static unsigned char *read_model(size_t *n) {
    char *data, *path = file_join(getenv("TINSEQ_FIXTURES"), "tiny/marian/source.spm");
    struct err e = {0};
    cr_assert_eq(file_read(&data, n, path, 1 << 20, &e), ERR_OK, "%s", e.message);
    free(path);
    return (unsigned char *)data;
}

/* Where the table's trie begins: its length, 179200 in this model, stands before it. */
static size_t trie_of(const unsigned char *data, size_t n) {
    const unsigned char length[4] = {0x00, 0xBC, 0x02, 0x00};
    const unsigned char *at = memmem(data, n, length, sizeof length);
    cr_assert_not_null(at);
    return (size_t)(at - data) + sizeof length;
}

Test(tokenizers, a_sound_table_passes) {
    size_t n;
    unsigned char *data = read_model(&n);
    struct err e = {0};
    cr_assert_eq(character_map_check(data, n, "m", &e), ERR_OK, "%s", e.message);
    cr_assert_eq(character_map_check(data, 0, "m", &e), ERR_OK, "nothing leads nowhere");
    free(data);
}

Test(tokenizers, a_table_that_leads_outside_itself_is_refused) {
    size_t n, n_trie = 179200;
    unsigned char *data = read_model(&n);
    size_t trie = trie_of(data, n);
    struct err e = {0};
    const struct {
        size_t at;
        unsigned char flip;
        const char *what;
    } bits[] = {
        {trie + 3, 0x7F, "the root's transition"},
        {trie - 3, 0x01, "the trie's length"},
        {trie - 1, 0x80, "a length beyond the file"},
    };
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++) {
        data[bits[i].at] ^= bits[i].flip;
        cr_assert_eq(character_map_check(data, n, "m", &e), ERR_FORMAT, "%s", bits[i].what);
        data[bits[i].at] ^= bits[i].flip;
    }
    size_t refused = 0; /* a value far away: the units that hold one have the top bit */
    for (size_t i = trie; i < trie + n_trie; i += 4) {
        if (!(data[i + 3] & 0x80))
            continue;
        data[i + 3] ^= 0x40;
        refused += character_map_check(data, n, "m", &e) == ERR_FORMAT;
        data[i + 3] ^= 0x40;
        if (refused == 20)
            break;
    }
    cr_assert_eq(refused, 20);
    cr_assert_eq(character_map_check(data, n, "m", &e), ERR_OK, "as it was");
    free(data);
}

Test(tokenizers, a_model_cut_anywhere_is_refused_or_opened_but_never_ends_the_program) {
    size_t n;
    unsigned char *data = read_model(&n);
    struct err e = {0};
    for (size_t cut = 1; cut < n; cut += 997)
        (void)!character_map_check(data, cut, "m", &e);
    cr_assert_eq(character_map_check(data, trie_of(data, n) + 100, "m", &e), ERR_FORMAT,
                 "cut inside the table");
    const unsigned char overlong[] = {0x9A, 0x00, 0x00}, group[] = {0x1B, 0x1C},
                        zero[] = {0x02, 0x00};
    cr_assert_eq(character_map_check(overlong, sizeof overlong, "m", &e), ERR_FORMAT);
    cr_assert_eq(character_map_check(group, sizeof group, "m", &e), ERR_FORMAT);
    cr_assert_eq(character_map_check(zero, sizeof zero, "m", &e), ERR_FORMAT);
    free(data);
}
