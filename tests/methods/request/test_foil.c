/* What a person is told of foils that split otherwise and of forced texts that a model would not
 * write. */
#include "methods/request/foil_resolve.h"

#include "backend/base/mem.h"
#include "methods/request/arguments.h"
#include "methods/request/positions.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A text as its pieces, each its own id by its letters; a space before a piece begins a word. */
static struct token_list split(const char *const *pieces) {
    struct token_list list = {0};
    for (int i = 0; pieces[i]; i++) {
        int32_t id = 0;
        for (const char *c = pieces[i]; *c; c++)
            id = id * 31 + *c;
        token_list_add(&list, id, false, pieces[i], pieces[i], strlen(pieces[i]));
    }
    return list;
}

/* What is said with the default rule; NULL: nothing. */
static char *said(const char *const *target, const char *const *contrast, int64_t start) {
    struct token_list a = split(target), b = split(contrast);
    const struct alignment none = {0};
    int64_t alignment[16];
    struct err e = {0};
    cr_assert_eq(positions_align_by(alignment, &a, &b, start, (int64_t)a.n, &none, &e), ERR_OK,
                 "%s", e.message);
    char *text = foil_split_notice(&a, &b, start, (int64_t)a.n, alignment);
    token_list_dispose(&a);
    token_list_dispose(&b);
    return text;
}

#define TEXT(...)                                                                                  \
    (const char *const[]) {                                                                        \
        __VA_ARGS__, NULL                                                                          \
    }

static void expect(char *text, const char *want) {
    cr_expect(want ? text && strstr(text, want) : !text, "\"%s\", should have \"%s\"",
              text ? text : "", want ? want : "");
    free(text);
}

Test(foil, a_word_of_other_pieces_is_named) {
    expect(said(TEXT("It", " is", " Paris", " now"), TEXT("It", " is", " Ou", "aga", " now"), 1),
           "has 2 pieces (\"·Ou\", \"aga\") where the attributed one has 1 (\"·Paris\"): step 2, "
           "\"·Paris\", is held against \"aga\"; with "
           "contrast_targets_alignments \"diff\" against \"·Ou\".");
    expect(
        said(TEXT("It", " Ou", "aga", "dou", "gou", "x", " now"), TEXT("It", " Rome", " now"), 1),
        "has 1 piece (\"·Rome\") where the attributed one has 5 (\"·Ou\", \"aga\", \"dou\", "
        "\"gou\", …)");
}

Test(foil, as_many_pieces_that_begin_words_elsewhere_are_named) {
    expect(said(TEXT("In", " New", " York", "."), TEXT("In", " Ro", "me", "."), 1),
           "step 2, \"·York\", is held against \"me\", and only one of them begins a word");
    expect(said(TEXT("In", " Par", "is", "."), TEXT("In", " Ro", "me", "."), 1), NULL);
}

Test(foil, what_splits_alike_needs_no_word) {
    expect(said(TEXT("It", " is", " Paris"), TEXT("It", " is", " Rome"), 1), NULL);
    expect(said(TEXT("It", " is", " Paris"), TEXT("It", " is", " Paris"), 1), NULL);
    expect(said(TEXT("It", " is", " Paris"), TEXT("It", " Paris"), 1),
           NULL); /* something left out is no foil */
    expect(said(TEXT("He", " is", " Paris"), TEXT("Who", "ever", " is", " Paris"), 1),
           NULL); /* another context */
}

Test(foil, an_unlikely_forced_text_is_named_with_its_least_likely_token) {
    struct token_list a = split(TEXT("It", " is", " zebra", " quux"));
    expect(forced_notice(&a, 1, 3, (double[]){log(0.5), log(2e-9), log(3e-6)}),
           "at step 2 \"·zebra\" has probability 2e-09 (2 of 3 tokens are below 1e-05)");
    expect(forced_notice(&a, 1, 3, (double[]){log(2e-4), log(1e-4), log(3e-4)}),
           "mean probability (geometric) is 0.00018, the least \"·zebra\" with 0.0001 at step 2");
    expect(forced_notice(&a, 1, 3, (double[]){log(0.5), log(2e-5), log(0.1)}), NULL);
    expect(forced_notice(&a, 1, 3, (double[]){NAN, NAN, NAN}),
           NULL); /* a method that scores nothing */
    expect(forced_notice(&a, 1, 3, (double[]){NAN, log(0.1), log(1e-7)}), "(1 of 2 tokens");
    expect(forced_notice(&a, 1, 1, (double[]){-INFINITY}), "has probability 0");
    token_list_dispose(&a);
}

/* --- contrast sources -------------------------------------------------------------------- */

static struct attribute_request with(const char *kwargs) {
    return (struct attribute_request){
        .input_text = "a", .attributed_fn = "contrast_prob_diff", .attribution_kwargs = kwargs};
}

Test(contrast_sources, are_one_text) {
    static const char *const wrong[] = {
        "{\"contrast_sources\": 3}", "{\"contrast_sources\": [\"a\", \"b\"]}",
        "{\"contrast_sources\": []}", "{\"contrast_sources\": null}"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct attribute_request r = with(wrong[i]);
        struct run_arguments a;
        struct err e = {0};
        cr_expect_eq(run_arguments_init(&a, &r, &e), ERR_USAGE, "%s", wrong[i]);
        cr_expect_not_null(strstr(e.message, "contrast_sources is a text"), "%s", e.message);
    }
    struct attribute_request r = with("{\"contrast_sources\": [\"b\"]}");
    struct run_arguments a;
    struct err e = {0};
    cr_assert_eq(run_arguments_init(&a, &r, &e), ERR_OK, "%s", e.message);
    run_arguments_tell_of_contrast(&a, &r);
    cr_expect_str_eq(a.contrast_sources, "b");
    cr_expect(a.n_notices == 1 && strstr(a.notices[0], "another source alone changes nothing"));
    run_arguments_dispose(&a);
}
