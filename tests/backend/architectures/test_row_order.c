/* Where the rows of fused and paired maps of attention lie in files. */
#include "backend/architectures/row_order.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void expect(const char *what, const struct model_config *c, const struct family_layout *l,
                   enum slot slot, const int64_t *wanted, int n) {
    int64_t *order = row_order(c, l, slot);
    cr_assert_eq(order != NULL, wanted != NULL, "%s", what);
    for (int i = 0; i < n; i++)
        cr_expect_eq(order[i], wanted[i], "%s: row %d lies at %lld, not %lld", what, i,
                     (long long)order[i], (long long)wanted[i]);
    free(order);
}

/* Numbers are those of rows in the file. */
Test(row_order, is_that_of_the_layout) {
    const struct model_config grouped = {.n_heads = 4, .n_kv_heads = 2, .n_head_width = 1},
                              alone = {.n_heads = 2, .n_kv_heads = 2, .n_head_width = 2},
                              one = {.n_heads = 2, .n_kv_heads = 1, .n_head_width = 2},
                              four = {.n_heads = 4, .n_kv_heads = 4, .n_head_width = 1},
                              turned = {.n_heads = 2, .n_kv_heads = 1, .n_head_width = 4},
                              partly = {
                                  .n_heads = 1, .n_kv_heads = 1, .n_head_width = 5, .n_rotated = 4};
    const struct family_layout plain = {.fuse = FUSE_QKV}, groups = {.fuse = FUSE_QKV_BY_GROUP},
                               blocks = {.fuse = FUSE_QKV_IN_BLOCKS},
                               pairs = {.rope_in_pairs = true},
                               both = {.fuse = FUSE_QKV, .rope_in_pairs = true};
    expect("one below the other", &alone, &plain, SLOT_QKV, NULL, 0);
    expect("no pairs", &alone, &plain, SLOT_QUERY, NULL, 0);
    /* q0 q1 k0 v0 q2 q3 k1 v1 */
    expect("by group", &grouped, &groups, SLOT_QKV, (int64_t[]){0, 1, 4, 5, 2, 6, 3, 7}, 8);
    /* q0 q0 k0 k0 v0 v0 q1 … */
    expect("by head", &alone, &groups, SLOT_QKV, (int64_t[]){0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11},
           12);
    expect("one group", &one, &groups, SLOT_QKV, (int64_t[]){0, 1, 2, 3, 4, 5, 6, 7}, 8);
    /* q0 v0 k0 q1 v1 k1 … */
    expect("in blocks", &four, &blocks, SLOT_QKV, (int64_t[]){0, 3, 6, 9, 2, 5, 8, 11, 1, 4, 7, 10},
           12);
    expect("queries", &turned, &pairs, SLOT_QUERY, (int64_t[]){0, 2, 1, 3, 4, 6, 5, 7}, 8);
    expect("keys", &turned, &pairs, SLOT_KEY, (int64_t[]){0, 2, 1, 3}, 4);
    expect("values are not rotated", &turned, &pairs, SLOT_VALUE, NULL, 0);
    expect("partly", &partly, &pairs, SLOT_QUERY, (int64_t[]){0, 2, 1, 3, 4}, 5);
    expect("fused pairs", &partly, &both, SLOT_QKV,
           (int64_t[]){0, 2, 1, 3, 4, 5, 7, 6, 8, 9, 10, 11, 12, 13, 14}, 15);
}
