/* Contrasts aligned by an encoder: Inseq's pairs with a tiny one, and what a person is told. */
#include "backend/base/mem.h"
#include "backend/model.h"
#include "methods/request/align.h"
#include "methods/request/attribute.h"
#include "tests/backend/tree.h"
#include "tests/methods/request/align_cases.h"
#include "tests/methods/result/info.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define UNCASED "tests/fixtures/encoder/uncased"
#define CASED "tests/fixtures/encoder/cased"

Test(align, pairs_are_those_of_inseq_for_marian) {
    align_cases_check("marian", "tests/fixtures/tiny/marian", "uncased", UNCASED, 3);
}
Test(align, pairs_are_those_of_inseq_for_llama) {
    align_cases_check("llama", "tests/fixtures/tiny/llama", "uncased", UNCASED, 1);
}

static struct attribute_request request(const char *target, const char *contrast) {
    return (struct attribute_request){.input_text = "The dog",
                                      .generated_text = target,
                                      .method = "saliency",
                                      .attributed_fn = "contrast_prob",
                                      .contrast_targets = contrast,
                                      .contrast_alignment.rule = ALIGN_AUTO};
}

struct told {
    char *text;
    int n_loads;
};

static void on_notice(void *user, const char *text) {
    struct told *t = user;
    char *all = mem_format("%s %s", t->text ? t->text : "", text);
    free(t->text);
    t->text = all;
}

static void on_progress(void *user, const char *phase, int64_t done, int64_t total) {
    struct told *t = user;
    t->n_loads += strcmp(phase, "loading the encoder") == 0 && done == total;
}

static struct model *open_llama(void) {
    struct model_options options = {0};
    struct model *m;
    struct err e = {0};
    cr_assert_eq(model_open(&m, "tests/fixtures/tiny/llama", &options, NULL, &e), ERR_OK, "%s",
                 e.message);
    return m;
}

Test(align, the_encoder_is_loaded_only_where_it_is_asked_for_and_named_where_it_is_not_labse) {
    char *models = align_cases_models("minilm", UNCASED);
    struct model *m = open_llama();
    struct told told = {0};
    const struct attribute_events events = {.user = &told, .notice = on_notice};
    const struct run_ctl ctl = {.progress = on_progress, .user = &told};
    struct attribute_request r = request("The dog barks", "A cat barks");
    struct attribution *a;
    struct err e = {0};
    cr_assert_eq(attribute_run(&a, m, &r, &events, &ctl, &e), ERR_OK, "%s", e.message);
    cr_expect_eq(told.n_loads, 1);
    cr_expect(told.text && strstr(told.text, "aligned by minilm"), "%s", told.text);
    cr_expect_not_null(strstr(info_of(a), "\"aligner\":\"minilm\""), "%s", info_of(a));
    attribution_release(a);
    struct align_link pair = {3, 3};
    const struct alignment others[] = {{0},
                                       {.rule = ALIGN_POSITION},
                                       {.rule = ALIGN_DIFF},
                                       {.rule = ALIGN_PAIRS, .links = &pair, .n_links = 1}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        r.contrast_alignment = others[i];
        cr_assert_eq(attribute_run(&a, m, &r, &events, &ctl, &e), ERR_OK, "%s", e.message);
        cr_expect_null(strstr(info_of(a), "\"aligner\""));
        attribution_release(a);
    }
    cr_expect_eq(told.n_loads, 1);
    free(told.text);
    model_free(m);
    tree_free(models);
}

Test(align, an_encoder_that_is_missing_is_said_before_anything_runs) {
    char *models = tree_new();
    setenv("TINSEQ_MODELS", models, 1);
    setenv("HF_HUB_CACHE", models, 1);
    struct attribute_request r = request("The dog barks", "A cat barks");
    struct err e = {0};
    cr_expect_eq(attribute_check(&r, &e), ERR_IO);
    cr_expect_not_null(strstr(e.message, "make models ALIGN=1"), "%s", e.message);
    r.contrast_alignment.rule = ALIGN_DIFF;
    cr_expect_eq(attribute_check(&r, &e), ERR_OK, "%s", e.message);
    tree_free(models);
}

static void fill_identity(struct token_list *list, const char *const *pieces, size_t n) {
    for (size_t i = 0; i < n; i++)
        token_list_add(list, (int32_t)i + 10, strcmp(pieces[i], "</s>") == 0, pieces[i], pieces[i],
                       strlen(pieces[i]));
}

/* Bytes of characters cut in two, lone spaces, special tokens inside, a text without any
 * letters. */
Test(align, tokens_of_any_kind_are_aligned_with_themselves) {
    static const char *const pieces[] = {"</s>", "The",  " ",  "ci", "ty", " \xF0\x9F", "\x98\x80",
                                         "</s>", " qqq", "\n", ".",  "  ", "</s>"};
    const size_t n = sizeof pieces / sizeof *pieces;
    char *models = align_cases_models("LaBSE", UNCASED);
    struct aligner aligner;
    struct err e = {0};
    struct token_list a = {0}, b = {0}, blank = {0};
    int64_t alignment[16];
    fill_identity(&a, pieces, n);
    fill_identity(&b, pieces, n);
    cr_assert_eq(aligner_find(&aligner, &(struct alignment){.rule = ALIGN_AUTO}, &e), ERR_OK, "%s",
                 e.message);
    cr_assert_eq(positions_align(alignment, (int64_t)n, 1, (int64_t)n, &e), ERR_OK);
    cr_assert_eq(aligner_run(&aligner, alignment, &a, &b, 1, (int64_t)n, NULL, &e), ERR_OK, "%s",
                 e.message);
    for (size_t p = 1; p < n; p++)
        cr_expect(alignment[p - 1] >= 1 && alignment[p - 1] < (int64_t)n,
                  "token %zu is held against %d", p, (int)alignment[p - 1]);
    cr_expect(alignment[6] == 7 && alignment[11] == 12, "special tokens are aligned in order");
    fill_identity(&blank, (const char *const[]){"</s>", " ", "\n", ""}, 4);
    cr_assert_eq(positions_align(alignment, 4, 1, (int64_t)n, &e), ERR_OK);
    int64_t before[16];
    memcpy(before, alignment, sizeof before);
    cr_assert_eq(aligner_run(&aligner, alignment, &a, &blank, 1, (int64_t)n, NULL, &e), ERR_OK,
                 "%s", e.message);
    cr_expect_arr_eq(alignment, before, (n - 1) * sizeof *before);
    token_list_dispose(&a);
    token_list_dispose(&b);
    token_list_dispose(&blank);
    aligner_dispose(&aligner);
    tree_free(models);
}

/* The cased encoder reads 22 pieces: of 60 words the last are aligned, and a person is told. */
Test(align, of_texts_that_are_too_long_the_end_is_aligned) {
    char *models = align_cases_models("LaBSE", CASED), *notice;
    struct aligner aligner;
    struct err e = {0};
    struct token_list a = {0}, b = {0};
    int64_t alignment[60];
    for (int i = 0; i < 60; i++) {
        token_list_add(&a, i, false, " city", " city", 5);
        token_list_add(&b, i, false, " city", " city", 5);
    }
    cr_assert_eq(aligner_find(&aligner, &(struct alignment){.rule = ALIGN_AUTO}, &e), ERR_OK, "%s",
                 e.message);
    cr_assert_eq(positions_align(alignment, 60, 1, 60, &e), ERR_OK);
    cr_assert_eq(aligner_run(&aligner, alignment, &a, &b, 1, 60, NULL, &e), ERR_OK, "%s",
                 e.message);
    for (int p = 1; p < 60; p++)
        cr_expect(p < 38 ? alignment[p - 1] == p : alignment[p - 1] >= 38,
                  "token %d is held against %d", p, (int)alignment[p - 1]);
    notice = aligner_notice(&aligner, "The contrast");
    cr_expect(notice && strstr(notice, "longer than LaBSE can read"), "%s", notice);
    free(notice);
    atomic_bool cancel = true;
    const struct run_ctl ctl = {.cancel = &cancel};
    cr_expect_eq(aligner_run(&aligner, alignment, &a, &b, 1, 60, &ctl, &e), ERR_CANCELLED);
    token_list_dispose(&a);
    token_list_dispose(&b);
    aligner_dispose(&aligner);
    tree_free(models);
}

/* What goes with the first words of a text, in its repetition: up to the sentence's end where they
 * end with one, to the word where they do not, and never all of it. */
Test(align, a_text_is_parted_where_it_goes_with_another_beginning) {
    static const struct {
        const char *text;
        size_t to;
        const char *other, *first;
    } cases[] = {
        {"The dog barks. A cat sleeps.", 14, "The dog barks. A cat sleeps.", "The dog barks."},
        {"The dog A cat sleeps", 7, "The dog A cat sleeps", "The dog"},
        {"The dog barks. A cat sleeps.", 14, "A cat sleeps.", ""},
        {"The dog barks. A cat sleeps.", 14, "dog", ""},
        {"The dog barks. A cat sleeps.", 14, "", ""},
    };
    char *models = align_cases_models("LaBSE", UNCASED);
    struct aligner aligner;
    struct err e = {0};
    cr_assert_eq(aligner_find(&aligner, &(struct alignment){.rule = ALIGN_AUTO}, &e), ERR_OK, "%s",
                 e.message);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t end = 99;
        cr_assert_eq(
            aligner_part(&aligner, &end, cases[i].text, 0, cases[i].to, cases[i].other, NULL, &e),
            ERR_OK, "%s", e.message);
        cr_expect(end == strlen(cases[i].first) &&
                      strncmp(cases[i].other, cases[i].first, end) == 0,
                  "\"%s\": \"%.*s\"", cases[i].other, (int)end, cases[i].other);
    }
    aligner_dispose(&aligner);
    tree_free(models);
}
