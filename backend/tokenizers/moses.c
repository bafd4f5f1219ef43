#include "backend/tokenizers/moses.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/tokenizers/characters.h"
#include "backend/tokenizers/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LIST (1u << 20)
#define NUMERIC "#NUMERIC_ONLY#"

struct prefixes {
    const char *language, *words, *numeric;
};

static const struct prefixes own[] = {
#define PREFIXES(language, words, numeric) {language, words, numeric},
#include "backend/tokenizers/moses_prefixes.def"
#undef PREFIXES
};

static void add_numbers(struct vocabulary *v, long from, long to) {
    for (long i = from; i <= to; i++) {
        char *number = mem_format("%ld", i);
        vocabulary_append(v, number, strlen(number));
        free(number);
    }
}

static void add_characters(struct vocabulary *v, int32_t from, int32_t to) {
    for (int32_t c = from; c <= to; c++) {
        char bytes[4];
        vocabulary_append(v, bytes, character_write(c, bytes));
    }
}

/* A word; of two with a dash, those between them too. */
static void add_word(struct vocabulary *v, const char *word, size_t n) {
    const char *dash = memchr(word, '-', n);
    size_t length;
    if (!dash)
        vocabulary_append(v, word, n);
    else if (*word >= '0' && *word <= '9')
        add_numbers(v, strtol(word, NULL, 10), strtol(dash + 1, NULL, 10));
    else
        add_characters(v, character_at(word, n, &length),
                       character_at(dash + 1, n - (size_t)(dash + 1 - word), &length));
}

static void add_words(struct vocabulary *v, const char *words) {
    const char *word;
    size_t n;
    while ((word = next_word(&words, &n)))
        add_word(v, word, n);
}

static void take_own(struct moses *m, const struct prefixes *p) {
    m->own_prefixes = true;
    add_words(&m->prefixes, p->words);
    add_words(&m->numeric, p->numeric);
}

/* A line of Moses' list: a word, a word and the mark, or a remark. */
static void take_line(struct moses *m, char *line) {
    size_t n = strcspn(line, "\r\n"), begin = strspn(line, " \t");
    while (n > begin && strchr(" \t", line[n - 1]))
        n--;
    if (n <= begin || line[begin] == '#')
        return;
    line[n] = '\0';
    const char *mark = strstr(line + begin, " " NUMERIC), *space = strrchr(line + begin, ' ');
    if (mark)
        vocabulary_append(&m->numeric, line + begin, (size_t)(space - line) - begin);
    else
        vocabulary_append(&m->prefixes, line + begin, n - begin);
}

static enum err_code take_list(struct moses *m, const char *path, struct err *e) {
    char *data, *next;
    size_t n;
    enum err_code code = file_read(&data, &n, path, MAX_LIST, e);
    if (code)
        return code;
    if (!text_valid_utf8(data, n, NULL) || memchr(data, '\0', n))
        code = err_set(e, ERR_FORMAT, "%s is no list of words", path);
    for (char *line = code ? NULL : data; line; line = next) {
        next = strchr(line, '\n');
        next = next ? next + 1 : NULL;
        take_line(m, line);
    }
    free(data);
    return code;
}

static enum err_code find_prefixes(struct moses *m, const char *folder, struct err *e) {
    char *path = mem_format("%s/nonbreaking_prefix.%s", folder, m->language);
    enum err_code code = ERR_OK;
    const bool there = file_exists(path);
    if (there)
        code = take_list(m, path, e);
    free(path);
    if (there)
        return code;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        if (strcmp(own[i].language, m->language) != 0)
            continue;
        take_own(m, &own[i]);
        return ERR_OK;
    }
    return err_set(e, ERR_UNSUPPORTED,
                   "%s: texts in \"%s\" are cut with the help of Moses' list of abbreviations, "
                   "nonbreaking_prefix.%s, which is not there (en, de and ru do without)",
                   folder, m->language, m->language);
}

enum err_code moses_open(struct moses *m, const char *language, const char *folder, struct err *e) {
    *m = (struct moses){0};
    vocabulary_init(&m->prefixes, 0);
    vocabulary_init(&m->numeric, 0);
    vocabulary_index(&m->prefixes);
    vocabulary_index(&m->numeric);
    if (strlen(language) >= sizeof m->language || words_hold("zh ja ko cjk cs fi", language) ||
        !language[0] || strspn(language, "abcdefghijklmnopqrstuvwxyz") != strlen(language))
        return err_set(e, ERR_UNSUPPORTED,
                       "%s: Moses' rules for texts in \"%.40s\" are not known here", folder,
                       language);
    snprintf(m->language, sizeof m->language, "%s", language);
    return find_prefixes(m, folder, e);
}

void moses_dispose(struct moses *m) {
    vocabulary_dispose(&m->prefixes);
    vocabulary_dispose(&m->numeric);
}
