/* Faithfulness of the real Inseq's files against an independent computation
 * (tests/fixtures/make_faithfulness.py). */
#include "aggregators/aggregate.h"
#include "app/files/result_file.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/model.h"
#include "methods/evaluation/faithfulness.h"
#include "methods/request/attribute.h"
#include "tests/backend/tiny.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BOUND 1e-4 /* of the largest value of a column */

static enum err_code reduce(void *user, struct attribution_sequence *out,
                            const struct attribution_sequence *in, struct err *e) {
    (void)user;
    return aggregate_default(out, in, e);
}
static const struct faithfulness_reducer reducer = {NULL, reduce};

static double number(const cJSON *o, const char *key) {
    const cJSON *v = cJSON_GetObjectItem(o, key);
    cr_assert(cJSON_IsNumber(v), "%s", key);
    return v->valuedouble;
}

static struct model *open_model(const char *name) {
    struct model *m;
    struct err e = {0};
    struct model_options options = {0};
    char *path = tiny_folder(name);
    cr_assert_eq(model_open(&m, path, &options, NULL, &e), ERR_OK, "%s", e.message);
    free(path);
    return m;
}

static struct attribution *open_result(const char *file) {
    struct attribution *a;
    struct err e = {0};
    char *path = mem_format("tests/fixtures/inseq/%s", file);
    cr_assert_eq(result_file_load(&a, path, &e), ERR_OK, "%s", e.message);
    free(path);
    return a;
}

static void compare(const char *what, int64_t c, const struct faithfulness_column *got,
                    const cJSON *want, double scale) {
    const struct {
        const char *key;
        double value;
    } numbers[] = {{"deletion", got->numbers.deletion},
                   {"insertion", got->numbers.insertion},
                   {"comprehensiveness", got->numbers.comprehensiveness},
                   {"sufficiency", got->numbers.sufficiency}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        cr_expect_float_eq(numbers[i].value, number(want, numbers[i].key), BOUND * scale,
                           "%s, column %d: %s %g, not %g", what, (int)c, numbers[i].key,
                           numbers[i].value, number(want, numbers[i].key));
    const cJSON *deletion = cJSON_GetObjectItem(want, "deletion_curve"),
                *insertion = cJSON_GetObjectItem(want, "insertion_curve");
    for (int i = 0; i < cJSON_GetArraySize(deletion); i++) {
        cr_expect_float_eq(got->deletion[i], cJSON_GetArrayItem(deletion, i)->valuedouble,
                           BOUND * scale, "%s, column %d, point %d", what, (int)c, i);
        cr_expect_float_eq(got->insertion[i], cJSON_GetArrayItem(insertion, i)->valuedouble,
                           BOUND * scale, "%s, column %d, point %d", what, (int)c, i);
    }
}

static double largest_of(const cJSON *column) {
    double largest = 0;
    static const char *const curves[] = {"deletion_curve", "insertion_curve"};
    for (int k = 0; k < 2; k++) {
        const cJSON *v;
        cJSON_ArrayForEach(v, cJSON_GetObjectItem(cJSON_GetObjectItem(column, "method"), curves[k]))
            largest = fmax(largest, fabs(v->valuedouble));
    }
    return largest;
}

static void check_case(const cJSON *all, const cJSON *one) {
    const char *file = cJSON_GetObjectItem(one, "file")->valuestring;
    struct model *m = open_model(cJSON_GetObjectItem(one, "model")->valuestring);
    struct attribution *a = open_result(file);
    struct faithfulness_spec spec = {.n_points = (int64_t)number(all, "points"),
                                     .n_random = (int64_t)number(all, "random"),
                                     .seed = (uint64_t)number(all, "seed"),
                                     .n_top = 5};
    struct faithfulness *f;
    struct err e = {0};
    const cJSON *part, *column;
    int64_t c = 0;
    cJSON_ArrayForEach(part, cJSON_GetObjectItem(all, "parts")) spec.parts[spec.n_parts++] =
        part->valuedouble;
    cr_assert_eq(faithfulness_run(&f, m, (const struct attribution *const *)&a, 1, 0, &spec,
                                  &reducer, NULL, NULL, &e),
                 ERR_OK, "%s: %s", file, e.message);
    cJSON_ArrayForEach(column, cJSON_GetObjectItem(one, "columns")) {
        double scale = largest_of(column);
        cr_assert_lt(c, f->n_columns);
        cr_expect_eq(f->n_tokens[c], (int64_t)number(column, "n_tokens"),
                     "%s, column %d: %d tokens", file, (int)c, (int)f->n_tokens[c]);
        cr_expect_float_eq(f->value[c], number(column, "value"), BOUND * scale);
        cr_expect_float_eq(f->empty[c], number(column, "empty"), BOUND * scale);
        compare(file, c, &f->methods[0].columns[c], cJSON_GetObjectItem(column, "method"), scale);
        if (cJSON_GetObjectItem(column, "random"))
            compare("random", c, &f->methods[1].columns[c], cJSON_GetObjectItem(column, "random"),
                    scale);
        c++;
    }
    cr_expect_eq(c, f->n_columns);
    faithfulness_free(f);
    attribution_release(a);
    model_free(m);
}

Test(torch_faithfulness, of_saved_results_is_that_of_an_independent_computation) {
    char *text;
    size_t n;
    struct err e = {0};
    const cJSON *one;
    int n_cases = 0;
    cr_assert_eq(file_read(&text, &n, "tests/fixtures/faithfulness/cases.json", 1 << 24, &e),
                 ERR_OK, "%s", e.message);
    cJSON *all = cJSON_Parse(text);
    free(text);
    cr_assert_not_null(all);
    cJSON_ArrayForEach(one, cJSON_GetObjectItem(all, "cases")) {
        check_case(all, one);
        n_cases++;
    }
    cr_expect_geq(n_cases, 5);
    cJSON_Delete(all);
}

/* Results of one text side by side, with noise, from fresh attributions; columns come one by
 * one. */
static void count(void *user, const struct faithfulness *f, int64_t g) {
    int64_t *n = user;
    cr_expect_eq(g, *n);
    cr_expect(f->done[g]);
    ++*n;
}

static void side_by_side(const char *name) {
    struct model *m = open_model(name);
    struct attribution *results[3];
    struct faithfulness *f;
    struct err e = {0};
    static const char *const methods[3] = {"saliency", "input_x_gradient", "attention"};
    int64_t n_columns = 0;
    struct faithfulness_spec spec = faithfulness_defaults();
    spec.n_noise = 2;
    const struct faithfulness_events events = {&n_columns, count};
    for (int i = 0; i < 3; i++) {
        const struct attribute_request r = {.input_text = "The nurse said",
                                            .generated_text = "The nurse said hello to the cat",
                                            .method = methods[i]};
        cr_assert_eq(attribute_run(&results[i], m, &r, NULL, NULL, &e), ERR_OK, "%s", e.message);
    }
    cr_assert_eq(faithfulness_run(&f, m, (const struct attribution *const *)results, 3, 0, &spec,
                                  &reducer, &events, NULL, &e),
                 ERR_OK, "%s", e.message);
    cr_expect_eq(n_columns, f->n_columns);
    for (int i = 0; i < 3; i++) {
        cr_expect_str_eq(f->methods[i].name, methods[i]);
        cr_expect(f->methods[i].mean.sensitivity > 0 &&
                      f->methods[i].mean.sensitivity <= f->methods[i].mean.worst_sensitivity,
                  "%s", methods[i]);
        cr_expect_lt(f->methods[i].mean.sensitivity, 1, "%s", methods[i]);
        cr_expect_float_eq(f->agreement[i * 3 + i].spearman, 1, 1e-12);
    }
    /* Chance has no scores that noise could move. */
    cr_expect(isnan(f->methods[3].mean.sensitivity));
    faithfulness_free(f);
    for (int i = 0; i < 3; i++)
        attribution_release(results[i]);
    model_free(m);
}

Test(torch_faithfulness, methods_side_by_side) {
    side_by_side("llama");
    side_by_side("opt-narrow"); /* noise at embeddings that are narrower than states */
}

/* What the model was given is not known of a file from which Inseq left tokens out. */
Test(torch_faithfulness, of_a_file_that_misses_tokens_is_refused) {
    struct model *m = open_model("llama");
    struct attribution *a = open_result("../removed-tokens/prompt.json.gz"),
                       *whole = open_result("../removed-tokens/end.json.gz");
    struct faithfulness *f;
    struct err e = {0};
    struct faithfulness_spec spec = {.n_points = 2};
    cr_expect_eq(faithfulness_run(&f, m, (const struct attribution *const *)&a, 1, 0, &spec,
                                  &reducer, NULL, NULL, &e),
                 ERR_FORMAT);
    cr_expect(strstr(e.message, "1 of the prompt's tokens"), "%s", e.message);
    faithfulness_free(f);
    cr_expect_eq(faithfulness_run(&f, m, (const struct attribution *const *)&whole, 1, 0, &spec,
                                  &reducer, NULL, NULL, &e),
                 ERR_OK, "%s", e.message);
    faithfulness_free(f);
    attribution_release(a);
    attribution_release(whole);
    model_free(m);
}

/* A file of another model, or of other texts beside it, is refused with what is wrong. */
Test(torch_faithfulness, results_that_do_not_fit_are_refused) {
    struct model *other = open_model("marian");
    struct attribution *a = open_result("llama-saliency-logit.json.gz"),
                       *b = open_result("llama-saliency-logit-positions.json.gz");
    const struct attribution *two[2] = {a, b};
    struct faithfulness *f;
    struct err e = {0};
    struct faithfulness_spec spec = faithfulness_defaults();
    cr_expect_eq(faithfulness_run(&f, other, two, 1, 0, &spec, &reducer, NULL, NULL, &e),
                 ERR_FORMAT);
    cr_expect(strstr(e.message, "is it the model that made it?"), "%s", e.message);
    faithfulness_free(f);
    cr_expect_eq(faithfulness_run(&f, other, two, 2, 0, &spec, &reducer, NULL, NULL, &e),
                 ERR_USAGE);
    cr_expect(strstr(e.message, "other texts or positions"), "%s", e.message);
    faithfulness_free(f);
    cr_expect_eq(faithfulness_run(&f, other, two, 1, 3, &spec, &reducer, NULL, NULL, &e),
                 ERR_USAGE);
    faithfulness_free(f);
    attribution_release(a);
    attribution_release(b);
    model_free(other);
}
