/*
 * Random methods have Inseq's distribution: the mean of every token's score over seeds against Inseq's mean over its own (tests/fixtures/make_inseq_perturb.py), in
 * standard errors. Our seeds are fixed, so the outcome is too.
 */
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/model.h"
#include "methods/attribute.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS = 120 };
/* Chance comes this far in none of some hundred cells; 25 samples of LIME for 30, or half of its tokens masked, are farther. On such small models ReAGent's
 * changes of probability are small: there the comparison element by element (torch_inseq.c) is the sharper one. */
#define FARTHEST 4.5
#define MEAN_SQUARE 2.0

struct moments { double sum, squares; int n; };

static void add_norms(struct moments *m, const struct scores *s) {
    int64_t cell = scores_cell(s), n = scores_count(s) / (cell ? cell : 1);
    for (int64_t i = 0; i < n; i++) {
        double square = 0;
        for (int64_t k = 0; k < cell; k++)
            square += pow(s->data[i * cell + k], 2);
        if (isnan(square))
            continue;
        m[i].sum += sqrt(square);
        m[i].squares += square;
        m[i].n++;
    }
}

/* One side against the fixture's rows of cells. */
static void compare(const char *label, const struct moments *ours, const cJSON *rows) {
    const cJSON *row, *cell;
    int64_t i = 0, n = 0;
    double total = 0, farthest = 0;
    cJSON_ArrayForEach(row, rows) cJSON_ArrayForEach(cell, row) {
        const struct moments *m = &ours[i++];
        const cJSON *mean = cJSON_GetObjectItem(cell, "mean");
        double theirs_n = cJSON_GetObjectItem(cell, "n")->valuedouble;
        cr_expect((m->n == 0) == (theirs_n == 0), "%s: cell %d has a score in %d of our seeds, in %g of Inseq's", label, (int)i, m->n, theirs_n);
        if (!mean || m->n < 10 || theirs_n < 10)
            continue;
        double average = m->sum / m->n, variance = (m->squares / m->n - average * average) / (m->n - 1);
        double error = sqrt(fmax(variance, 0) + pow(cJSON_GetObjectItem(cell, "error")->valuedouble, 2));
        double z = (average - mean->valuedouble) / error;
        total += z * z;
        farthest = !(fabs(z) <= farthest) ? fabs(z) : farthest;
        n++;
    }
    cr_assert_gt(n, 5, "%s: only %d cells to compare", label, (int)n);
    cr_expect(farthest <= FARTHEST && total / (double)n <= MEAN_SQUARE, "%s: the farthest of %d cells is %g standard errors off, their mean square %g", label, (int)n,
              farthest, total / (double)n);
}

static void check_case(struct model *m, const cJSON *c) {
    const char *method = cJSON_GetObjectItem(c, "method")->valuestring;
    const cJSON *start = cJSON_GetObjectItem(c, "start");
    struct moments *sides[2] = {NULL, NULL};
    static const char *const names[2] = {"source", "target"};
    for (int seed = 0; seed < SEEDS; seed++) {
        struct err e = {0};
        struct attribution *a = NULL;
        cJSON *kwargs = cJSON_Duplicate(cJSON_GetObjectItem(c, "kwargs"), true);
        cJSON_AddNumberToObject(kwargs, "seed", seed);
        char *text = cJSON_PrintUnformatted(kwargs);
        struct attribute_request r = {.input_text = cJSON_GetObjectItem(c, "input")->valuestring, .generated_text = cJSON_GetObjectItem(c, "generated")->valuestring,
                                      .method = method, .attribution_kwargs = text, .foil_step = -1, .attr_pos_end = POSITION_UNSET,
                                      .attribute_target = cJSON_IsTrue(cJSON_GetObjectItem(c, "attribute_target")),
                                      .attr_pos_start = cJSON_IsNumber(start) ? (int64_t)start->valuedouble : POSITION_UNSET};
        cr_assert_eq(attribute_run(&a, m, &r, NULL, NULL, &e), ERR_OK, "%s: %s", method, e.message);
        const struct scores *scores[2] = {&a->sequences[0].source_attributions, &a->sequences[0].target_attributions};
        for (int i = 0; i < 2; i++) {
            cr_assert_eq(scores[i]->data == NULL, !cJSON_GetObjectItem(c, names[i]), "%s: %s", method, names[i]);
            if (scores[i]->data && !sides[i])
                sides[i] = mem_alloc((size_t)(scores[i]->dims[0] * scores[i]->dims[1]) * sizeof *sides[i]);
            if (scores[i]->data)
                add_norms(sides[i], scores[i]);
        }
        attribution_release(a);
        free(text);
        cJSON_Delete(kwargs);
    }
    for (int i = 0; i < 2; i++)
        if (sides[i]) {
            char label[80];
            snprintf(label, sizeof label, "%s, %s", method, names[i]);
            compare(label, sides[i], cJSON_GetObjectItem(c, names[i]));
            free(sides[i]);
        }
}

static void check(const char *model, const char *path) {
    struct err e = {0};
    struct model *m = NULL;
    struct model_options options = {0};
    char *text;
    size_t n;
    int n_cases = 0;
    cr_assert_eq(model_open(&m, path, &options, NULL, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(file_read(&text, &n, "tests/fixtures/inseq-perturb/random.json", 1 << 24, &e), ERR_OK, "%s", e.message);
    cJSON *json = cJSON_Parse(text), *c;
    cJSON_ArrayForEach(c, cJSON_GetObjectItem(json, "cases")) {
        if (strcmp(cJSON_GetObjectItem(c, "model")->valuestring, model) != 0)
            continue;
        check_case(m, c);
        n_cases++;
    }
    cr_expect_eq(n_cases, 2);
    cJSON_Delete(json);
    free(text);
    model_free(m);
}

Test(random_methods, llama) { check("llama", "tests/fixtures/tiny/llama"); }
Test(random_methods, marian) { check("marian", "tests/fixtures/tiny/marian"); }
