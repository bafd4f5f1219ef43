/* GGUF files of families, written as llama.cpp writes them (tests/fixtures/make_gguf.py):
 * logits are those that Transformers has with the same weights. */
#include "backend/base/json_file.h"
#include "backend/base/mem.h"
#include "backend/model.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 16 };

struct ids {
    int32_t ids[MOST];
    int64_t n;
};

static struct ids read_ids(const cJSON *json, const char *key) {
    struct ids out = {{0}, 0};
    const cJSON *item;
    cJSON_ArrayForEach(item, cJSON_GetObjectItem(json, key)) {
        cr_assert(out.n < MOST);
        out.ids[out.n++] = item->valueint;
    }
    return out;
}

/* An encoder reads the text, and its decoder the target. */
static void check(const char *name, const struct ids *text, const struct ids *target,
                  const cJSON *wanted) {
    struct model *m;
    struct forward *f;
    struct err e = {0};
    char *path = mem_format("tests/fixtures/gguf/%s.gguf", name);
    const enum err_code code = model_open(&m, path, NULL, NULL, &e);
    free(path);
    cr_expect_eq(code, ERR_OK, "%s", e.message);
    if (code)
        return;
    cr_expect_str_eq(model_config(m)->notice, "", "%s: %s", name, model_config(m)->notice);
    const int64_t n_vocab = model_config(m)->n_vocab;
    cr_assert_eq(cJSON_GetArraySize(wanted), n_vocab, "%s", name);
    struct forward_input in = {.target_ids = text->ids, .n_target = text->n, .n_batch = 1};
    if (model_config(m)->encoder_decoder)
        in = (struct forward_input){.source_ids = text->ids,
                                    .n_source = text->n,
                                    .target_ids = target->ids,
                                    .n_target = target->n,
                                    .n_batch = 1};
    const struct position last = {0, in.n_target - 1};
    float *logits = mem_alloc((size_t)n_vocab * sizeof *logits);
    cr_assert_eq(model_forward(&f, m, &in, NULL, &e), ERR_OK, "%s: %s", name, e.message);
    cr_assert_eq(forward_logits(f, &last, 1, logits, &e), ERR_OK, "%s: %s", name, e.message);
    double worst = 0, largest = 0;
    const cJSON *item = wanted->child;
    for (int64_t i = 0; i < n_vocab; i++, item = item->next) {
        worst = fmax(worst, fabs(logits[i] - item->valuedouble));
        largest = fmax(largest, fabs(item->valuedouble));
    }
    cr_expect(largest > 1 && worst <= 2e-5 * largest, "%s: differs by %g of %g", name, worst,
              largest);
    free(logits);
    forward_free(f);
    model_free(m);
}

Test(gguf, they_have_the_logits_of_transformers) {
    struct err e = {0};
    cJSON *json, *item;
    int n_files = 0;
    cr_assert_eq(json_read_object(&json, "tests/fixtures/gguf/references.json", 1 << 20, &e),
                 ERR_OK, "%s", e.message);
    const struct ids text = read_ids(json, "ids"), target = read_ids(json, "target");
    cJSON_ArrayForEach(item, cJSON_GetObjectItem(json, "logits")) {
        check(item->string, &text, &target, item);
        n_files++;
    }
    cr_expect_eq(n_files, 37);
    cJSON_Delete(json);
}
