/* Which token of a contrast each attributed one is held against, by position, by what two texts share, and by hand. */
#include "methods/positions.h"

#include "backend/base/mem.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define MOST 40

static struct token_list tokens(const int *ids, int n) {
    struct token_list list = {0};
    for (int i = 0; i < n; i++)
        token_list_add(&list, ids[i], false, "x", "x", 1);
    return list;
}

static enum err_code align(int64_t *out, const int *a, int n_a, const int *b, int n_b, int64_t start, const char *rule, struct err *e) {
    struct token_list target = tokens(a, n_a), contrast = tokens(b, n_b);
    enum err_code code = positions_align_by(out, &target, &contrast, start, n_a, rule, e);
    token_list_dispose(&target);
    token_list_dispose(&contrast);
    return code;
}

static void expect(const int *a, int n_a, const int *b, int n_b, int64_t start, const char *rule, const int64_t *want) {
    struct err e = {0};
    int64_t got[MOST];
    cr_assert_eq(align(got, a, n_a, b, n_b, start, rule, &e), ERR_OK, "%s", e.message);
    for (int64_t g = 0; g < n_a - start; g++)
        cr_expect_eq(got[g], want[g], "%s: step %d is held against %d, not %d", rule ? rule : "from the end", (int)g, (int)got[g], (int)want[g]);
}

#define IDS(...) (const int[]){__VA_ARGS__}, sizeof((const int[]){__VA_ARGS__}) / sizeof(int)
#define WANT(...) (const int64_t[]){__VA_ARGS__}

Test(align, by_position_each_token_is_held_against_the_one_at_its_place) {
    expect(IDS(1, 2, 3, 4), IDS(1, 2, 9, 4), 1, "position", WANT(1, 2, 3));
    expect(IDS(1, 2, 3, 4), IDS(1, 2, 9, 8, 7, 6), 2, "position", WANT(2, 3));
    expect(IDS(1, 2, 3, 4, 5), IDS(1, 2, 3), 2, "position", WANT(2, 2, 2)); /* beyond a shorter one: its last */
}

Test(align, a_diff_holds_common_tokens_against_each_other) {
    expect(IDS(1, 2, 3, 4, 5), IDS(1, 2, 3, 4, 5), 1, "diff", WANT(1, 2, 3, 4));
    expect(IDS(1, 2, 3, 4, 5), IDS(1, 2, 9, 4, 5), 1, "diff", WANT(1, 2, 3, 4));
    expect(IDS(1, 2, 3, 4, 5), IDS(1, 2, 7, 8, 9, 4, 5), 1, "diff", WANT(1, 2, 5, 6)); /* one token against three: the first */
    expect(IDS(1, 2, 7, 8, 9, 4, 5), IDS(1, 2, 3, 4, 5), 1, "diff", WANT(1, 2, 3, 3, 3, 4)); /* three against one: then the next common one */
    expect(IDS(1, 2, 3, 4), IDS(1, 2, 4), 1, "diff", WANT(1, 2, 2)); /* nothing instead */
    expect(IDS(1, 2, 4), IDS(1, 2, 3, 4), 1, "diff", WANT(1, 3));
    expect(IDS(1, 2, 3, 9, 4, 5, 6), IDS(1, 7, 3, 4, 8, 6), 1, "diff", WANT(1, 2, 3, 3, 4, 5)); /* several places */
}

Test(align, a_diff_without_anything_in_common_goes_in_order) {
    expect(IDS(1, 2, 3), IDS(4, 5, 6), 1, "diff", WANT(1, 2));
    expect(IDS(1, 2, 3, 4), IDS(5, 6), 1, "diff", WANT(1, 1, 1)); /* beyond a shorter one: its last */
    expect(IDS(1, 2, 3), IDS(9, 8, 1, 2, 3), 1, "diff", WANT(3, 4)); /* another context before the same text */
}

/* The first token has nothing before it, so nothing is ever held against it. */
Test(align, a_diff_never_holds_a_token_against_the_first) {
    expect(IDS(5, 1, 2), IDS(1, 2), 1, "diff", WANT(1, 1));
    expect(IDS(1, 2, 3), IDS(2, 3), 1, "diff", WANT(1, 1));
}

static int common(const int *a, int n_a, const int *b, int n_b) {
    int table[MOST + 1][MOST + 1] = {{0}};
    for (int i = n_a - 1; i >= 0; i--)
        for (int j = n_b - 1; j >= 0; j--)
            table[i][j] = a[i] == b[j] ? 1 + table[i + 1][j + 1] : table[i + 1][j] > table[i][j + 1] ? table[i + 1][j] : table[i][j + 1];
    return table[0][0];
}

/* Ascending, within the contrast, and as many equal pairs as two texts can have. */
Test(align, diffs_of_random_texts_are_ascending_and_longest) {
    unsigned seed = 5;
    for (int round = 0; round < 400; round++) {
        int a[MOST], b[MOST], n_a = 2, n_b = 2;
        for (int i = 0; i < MOST; i++) {
            a[i] = (int)((seed = seed * 1103515245u + 12345u) >> 16) % 4;
            b[i] = (int)((seed = seed * 1103515245u + 12345u) >> 16) % 4;
        }
        a[0] = b[0] = 100; /* as a decoder's start */
        n_a += (int)(seed >> 20) % (MOST - 3);
        n_b += (int)(seed >> 10) % (MOST - 3);
        struct err e = {0};
        int64_t got[MOST];
        cr_assert_eq(align(got, a, n_a, b, n_b, 1, "diff", &e), ERR_OK);
        int equal = 1, last = -1;
        for (int g = 0; g < n_a - 1; g++) {
            cr_assert(got[g] >= 1 && got[g] < n_b && (g == 0 || got[g] >= got[g - 1]));
            if (got[g] != last && a[g + 1] == b[got[g]]) {
                equal++;
                last = (int)got[g];
            }
        }
        cr_expect_geq(equal, common(a, n_a, b, n_b) , "round %d: %d tokens are held against their equals, not %d", round, equal, common(a, n_a, b, n_b));
    }
}

Test(align, texts_too_long_and_too_different_for_a_diff_are_refused) {
    const int n = 8300;
    struct token_list a = {0}, b = {0};
    struct err e = {0};
    int64_t *out = mem_alloc((size_t)n * sizeof *out);
    for (int i = 0; i < n; i++) {
        token_list_add(&a, 2 * i, false, "", "", 0);
        token_list_add(&b, 2 * i + 1, false, "", "", 0);
    }
    cr_expect_eq(positions_align_by(out, &a, &b, 1, n, "diff", &e), ERR_NOMEM);
    cr_expect_not_null(strstr(e.message, "align by position"), "%s", e.message);
    cr_expect_eq(positions_align_by(out, &a, &a, 1, n, "diff", &e), ERR_OK, "what is the same needs no table");
    cr_expect_eq(out[n - 2], n - 1);
    free(out);
    token_list_dispose(&a);
    token_list_dispose(&b);
}

Test(align, pairs_by_hand_go_before_the_rule) {
    expect(IDS(1, 2, 3, 4), IDS(1, 2, 3, 4), 1, "[[2, 3]]", WANT(1, 3, 3));
    expect(IDS(1, 2, 3, 4), IDS(1, 2, 3, 4), 1, "[[[2, 3], [3, 1]]]", WANT(1, 3, 1)); /* a list for the one sentence */
    expect(IDS(1, 2, 3, 4), IDS(1, 2, 3, 4), 1, "[[1, 2], [2, 2], [2, 3]]", WANT(2, 3, 3)); /* the first that no other has */
    expect(IDS(1, 2, 3, 4), IDS(1, 2, 3, 4), 1, "[[2, 99], [2, -1], [77, 1]]", WANT(1, 2, 3)); /* outside the texts */
    expect(IDS(1, 2, 3, 4), IDS(1, 2, 3, 4), 1, "[]", WANT(1, 2, 3));
}

Test(align, what_is_no_rule_is_refused_with_what_is) {
    static const char *const wrong[] = {"", "backwards", "[[1]]", "[[1, 2, 3]]", "[[1.5, 2]]", "[[1, \"2\"]]", "{\"1\": 2}", "[[1, 2]", "3"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct err e = {0};
        int64_t out[MOST];
        cr_expect_eq(align(out, IDS(1, 2, 3), IDS(1, 2, 3), 1, wrong[i], &e), ERR_USAGE, "%s", wrong[i]);
        cr_expect_not_null(strstr(e.message, "\"position\", \"diff\""), "%s", e.message);
    }
    static const char *const rules[] = {"position", "diff", "[[1, 0]]", NULL};
    for (size_t i = 0; i < 4; i++) {
        struct err e = {0};
        int64_t out[MOST];
        cr_expect_eq(align(out, IDS(1, 2, 3), IDS(1), 1, rules[i], &e), ERR_USAGE);
        cr_expect_not_null(strstr(e.message, "no token to hold"), "%s", e.message);
    }
    struct err e = {0};
    int64_t out[MOST];
    cr_expect_eq(align(out, IDS(1, 2, 3), IDS(1, 2, 3), 1, "[[1, 0]]", &e), ERR_USAGE);
    cr_expect_not_null(strstr(e.message, "which nothing precedes"), "%s", e.message);
}
