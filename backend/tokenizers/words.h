/* Lists of words that one space separates, as tables here write them. */
#ifndef TINSEQ_BACKEND_TOKENIZERS_WORDS_H
#define TINSEQ_BACKEND_TOKENIZERS_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* The next word and its length; NULL at the end. *rest moves behind it. */
static inline const char *next_word(const char **rest, size_t *n) {
    const char *word = *rest;
    if (!word || !*word)
        return NULL;
    *n = strcspn(word, " ");
    *rest = word + *n + (word[*n] == ' ');
    return word;
}

/* Whether a word is one of them. */
static inline bool words_hold(const char *words, const char *word) {
    const size_t n = strlen(word);
    for (const char *at = words; (at = strstr(at, word)); at += n)
        if ((at == words || at[-1] == ' ') && (at[n] == ' ' || !at[n]))
            return true;
    return false;
}

#endif
