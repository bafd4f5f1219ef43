/* Characters and classes of characters in an expression: the part of the translation of regexp_
 * syntax.c that is about what a single character may be. Internal to it. Any thread. */
#ifndef TINSEQ_BACKEND_TOKENIZERS_REGEXP_CLASS_H
#define TINSEQ_BACKEND_TOKENIZERS_REGEXP_CLASS_H

#include "backend/base/err.h"
#include "backend/base/mem.h"

#include <stdbool.h>

/* An expression that is being read. */
struct regexp_text {
    const char *s;
    size_t n, at;
    const char *where; /* begins a message */
};

bool regexp_text_starts(const struct regexp_text *in, const char *s);
/* ERR_UNSUPPORTED, naming n bytes from `at` on. */
enum err_code regexp_text_refuse(const struct regexp_text *in, size_t at, size_t n,
                                 struct err *e) ERR_CHECKED;

/* \w, for a class of PCRE2. */
#define REGEXP_WORD "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}"

/* The same outside a class, where Oniguruma has a table of its own for Latin-1. */
#define REGEXP_WORD_ALONE REGEXP_WORD "\\x{B2}\\x{B3}\\x{B9}\\x{BC}-\\x{BE}"

/* Reads a character or an escape outside a class; appends what matches the same. */
enum err_code regexp_class_single(struct regexp_text *in, struct text_buffer *out,
                                  struct err *e) ERR_CHECKED;
/* The same of a class, from its '[' on. */
enum err_code regexp_class(struct regexp_text *in, struct text_buffer *out,
                           struct err *e) ERR_CHECKED;

/* ERR_UNSUPPORTED: somewhere in a translated expression case does not count, and there Oniguruma
 * would match one character against several. */
enum err_code regexp_check_folds(const char *translated, const char *where,
                                 struct err *e) ERR_CHECKED;

#endif
