/* BERT's tokenizer against Transformers, and files that are wrong. */
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/tokenizers/wordpiece.h"
#include "tests/backend/encoder/encoder_cases.h"
#include "tests/backend/tree.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(wordpiece, texts_give_the_pieces_of_transformers_from_tokenizer_json) {
    encoder_cases_check_tokens("uncased", "tests/fixtures/encoder/uncased");
}
Test(wordpiece, texts_give_the_pieces_of_transformers_from_vocab_txt) {
    encoder_cases_check_tokens("cased", "tests/fixtures/encoder/cased");
}

Test(wordpiece, stray_bytes_are_skipped) {
    struct wordpiece w;
    struct err e = {0};
    struct piece_ids whole = {0}, stray = {0};
    cr_assert_eq(wordpiece_open(&w, "tests/fixtures/encoder/uncased", &e), ERR_OK, "%s", e.message);
    wordpiece_encode(&w, "the city", 8, &whole);
    wordpiece_encode(&w, "\xC3the \xF0\x9F city\xE2", 13, &stray);
    cr_assert_eq(whole.n, stray.n);
    cr_expect_arr_eq(whole.items, stray.items, whole.n * sizeof *whole.items);
    free(whole.items);
    free(stray.items);
    wordpiece_dispose(&w);
}

#define BERT                                                                                       \
    "\"normalizer\": {\"type\": \"BertNormalizer\"}, \"pre_tokenizer\": {\"type\": "               \
    "\"BertPreTokenizer\"}"
#define THREE "\"[UNK]\": 0, \"[CLS]\": 1, \"[SEP]\": 2"

static enum err_code open_with(const char *name, const char *text, struct wordpiece *w,
                               struct err *e) {
    char *folder = tree_new();
    free(tree_write(folder, name, text));
    enum err_code code = wordpiece_open(w, folder, e);
    tree_free(folder);
    return code;
}

Test(wordpiece, files_that_are_wrong_are_refused) {
    static const struct {
        const char *name, *text;
        enum err_code code;
        const char *said;
    } wrong[] = {
        {"unrelated", "", ERR_IO, "neither tokenizer.json nor vocab.txt"},
        {"vocab.txt", "", ERR_FORMAT, "0 pieces"},
        {"vocab.txt", "[UNK]\n[CLS]\n", ERR_FORMAT, "[SEP]"},
        {"vocab.txt", "[UNK]\n[CLS]\n[SEP]\n\xFF\n", ERR_FORMAT, "UTF-8"},
        {"tokenizer.json", "{", ERR_FORMAT, "JSON"},
        {"tokenizer.json", "[]", ERR_FORMAT, "JSON"},
        {"tokenizer.json", "{}", ERR_UNSUPPORTED, "WordPiece"},
        {"tokenizer.json", "{\"model\": {\"type\": \"BPE\", \"vocab\": {}}}", ERR_UNSUPPORTED,
         "WordPiece"},
        {"tokenizer.json", "{\"model\": {\"vocab\": {" THREE "}}}", ERR_UNSUPPORTED,
         "BertPreTokenizer"},
        {"tokenizer.json",
         "{\"normalizer\": {\"type\": \"NFC\"}, \"model\": {\"vocab\": {" THREE "}}}",
         ERR_UNSUPPORTED, "NFC"},
        {"tokenizer.json", "{" BERT ", \"model\": {\"vocab\": {}}}", ERR_FORMAT, "[UNK]"},
        {"tokenizer.json", "{" BERT ", \"model\": {\"vocab\": {\"a\": -1}}}", ERR_FORMAT,
         "number from 0"},
        {"tokenizer.json", "{" BERT ", \"model\": {\"vocab\": {\"a\": 1e300}}}", ERR_FORMAT,
         "number from 0"},
        {"tokenizer.json", "{" BERT ", \"model\": {\"vocab\": {\"a\": \"0\"}}}", ERR_FORMAT,
         "number from 0"},
        {"tokenizer.json",
         "{" BERT ", \"added_tokens\": [{\"id\": 4}], \"model\": {\"vocab\": {" THREE "}}}",
         ERR_FORMAT, "added token"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct wordpiece w;
        struct err e = {0};
        cr_expect_eq(open_with(wrong[i].name, wrong[i].text, &w, &e), wrong[i].code, "%s: %s",
                     wrong[i].text, e.message);
        cr_expect_not_null(strstr(e.message, wrong[i].said), "%s: %s", wrong[i].text, e.message);
        wordpiece_dispose(&w); /* empty after a failure */
    }
}

Test(wordpiece, a_length_of_any_size_ends_soon) {
    struct wordpiece w;
    struct err e = {0};
    struct piece_ids ids = {0};
    enum err_code code = open_with(
        "tokenizer.json",
        "{" BERT
        ", \"model\": {\"max_input_chars_per_word\": 1e18, \"vocab\": {\"a\": 3, \"##a\": 4, " THREE
        "}}}",
        &w, &e);
    cr_assert_eq(code, ERR_OK, "%s", e.message);
    char *text = mem_alloc(1 << 20);
    memset(text, 'a', 1 << 20);
    wordpiece_encode(&w, text, 1 << 20, &ids);
    cr_expect_eq(ids.n, 1, "a word of a million letters is unknown");
    free(ids.items);
    ids = (struct piece_ids){0};
    wordpiece_encode(&w, text, 900, &ids);
    cr_expect_eq(ids.n, 900);
    free(ids.items);
    free(text);
    wordpiece_dispose(&w);
}

/* The file cut at every place, and with one byte changed: an error or a tokenizer that works, never
 * anything else. */
static void disturb(const char *fixture, const char *name) {
    char *data, *path = file_join(fixture, name), *folder = tree_new();
    size_t n;
    struct err e = {0};
    int n_opened = 0, n_refused = 0;
    unsigned random = 7;
    cr_assert_eq(file_read(&data, &n, path, 1 << 20, &e), ERR_OK, "%s", e.message);
    for (int i = 0; i < 300; i++) {
        random = random * 1103515245u + 12345u;
        const size_t at = (random >> 8) % n;
        char *copy = mem_copy(data, n);
        copy[at] = (char)(random >> 3);
        free(tree_write_bytes(folder, name, copy, i % 2 ? n : at));
        free(copy);
        struct wordpiece w;
        struct piece_ids ids = {0};
        enum err_code code = wordpiece_open(&w, folder, &e);
        cr_expect(code == ERR_OK || e.message[0]);
        n_opened += code == ERR_OK;
        n_refused += code != ERR_OK;
        if (code == ERR_OK)
            wordpiece_encode(&w, "The city, 中 é!", strlen("The city, 中 é!"), &ids);
        for (size_t k = 0; k < ids.n; k++)
            cr_expect(ids.items[k] >= 0 && ids.items[k] < w.vocabulary.n);
        free(ids.items);
        wordpiece_dispose(&w);
    }
    cr_expect(n_opened > 0 && n_refused > 0, "%s: %d opened, %d refused", name, n_opened,
              n_refused);
    free(data);
    free(path);
    tree_free(folder);
}

Test(wordpiece, disturbed_files_are_refused_or_work) {
    disturb("tests/fixtures/encoder/uncased", "tokenizer.json");
    disturb("tests/fixtures/encoder/cased", "vocab.txt");
}
