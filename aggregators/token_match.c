#include "aggregators/token_match.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool same(const struct token *a, const struct token *b) {
    return strcmp(a->piece, b->piece) == 0;
}

/* The longest common part of a's tokens from i on and b's from j on, at [i · (n_b + 1) + j]. */
static int32_t *common_parts(const struct token *a, size_t n_a, const struct token *b, size_t n_b) {
    const size_t row = n_b + 1;
    int32_t *most = calloc((n_a + 1) * row, sizeof *most);
    for (size_t i = n_a; most && i-- > 0;)
        for (size_t j = n_b; j-- > 0;) {
            const int32_t skip_a = most[(i + 1) * row + j], skip_b = most[i * row + j + 1],
                          both = most[(i + 1) * row + j + 1] + 1;
            most[i * row + j] = skip_a > skip_b ? skip_a : skip_b;
            if (same(&a[i], &b[j]) && both > most[i * row + j])
                most[i * row + j] = both;
        }
    return most;
}

/* Between tokens that both have: one by one where there are as many of either. */
static void match_gap(int64_t *to, size_t a, size_t a_end, size_t b, size_t b_end) {
    const bool alike = a_end - a == b_end - b;
    for (size_t i = a; i < a_end; i++)
        to[i] = alike ? (int64_t)(b + i - a) : -1;
}

enum err_code token_match(int64_t *to, const struct token *a, size_t n_a, const struct token *b,
                          size_t n_b, struct err *e) {
    const size_t row = n_b + 1;
    size_t i = 0, j = 0, gap_a = 0, gap_b = 0;
    int32_t *most = common_parts(a, n_a, b, n_b);
    if (!most)
        return err_set(e, ERR_NOMEM, "no memory to match %zu tokens with %zu", n_a, n_b);
    while (i < n_a && j < n_b) {
        const int32_t here = most[i * row + j];
        if (same(&a[i], &b[j]) && here == most[(i + 1) * row + j + 1] + 1) {
            match_gap(to, gap_a, i, gap_b, j);
            to[i++] = (int64_t)j++;
            gap_a = i;
            gap_b = j;
        } else if (most[(i + 1) * row + j] == here) {
            i++;
        } else {
            j++;
        }
    }
    match_gap(to, gap_a, n_a, gap_b, n_b);
    free(most);
    return ERR_OK;
}
