/* Languages that a request asks of a translator: they stand around the texts, the decoder begins
 * with the target's, the result tells them, and the next request has the model's own again. */
#include "methods/request/attribute.h"

#include "backend/base/mem.h"
#include "backend/model.h"
#include "methods/request/request_result.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ENGLISH = 5, FRENCH = 6, GERMAN = 7 };

static char folder[] = "/tmp/tinseq-test-XXXXXX";

static void put(const char *name, const char *text) {
    char *path = mem_format("%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    cr_assert_not_null(f);
    fputs(text, f);
    fclose(f);
    free(path);
}

static void drop(const char *name) {
    char *path = mem_format("%s/%s", folder, name);
    cr_expect_eq(unlink(path), 0);
    free(path);
}

/* M2M-100's tiny checkpoint, with words and three languages of NLLB's. */
static struct model *open_many(void) {
    struct err e = {0};
    struct model *m = NULL;
    struct model_options options = {.tokenizer = folder};
    char *path = mem_format("%s/families/m2m_100", getenv("TINSEQ_BUILD"));
    cr_assert_not_null(mkdtemp(folder));
    put("tokenizer.json",
        "{\"model\": {\"type\": \"WordLevel\", \"unk_token\": \"<unk>\", \"vocab\": "
        "{\"<s>\": 0, \"<pad>\": 1, \"</s>\": 2, \"<unk>\": 3, \"hello\": 4, "
        "\"eng_Latn\": 5, \"fra_Latn\": 6, \"deu_Latn\": 7, \"world\": 8}}, "
        "\"pre_tokenizer\": {\"type\": \"WhitespaceSplit\"}, \"added_tokens\": ["
        "{\"id\": 5, \"content\": \"eng_Latn\", \"special\": true}, "
        "{\"id\": 6, \"content\": \"fra_Latn\", \"special\": true}, "
        "{\"id\": 7, \"content\": \"deu_Latn\", \"special\": true}]}");
    put("tokenizer_config.json", "{\"tokenizer_class\": \"NllbTokenizer\", "
                                 "\"src_lang\": \"eng_Latn\", \"tgt_lang\": \"fra_Latn\"}");
    cr_assert_eq(model_open(&m, path, &options, NULL, &e), ERR_OK, "%s", e.message);
    drop("tokenizer.json");
    drop("tokenizer_config.json");
    rmdir(folder);
    free(path);
    return m;
}

static struct attribution *run(struct model *m, const struct attribute_request *r) {
    struct attribution *a = NULL;
    struct attribute_events events = {0};
    struct run_ctl ctl = {0};
    struct err e = {0};
    cr_assert_eq(attribute_run(&a, m, r, &events, &ctl, &e), ERR_OK, "%s", e.message);
    return a;
}

static int32_t source_id(const struct attribution *a) {
    return a->sequences[0].source.items[0].id;
}

Test(languages, a_request_has_its_own) {
    struct model *m = open_many();
    const int32_t forced = model_config(m)->generation.forced_bos_token_id;
    struct attribute_request r = {.input_text = "hello world",
                                  .source_language = "deu_Latn",
                                  .target_language = "eng_Latn",
                                  .generated_ids = "own",
                                  .generation_kwargs = "{\"max_new_tokens\": 3}"};
    struct attribution *a = run(m, &r);
    cr_expect_eq(source_id(a), GERMAN);
    cr_expect_eq(a->sequences[0].target.items[1].id, ENGLISH);
    struct attribute_request told = request_of_result(a, 0);
    cr_expect_str_eq(told.source_language, "deu_Latn");
    cr_expect_str_eq(told.target_language, "eng_Latn");
    request_dispose(&told);
    attribution_release(a);
    r.source_language = r.target_language = NULL;
    r.generated_ids = r.generation_kwargs = NULL;
    r.generated_text = "world";
    a = run(m, &r);
    cr_expect_eq(source_id(a), ENGLISH);
    cr_expect_eq(a->sequences[0].target.items[1].id, FRENCH);
    cr_expect_eq(model_config(m)->generation.forced_bos_token_id, forced);
    told = request_of_result(a, 0);
    cr_expect_null(told.source_language);
    request_dispose(&told);
    attribution_release(a);
    model_free(m);
}

Test(languages, one_that_is_not_there_is_named) {
    struct model *m = open_many();
    struct attribution *a = NULL;
    struct attribute_events events = {0};
    struct run_ctl ctl = {0};
    struct err e = {0};
    const struct attribute_request r = {.input_text = "hello", .target_language = "tlh_Piqd"};
    cr_expect_eq(attribute_run(&a, m, &r, &events, &ctl, &e), ERR_USAGE);
    cr_expect_not_null(strstr(e.message, "tlh_Piqd"), "%s", e.message);
    model_free(m);
}
