/*
 * Tokenizers whose vocabulary is no tokenizer.json: the first line is a tokenizer_config.json
 * (which names the class); what follows is a sentencepiece model, or, where it begins with '{', a
 * vocab.json of one line and a merges.txt, or, where that is not followed by anything, a vocab.json
 * beside a sentencepiece model of the fixtures (M2M-100). Runs in tests/.
 */
#include "backend/base/text.h"
#include "backend/tokenizer.h"

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
    fprintf(stderr, "fuzz_vocabulary.c:%d does not hold\n", line);
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

static struct model_config no_ids(void) {
    return (struct model_config){.encoder_decoder = true,
                                 .bos_token_id = -1,
                                 .eos_token_id = -1,
                                 .pad_token_id = -1,
                                 .unk_token_id = -1,
                                 .decoder_start_token_id = -1};
}

static void check_error(enum err_code code, const struct err *e) {
    must(code == ERR_OK || (e->code == code && e->message[0] != '\0' && code != ERR_INTERNAL));
}

static void check_tokens(const struct tokenizer *t, const struct token_list *tokens, size_t n) {
    for (size_t i = 0; i < tokens->n; i++) {
        const struct token *k = &tokens->items[i];
        must(k->id >= 0 && k->id < tokenizer_vocab_size(t));
        must(k->from <= k->to && k->to <= n);
        must(text_valid_utf8(k->piece, strlen(k->piece), NULL));
        must(text_valid_utf8(k->printable, strlen(k->printable), NULL));
    }
}

static void decode(const struct tokenizer *t, const struct token_list *tokens) {
    int32_t *ids = token_list_ids(tokens);
    for (int skip = 0; skip < 2; skip++) {
        char *text = NULL;
        struct err e = {0};
        enum err_code code = tokenizer_decode(t, TEXT_SOURCE, ids, tokens->n, skip, &text, &e);
        check_error(code, &e);
        must((code == ERR_OK) == (text != NULL));
        must(!text || text_valid_utf8(text, strlen(text), NULL));
        free(text);
    }
    free(ids);
}

static void use(const struct tokenizer *t) {
    static const char *const texts[] = {
        "",
        " ",
        "The cat  sat</s> on <extra_id_0> the mat\n",
        "\t12<mask> x<s>",
        "\u2581a b",
        "na\u00EFve \u20AC 12345\u00A0x\U0001F408\u0301 \uFB01\u00BD",
        "Mr. X's \"a,b.\" no. 5... \u3002 \u00ABq\u00BB ' '' ( 1,2 ) U.S. a-b $5 DOTDOTMULTI.",
        "Bob's\nfriend'\n\nOld.New \u0391\u03A3 \u03A3\u0301.b",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct token_list tokens = {0};
        struct err e = {0};
        const size_t n = strlen(texts[i]);
        enum err_code code =
            tokenizer_encode(t, i & 1 ? TEXT_TARGET : TEXT_SOURCE, texts[i], n, i & 2, &tokens, &e);
        check_error(code, &e);
        check_tokens(t, &tokens, n);
        decode(t, &tokens);
        token_list_dispose(&tokens);
    }
    for (int32_t id = 0; id < tokenizer_vocab_size(t) && id < 300; id++) {
        struct token_list one = {0};
        struct err e = {0};
        must(tokenizer_token(t, TEXT_SOURCE, id, &one, &e) == ERR_OK && one.n == 1);
        decode(t, &one);
        token_list_dispose(&one);
    }
}

static void try_files(const struct model_files *f) {
    struct tokenizer *t = NULL;
    struct err e = {0};
    struct model_config config = no_ids();
    char *problem = tokenizer_problem(f, NULL);
    enum err_code code = tokenizer_open(&t, f, NULL, &config, &e);
    check_error(code, &e);
    must((code == ERR_OK) == (t != NULL));
    must(!t || !problem);
    free(problem);
    if (t)
        use(t);
    tokenizer_free(t);
}

/* The bytes up to the end of a line; *data and *n move behind it. */
static char *take_line(int which, const uint8_t **data, size_t *n) {
    const uint8_t *end = memchr(*data, '\n', *n);
    const size_t line = end ? (size_t)(end - *data) : *n;
    char *path = as_file(which, *data, line);
    *data += line + (end != NULL);
    *n -= line + (end != NULL);
    return path;
}

int fuzz_one(const uint8_t *data, size_t n) {
    static char here[] = "here",
                m2m100[] = "fixtures/tokenizer-files/m2m100/sentencepiece.bpe.model";
    struct model_files f = {.folder = here};
    f.tokenizer_config = take_line(0, &data, &n);
    if (n && *data == '{') {
        f.vocab_json = f.vocab_source = f.vocab_target = take_line(1, &data, &n);
        if (n)
            f.merges = as_file(2, data, n);
        else
            f.sentencepiece = m2m100;
    } else {
        f.sentencepiece = as_file(1, data, n);
    }
    try_files(&f);
    return 0;
}
