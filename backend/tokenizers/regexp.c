#include "backend/tokenizers/regexp.h"

#include "backend/base/mem.h"
#include "backend/tokenizers/characters.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

struct regexp {
    pcre2_code *code;
};

static enum err_code compile(pcre2_code **out, const char *pattern, const char *where,
                             struct err *e) {
    int number;
    PCRE2_SIZE at;
    char message[120];
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (!context)
        return err_set(e, ERR_NOMEM, "out of memory");
    pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    *out = pcre2_compile((PCRE2_SPTR)pattern, strlen(pattern),
                         PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C, &number,
                         &at, context);
    pcre2_compile_context_free(context);
    if (*out)
        return ERR_OK;
    pcre2_get_error_message(number, (PCRE2_UCHAR *)message, sizeof message);
    return err_set(e, ERR_FORMAT, "%s: the expression is wrong: %s", where, message);
}

enum err_code regexp_compile(struct regexp **out, const char *pattern, size_t n, const char *where,
                             struct err *e) {
    char *translated;
    pcre2_code *compiled;
    *out = NULL;
    enum err_code code = regexp_translate(&translated, pattern, n, where, e);
    if (code)
        return code;
    code = compile(&compiled, translated, where, e);
    free(translated);
    if (code)
        return code;
    /* Faster where it works; matching falls back by itself. */
    pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE);
    *out = mem_alloc(sizeof **out);
    (*out)->code = compiled;
    return ERR_OK;
}

void regexp_free(struct regexp *x) {
    if (x)
        pcre2_code_free(x->code);
    free(x);
}

struct matching {
    const struct regexp *x;
    pcre2_match_data *data;
    const char *s;
    size_t n, at, last_end; /* where to look next; the end of the last match, SIZE_MAX: none yet */
};

/* Looks from m->at on; *found tells whether there is a match. */
static enum err_code search(const struct matching *m, bool *found, struct err *e) {
    int got =
        pcre2_match(m->x->code, (PCRE2_SPTR)m->s, m->n, m->at, PCRE2_NO_UTF_CHECK, m->data, NULL);
    if (got == PCRE2_ERROR_JIT_STACKLIMIT) /* the interpreter has the heap */
        got = pcre2_match(m->x->code, (PCRE2_SPTR)m->s, m->n, m->at,
                          PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, m->data, NULL);
    *found = got > 0 || got == 0;
    if (*found || got == PCRE2_ERROR_NOMATCH)
        return ERR_OK;
    return err_set(e, ERR_FORMAT,
                   "the tokenizer's expression cannot be matched against this text (PCRE2 error "
                   "%d)",
                   got);
}

/* The next match, as the library's iterator has it: no empty one right behind the last. */
static enum err_code next_match(struct matching *m, bool *found, size_t *from, size_t *to,
                                struct err *e) {
    while (m->at <= m->n) {
        enum err_code code = search(m, found, e);
        if (code || !*found)
            return code;
        const PCRE2_SIZE *span = pcre2_get_ovector_pointer(m->data);
        *from = span[0];
        *to = span[1];
        const bool backwards = *to < *from || *from < m->at; /* \K in a look-around */
        if (!backwards && (*from < *to || *to != m->last_end)) {
            m->at = m->last_end = *to;
            return ERR_OK;
        }
        m->at += m->at < m->n ? character_length(m->s + m->at, m->n - m->at) : 1;
    }
    *found = false;
    return ERR_OK;
}

enum err_code regexp_parts(const struct regexp *x, const char *s, size_t n, regexp_part *part,
                           void *user, struct err *e) {
    struct matching m = {x, pcre2_match_data_create(1, NULL), s, n, 0, SIZE_MAX};
    size_t done = 0, from = 0, to = 0;
    bool found = true;
    enum err_code code = ERR_OK;
    if (!m.data)
        return err_set(e, ERR_NOMEM, "out of memory");
    while (found) {
        code = next_match(&m, &found, &from, &to, e);
        if (code)
            goto out;
        if (!found)
            break;
        if (from != done)
            part(user, done, from, false);
        part(user, from, to, true);
        done = to;
    }
    if (done != n)
        part(user, done, n, false);
out:
    pcre2_match_data_free(m.data);
    return code;
}
