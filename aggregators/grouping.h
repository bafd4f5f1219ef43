/*
 * Which tokens become one row and one column: what spans, subwords, split, slices and every unit
 * make, and what merge.h merges by. Plain data. Any thread.
 */
#ifndef TINSEQ_AGGREGATORS_GROUPING_H
#define TINSEQ_AGGREGATORS_GROUPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Tokens [from, to). */
struct token_span {
    int64_t from, to;
};

/* Ascending, not overlapping, none empty. Each span is one new row; tokens between them vanish. */
struct partition {
    struct token_span *items;
    size_t n;
};

/* Target rows are the prompt and the text; its columns are the part of each span that is
 * attributed. */
struct grouping {
    struct partition source, target;
};

void partition_add(struct partition *p, int64_t from, int64_t to);
/* A span begins at each token [n] where begins is true, and at the first one. */
struct partition partition_of_begins(const bool *begins, size_t n);
/* Each token is its own. */
struct partition partition_whole(size_t n);
/* Whether nothing is joined and nothing left out of n tokens. */
bool partition_is_whole(const struct partition *p, size_t n);
/* Spans of `second`, which counts spans of `first`, in what `first` counts. `first` may be empty:
 * it then is whole. */
struct partition partition_after(const struct partition *first, const struct partition *second);
/* Adds a span in its place; those that it overlaps become one with it. */
void partition_unite(struct partition *p, int64_t from, int64_t to);
void partition_dispose(struct partition *p);
void grouping_dispose(struct grouping *g);

#endif
