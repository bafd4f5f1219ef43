/*
 * Marian's tokenizers, by the first byte of the data: '{' a vocab.json; 'T' a text for the tiny
 * checkpoint's own tokenizer; anything else a sentencepiece model. Whatever opens is made to
 * encode, decode and show its tokens. Runs in tests/.
 */
#include "backend/base/text.h"
#include "backend/tokenizer.h"
#include "tests/fuzz/as_file.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define TINY "fixtures/tiny/marian/"

int fuzz_one(const uint8_t *data, size_t n);

static void must(bool condition) {
    if (!condition)
        abort();
}

static bool valid(const char *s) {
    return text_valid_utf8(s, strlen(s), NULL);
}

static bool failed_well(enum err_code code, const struct err *e) {
    must(code == ERR_OK || (e->code == code && e->message[0] != '\0' && code != ERR_INTERNAL &&
                            code != ERR_BACKEND)); /* screens sanitise what a message quotes */
    return code != ERR_OK;
}

/* --- what every open tokenizer can do --- */

static void check_tokens(const struct tokenizer *t, const struct token_list *tokens) {
    for (size_t i = 0; i < tokens->n; i++) {
        const struct token *k = &tokens->items[i];
        must(k->id >= 0 && k->id < tokenizer_vocab_size(t) &&
             k->special == tokenizer_is_special(t, k->id));
        must(k->piece && valid(k->piece) && k->bytes && valid(k->printable));
        for (const unsigned char *p = (const unsigned char *)k->printable; *p; p++)
            must(*p >= 0x20 && *p != 0x7F);
    }
}

static void decode(const struct tokenizer *t, enum text_side side, const int32_t *ids, size_t n) {
    for (int skip = 0; skip < 2; skip++) {
        struct err e = {0};
        char *text;
        enum err_code code = tokenizer_decode(t, side, ids, n, skip, &text, &e);
        must((code == ERR_OK) == (text != NULL));
        must(failed_well(code, &e) || valid(text));
        free(text);
    }
}

static void encode(const struct tokenizer *t, enum text_side side, const char *text, size_t n) {
    struct err e = {0};
    struct token_list tokens = {0};
    enum err_code code = tokenizer_encode(t, side, text, n, true, &tokens, &e);
    must(code == ERR_FORMAT || text_valid_utf8(text, n, NULL));
    if (!failed_well(code, &e)) {
        check_tokens(t, &tokens);
        int32_t *ids = malloc((tokens.n + 1) * sizeof *ids);
        for (size_t i = 0; i < tokens.n; i++)
            ids[i] = tokens.items[i].id;
        decode(t, side, ids, tokens.n);
        free(ids);
    }
    token_list_dispose(&tokens);
}

static void use(const struct tokenizer *t) {
    static const char *const texts[] = {"",
                                        " ",
                                        "xabab",
                                        "The 12 dogs'll  run.\r\n\n don't ",
                                        ">>pt<< a >>b<<",
                                        "\u65e5\u672c \u00e9e\u0301 \U0001F469\u200d\U0001F467",
                                        "<s></s><pad> <unk>"};
    int64_t n = tokenizer_vocab_size(t);
    struct err e = {0};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        encode(t, i % 2 ? TEXT_TARGET : TEXT_SOURCE, texts[i], strlen(texts[i]));
    for (int64_t id = -1; id <= n; id += n > 300 && id > 40 && id < n - 40 ? n / 50 : 1) {
        struct token_list one = {0};
        bool inside = id >= 0 && id < n;
        enum err_code code = tokenizer_token(t, TEXT_SOURCE, (int32_t)id, &one, &e);
        must((code == ERR_OK) == (id >= 0));
        if (inside)
            check_tokens(t, &one);
        if (inside)
            must(tokenizer_piece_id(t, one.items[0].piece) < n);
        token_list_dispose(&one);
        decode(t, TEXT_TARGET, (int32_t[]){(int32_t)id, 0, (int32_t)id}, 3);
    }
    must(!tokenizer_is_special(t, -1) && tokenizer_is_special(t, (int32_t)n));
}

/* --- opening ----------------------------------------------------------------------------- */

static struct model_files no_files(enum model_layout layout) {
    static char none[1];
    return (struct model_files){.layout = layout,
                                .folder = none,
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

static struct model_config config_of(void) {
    return (struct model_config){.n_vocab = 420,
                                 .bos_token_id = 1,
                                 .eos_token_id = 2,
                                 .pad_token_id = -1,
                                 .unk_token_id = -1,
                                 .decoder_start_token_id = -1,
                                 .add_bos_token = true};
}

/* NULL when the files are refused. */
static struct tokenizer *open_one(const struct model_files *f) {
    struct model_config config = config_of();
    struct tokenizer *t;
    struct err e = {0};
    enum err_code code = tokenizer_open(&t, f, NULL, &config, &e);
    must((code == ERR_OK) == (t != NULL));
    (void)failed_well(code, &e);
    return t;
}

static void try_files(const struct model_files *f) {
    struct tokenizer *t = open_one(f);
    if (t)
        use(t);
    tokenizer_free(t);
}

static void try_vocabulary(const uint8_t *data, size_t n) {
    struct model_files f = no_files(LAYOUT_HUGGING_FACE);
    f.source_spm = TINY "source.spm";
    f.target_spm = TINY "target.spm";
    f.vocab_json = as_file(data, n);
    try_files(&f);
}

static void try_sentencepiece(const uint8_t *data, size_t n) {
    struct model_files f = no_files(LAYOUT_MARIAN_NATIVE);
    f.source_spm = f.target_spm = as_file(data, n);
    try_files(&f);
    f.layout = LAYOUT_HUGGING_FACE;
    f.vocab_json = TINY "vocab.json";
    try_files(&f);
}

static void try_text(const char *text, size_t n) {
    static struct tokenizer *marian;
    if (!marian) {
        struct model_files f = no_files(LAYOUT_HUGGING_FACE);
        f.source_spm = TINY "source.spm";
        f.target_spm = TINY "target.spm";
        f.vocab_json = TINY "vocab.json";
        marian = open_one(&f);
        must(marian);
    }
    encode(marian, TEXT_SOURCE, text, n);
    encode(marian, TEXT_TARGET, text, n);
    char *shown = text_sanitise(text, n, true), cell[40];
    must(valid(shown) && text_columns(shown) >= 0);
    must(text_fit(cell, sizeof cell, shown, (int)(n % 12), true) <= (int)(n % 12) && valid(cell));
    free(shown);
}

int fuzz_one(const uint8_t *data, size_t n) {
    uint8_t kind = n ? data[0] : 'T';
    if (kind == '{')
        try_vocabulary(data, n);
    else if (kind == 'T')
        try_text((const char *)data + (n > 0), n - (n > 0));
    else
        try_sentencepiece(data, n);
    return 0;
}
