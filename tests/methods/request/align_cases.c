#include "tests/methods/request/align_cases.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/model.h"
#include "methods/request/attribute.h"
#include "tests/backend/tree.h"
#include "tests/methods/result/info.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *text_of(const cJSON *c, const char *key) {
    return cJSON_GetObjectItem(c, key)->valuestring;
}

char *align_cases_models(const char *name, const char *folder) {
    char *models = tree_new(), *link = file_join(models, name), *whole = realpath(folder, NULL);
    cr_assert(whole && symlink(whole, link) == 0);
    setenv("TINSEQ_MODELS", models, 1);
    setenv("HF_HUB_CACHE", models, 1);
    free(link);
    free(whole);
    return models;
}

static void check_pairs(const char *label, const cJSON *info, const cJSON *want) {
    const cJSON *lists = cJSON_GetObjectItem(cJSON_GetObjectItem(info, "step_scores_args"),
                                             "contrast_targets_alignments"),
                *got = cJSON_GetArrayItem(lists, 0);
    cr_expect_eq(cJSON_GetArraySize(got), cJSON_GetArraySize(want), "%s: %d pairs", label,
                 cJSON_GetArraySize(got));
    for (int i = 0; i < cJSON_GetArraySize(got) && i < cJSON_GetArraySize(want); i++) {
        const cJSON *a = cJSON_GetArrayItem(got, i), *b = cJSON_GetArrayItem(want, i);
        for (int k = 0; k < 2; k++)
            cr_expect_eq(cJSON_GetArrayItem(a, k)->valueint, cJSON_GetArrayItem(b, k)->valueint,
                         "%s: pair %d: %d, Inseq has %d", label, i,
                         cJSON_GetArrayItem(a, k)->valueint, cJSON_GetArrayItem(b, k)->valueint);
    }
}

static void check_case(struct model *m, const cJSON *c) {
    const char *scores[] = {"contrast_prob"}, *label = text_of(c, "contrast");
    struct attribute_request r = {.input_text = text_of(c, "input"),
                                  .generated_text = text_of(c, "generated"),
                                  .method = "dummy",
                                  .step_scores = {scores, 1},
                                  .contrast_targets = label,
                                  .contrast_alignment.rule = ALIGN_AUTO};
    const cJSON *want = cJSON_GetObjectItem(c, "contrast_prob");
    struct attribution *a = NULL;
    struct err e = {0};
    cr_assert_eq(attribute_run(&a, m, &r, NULL, NULL, &e), ERR_OK, "%s: %s", label, e.message);
    cJSON *info = cJSON_Parse(info_of(a));
    check_pairs(label, info, cJSON_GetObjectItem(c, "pairs"));
    cr_expect_not_null(cJSON_GetObjectItem(cJSON_GetObjectItem(info, "tinseq"), "aligner"),
                       "%s: the result does not say what aligned it", label);
    const struct scores *got = attribution_find_step_scores(&a->sequences[0], "contrast_prob");
    cr_assert(got && scores_cell(got) == 1 &&
              attribution_steps(&a->sequences[0]) == cJSON_GetArraySize(want));
    for (int i = 0; i < cJSON_GetArraySize(want); i++)
        cr_expect(fabs(got->data[i] - cJSON_GetArrayItem(want, i)->valuedouble) <= 1e-4,
                  "%s: probability %d is %g, Inseq's %g", label, i, (double)got->data[i],
                  cJSON_GetArrayItem(want, i)->valuedouble);
    cJSON_Delete(info);
    attribution_release(a);
}

void align_cases_check(const char *model, const char *path, const char *encoder, const char *folder,
                       int at_least) {
    struct model_options options = {0};
    struct model *m;
    struct err e = {0};
    char *text, *models = align_cases_models("LaBSE", folder);
    size_t n;
    int n_cases = 0;
    cr_assert_eq(file_read(&text, &n, "tests/fixtures/encoder/cases.json", 1 << 20, &e), ERR_OK,
                 "%s", e.message);
    cr_assert_eq(model_open(&m, path, &options, NULL, &e), ERR_OK, "%s", e.message);
    cJSON *cases = cJSON_ParseWithLength(text, n), *c;
    cJSON_ArrayForEach(c, cJSON_GetObjectItem(cases, "alignments")) {
        if (strcmp(text_of(c, "model"), model) != 0 || strcmp(text_of(c, "encoder"), encoder) != 0)
            continue;
        check_case(m, c);
        n_cases++;
    }
    cr_expect_geq(n_cases, at_least, "%d cases", n_cases);
    cJSON_Delete(cases);
    free(text);
    model_free(m);
    tree_free(models);
}
