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

/* What the tokenizer's files make of a configuration that says nothing. */
static struct model_config config_of(const char *of, const char *name, const char *kwargs) {
    struct model_config config = {.encoder_decoder = true,
                                  .generation.forced_bos_token_id = -1,
                                  .bos_token_id = -1,
                                  .eos_token_id = -1,
                                  .pad_token_id = -1,
                                  .unk_token_id = -1};
    char *path = mem_format("%s/%s/%s", getenv("TINSEQ_FIXTURES"), of, name);
    struct tokenizer *t = NULL;
    struct model_files f;
    struct err e = {0};
    cr_assert_eq(tokenizer_locate(&f, path, &e), ERR_OK, "%s", e.message);
    mem_replace(&f.tokenizer_kwargs, mem_text(kwargs ? kwargs : ""));
    cr_expect_eq(tokenizer_open(&t, &f, NULL, &config, &e), ERR_OK, "%s: %s", name, e.message);
    tokenizer_free(t);
    model_files_dispose(&f);
    free(path);
    return config;
}

/* Transformers' ids; null is none. */
static void check_specials(const cJSON *wanted, const char *of, const char *name,
                           const char *kwargs) {
    const struct model_config c = config_of(of, name, kwargs);
    const struct {
        const char *key;
        int32_t id;
    } ids[] = {{"bos", c.bos_token_id},
               {"eos", c.eos_token_id},
               {"unk", c.unk_token_id},
               {"pad", c.pad_token_id}};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        const cJSON *v = get(wanted, ids[i].key);
        cr_expect_eq(ids[i].id, cJSON_IsNumber(v) ? (int32_t)v->valuedouble : -1, "%s: %s is %d",
                     name, ids[i].key, ids[i].id);
    }
}

static void check_files(const char *of, const cJSON *texts, const cJSON *c) {
    const bool any = get(c, "kwargs")->child != NULL;
    char *kwargs = any ? cJSON_PrintUnformatted(get(c, "kwargs")) : NULL,
         *what = mem_format("%s %s", get(c, "folder")->valuestring, kwargs ? kwargs : "");
    struct tokenizer *t = open_at(of, get(c, "folder")->valuestring, kwargs, what);
    check_specials(get(c, "specials"), of, get(c, "folder")->valuestring, kwargs);
    if (t) {
        cr_expect_eq(cases_wrong_ids(t, TEXT_SOURCE, texts, get(c, "sources"), what), 0, "%s",
                     what);
        cr_expect_eq(cases_wrong_texts(t, TEXT_SOURCE, get(c, "sources"), get(c, "decoded"), what),
                     0, "%s", what);
        if (get(c, "targets"))
            cr_expect_eq(cases_wrong_ids(t, TEXT_TARGET, texts, get(c, "targets"), what), 0,
                         "%s, target", what);
        if (get(c, "decoded_targets"))
            cr_expect_eq(cases_wrong_texts(t, TEXT_TARGET, get(c, "targets"),
                                           get(c, "decoded_targets"), what),
                         0, "%s, target", what);
    }
    tokenizer_free(t);
    free(what);
    free(kwargs);
}

static void check_folder(const char *folder) {
    char *path = mem_format("%s/cases.json.gz", folder);
    cJSON *json = cases_read(path);
    const cJSON *c;
    cJSON_ArrayForEach(c, get(json, "cases")) check_files(folder, get(json, "texts"), c);
    cJSON_Delete(json);
    free(path);
}

Test(tokenizer_files, every_class_has_transformers_ids) {
    check_folder("tokenizer-files");
}

Test(tokenizer_files, every_class_with_words_of_its_own_has_transformers_ids) {
    check_folder("word-tokenizers");
}

Test(tokenizer_files, a_short_list_of_abbreviations_is_told) {
    const struct model_config own = config_of("word-tokenizers", "biogpt", NULL),
                              list = config_of("word-tokenizers", "biogpt-list", NULL);
    cr_expect(strstr(own.notice, "nonbreaking_prefix.en"), "%s", own.notice);
    cr_expect_str_eq(list.notice, "");
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
            cr_expect_eq(cases_wrong_texts(t, TEXT_SOURCE, get(c, "ids"), get(c, "decoded"), what),
                         0, "%s", what);
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

Test(tokenizer_files, generation_begins_with_the_language_that_a_person_names) {
    static const struct {
        const char *name, *kwargs, *notice;
        int32_t forced;
    } cases[] = {{"nllb", "{\"tgt_lang\": \"fra_Latn\"}", "fra_Latn", 658},
                 {"nllb-json", "{\"tgt_lang\": \"fra_Latn\"}", "fra_Latn", 658},
                 {"nllb", NULL, "", -1}, /* its file names the same one */
                 {"mbart50", "{\"tgt_lang\": \"fr_XX\"}", "fr_XX", 408},
                 {"mbart", "{\"tgt_lang\": \"ro_RO\"}", "", -1}}; /* its decoder starts with it */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct model_config c = config_of("tokenizer-files", cases[i].name, cases[i].kwargs);
        cr_expect_eq(c.generation.forced_bos_token_id, cases[i].forced, "%s: %d", cases[i].name,
                     c.generation.forced_bos_token_id);
        cr_expect(strstr(c.notice, cases[i].notice), "%s", c.notice);
        cr_expect_eq(*c.notice != '\0', cases[i].forced >= 0, "%s", c.notice);
    }
}

/* Speaks what the arguments of a case say; false: they say something else. */
static bool speak_as(struct tokenizer *t, const cJSON *kwargs) {
    const cJSON *source = get(kwargs, "src_lang"), *target = get(kwargs, "tgt_lang");
    struct err e = {0};
    if (!source && !target)
        return false;
    cr_expect_eq(tokenizer_speak(t, source ? source->valuestring : NULL,
                                 target ? target->valuestring : NULL, &e),
                 ERR_OK, "%s", e.message);
    return true;
}

static void check_ids(const struct tokenizer *t, const cJSON *texts, const cJSON *c) {
    const char *what = get(c, "folder")->valuestring;
    cr_expect_eq(cases_wrong_ids(t, TEXT_SOURCE, texts, get(c, "sources"), what), 0, "%s", what);
    if (get(c, "targets"))
        cr_expect_eq(cases_wrong_ids(t, TEXT_TARGET, texts, get(c, "targets"), what), 0,
                     "%s, target", what);
}

/* The case of the same folder whose languages are the files' own. */
static const cJSON *own_case(const cJSON *cases, const char *folder) {
    const cJSON *c;
    cJSON_ArrayForEach(c, cases) {
        if (strcmp(get(c, "folder")->valuestring, folder) == 0 && !get(c, "kwargs")->child)
            return c;
    }
    return NULL;
}

Test(tokenizer_files, languages_that_are_spoken_are_those_of_arguments_until_others_are) {
    cJSON *json = cases_read("tokenizer-files/cases.json.gz");
    const cJSON *cases = get(json, "cases"), *texts = get(json, "texts"), *c;
    struct err e = {0};
    int n_spoken = 0;
    cJSON_ArrayForEach(c, cases) {
        const char *folder = get(c, "folder")->valuestring;
        struct tokenizer *t = open_at("tokenizer-files", folder, NULL, folder);
        cr_assert_not_null(t);
        if (speak_as(t, get(c, "kwargs"))) {
            n_spoken++;
            check_ids(t, texts, c);
            cr_expect_eq(tokenizer_speak(t, NULL, NULL, &e), ERR_OK, "%s", e.message);
            check_ids(t, texts, own_case(cases, folder));
            cr_expect_eq(tokenizer_speak(t, "tlh", NULL, &e), ERR_USAGE);
            cr_expect_not_null(strstr(e.message, "\"tlh\""), "%s", e.message);
        }
        tokenizer_free(t);
    }
    cr_expect_geq(n_spoken, 7);
    cJSON_Delete(json);
}

Test(tokenizer_files, languages_are_those_that_the_vocabulary_has) {
    static const struct {
        const char *folder, *first, *source, *target;
    } rows[] = {{"nllb", "ace_Arab ace_Latn ", "eng_Latn", "fra_Latn"},
                {"mbart", "ar_AR cs_CZ ", "en_XX", NULL},
                {"m2m100", "af am ", "en", "fr"},
                {"t5", NULL, NULL, NULL}};
    struct err e = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tokenizer *t = open_at("tokenizer-files", rows[i].folder, NULL, rows[i].folder);
        const struct tokenizer_languages *l = tokenizer_languages(t);
        cr_expect_eq(l != NULL, rows[i].first != NULL, "%s", rows[i].folder);
        if (l) {
            cr_expect_eq(strncmp(l->names, rows[i].first, strlen(rows[i].first)), 0, "%s",
                         l->names);
            cr_expect_str_eq(l->own[TEXT_SOURCE], rows[i].source);
            cr_expect(rows[i].target ? strcmp(l->own[TEXT_TARGET], rows[i].target) == 0
                                     : l->own[TEXT_TARGET] == NULL);
        } else
            cr_expect_eq(tokenizer_speak(t, NULL, "fr", &e), ERR_USAGE);
        tokenizer_free(t);
    }
}

Test(tokenizer_files, a_gguf_takes_the_arguments_that_it_can_follow) {
    struct tokenizer *t = open_at("gguf-vocabularies", "llama-spm.gguf",
                                  "{\"add_bos_token\": false, \"add_eos_token\": true}", "kwargs");
    struct token_list tokens = {0};
    struct err e = {0};
    char *path = mem_format("%s/gguf-vocabularies/gpt-2.gguf", getenv("TINSEQ_FIXTURES")),
         *notice = NULL;
    cr_assert(t);
    cr_expect_eq(tokenizer_encode(t, TEXT_SOURCE, "a", 1, true, &tokens, &e), ERR_OK);
    cr_assert_geq(tokens.n, 2);
    cr_expect_neq(tokens.items[0].id, 1);
    cr_expect_eq(tokens.items[tokens.n - 1].id, 2);
    token_list_dispose(&tokens);
    tokenizer_free(t);
    t = NULL;
    cr_expect_eq(tokenizer_open_path(&t, path, "{\"src_lang\": \"de\"}", &notice, &e), ERR_USAGE);
    cr_expect(strstr(e.message, "src_lang"), "%s", e.message);
    free(notice);
    free(path);
}
