/* The methods on the insides of a student, whose decoder has a recurrence in place of
 * self-attention: a tiny one, against tests/fixtures/make_student_internals.py. */
#include "backend/base/file.h"
#include "backend/model.h"
#include "methods/request/attribute.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BOUND 1e-4 /* of the largest of a case's side */

static const char *text_of(const cJSON *c, const char *key) {
    return cJSON_GetObjectItem(c, key)->valuestring;
}

static cJSON *read_fixture(void) {
    char *text;
    size_t n;
    struct err e = {0};
    cr_assert_eq(file_read(&text, &n, "tests/fixtures/student-internals.json", 1 << 22, &e), ERR_OK,
                 "%s", e.message);
    cJSON *all = cJSON_Parse(text);
    cr_assert_not_null(all);
    free(text);
    return all;
}

static void compare_ids(const char *side, const struct token_list *got, const cJSON *want) {
    cr_assert_eq((int)got->n, cJSON_GetArraySize(want), "%s: %zu tokens, not %d", side, got->n,
                 cJSON_GetArraySize(want));
    for (int i = 0; i < cJSON_GetArraySize(want); i++)
        cr_expect_eq(got->items[i].id, cJSON_GetArrayItem(want, i)->valueint, "%s: token %d is %d",
                     side, i, got->items[i].id);
}

static void compare(const char *label, const struct scores *got, const cJSON *dims,
                    const cJSON *want) {
    double largest = 0, worst = 0;
    const cJSON *x;
    cr_assert_eq(got->n_dims, cJSON_GetArraySize(dims), "%s", label);
    for (int i = 0; i < got->n_dims; i++)
        cr_assert_eq((int)got->dims[i], cJSON_GetArrayItem(dims, i)->valueint,
                     "%s: dimension %d is %d", label, i, (int)got->dims[i]);
    cJSON_ArrayForEach(x, want) largest =
        cJSON_IsNumber(x) ? fmax(largest, fabs(x->valuedouble)) : largest;
    int64_t i = 0;
    cJSON_ArrayForEach(x, want) {
        const double a = got->data[i++];
        cr_assert_eq(isnan(a) != 0, cJSON_IsNull(x) != 0, "%s: element %d", label, (int)i - 1);
        if (!isnan(a) && !(fabs(a - x->valuedouble) <= worst))
            worst = fabs(a - x->valuedouble);
    }
    cr_assert_eq(i, scores_count(got));
    cr_expect(largest > 0 && worst <= BOUND * largest, "%s: differs by %g of %g", label, worst,
              largest);
}

static void check_case(struct model *m, const cJSON *all, const cJSON *c) {
    static const char *const scores[] = {"logit"};
    char *kwargs = cJSON_PrintUnformatted(cJSON_GetObjectItem(c, "kwargs"));
    const char *method = text_of(c, "method");
    struct attribute_request r = {.input_text = text_of(all, "source"),
                                  .generated_text = text_of(all, "target"),
                                  .method = method,
                                  .attribution_kwargs = kwargs,
                                  .step_scores = {scores, 1},
                                  .attribute_target = true};
    struct attribution *a = NULL;
    struct err e = {0};
    cr_assert_eq(attribute_run(&a, m, &r, NULL, NULL, &e), ERR_OK, "%s: %s", method, e.message);
    const struct attribution_sequence *s = &a->sequences[0];
    const cJSON *logits = cJSON_GetObjectItem(all, "logits");
    compare_ids("source", &s->source, cJSON_GetObjectItem(all, "source_ids"));
    compare_ids("target", &s->target, cJSON_GetObjectItem(all, "target_ids"));
    for (int i = 0; i < cJSON_GetArraySize(logits); i++)
        cr_expect_float_eq(s->step_scores[0].scores.data[i],
                           cJSON_GetArrayItem(logits, i)->valuedouble, 1e-4, "logit %d: %g", i,
                           s->step_scores[0].scores.data[i]);
    compare(method, &s->source_attributions, cJSON_GetObjectItem(c, "source_dims"),
            cJSON_GetObjectItem(c, "source"));
    compare(method, &s->target_attributions, cJSON_GetObjectItem(c, "target_dims"),
            cJSON_GetObjectItem(c, "target"));
    attribution_release(a);
    free(kwargs);
}

Test(student, its_insides_are_those_of_the_papers_formulas) {
    struct model *m = NULL;
    struct model_options options = {0};
    struct err e = {0};
    cJSON *all = read_fixture();
    const cJSON *c;
    int n_cases = 0;
    cr_assert_eq(model_open(&m, "tests/fixtures/tiny/student", &options, NULL, &e), ERR_OK, "%s",
                 e.message);
    cr_assert(plan_has(&model_config(m)->decoder, PART_RECURRENCE));
    cJSON_ArrayForEach(c, cJSON_GetObjectItem(all, "cases")) {
        check_case(m, all, c);
        n_cases++;
    }
    cr_expect_geq(n_cases, 8);
    cJSON_Delete(all);
    model_free(m);
}
