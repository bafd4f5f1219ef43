/* Tokenizers whose vocabulary is no tokenizer.json, against Transformers' (tests/fixtures/
 * make_tokenizer_files.py, make_gguf_vocabularies.py). */
#include "backend/base/mem.h"
#include "backend/tokenizers/gguf_pre.h"
#include "backend/tokenizers/words.h"
#include "tests/backend/tokenizers/reference_cases.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* The names of every row of the table. */
static const char *const pre_names[] = {
#define PRE(names, ...) names,
#include "backend/tokenizers/gguf_pre.def"
#undef PRE
};
#define N_PRES (sizeof pre_names / sizeof *pre_names)

static const cJSON *get(const cJSON *o, const char *key) {
    return cJSON_GetObjectItemCaseSensitive(o, key);
}

static struct tokenizer *open_at(const char *folder, const char *name, const char *kwargs,
                                 const char *what) {
    char *path = mem_format("%s/%s/%s", getenv("TINSEQ_FIXTURES"), folder, name), *notice = NULL;
    struct tokenizer *t = NULL;
    struct err e = {0};
    enum err_code code = tokenizer_open_path(&t, path, kwargs, &notice, &e);
    cr_expect_eq(code, ERR_OK, "%s: %s", what, e.message);
    free(notice);
    free(path);
    return t;
}

static void check_files(const cJSON *texts, const cJSON *c) {
    const bool any = get(c, "kwargs")->child != NULL;
    char *kwargs = any ? cJSON_PrintUnformatted(get(c, "kwargs")) : NULL,
         *what = mem_format("%s %s", get(c, "folder")->valuestring, kwargs ? kwargs : "");
    struct tokenizer *t = open_at("tokenizer-files", get(c, "folder")->valuestring, kwargs, what);
    if (t) {
        cr_expect_eq(cases_wrong_ids(t, TEXT_SOURCE, texts, get(c, "sources"), what), 0, "%s",
                     what);
        cr_expect_eq(cases_wrong_texts(t, get(c, "sources"), get(c, "decoded"), what), 0, "%s",
                     what);
        if (get(c, "targets"))
            cr_expect_eq(cases_wrong_ids(t, TEXT_TARGET, texts, get(c, "targets"), what), 0,
                         "%s, target", what);
    }
    tokenizer_free(t);
    free(what);
    free(kwargs);
}

Test(tokenizer_files, every_class_has_transformers_ids) {
    cJSON *json = cases_read("tokenizer-files/cases.json.gz");
    const cJSON *c;
    cJSON_ArrayForEach(c, get(json, "cases")) check_files(get(json, "texts"), c);
    cJSON_Delete(json);
}

Test(tokenizer_files, every_gguf_model_and_pre_tokenizer_has_its_ids) {
    cJSON *json = cases_read("gguf-vocabularies/cases.json.gz");
    const cJSON *c;
    size_t n_pres = N_PRES;
    cJSON_ArrayForEach(c, get(json, "cases")) {
        const char *what = get(c, "file")->valuestring;
        char *name = mem_format("%s.gguf", what);
        struct tokenizer *t = open_at("gguf-vocabularies", name, NULL, what);
        if (t) {
            cr_expect_eq(cases_wrong_ids(t, TEXT_SOURCE, get(json, "texts"), get(c, "ids"), what),
                         0, "%s", what);
            cr_expect_eq(cases_wrong_texts(t, get(c, "ids"), get(c, "decoded"), what), 0, "%s",
                         what);
        }
        n_pres -= gguf_pre_find(what) && strcmp(what, "gemma4") != 0;
        tokenizer_free(t);
        free(name);
    }
    cr_expect_eq(n_pres, 1, "a row of gguf_pre.def has no file"); /* gemma4's has its model */
    cJSON_Delete(json);
}

Test(tokenizer_files, names_of_pre_tokenizers_stand_once) {
    const struct gguf_pre *before = NULL;
    size_t n;
    for (size_t i = 0; i < N_PRES; i++) {
        const char *rest = pre_names[i], *word;
        const struct gguf_pre *row = NULL;
        while ((word = next_word(&rest, &n))) {
            char *name = mem_text_n(word, n);
            cr_expect(!row || gguf_pre_find(name) == row, "%s stands twice", name);
            row = gguf_pre_find(name);
            free(name);
        }
        cr_expect(row && row != before, "%s", pre_names[i]);
        before = row;
    }
    cr_expect_null(gguf_pre_find("gpt"));
    cr_expect_null(gguf_pre_find(""));
}
