/*
 * The students' greedy translations against those of the int8 engine that they come with
 * (tests/fixtures/make_student.py), decoded over the whole vocabulary in both. That engine rounds
 * activations to eight bits and this one does not, so near ties could fall differently: with these
 * sentences none does.
 */
#include "backend/base/file.h"
#include "backend/discovery.h"
#include "backend/generate.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_CASES 100

static struct model *open_student(const char *name) {
    struct err e = {0};
    struct model_options options = {0};
    struct model *m = NULL;
    char *path = NULL;
    cr_assert_eq(model_resolve(&path, name, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(model_open(&m, path, &options, NULL, &e), ERR_OK, "%s", e.message);
    free(path);
    return m;
}

static void encode(struct token_list *tokens, struct model *m, enum text_side side,
                   const char *text) {
    struct err e = {0};
    cr_assert_eq(tokenizer_encode(model_tokenizer(m), side, text, strlen(text), true, tokens, &e),
                 ERR_OK, "%s", e.message);
}

static char *translate(struct generation *g, struct model *m, const char *text) {
    struct err e = {0};
    struct token_list source = {0};
    struct generation_config config = model_config(m)->generation;
    char *translation = NULL;
    encode(&source, m, TEXT_SOURCE, text);
    int32_t *ids = calloc(source.n, sizeof *ids);
    for (size_t i = 0; i < source.n; i++)
        ids[i] = source.items[i].id;
    cr_assert_eq(generate(g, m, ids, (int64_t)source.n, NULL, 0, &config, NULL, NULL, &e), ERR_OK,
                 "%s: %s", text, e.message);
    cr_assert_eq(tokenizer_decode(model_tokenizer(m), TEXT_TARGET, g->ids, (size_t)g->n, true,
                                  &translation, &e),
                 ERR_OK, "%s", e.message);
    free(ids);
    token_list_dispose(&source);
    return translation;
}

/* Where the two part: the probabilities here of the token taken and of the engine's (0: not among
 * the first candidates). */
static void explain(char *out, size_t n_out, struct model *m, const struct generation *g,
                    const char *reference) {
    struct token_list want = {0};
    encode(&want, m, TEXT_TARGET, reference);
    int64_t n = g->n - g->n_prompt, step = 0;
    while (step < n && step < (int64_t)want.n && want.items[step].id == g->ids[g->n_prompt + step])
        step++;
    snprintf(out, n_out, "the tokens do not differ");
    if (step < n && step < (int64_t)want.n) {
        const struct candidates *c = &g->steps[step];
        double here = 0, there = 0;
        for (int i = 0; i < c->n; i++) {
            if (c->items[i].id == g->ids[g->n_prompt + step])
                here = c->items[i].probability;
            if (c->items[i].id == want.items[step].id)
                there = c->items[i].probability;
        }
        snprintf(out, n_out, "step %d: probability %.4f here against %.4f for the engine's %s",
                 (int)step, here, there, want.items[step].piece);
    }
    token_list_dispose(&want);
}

static void check_sentence(struct model *m, const char *text, const char *reference) {
    struct generation g = {0};
    char *translation = translate(&g, m, text), why[200];
    if (strcmp(translation, reference) != 0) {
        explain(why, sizeof why, m, &g, reference);
        cr_expect(false, "%s\n  here:   %s\n  engine: %s\n  %s", text, translation, reference, why);
    }
    free(translation);
    generation_dispose(&g);
}

Test(student, translates_as_its_own_engine_does, .timeout = 120) {
    struct err e = {0};
    char *text;
    size_t n;
    cr_assert_eq(file_read(&text, &n, "tests/fixtures/models/student.json", 1 << 20, &e), ERR_OK,
                 "%s", e.message);
    cJSON *cases = cJSON_Parse(text), *c;
    cr_assert_eq(cJSON_GetArraySize(cases), N_CASES);
    struct model *models[] = {open_student("en-pt"), open_student("pt-en")};
    cJSON_ArrayForEach(c, cases) {
        bool from_english = strcmp(cJSON_GetObjectItem(c, "model")->valuestring, "en-pt") == 0;
        check_sentence(models[!from_english], cJSON_GetObjectItem(c, "text")->valuestring,
                       cJSON_GetObjectItem(c, "translation")->valuestring);
    }
    for (size_t i = 0; i < 2; i++)
        model_free(models[i]);
    cJSON_Delete(cases);
    free(text);
}
