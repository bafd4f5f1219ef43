/*
 * SmolLM2 against Transformers (tests/fixtures/make_models.py): logits within 1e-4 of the largest,
 * greedy and beam texts equal; from the GGUF, and from the safetensors folder written from it.
 */
#include "backend/base/file.h"
#include "backend/discovery.h"
#include "backend/generate.h"
#include "backend/weights.h"
#include "tests/backend/weights/converted.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static float *read_tensor(const struct weights *w, const char *what, int i, int64_t *n) {
    char name[40];
    struct err e = {0};
    snprintf(name, sizeof name, "%d.%s", i, what);
    const struct weight_info *info = weights_find(w, name);
    cr_assert_not_null(info, "fixture %s is missing", name);
    float *data = malloc((size_t)info->n_elements * sizeof *data);
    cr_assert_eq(weights_read_f32(w, info, data, &e), ERR_OK);
    *n = info->n_elements;
    return data;
}

static int32_t *read_ids(const cJSON *list, int64_t *n) {
    *n = cJSON_GetArraySize(list);
    int32_t *ids = calloc((size_t)*n + 1, sizeof *ids);
    for (int64_t i = 0; i < *n; i++)
        ids[i] = cJSON_GetArrayItem(list, (int)i)->valueint;
    return ids;
}

/* The picked entries and the log-sum of every row. */
static void check_logits(struct model *m, const struct weights *fixture, const cJSON *c, int i) {
    int64_t n, n_picked, n_sums, n_vocab = model_config(m)->n_vocab;
    struct err e = {0};
    int32_t *ids = read_ids(cJSON_GetObjectItem(c, "ids"), &n);
    float *picked = read_tensor(fixture, "picked", i, &n_picked),
          *want = read_tensor(fixture, "logits", i, &n_picked);
    float *sums = read_tensor(fixture, "log_sum", i, &n_sums),
          *row = malloc((size_t)n_vocab * sizeof *row);
    struct forward_input in = {.n_batch = 1, .target_ids = ids, .n_target = n};
    struct forward *f = NULL;
    cr_assert_eq(model_forward(&f, m, &in, NULL, &e), ERR_OK, "%s", e.message);
    double largest = 0, worst = 0;
    for (int64_t k = 0; k < n_picked; k++)
        largest = fabs(want[k]) > largest ? fabs(want[k]) : largest;
    for (int64_t r = 0; r < n; r++) {
        struct position at = {0, r};
        double sum = 0;
        cr_assert_eq(forward_logits(f, &at, 1, row, &e), ERR_OK);
        for (int64_t v = 0; v < n_vocab; v++)
            sum += exp((double)row[v]);
        double d = fabs(log(sum) - sums[r]);
        for (int64_t k = 0; k < n_picked / n; k++) {
            int64_t at_k = r * (n_picked / n) + k;
            double other = fabs((double)row[(int64_t)picked[at_k]] - want[at_k]);
            d = !(other <= d) ? other : d;
        }
        if (!(d <= worst))
            worst = d;
    }
    cr_expect(worst <= 1e-4 * largest, "case %d: logits differ by %g of the largest", i,
              worst / largest);
    forward_free(f);
    free(ids);
    free(picked);
    free(want);
    free(sums);
    free(row);
}

static void check_generation(struct model *m, const cJSON *cases, const cJSON *g) {
    struct err e = {0};
    struct generation_config config = model_config(m)->generation;
    struct generation out;
    char *kwargs = cJSON_PrintUnformatted(cJSON_GetObjectItem(g, "kwargs"));
    int64_t n, n_prompt;
    int32_t *want = read_ids(cJSON_GetObjectItem(g, "ids"), &n);
    int32_t *prompt =
        read_ids(cJSON_GetObjectItem(
                     cJSON_GetArrayItem(cases, cJSON_GetObjectItem(g, "case")->valueint), "ids"),
                 &n_prompt);
    cr_assert_eq(generation_config_apply(&config, kwargs, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(generate(&out, m, prompt, n_prompt, NULL, 0, &config, NULL, NULL, &e), ERR_OK,
                 "%s", e.message);
    cr_expect(out.n == n && memcmp(out.ids, want, (size_t)n * sizeof *want) == 0,
              "case %d, %s: another text", cJSON_GetObjectItem(g, "case")->valueint, kwargs);
    generation_dispose(&out);
    free(want);
    free(prompt);
    free(kwargs);
}

static void check_model(const char *path, bool generations) {
    struct weights *fixture;
    struct model *m;
    struct model_options options = {0};
    struct err e = {0};
    char *text;
    size_t n;
    int i = 0;
    cr_assert_eq(weights_open(&fixture, "tests/fixtures/models/smollm2.safetensors", &e), ERR_OK,
                 "%s", e.message);
    cr_assert_eq(file_read(&text, &n, "tests/fixtures/models/smollm2.json", 1 << 20, &e), ERR_OK,
                 "%s", e.message);
    cJSON *json = cJSON_Parse(text), *cases = cJSON_GetObjectItem(json, "cases"), *c;
    cr_assert_eq(model_open(&m, path, &options, NULL, &e), ERR_OK, "%s", e.message);
    cJSON_ArrayForEach(c, cases) check_logits(m, fixture, c, i++);
    cr_assert(i >= 5);
    cJSON_ArrayForEach(c, cJSON_GetObjectItem(json, "generations")) if (generations)
        check_generation(m, cases, c);
    model_free(m);
    weights_close(fixture);
    cJSON_Delete(json);
    free(text);
}

Test(smollm2, from_gguf_equals_transformers, .timeout = 200) {
    char *path = NULL;
    struct err e = {0};
    cr_assert_eq(model_resolve(&path, "smollm2", &e), ERR_OK, "%s", e.message);
    check_model(path, true);
    free(path);
}

Test(smollm2, from_safetensors_equals_transformers, .timeout = 200) {
    char *path = converted_smollm2();
    check_model(path, false);
    free(path);
}
