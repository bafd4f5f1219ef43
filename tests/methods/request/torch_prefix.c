/* generate_from_target_prefix: Inseq's texts, tokens and scores (tests/fixtures/
 * make_inseq_prefix.py); what a result tells of it; languages; decoder-only models. */
#include "methods/request/attribute.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/model.h"
#include "methods/request/request_result.h"
#include "tests/methods/result/info.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const scores[] = {"probability"};

static struct model *open_at(const char *root, const char *name) {
    struct model *m = NULL;
    struct err e = {0};
    struct model_options options = {0};
    char *path = mem_format("%s/%s", root, name);
    cr_assert_eq(model_open(&m, path, &options, NULL, &e), ERR_OK, "%s", e.message);
    free(path);
    return m;
}

static void on_notice(void *user, const char *text) {
    strncat(user, text, 999 - strlen(user));
}

static struct attribution *run(struct model *m, const struct attribute_request *r,
                               char notices[1000]) {
    struct attribution *a = NULL;
    struct err e = {0};
    const struct attribute_events events = {.user = notices, .notice = on_notice};
    *notices = '\0';
    cr_assert_eq(attribute_run(&a, m, r, &events, NULL, &e), ERR_OK, "%s", e.message);
    return a;
}

static double item(const cJSON *c, const char *name, int i) {
    return cJSON_GetArrayItem(cJSON_GetObjectItem(c, name), i)->valuedouble;
}

static const char *text_of(const cJSON *c, const char *name) {
    return cJSON_GetObjectItem(c, name)->valuestring;
}

/* The sum over the source of a column's lengths. */
static double length_of(const struct scores *s, int64_t g) {
    const int64_t cell = scores_cell(s);
    double all = 0;
    for (int64_t row = 0; row < s->dims[0]; row++) {
        double sum = 0;
        for (int64_t k = 0; k < cell; k++)
            sum += pow(s->data[(row * s->dims[1] + g) * cell + k], 2);
        all += sqrt(sum);
    }
    return all;
}

static void expect_inseqs(const struct attribution *a, const cJSON *c) {
    const struct attribution_sequence *s = &a->sequences[0];
    const char *prefix = text_of(c, "prefix");
    cr_expect_str_eq(info_text_of(&a->info.generated_texts, 0), text_of(c, "text"), "%s", prefix);
    cr_assert_eq((int)s->target.n, cJSON_GetArraySize(cJSON_GetObjectItem(c, "target")), "%s",
                 prefix);
    for (size_t i = 0; i < s->target.n; i++)
        cr_expect_eq(s->target.items[i].id, (int32_t)item(c, "target", (int)i));
    for (int64_t g = 0; g < attribution_steps(s); g++) {
        const double length = item(c, "source_attributions", (int)g),
                     p = item(c, "probability", (int)g);
        cr_expect(fabs(length_of(&s->source_attributions, g) - length) <= 1e-4 * length, "%s: %lld",
                  prefix, (long long)g);
        cr_expect(fabs(s->step_scores[0].scores.data[g] - p) <= 1e-4 * p);
    }
    cr_expect_eq(a->info.constrained_decoding.value,
                 cJSON_IsTrue(cJSON_GetObjectItem(c, "constrained")));
    cr_expect_eq(a->info.from_target_prefix.value,
                 cJSON_IsTrue(cJSON_GetObjectItem(c, "from_prefix")));
}

Test(prefix, a_text_goes_on_as_inseqs_does) {
    struct err e;
    char *json, notices[1000];
    size_t n;
    cr_assert_eq(file_read(&json, &n, "tests/fixtures/inseq-prefix.json", 1 << 20, &e), ERR_OK);
    cJSON *all = cJSON_ParseWithLength(json, n), *c;
    struct model *m = open_at("tests/fixtures/tiny", "marian");
    cJSON_ArrayForEach(c, cJSON_GetObjectItem(all, "cases")) {
        char *generation = cJSON_PrintUnformatted(cJSON_GetObjectItem(c, "generation"));
        const struct attribute_request r = {.input_text = text_of(all, "source"),
                                            .generated_text = text_of(c, "prefix"),
                                            .from_target_prefix = true,
                                            .skip_special_tokens =
                                                cJSON_IsTrue(cJSON_GetObjectItem(c, "skip")),
                                            .step_scores = {scores, 1},
                                            .generation_kwargs = generation};
        struct attribution *a = run(m, &r, notices);
        expect_inseqs(a, c);
        /* The result tells the prefix, not only the text. */
        struct attribute_request told = request_of_result(a, 0);
        cr_expect_str_eq(told.generated_text, r.generated_text);
        cr_expect(told.from_target_prefix);
        cr_expect_str_eq(told.generation_kwargs, generation);
        struct attribution *again = run(m, &told, notices);
        expect_inseqs(again, c);
        request_dispose(&told);
        attribution_release(again);
        attribution_release(a);
        free(generation);
    }
    model_free(m);
    cJSON_Delete(all);
    free(json);
}

/* Inseq drops the language there, and its model translates into any. */
Test(prefix, a_language_stands_before_it) {
    char notices[1000];
    struct model *m = open_at(getenv("TINSEQ_BUILD"), "families/m2m_100");
    struct attribute_request r = {.input_text = "The city",
                                  .generated_text = "sea",
                                  .from_target_prefix = true,
                                  .method = "dummy",
                                  .generated_ids = "own",
                                  .generation_kwargs =
                                      "{\"max_new_tokens\": 3, \"forced_bos_token_id\": 9}"};
    struct attribution *a = run(m, &r, notices);
    const struct token_list *t = &a->sequences[0].target;
    cr_assert_gt(t->n, 3);
    cr_expect_eq(t->items[0].id, model_config(m)->decoder_start_token_id);
    cr_expect_eq(t->items[1].id, 9);
    struct attribute_request forced = {
        .input_text = "The city", .generated_text = "sea", .method = "dummy"};
    struct attribution *b = run(m, &forced, notices);
    cr_expect_eq(t->items[2].id, b->sequences[0].target.items[1].id);
    attribution_release(a);
    attribution_release(b);
    model_free(m);
}

Test(prefix, is_ignored_of_a_language_model_and_says_so) {
    char notices[1000];
    struct model *m = open_at("tests/fixtures/tiny", "llama");
    const struct attribute_request r = {.input_text = "The nurse said",
                                        .generated_text = "The nurse said hello",
                                        .from_target_prefix = true,
                                        .method = "dummy"};
    struct attribution *a = run(m, &r, notices);
    cr_expect_str_eq(info_text_of(&a->info.generated_texts, 0), "The nurse said hello");
    cr_expect(strstr(notices, "generate_from_target_prefix is meant for encoder-decoder"));
    cr_expect(a->info.from_target_prefix.given && !a->info.from_target_prefix.value);
    attribution_release(a);
    model_free(m);
}
