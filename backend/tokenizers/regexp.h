/*
 * Regular expressions of tokenizer files. The tokenizers library matches them with Oniguruma in its
 * Ruby syntax; here they are translated and matched by PCRE2, with Unicode properties. Constructs
 * that the two understand differently and that no translation is known for are refused. Immutable
 * after compiling: any thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_REGEXP_H
#define TINSEQ_BACKEND_TOKENIZERS_REGEXP_H

#include "backend/base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct regexp;

/* `where` begins the message: the file and the field. ERR_FORMAT: it is none; ERR_UNSUPPORTED: a
 * construct is not known here. */
enum err_code regexp_compile(struct regexp **out, const char *pattern, size_t n, const char *where,
                             struct err *e) ERR_CHECKED;
void regexp_free(struct regexp *x);

/* A part of a text: one that matches, or one between matches. */
typedef void regexp_part(void *user, size_t from, size_t to, bool match);

/* Calls `part` with all parts of n > 0 bytes of valid UTF-8, in order, as the library's
 * find_matches: a match may be empty. ERR_FORMAT when matching takes too long. */
enum err_code regexp_parts(const struct regexp *x, const char *s, size_t n, regexp_part *part,
                           void *user, struct err *e) ERR_CHECKED;

/* The same expression in PCRE2's syntax, for PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE. Owned by the
 * caller. */
enum err_code regexp_translate(char **out, const char *pattern, size_t n, const char *where,
                               struct err *e) ERR_CHECKED;

#endif
