/*
 * check_vocabularies FILE.gguf...: tokenizes the texts of FILE.gguf.inp and compares with the ids
 * of FILE.gguf.out, as llama.cpp keeps them; files without these are passed over. Exit 1 when one
 * differs.
 */
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/tokenizer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BETWEEN "\n__ggml_vocab_test__\n"
#define MOST (64u << 20)

static char *read_beside(const char *path, const char *ending) {
    char *name = mem_format("%s%s", path, ending), *text = NULL;
    size_t n;
    struct err e;
    if (!file_exists(name) || file_read(&text, &n, name, MOST, &e))
        text = NULL;
    free(name);
    return text;
}

/* Whether a text has the ids of a line. */
static bool same(const struct tokenizer *t, const char *text, size_t n, const char *line) {
    struct token_list tokens = {0};
    struct err e = {0};
    bool good = tokenizer_encode(t, TEXT_SOURCE, text, n, false, &tokens, &e) == ERR_OK;
    for (size_t i = 0; i < tokens.n && good; i++) {
        char *end;
        good = strtol(line, &end, 10) == tokens.items[i].id && end > line;
        line = end;
    }
    good = good && !line[strspn(line, " \r")];
    token_list_dispose(&tokens);
    return good;
}

/* How many texts differ; *n_texts: of how many. */
static int compare(const struct tokenizer *t, char *texts, char *lines, int *n_texts) {
    char *rest = lines, *line;
    int wrong = 0;
    *n_texts = 0;
    for (char *at = texts; at && (line = strsep(&rest, "\n"));) {
        char *end = strstr(at, BETWEEN);
        const size_t n = end ? (size_t)(end - at) : strlen(at);
        wrong += !same(t, at, n, line);
        ++*n_texts;
        at = end ? end + strlen(BETWEEN) : NULL;
        if (at && !*at && !rest)
            break;
    }
    return wrong;
}

static int check(const char *path) {
    char *texts = read_beside(path, ".inp"), *lines = read_beside(path, ".out"), *notice = NULL;
    struct tokenizer *t = NULL;
    struct err e = {0};
    int wrong = 0, n = 0;
    if (!texts || !lines)
        goto out;
    if (tokenizer_open_path(&t, path, NULL, &notice, &e)) {
        fprintf(stderr, "%s: %s\n", path, e.message);
        wrong = 1;
        goto out;
    }
    wrong = compare(t, texts, lines, &n);
    printf("%s: %d of %d texts differ\n", path, wrong, n);
out:
    tokenizer_free(t);
    free(notice);
    free(texts);
    free(lines);
    return wrong;
}

int main(int n, char **paths) {
    int wrong = 0;
    for (int i = 1; i < n; i++)
        wrong += check(paths[i]);
    return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}
