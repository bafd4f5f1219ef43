/* A regular expression over a text, found once: PCRE2, with a limit on what it may take. Any
 * thread. */
#ifndef TINSEQ_AGGREGATORS_MATCHES_H
#define TINSEQ_AGGREGATORS_MATCHES_H

#include "backend/base/err.h"

#include <stddef.h>

struct text_matches {
    struct text_match {
        size_t from, to;
    } * items; /* none empty, ascending */
    size_t n;
};

/* Matches from left to right in n bytes. Errors: USAGE (what is wrong with the expression, or that
 * it takes too long). Dispose of it in any case. */
enum err_code matches_find(struct text_matches *out, const char *pattern, const char *text,
                           size_t n, struct err *e) ERR_CHECKED;
/* ERR_USAGE: what is wrong with the expression. */
enum err_code matches_check(const char *pattern, struct err *e) ERR_CHECKED;
void matches_dispose(struct text_matches *m);

#endif
