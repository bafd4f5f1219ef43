/*
 * SmolLM2's weights in the layout of other families that can say the same model, as a Hugging Face
 * folder and as a GGUF (tests/tools/family_layout.h): the same text, the same map. What
 * Transformers says of these files was looked at when they were first written: logits equal to the
 * bit.
 */
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/discovery.h"
#include "backend/model.h"
#include "methods/request/attribute.h"
#include "tests/backend/tree.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rows of two maps are fused, or biases of zero added: products may be cut otherwise. */
#define BOUND 2e-5

struct layout {
    const char *family, *class;
};

/* The GGUF of `make models` rewritten into `folder`; what to open. Owned by the caller. */
static char *rewritten(const char *folder, const char *family, bool gguf) {
    const char *build = getenv("TINSEQ_BUILD");
    char *from = NULL, *to = file_join(folder, gguf ? "model.gguf" : "model");
    struct model_files files;
    struct err e = {0};
    cr_assert_eq(model_resolve(&from, "smollm2", &e), ERR_OK, "%s", e.message);
    cr_assert_eq(model_locate(&files, from, &e), ERR_OK, "%s", e.message);
    char *command =
        gguf ? mem_format("'%s/rewrite_gguf' '%s' '%s' %s", build, files.weights, to, family)
             : mem_format("'%s/gguf_to_safetensors' '%s' '%s' --as %s --dtype bf16", build, from,
                          to, family);
    cr_assert_eq(system(command), 0, "%s", command);
    model_files_dispose(&files);
    free(command);
    free(from);
    return to;
}

static struct attribution *map_of(const char *path, const char *class) {
    const struct attribute_request r = {.input_text = "The largest city on the coast of Norway is",
                                        .method = "saliency",
                                        .generation_kwargs = "{\"max_new_tokens\": 6}"};
    struct model *m = NULL;
    struct attribution *a = NULL;
    struct err e = {0};
    cr_assert_eq(model_open(&m, path, NULL, NULL, &e), ERR_OK, "%s: %s", path, e.message);
    cr_expect_str_eq(model_config(m)->class_name, class);
    cr_expect_str_eq(model_config(m)->notice, "", "%s: %s", class, model_config(m)->notice);
    cr_assert_eq(attribute_run(&a, m, &r, NULL, NULL, &e), ERR_OK, "%s: %s", class, e.message);
    model_free(m);
    return a;
}

static void expect_same(const char *class, const struct attribution *got,
                        const struct attribution *want) {
    const struct attribution_sequence *a = &got->sequences[0], *b = &want->sequences[0];
    const struct scores *x = &a->target_attributions, *y = &b->target_attributions;
    double largest = 0, worst = 0;
    cr_assert_eq(a->target.n, b->target.n, "%s: %zu and %zu tokens", class, a->target.n,
                 b->target.n);
    for (size_t i = 0; i < a->target.n; i++)
        cr_expect_eq(a->target.items[i].id, b->target.items[i].id, "%s: token %zu", class, i);
    for (int64_t i = 0; i < x->dims[0] * x->dims[1] * scores_cell(x); i++) {
        cr_assert_eq(isnan(x->data[i]) != 0, isnan(y->data[i]) != 0);
        largest = isnan(y->data[i]) ? largest : fmax(largest, fabs(y->data[i]));
        worst = isnan(y->data[i]) ? worst : fmax(worst, fabs((double)x->data[i] - y->data[i]));
    }
    cr_expect(worst <= BOUND * largest, "%s: differs by %g of the largest", class, worst / largest);
}

/* The map of the rewritten model, whose file is removed again. */
static struct attribution *map_as(const struct layout *l, bool gguf) {
    char *folder = tree_new(), *path = rewritten(folder, l->family, gguf);
    struct attribution *a = map_of(path, l->class);
    tree_free(folder);
    free(path);
    return a;
}

static void check_each(const struct layout *all, size_t n, bool gguf,
                       const struct attribution *want) {
    for (size_t i = 0; i < n; i++) {
        struct attribution *got = map_as(&all[i], gguf);
        expect_same(all[i].class, got, want);
        attribution_release(got);
    }
}

Test(layouts, folders_of_other_families_say_the_same, .timeout = 600) {
    static const struct layout llama = {"llama", "LlamaForCausalLM"},
                               all[] = {{"mistral", "MistralForCausalLM"},
                                        {"ministral", "MinistralForCausalLM"},
                                        {"qwen2", "Qwen2ForCausalLM"},
                                        {"seed_oss", "SeedOssForCausalLM"},
                                        {"phi3", "Phi3ForCausalLM"},
                                        {"granite", "GraniteForCausalLM"},
                                        {"smollm3", "SmolLM3ForCausalLM"}};
    struct attribution *want = map_as(&llama, false);
    check_each(all, sizeof all / sizeof *all, false, want);
    attribution_release(want);
}

Test(layouts, gguf_files_of_other_families_say_the_same, .timeout = 600) {
    static const struct layout all[] = {{"qwen2", "Qwen2ForCausalLM"},
                                        {"seed_oss", "SeedOssForCausalLM"},
                                        {"phi3", "Phi3ForCausalLM"},
                                        {"granite", "GraniteForCausalLM"}};
    char *from = NULL;
    struct err e = {0};
    cr_assert_eq(model_resolve(&from, "smollm2", &e), ERR_OK, "%s", e.message);
    struct attribution *want = map_of(from, "LlamaForCausalLM");
    check_each(all, sizeof all / sizeof *all, true, want);
    attribution_release(want);
    free(from);
}
