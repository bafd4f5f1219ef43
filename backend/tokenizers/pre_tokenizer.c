#include "backend/tokenizers/pre_tokenizer.h"

#include "backend/base/mem.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define MAX_STAGES 8

/* PCRE2's \s with Unicode properties also takes U+180E, which Unicode no longer counts as white
 * space: the table's own expressions say what is. */
#define SPACE "\\p{Z}\\x09-\\x0d\\x85"
#define GPT2                                                                                       \
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^" SPACE "\\p{L}\\p{N}]+|[" SPACE              \
    "]+(?![^" SPACE "])|[" SPACE "]+"
#define LLAMA3                                                                                     \
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^" SPACE            \
    "\\p{L}\\p{N}]+[\\r\\n]*|[" SPACE "]*[\\r\\n]+|[" SPACE "]+(?![^" SPACE "])|[" SPACE "]+"
#define QWEN2                                                                                      \
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^" SPACE                 \
    "\\p{L}\\p{N}]+[\\r\\n]*|[" SPACE "]*[\\r\\n]+|[" SPACE "]+(?![^" SPACE "])|[" SPACE "]+"

struct stage {
    pcre2_code *expression;
    bool digits, individual;
};
struct pre_tokenizer {
    struct stage stages[MAX_STAGES];
    int n;
};

struct pre_tokenizer *pre_tokenizer_new(void) {
    return mem_alloc(sizeof(struct pre_tokenizer));
}

void pre_tokenizer_free(struct pre_tokenizer *p) {
    for (int i = 0; p && i < p->n; i++)
        pcre2_code_free(p->stages[i].expression);
    free(p);
}

void pre_tokenizer_add_digits(struct pre_tokenizer *p, bool individual) {
    if (p->n < MAX_STAGES)
        p->stages[p->n++] = (struct stage){.digits = true, .individual = individual};
}

enum err_code pre_tokenizer_add_split(struct pre_tokenizer *p, const char *expression, size_t n,
                                      struct err *e) {
    int number;
    PCRE2_SIZE at;
    if (p->n >= MAX_STAGES)
        return err_set(e, ERR_UNSUPPORTED, "the pre-tokenizer has more than %d stages", MAX_STAGES);
    if (n == strlen(PRE_TOKENIZER_GPT2) && memcmp(expression, PRE_TOKENIZER_GPT2, n) == 0) {
        expression = GPT2;
        n = strlen(GPT2);
    }
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)expression, n, PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C,
                      &number, &at, NULL);
    if (!code) {
        char message[120];
        pcre2_get_error_message(number, (PCRE2_UCHAR *)message, sizeof message);
        return err_set(e, ERR_FORMAT, "the pre-tokenizer's expression is wrong at byte %zu: %s",
                       (size_t)at, message);
    }
    /* Faster where it works; matching falls back by itself. */
    pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    p->stages[p->n++] = (struct stage){.expression = code};
    return ERR_OK;
}

bool pre_tokenizer_add_named(struct pre_tokenizer *p, const char *name, bool *ignore_merges) {
    static const struct {
        const char *name, *expression;
        bool digits, ignore_merges;
    } table[] = {
        {"gpt-2", GPT2, false, false},    {"gpt2", GPT2, false, false},
        {"default", GPT2, false, false},  {"olmo", GPT2, false, false},
        {"smollm", GPT2, true, false},    {"starcoder", GPT2, true, false},
        {"refact", GPT2, true, false},    {"command-r", GPT2, true, false},
        {"codeshell", GPT2, true, false}, {"llama-bpe", LLAMA3, false, true},
        {"llama3", LLAMA3, false, true},  {"qwen2", QWEN2, false, false},
        {"dbrx", LLAMA3, false, false},   {"smaug-bpe", LLAMA3, false, false},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (strcmp(table[i].name, name) != 0)
            continue;
        struct err e;
        if (table[i].digits)
            pre_tokenizer_add_digits(p, true);
        *ignore_merges = table[i].ignore_merges;
        return pre_tokenizer_add_split(p, table[i].expression, strlen(table[i].expression), &e) ==
               ERR_OK;
    }
    return false;
}

struct splitting {
    const struct pre_tokenizer *p;
    void (*word)(void *, const char *, size_t);
    void *user;
    struct err *e;
};

static enum err_code run_stage(const struct splitting *r, int i, const char *s, size_t n);

static bool is_digit(const char *s, size_t n, size_t *length) {
    utf8proc_int32_t point;
    utf8proc_ssize_t k = utf8proc_iterate((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)n, &point);
    *length = k > 0 ? (size_t)k : 1;
    if (k <= 0)
        return false;
    utf8proc_category_t c = utf8proc_category(point); /* Rust's char::is_numeric: all of N */
    return c == UTF8PROC_CATEGORY_ND || c == UTF8PROC_CATEGORY_NL || c == UTF8PROC_CATEGORY_NO;
}

static enum err_code run_digits(const struct splitting *r, int i, const char *s, size_t n) {
    bool individual = r->p->stages[i].individual;
    size_t begin = 0, length;
    for (size_t at = 0; at < n; at += length) {
        bool digit = is_digit(s + at, n - at, &length), last = begin == at,
             was = !last && is_digit(s + begin, n - begin, &(size_t){0});
        if (last || (digit == was && !(digit && individual)))
            continue;
        enum err_code code = run_stage(r, i + 1, s + begin, at - begin);
        if (code)
            return code;
        begin = at;
    }
    return begin < n ? run_stage(r, i + 1, s + begin, n - begin) : ERR_OK;
}

static enum err_code run_split(const struct splitting *r, int i, const char *s, size_t n) {
    pcre2_match_data *match = pcre2_match_data_create(1, NULL);
    if (!match)
        return err_set(r->e, ERR_NOMEM, "out of memory");
    size_t begin = 0, at = 0;
    enum err_code code = ERR_OK;
    while (at < n) {
        int found = pcre2_match(r->p->stages[i].expression, (PCRE2_SPTR)s, n, at,
                                at ? PCRE2_NO_UTF_CHECK : 0, match, NULL);
        if (found == PCRE2_ERROR_NOMATCH)
            break;
        if (found < 0) {
            code = err_set(r->e, ERR_FORMAT,
                           "the pre-tokenizer's expression cannot be matched against this text "
                           "(PCRE2 error %d)",
                           found);
            goto out;
        }
        const PCRE2_SIZE *span = pcre2_get_ovector_pointer(match);
        /* An empty match separates nothing. With \K called as a group from an assertion, a match
         * can also end before it begins, or begin before `at`. */
        if (span[0] < at || span[1] <= span[0]) {
            size_t length;
            is_digit(s + at, n - at, &length);
            at += length;
            continue;
        }
        if (span[0] > begin)
            code = run_stage(r, i + 1, s + begin, span[0] - begin);
        if (code)
            goto out;
        code = run_stage(r, i + 1, s + span[0], span[1] - span[0]);
        begin = at = span[1];
        if (code)
            goto out;
    }
out:
    pcre2_match_data_free(match);
    if (code || begin == n)
        return code;
    return run_stage(r, i + 1, s + begin, n - begin);
}

static enum err_code run_stage(const struct splitting *r, int i, const char *s, size_t n) {
    if (i == r->p->n) {
        r->word(r->user, s, n);
        return ERR_OK;
    }
    return r->p->stages[i].digits ? run_digits(r, i, s, n) : run_split(r, i, s, n);
}

enum err_code pre_tokenizer_run(const struct pre_tokenizer *p, const char *text, size_t n,
                                void (*word)(void *user, const char *s, size_t n), void *user,
                                struct err *e) {
    struct splitting r = {p, word, user, e};
    return n ? run_stage(&r, 0, text, n) : ERR_OK;
}
