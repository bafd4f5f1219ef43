/* What attribution_kwargs say of texts: clean_special_chars and skip_special_tokens as Inseq does
 * (tests/fixtures/make_inseq_clean.py), a contrast as ids. */
#include "methods/request/attribute.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/model.h"
#include "methods/request/request_result.h"
#include "tests/methods/result/info.h"
#include "tests/methods/tiny_model.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const scores[] = {"probability", "contrast_prob"};

static struct attribution *run(struct model *m, const struct attribute_request *r) {
    struct attribution *a = NULL;
    struct err e = {0};
    cr_assert_eq(attribute_run(&a, m, r, NULL, NULL, &e), ERR_OK, "%s", e.message);
    return a;
}

static const cJSON *get(const cJSON *c, const char *name) {
    return cJSON_GetObjectItem(c, name);
}

static void expect_inseqs(const struct attribution *a, const cJSON *c) {
    const struct attribution_sequence *s = &a->sequences[0];
    const cJSON *target = get(c, "target");
    const char *model = get(c, "model")->valuestring;
    cr_assert_eq((int)s->target.n, cJSON_GetArraySize(target), "%s", model);
    for (size_t i = 0; i < s->target.n; i++)
        cr_expect_str_eq(s->target.items[i].piece, cJSON_GetArrayItem(target, (int)i)->valuestring,
                         "%s, %zu", model, i);
    for (int64_t g = 0; g < attribution_steps(s); g++) {
        const double p = cJSON_GetArrayItem(get(c, "probability"), (int)g)->valuedouble;
        cr_expect(fabs(s->step_scores[0].scores.data[g] - p) <= 1e-4 * p, "%s", model);
    }
}

static void check_case(const cJSON *c) {
    char *kwargs = cJSON_PrintUnformatted(get(c, "kwargs"));
    struct model *m = tiny_model_open(get(c, "model")->valuestring);
    const struct attribute_request r = {.input_text = get(c, "input")->valuestring,
                                        .generated_text = get(c, "generated")->valuestring,
                                        .method = "dummy",
                                        .step_scores = {scores, 1},
                                        .attribution_kwargs = kwargs};
    struct attribution *a = run(m, &r);
    expect_inseqs(a, c);
    struct attribute_request told = request_of_result(a, 0);
    struct attribution *again = run(m, &told);
    expect_inseqs(again, c);
    request_dispose(&told);
    attribution_release(a);
    attribution_release(again);
    model_free(m);
    free(kwargs);
}

Test(text_options, tokens_are_inseqs) {
    struct err e;
    char *json;
    size_t n;
    cr_assert_eq(file_read(&json, &n, "tests/fixtures/inseq-clean.json", 1 << 20, &e), ERR_OK);
    cJSON *all = cJSON_ParseWithLength(json, n), *c;
    cr_assert_eq(cJSON_GetArraySize(all), 9);
    cJSON_ArrayForEach(c, all) check_case(c);
    cJSON_Delete(all);
    free(json);
}

/* The ids of a text and their padding are that text. */
static void check_ids(const char *model, struct attribute_request r, const char *contrast) {
    struct model *m = tiny_model_open(model);
    r.step_scores = (struct names){scores, 2};
    r.attributed_fn = "contrast_logits_diff";
    struct attribute_request as_text = r;
    as_text.contrast_targets = contrast;
    struct attribute_request plain = {
        .input_text = r.input_text, .generated_text = contrast, .method = "dummy"};
    struct attribution *text = run(m, &as_text), *tokens = run(m, &plain);
    struct text_buffer ids = {0}, mask = {0};
    for (size_t i = 0; i < tokens->sequences[0].target.n; i++) {
        text_buffer_format(&ids, "%s%d", i ? "," : "1,", tokens->sequences[0].target.items[i].id);
        text_buffer_puts(&mask, i ? ",1" : "0,1");
    }
    char *kwargs = mem_format("{\"contrast_attention_mask\": [[%s]], \"contrast_ids\": [[%s]]}",
                              mask.text, ids.text);
    r.attribution_kwargs = kwargs;
    struct attribution *by_ids = run(m, &r);
    struct attribute_request told = request_of_result(by_ids, 0);
    struct attribution *again = run(m, &told);
    const struct attribution *const both[] = {by_ids, again};
    for (size_t k = 0; k < 2; k++) {
        const struct attribution_sequence *x = &both[k]->sequences[0], *y = &text->sequences[0];
        const struct scores *p = &x->target_attributions, *q = &y->target_attributions;
        p = p->data ? p : &x->source_attributions;
        q = q->data ? q : &y->source_attributions;
        cr_assert_eq(scores_count(p), scores_count(q));
        cr_assert_gt(scores_count(p), 0);
        for (int64_t i = 0; i < scores_count(p); i++)
            cr_expect(p->data[i] == q->data[i] || (isnan(p->data[i]) && isnan(q->data[i])));
        for (int64_t g = 0; g < attribution_steps(x); g++)
            cr_expect_eq(x->step_scores[1].scores.data[g], y->step_scores[1].scores.data[g]);
        for (size_t i = 0; i < x->target.n; i++)
            cr_expect_str_eq(x->target.items[i].piece, y->target.items[i].piece);
    }
    request_dispose(&told);
    attribution_release(again);
    attribution_release(by_ids);
    attribution_release(text);
    attribution_release(tokens);
    text_buffer_dispose(&ids);
    text_buffer_dispose(&mask);
    free(kwargs);
    model_free(m);
}

Test(text_options, a_contrast_may_be_ids) {
    check_ids("llama",
              (struct attribute_request){.input_text = "The nurse said",
                                         .generated_text = "The nurse said hello to the cat"},
              "The nurse said hello to the dog");
    check_ids("marian",
              (struct attribute_request){.input_text = "The manager said hi",
                                         .generated_text = "O gerente disse"},
              "A gerente disse");
}

Test(text_options, ids_beyond_the_vocabulary_are_refused) {
    struct model *m = tiny_model_open("llama");
    struct attribution *a;
    struct err e = {0};
    const struct attribute_request r = {.input_text = "The nurse said",
                                        .generated_text = "The nurse said hello",
                                        .attributed_fn = "contrast_logits_diff",
                                        .attribution_kwargs =
                                            "{\"contrast_ids\": [1, 2147483647]}"};
    cr_expect_eq(attribute_run(&a, m, &r, NULL, NULL, &e), ERR_USAGE);
    cr_expect(strstr(e.message, "contrast_ids has #2147483647"), "%s", e.message);
    model_free(m);
}
