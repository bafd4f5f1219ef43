/* Which token of a contrast each attributed one is held against, by hand, by position or by what
 * the two texts share. Reference for pairs by hand: Inseq 0.7.1, utils/alignment_utils.py
 * (get_adjusted_alignments). */
#include "methods/request/align.h"

#include "backend/base/clamp.h"
#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

const char positions_rules[] =
    "Which token of --contrast_targets each attributed one is held against\n"
    "(--contrast_targets_alignments):\n\n"
    "(none)      counted from the end of both texts, as Inseq does\n"
    "position    token i against token i\n"
    "diff        tokens that both texts share against each other, those between in order\n"
    "auto        words that mean the same, found by an encoder: LaBSE, as in Inseq, where\n"
    "            the models folder or the Hugging Face cache has it, else\n"
    "            the MiniLM of 'make models ALIGN=1', which knows little but English.\n"
    "            Tokens without such a word are counted from the end\n"
    "[[3, 2]]    pairs of positions by hand; other tokens are counted from the end\n\n"
    "The pairs are saved with the result, and what aligned them.\n";

#define MOST_CELLS (64ll << 20) /* of a diff's table */

static int by_pair(const void *a, const void *b) {
    const struct align_link *x = a, *y = b;
    if (x->target != y->target)
        return x->target < y->target ? -1 : 1;
    return x->contrast < y->contrast ? -1 : x->contrast > y->contrast;
}

void align_by_links(int64_t *alignment, int64_t n_contrast, int64_t start, int64_t end,
                    struct align_link *links, size_t n_links) {
    bool *used = mem_alloc((size_t)n_contrast * sizeof *used);
    size_t i = 0;
    if (n_links)
        qsort(links, n_links, sizeof *links, by_pair);
    for (int64_t p = start; p < end; p++) {
        const struct align_link *found = NULL;
        while (i < n_links && links[i].target < p)
            i++;
        for (; i < n_links && links[i].target == p; i++) {
            bool there = links[i].contrast >= 0 && links[i].contrast < n_contrast;
            if (there && (!found || (used[found->contrast] && !used[links[i].contrast])))
                found = &links[i];
        }
        if (!found)
            continue;
        used[found->contrast] = true;
        alignment[p - start] = found->contrast;
    }
    free(used);
}

static enum err_code align_by_hand(int64_t *alignment, int64_t n_contrast, int64_t start,
                                   int64_t end, const struct alignment *by, struct err *e) {
    align_by_links(alignment, n_contrast, start, end, by->links, by->n_links);
    for (int64_t p = start; p < end; p++)
        if (alignment[p - start] == 0)
            return err_set(e, ERR_USAGE,
                           "the pair [%lld, 0] holds a token against the contrast's first, which "
                           "nothing precedes",
                           (long long)p);
    return ERR_OK;
}

static bool same(const struct token_list *a, int64_t i, const struct token_list *b, int64_t j) {
    return a->items[i].id == b->items[j].id;
}

/* The longest common subsequence of a[from …) and b[from …): out[i] is what a[i] is matched
 * with, −1: nothing. False: out of memory. */
static bool match_common(int64_t *out, const struct token_list *a, const struct token_list *b,
                         int64_t from, int64_t n_a, int64_t n_b) {
    int64_t rows = n_a - from, columns = n_b - from, stride = columns + 1;
    int32_t *longest = calloc((size_t)((rows + 1) * stride), sizeof *longest);
    if (!longest)
        return false;
    for (int64_t i = rows - 1; i >= 0; i--)
        for (int64_t j = columns - 1; j >= 0; j--) {
            const int32_t *row = &longest[i * stride + j], *below = row + stride;
            const int32_t apart = below[0] > row[1] ? below[0] : row[1];
            longest[i * stride + j] = same(a, from + i, b, from + j) ? 1 + below[1] : apart;
        }
    for (int64_t i = 0, j = 0; i < rows && j < columns;) {
        if (same(a, from + i, b, from + j))
            out[from + i++] = from + j++;
        else if (longest[(i + 1) * stride + j] >= longest[i * stride + j + 1])
            i++;
        else
            j++;
    }
    free(longest);
    return true;
}

/* Where the next common token of the contrast is, from p on; its end where there is none. */
static int64_t next_match(const int64_t *match, int64_t p, int64_t n, int64_t n_contrast) {
    while (p < n && match[p] < 0)
        p++;
    return p < n ? match[p] : n_contrast;
}

/* Tokens between common ones are held against each other in order; where the contrast has fewer,
 * against the next common one. */
static enum err_code align_by_diff(int64_t *alignment, const struct token_list *target,
                                   const struct token_list *contrast, int64_t start, int64_t end,
                                   struct err *e) {
    int64_t n = (int64_t)target->n, n_contrast = (int64_t)contrast->n, from = 0;
    int64_t *match = mem_alloc((size_t)n * sizeof *match);
    for (int64_t i = 0; i < n; i++)
        match[i] = -1;
    for (; from < n && from < n_contrast && same(target, from, contrast, from); from++)
        match[from] = from;
    for (; n > from && n_contrast > from && same(target, n - 1, contrast, n_contrast - 1);
         n--, n_contrast--)
        match[n - 1] = n_contrast - 1;
    bool fits = (n - from + 1) * (n_contrast - from + 1) <= MOST_CELLS;
    if (!fits || !match_common(match, target, contrast, from, n, n_contrast)) {
        free(match);
        return err_set(e, ERR_NOMEM,
                       "the texts are too long and too different to be aligned by what they share; "
                       "give pairs, or align by position");
    }
    int64_t next = 0; /* the first token of the contrast that no earlier one is held against */
    for (int64_t p = 0; p < end; p++) {
        const int64_t limit = next_match(match, p, (int64_t)target->n, (int64_t)contrast->n);
        int64_t at = match[p] >= 0 || next > limit ? limit : next;
        next = at + (match[p] >= 0 || at < limit);
        if (p >= start)
            alignment[p - start] = clamped(at, 1, (int64_t)contrast->n - 1);
    }
    free(match);
    return ERR_OK;
}

static void align_by_position(int64_t *alignment, int64_t n_contrast, int64_t start, int64_t end) {
    for (int64_t p = start; p < end; p++)
        alignment[p - start] = p < n_contrast ? p : n_contrast - 1;
}

enum err_code positions_align_by(int64_t *alignment, const struct token_list *target,
                                 const struct token_list *contrast, int64_t start, int64_t end,
                                 const struct alignment *by, struct err *e) {
    const int64_t n_contrast = (int64_t)contrast->n;
    enum err_code code = positions_align(alignment, n_contrast, start, end, e);
    if (code)
        return code;
    if (by->rule == ALIGN_DIFF)
        return align_by_diff(alignment, target, contrast, start, end, e);
    if (by->rule == ALIGN_PAIRS)
        return align_by_hand(alignment, n_contrast, start, end, by, e);
    if (by->rule == ALIGN_POSITION)
        align_by_position(alignment, n_contrast, start, end);
    return ERR_OK;
}
