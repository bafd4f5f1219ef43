/* Up to where texts run: a table of positions ends them, windows and rotations do not. */
#include "backend/base/mem.h"
#include "backend/generate.h"
#include "backend/model.h"
#include "tests/backend/tiny.h"
#include "tests/backend/tree.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST 300

static struct err error;
static int32_t ids[LONGEST];

static struct model *open(const char *folder) {
    static const struct model_options options = {0};
    struct model *m = NULL;
    for (int i = 0; i < LONGEST; i++)
        ids[i] = 5 + i * 37 % 100;
    cr_assert_eq(model_open(&m, folder, &options, NULL, &error), ERR_OK, "%s", error.message);
    return m;
}

static struct model *open_mistral(void) {
    char *folder = tiny_mistral(8);
    struct model *m = open(folder);
    tree_free(folder);
    return m;
}

/* The logits after n tokens, or NULL with the error. */
static float *logits_after(struct model *m, int64_t n) {
    const struct forward_input in = {.n_batch = 1,
                                     .source_ids = ids,
                                     .n_source = model_config(m)->encoder_decoder ? 4 : 0,
                                     .target_ids = ids,
                                     .n_target = n};
    const struct position last = {0, n - 1};
    struct forward *f = NULL;
    float *logits = NULL;
    if (model_forward(&f, m, &in, NULL, &error))
        return NULL;
    logits = mem_alloc((size_t)model_config(m)->n_vocab * sizeof *logits);
    cr_assert_eq(forward_logits(f, &last, 1, logits, &error), ERR_OK);
    forward_free(f);
    return logits;
}

static void expect_end(struct model *m, int64_t longest, const char *said) {
    float *logits = logits_after(m, longest);
    cr_expect_not_null(logits, "%s", error.message);
    free(logits);
    logits = logits_after(m, longest + 1);
    cr_expect_null(logits);
    cr_expect(error.code == ERR_USAGE && strstr(error.message, said), "%s", error.message);
    free(logits);
}

/* What generate() makes of n tokens of prompt and 20 more. */
static struct generation continued(struct model *m, int64_t n, int64_t n_new) {
    struct generation_config config = model_config(m)->generation;
    struct generation g;
    config.max_new_tokens = n_new;
    config.n_eos_token_ids = 0;
    cr_assert_eq(generate(&g, m, ids, n, NULL, 0, &config, NULL, NULL, &error), ERR_OK, "%s",
                 error.message);
    return g;
}

static void expect_cut(struct model *m, int64_t n, int64_t n_new, int64_t length, int64_t cut_at) {
    struct generation g = continued(m, n, n_new);
    cr_expect(g.n == length && g.cut_at == cut_at, "%lld tokens, cut at %lld", (long long)g.n,
              (long long)g.cut_at);
    generation_dispose(&g);
}

Test(lengths, a_sliding_window_ends_no_text) {
    struct model *m = open_mistral();
    float *logits = logits_after(m, LONGEST);
    cr_expect_not_null(logits, "%s", error.message);
    expect_cut(m, 5, 20, 25, 0);
    free(logits);
    model_free(m);
}

Test(lengths, tables_of_positions_end_texts) {
    static const struct {
        const char *folder;
        int64_t longest;
        const char *said;
    } tables[] = {{"tests/fixtures/tiny/gpt2", 128, "has positions for 128"},
                  {"tests/fixtures/tiny/marian", 64, "has positions for 64"}};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        struct model *m = open(tables[i].folder);
        expect_end(m, tables[i].longest, tables[i].said);
        expect_cut(m, 10, 200, tables[i].longest, tables[i].longest);
        model_free(m);
    }
}

Test(lengths, rotations_that_change_with_the_length_end_no_text) {
    static const char *const changing[] = {"llama-dynamic", "llama-longrope", "phi3-longrope"};
    for (size_t i = 0; i < 3; i++) {
        char *folder = tiny_folder(changing[i]);
        struct model *m = open(folder);
        float *logits = logits_after(m, LONGEST);
        cr_expect_not_null(logits, "%s", error.message);
        expect_cut(m, 10, 30, 40, 0);
        free(logits);
        model_free(m);
        free(folder);
    }
}

/* transformers 4.57, generation/utils.py, _prepare_generated_length. */
Test(lengths, a_length_that_nobody_gave_ends_at_the_positions_of_training) {
    char *folder = tiny_folder("llama-dynamic");
    struct model *m = open(folder);
    struct generation g;
    struct generation_config config = model_config(m)->generation;
    config.n_eos_token_ids = 0;
    cr_assert_eq(generate(&g, m, ids, 7, NULL, 0, &config, NULL, NULL, &error), ERR_OK, "%s",
                 error.message);
    cr_expect(g.n == 8 && g.cut_at == 8, "%lld tokens, cut at %lld", (long long)g.n,
              (long long)g.cut_at);
    generation_dispose(&g);
    cr_expect_eq(generate(&g, m, ids, 8, NULL, 0, &config, NULL, NULL, &error), ERR_USAGE);
    cr_expect(strstr(error.message, "give one of them"), "%s", error.message);
    generation_dispose(&g);
    model_free(m);
    free(folder);
}

Test(lengths, rotations_go_on_beyond_the_positions_that_were_learnt) {
    struct model *m = open("tests/fixtures/tiny/llama");
    cr_assert_eq(model_config(m)->n_positions, 256);
    float *logits = logits_after(m, LONGEST);
    cr_expect_not_null(logits, "%s", error.message);
    expect_cut(m, 250, 20, 270, 0);
    free(logits);
    model_free(m);
}
