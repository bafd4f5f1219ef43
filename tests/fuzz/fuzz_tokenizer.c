/*
 * Byte-level tokenizers, by the first byte: '{' a tokenizer.json; 'G' a GGUF file; 'V' a vocab.json
 * up to the first line's end and a merges.txt after it; anything else is text for the tiny
 * checkpoints' own tokenizers, which must give every byte of it back.
 */
#include "backend/base/text.h"
#include "backend/tokenizer.h"
#include "backend/weights/store.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int fuzz_one(const uint8_t *data, size_t n);

/* Says which line, for this file has many. */
#define must(condition) ((condition) ? (void)0 : fail(__LINE__))
static _Noreturn void fail(int line) {
    fprintf(stderr, "fuzz_tokenizer.c:%d does not hold\n", line);
    abort();
}

/* The bytes as one of three files, the same ones each time. Its path, borrowed for ever. */
static char *as_file(int which, const uint8_t *data, size_t n) {
    static int fds[3] = {-1, -1, -1};
    static char paths[3][64];
    if (fds[which] < 0) {
        fds[which] = memfd_create("fuzz", MFD_CLOEXEC);
        snprintf(paths[which], sizeof paths[which], "/proc/self/fd/%d", fds[which]);
    }
    must(ftruncate(fds[which], 0) == 0 && pwrite(fds[which], data, n, 0) == (ssize_t)n);
    return paths[which];
}

static struct model_files no_files(void) {
    static char none[1], here[] = "here";
    return (struct model_files){.folder = here,
                                .weights = none,
                                .config = none,
                                .generation_config = none,
                                .tokenizer_config = none,
                                .tokenizer_json = none,
                                .vocab_json = none,
                                .merges = none,
                                .source_spm = none,
                                .target_spm = none,
                                .special_tokens_map = none,
                                .decoder_yaml = none,
                                .added_tokens = none,
                                .sentencepiece = none,
                                .tokenizer_kwargs = none,
                                .adapter = none,
                                .adapter_config = none};
}

static struct model_config no_ids(void) {
    return (struct model_config){.bos_token_id = -1,
                                 .eos_token_id = -1,
                                 .pad_token_id = -1,
                                 .unk_token_id = -1,
                                 .decoder_start_token_id = -1};
}

static void check_error(enum err_code code, const struct err *e) {
    must(code == ERR_OK || (e->code == code && e->message[0] != '\0' &&
                            code != ERR_INTERNAL)); /* screens sanitise what a message quotes */
}

/* Encodes and decodes a text. `faithful`: this tokenizer loses no byte. */
static void round_trip(const struct tokenizer *t, const char *text, size_t n, bool add_special,
                       bool faithful) {
    struct token_list tokens = {0};
    struct err e = {0};
    enum err_code code = tokenizer_encode(t, TEXT_TARGET, text, n, add_special, &tokens, &e);
    check_error(code, &e);
    if (!text_valid_utf8(text, n, NULL)) /* not text: refused */
        must(code == ERR_FORMAT);
    int32_t *ids = malloc((tokens.n + 1) * sizeof *ids);
    size_t at = 0;
    for (size_t i = 0; i < tokens.n; i++) {
        const struct token *one = &tokens.items[i];
        ids[i] = one->id;
        must(one->id >= 0 && one->id < tokenizer_vocab_size(t) && one->piece && one->bytes &&
             one->printable);
        must(text_valid_utf8(one->piece, strlen(one->piece), NULL) &&
             text_valid_utf8(one->printable, strlen(one->printable), NULL));
        if (faithful && code == ERR_OK)
            must(one->n_bytes > 0 && at + one->n_bytes <= n &&
                 memcmp(text + at, one->bytes, one->n_bytes) == 0);
        at += one->n_bytes;
    }
    must(!faithful || code != ERR_OK || at == n);
    for (int skip = 0; skip < 2 && code == ERR_OK; skip++) {
        char *back = NULL;
        must(tokenizer_decode(t, TEXT_TARGET, ids, tokens.n, skip, &back, &e) == ERR_OK &&
             text_valid_utf8(back, strlen(back), NULL));
        must(skip || !faithful || memchr(text, '\0', n) ||
             (strlen(back) == n && memcmp(back, text, n) == 0));
        free(back);
    }
    token_list_dispose(&tokens);
    free(ids);
}

/* Every id has a token; beyond them are special ones without text. */
static void look_at_all(const struct tokenizer *t) {
    struct token_list list = {0};
    struct err e = {0};
    int64_t n = tokenizer_vocab_size(t);
    for (int64_t id = 0; id < n && id < 2000; id++) {
        must(tokenizer_token(t, TEXT_SOURCE, (int32_t)id, &list, &e) == ERR_OK &&
             list.items[id].id == id);
        must(list.items[id].special == tokenizer_is_special(t, (int32_t)id));
        must(tokenizer_piece_id(t, list.items[id].piece) >= 0);
        must(text_valid_utf8(list.items[id].piece, strlen(list.items[id].piece),
                             NULL)); /* it goes into JSON as it is */
    }
    token_list_dispose(&list);
    must(tokenizer_token(t, TEXT_SOURCE, (int32_t)n, &list, &e) == ERR_OK && list.n == 1 &&
         list.items[0].special && list.items[0].n_bytes == 0);
    must(tokenizer_token(t, TEXT_SOURCE, -1, &list, &e) == ERR_FORMAT && list.n == 1);
    must(tokenizer_is_special(t, (int32_t)n) && !tokenizer_is_special(t, INT32_MIN));
    token_list_dispose(&list);
}

static void try_files(const struct model_files *files, const struct weights *w) {
    static const char *const texts[] = {
        "", " ", "the cat <s>sat</s> on  the mat\n",
        "na\xC3\xAFve \xE2\x82\xAC 12345\xC2\xA0x\xF0\x9F\x90\x88\xCC\x81",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"};
    struct tokenizer *t = NULL;
    struct err e = {0};
    struct model_config config = no_ids();
    enum err_code code = tokenizer_open(&t, files, w, &config, &e);
    must((code == ERR_OK) == (t != NULL));
    check_error(code, &e);
    if (!t)
        return;
    must(config.bos_token_id < tokenizer_vocab_size(t) &&
         config.eos_token_id < tokenizer_vocab_size(t));
    must(config.pad_token_id < tokenizer_vocab_size(t) &&
         config.unk_token_id < tokenizer_vocab_size(t));
    look_at_all(t);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        round_trip(t, texts[i], strlen(texts[i]), i & 1, false);
    tokenizer_free(t);
}

static void try_gguf(const uint8_t *data, size_t n) {
    struct model_files files = no_files();
    struct weights *w;
    struct err e = {0};
    files.layout = LAYOUT_GGUF;
    if (weights_open_bytes(&w, data, n, &e) == ERR_OK)
        try_files(&files, w);
    weights_close(w);
}

static void try_pair(const uint8_t *data, size_t n) {
    struct model_files files = no_files();
    const uint8_t *end = memchr(data, '\n', n);
    size_t n_vocab = end ? (size_t)(end - data) : n;
    files.vocab_json = as_file(0, data, n_vocab);
    files.merges = as_file(1, data + n_vocab + (end != NULL), n - n_vocab - (end != NULL));
    files.tokenizer_config = files.special_tokens_map = as_file(
        2, (const uint8_t *)"{\"unk_token\": \"<unk>\", \"pad_token\": {\"content\": \"<pad>\"}}",
        57);
    try_files(&files, NULL);
}

static const struct tokenizer *tiny(int which) {
    static struct tokenizer *open[3];
    static char paths[3][50] = {"fixtures/tiny/gpt2/tokenizer.json",
                                "fixtures/tiny/llama/tokenizer.json",
                                "fixtures/tiny/gpt2/vocab.json"};
    static char merges[] = "fixtures/tiny/gpt2/merges.txt";
    if (!open[which]) {
        struct err e = {0};
        struct model_config config = no_ids();
        struct model_files files = no_files();
        *(which == 2 ? &files.vocab_json : &files.tokenizer_json) = paths[which];
        if (which == 2)
            files.merges = merges;
        must(tokenizer_open(&open[which], &files, NULL, &config, &e) == ERR_OK);
    }
    return open[which];
}

/* The tiny vocabularies hold the whole alphabet of bytes. */
static bool knows_every_byte(const struct tokenizer *t) {
    struct token_list tokens = {0};
    struct err e = {0};
    static const char all[] = "\x01\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xF4\x8F\xBF\xBF";
    enum err_code code = tokenizer_encode(t, TEXT_TARGET, all, sizeof all - 1, false, &tokens, &e);
    size_t n = 0;
    for (size_t i = 0; i < tokens.n; i++)
        n += tokens.items[i].n_bytes;
    token_list_dispose(&tokens);
    return code == ERR_OK && n == sizeof all - 1;
}

int fuzz_one(const uint8_t *data, size_t n) {
    struct model_files files = no_files();
    if (n > 0 && data[0] == '{') {
        files.tokenizer_json = files.tokenizer_config = as_file(0, data, n);
        try_files(&files, NULL);
    } else if (n > 0 && data[0] == 'G') {
        try_gguf(data, n);
    } else if (n > 0 && data[0] == 'V') {
        try_pair(data + 1, n - 1);
    } else {
        for (int which = 0; which < 3; which++) {
            const struct tokenizer *t = tiny(which);
            must(knows_every_byte(t));
            round_trip(t, (const char *)data, n, false, true);
        }
    }
    return 0;
}
