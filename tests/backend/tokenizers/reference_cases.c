#include "tests/backend/tokenizers/reference_cases.h"

#include "app/files/gzip.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define MOST_SHOWN 3

cJSON *cases_read(const char *name) {
    char *path = mem_format("%s/%s", getenv("TINSEQ_FIXTURES"), name), *packed, *text = NULL;
    size_t n_packed, n = 0;
    struct err e = {0};
    cr_assert_eq(file_read(&packed, &n_packed, path, 64u << 20, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(gzip_unpack(&text, &n, packed, n_packed, 256u << 20, &e), ERR_OK, "%s", e.message);
    cJSON *json = cJSON_ParseWithLength(text, n);
    cr_assert(json, "%s is no JSON", path);
    free(text);
    free(packed);
    free(path);
    return json;
}

static char *as_text(const struct tokenizer *t, const int32_t *ids, size_t n) {
    struct text_buffer b = {0};
    for (size_t i = 0; i < n && i < 40; i++) {
        struct token_list one = {0};
        struct err e;
        if (tokenizer_token(t, TEXT_SOURCE, ids[i], &one, &e) == ERR_OK)
            text_buffer_format(&b, " %d %s", ids[i], one.items[0].piece);
        token_list_dispose(&one);
    }
    return text_buffer_take(&b);
}

static int32_t *ids_of(const cJSON *list, size_t *n) {
    *n = (size_t)cJSON_GetArraySize(list);
    int32_t *ids = mem_alloc((*n + 1) * sizeof *ids);
    const cJSON *v;
    size_t i = 0;
    cJSON_ArrayForEach(v, list) ids[i++] = (int32_t)v->valuedouble;
    return ids;
}

static bool same_ids(const struct tokenizer *t, enum text_side side, const char *text,
                     const cJSON *list, const char *what, bool shown) {
    struct token_list tokens = {0};
    struct err e = {0};
    size_t n;
    int32_t *want = ids_of(list, &n);
    enum err_code code = tokenizer_encode(t, side, text, strlen(text), true, &tokens, &e);
    int32_t *got = token_list_ids(&tokens);
    const bool same = !code && tokens.n == n && memcmp(got, want, n * sizeof *got) == 0;
    if (!same && shown) {
        char *a = as_text(t, got, tokens.n), *b = as_text(t, want, n);
        cr_log_error("%s: \"%s\": %s\n   is  %s\n   not %s", what, text, code ? e.message : "", a,
                     b);
        free(a);
        free(b);
    }
    token_list_dispose(&tokens);
    free(got);
    free(want);
    return same;
}

int cases_wrong_ids(const struct tokenizer *t, enum text_side side, const cJSON *texts,
                    const cJSON *ids, const char *what) {
    const cJSON *text = texts->child, *list = ids->child;
    int wrong = 0;
    for (; text && list; text = text->next, list = list->next)
        wrong += !same_ids(t, side, text->valuestring, list, what, wrong < MOST_SHOWN);
    return wrong + (text || list);
}

int cases_wrong_texts(const struct tokenizer *t, enum text_side side, const cJSON *ids,
                      const cJSON *decoded, const char *what) {
    const cJSON *list = ids->child, *text = decoded->child;
    int wrong = 0;
    for (; text && list; text = text->next, list = list->next) {
        size_t n;
        int32_t *each = ids_of(list, &n);
        char *got = NULL;
        struct err e = {0};
        enum err_code code = tokenizer_decode(t, side, each, n, true, &got, &e);
        const bool same = !code && strcmp(got, text->valuestring) == 0;
        if (!same && wrong < MOST_SHOWN)
            cr_log_error("%s: decoded \"%s\" %s, not \"%s\"", what, got ? got : "",
                         code ? e.message : "", text->valuestring);
        wrong += !same;
        free(got);
        free(each);
    }
    return wrong + (text || list);
}
