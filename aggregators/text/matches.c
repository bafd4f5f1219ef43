#include "aggregators/text/matches.h"

#include "backend/base/mem.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

/* Steps of one search: a tenth of a second. */
#define MATCH_LIMIT 1000000
#define HEAP_LIMIT_KIB 65536

static enum err_code compile(pcre2_code **out, const char *pattern, struct err *e) {
    int number;
    PCRE2_SIZE at;
    char message[120];
    *out = pcre2_compile((PCRE2_SPTR)pattern, strlen(pattern),
                         PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C,
                         &number, &at, NULL);
    if (*out)
        return ERR_OK;
    pcre2_get_error_message(number, (PCRE2_UCHAR *)message, sizeof message);
    return err_set(e, ERR_USAGE, "the expression \"%.80s\" is wrong at its byte %zu: %s", pattern,
                   (size_t)at, message);
}

static void add_match(struct text_matches *m, size_t from, size_t to) {
    m->items = mem_resize(m->items, (m->n + 1) * sizeof *m->items);
    m->items[m->n++] = (struct text_match){from, to};
}

static enum err_code find_all(struct text_matches *out, const pcre2_code *code,
                              pcre2_match_data *data, pcre2_match_context *limits, const char *text,
                              size_t n, const char *pattern, struct err *e) {
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(data);
    for (size_t from = 0; from <= n;) {
        const int got = pcre2_match(code, (PCRE2_SPTR)text, n, from, PCRE2_NOTEMPTY, data, limits);
        if (got == PCRE2_ERROR_NOMATCH)
            return ERR_OK;
        if (got < 0)
            return err_set(e, ERR_USAGE,
                           "the expression \"%.80s\" takes too long on this text, or too much "
                           "memory (PCRE2 error %d)",
                           pattern, got);
        if (at[1] > at[0] && at[0] >= from)
            add_match(out, at[0], at[1]);
        from = at[1] > from ? at[1] : from + 1;
    }
    return ERR_OK;
}

enum err_code matches_find(struct text_matches *out, const char *pattern, const char *text,
                           size_t n, struct err *e) {
    pcre2_code *compiled;
    *out = (struct text_matches){0};
    enum err_code code = compile(&compiled, pattern, e);
    if (code)
        return code;
    pcre2_match_data *data = pcre2_match_data_create_from_pattern(compiled, NULL);
    pcre2_match_context *limits = pcre2_match_context_create(NULL);
    if (!data || !limits) {
        code = err_set(e, ERR_NOMEM, "out of memory");
        goto out;
    }
    pcre2_set_match_limit(limits, MATCH_LIMIT);
    pcre2_set_heap_limit(limits, HEAP_LIMIT_KIB);
    code = find_all(out, compiled, data, limits, text, n, pattern, e);
out:
    pcre2_match_context_free(limits);
    pcre2_match_data_free(data);
    pcre2_code_free(compiled);
    return code;
}

enum err_code matches_check(const char *pattern, struct err *e) {
    pcre2_code *compiled;
    enum err_code code = compile(&compiled, pattern, e);
    if (!code)
        pcre2_code_free(compiled);
    return code;
}

void matches_dispose(struct text_matches *m) {
    free(m->items);
    *m = (struct text_matches){0};
}
