/* How long a tokenizer takes for a megabyte: of text, and of the runs without a break that make bad
 * algorithms slow. bench_tokenize MODEL (a name or a folder) prints seconds by kind of text as
 * JSON. */
#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/config.h"
#include "backend/discovery.h"
#include "backend/tokenizer.h"
#include "backend/weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MEGABYTE = 1000000 };

static const struct {
    const char *name, *repeated;
} kinds[] = {
    {"English", "The quick brown fox jumps over the lazy dog, and 1234 people don't know why. "},
    {"many scripts", "Ünïcödé naïve. Привет, мир! 日本語のテキスト。 한국어 문장. हिन्दी العربية "
                     "🙂 "},
    {"letters", "a"},
    {"spaces", " "},
    {"digits", "1"},
    {"ideographs", "日本語中文字符"},
    {"marks", "e\u0301\u0323"},
    {"line breaks", "\n"},
    {"punctuation", "!"}};

static char *make_text(const char *repeated, size_t *n) {
    const size_t n_one = strlen(repeated);
    struct text_buffer text = {0};
    while (text.n + n_one <= MEGABYTE)
        text_buffer_add(&text, repeated, n_one);
    *n = text.n;
    return text_buffer_take(&text);
}

static double seconds(const struct tokenizer *t, const char *text, size_t n) {
    double best = 1e9;
    for (int run = 0; run < 3; run++) {
        struct token_list tokens = {0};
        struct err e;
        const double begin = clock_seconds();
        if (tokenizer_encode(t, TEXT_SOURCE, text, n, true, &tokens, &e)) {
            fprintf(stderr, "%s\n", e.message);
            exit(1);
        }
        const double took = clock_seconds() - begin;
        best = took < best ? took : best;
        token_list_dispose(&tokens);
    }
    return best;
}

static enum err_code open_tokenizer(struct tokenizer **t, struct weights **w, const char *name,
                                    struct err *e) {
    char *path = NULL;
    struct model_files files;
    struct model_config config = {
        .bos_token_id = -1, .eos_token_id = -1, .pad_token_id = -1, .unk_token_id = -1};
    enum err_code code = model_resolve(&path, name, e);
    if (code)
        return code;
    code = model_locate(&files, path, e);
    free(path);
    if (code)
        return code;
    /* A tokenizer by itself has none. */
    if (weights_open(w, files.weights, e) == ERR_OK)
        code = model_config_read(&config, &files, *w, e);
    if (!code)
        code = tokenizer_open(t, &files, *w, &config, e);
    model_files_dispose(&files);
    return code;
}

int main(int argc, char **argv) {
    struct tokenizer *t = NULL;
    struct weights *w = NULL;
    struct err e = {0};
    if (argc != 2 || open_tokenizer(&t, &w, argv[1], &e)) {
        fprintf(stderr, "bench_tokenize MODEL: %s\n", e.message);
        return 1;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t n;
        char *text = make_text(kinds[i].repeated, &n);
        printf("%s\"%s\": %.4f", i ? ", " : "{", kinds[i].name, seconds(t, text, n));
        free(text);
    }
    puts("}");
    tokenizer_free(t);
    weights_close(w);
    return 0;
}
