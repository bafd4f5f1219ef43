/*
 * Words as Moses' scripts make them (Koehn et al. 2007): punctuation normalised, a text cut into
 * words, words joined to a text. What is made is what sacremoses 0.2.0 makes of it as Transformers
 * calls it: aggressive_dash_splits and escape. Linear in the text. Immutable after opening: any
 * thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_MOSES_H
#define TINSEQ_BACKEND_TOKENIZERS_MOSES_H

#include "backend/base/err.h"
#include "backend/tokenizers/aligned.h"
#include "backend/tokenizers/vocabulary.h"

#include <stdbool.h>

enum moses_class {
    MOSES_LETTER,
    MOSES_SIGN, /* of Indic scripts: a letter when a text is cut */
    MOSES_DIGIT,
    MOSES_NUMBER,
    MOSES_SMALL,
    MOSES_CURRENCY
};
bool moses_is(enum moses_class class, int32_t c);
bool moses_is_white(int32_t c); /* what Python's str.split cuts at */

struct moses {
    char language[8]; /* "en" */
    bool normalizes;  /* punctuation first, and no character that is not printed */
    /* What a full stop behind it belongs to, and what it does so only before a number. */
    struct vocabulary prefixes, numeric;
    bool own_prefixes; /* of moses_prefixes.def: Moses' list was not there */
};

/* Reads Moses' nonbreaking_prefix.LANGUAGE where it lies in the folder; else en, de and ru have a
 * short list here. Dispose of it in any case. Errors: IO, FORMAT, UNSUPPORTED for a language
 * whose rules or list are not there. */
enum err_code moses_open(struct moses *m, const char *language, const char *folder,
                         struct err *e) ERR_CHECKED;
void moses_dispose(struct moses *m);

/* Puts words, separated by spaces, in the place of a text. */
void moses_cut(const struct moses *m, struct aligned *text);
/* The first step of that where m->normalizes. */
void moses_normalize(const struct moses *m, struct aligned *text);

/* Joins words, separated by white space; owned by the caller. */
char *moses_join(const struct moses *m, const char *words);

#endif
