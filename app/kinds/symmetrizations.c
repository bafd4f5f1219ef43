#include "aggregators/word_alignment.h"

#include "app/kinds/kind.h"

static void list(struct kind_items *out) {
    size_t n;
    const struct word_alignment_way *all = word_alignment_ways(&n);
    for (size_t i = 0; i < n; i++)
        kind_items_add(out, all[i].id, NULL, "%s", all[i].summary);
}

static bool explain(struct explanation *x, const char *name) {
    const struct word_alignment_way *way = word_alignment_way_find(name);
    return way && explanation_begin(x, way->id, way->title, way->summary);
}

const struct kind kind_symmetrizations = {
    .id = "symmetrizations",
    .one = "a way to align words (--alignment_symmetrize)",
    .summary = "how words of two texts are paired (--alignment_symmetrize)",
    .value = "WAY",
    .note = "See 'tinseq explain word_alignments'.",
    .list = list,
    .explain = explain,
};
