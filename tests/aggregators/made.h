/* Sequences made by hand: tokens from their pieces, scores that tell where they are from. */
#ifndef TINSEQ_TESTS_AGGREGATORS_MADE_H
#define TINSEQ_TESTS_AGGREGATORS_MADE_H

#include "app/files/piece_text.h"
#include "pipelines.h"

/* Pieces parted by blanks. */
static inline void add_pieces(struct token_list *list, const char *pieces) {
    enum piece_kind kind = PIECE_PLAIN;
    char *all = mem_text(pieces), *rest = all, *piece;
    for (const char *at = pieces; at && kind == PIECE_PLAIN; at = strchr(at + 1, ' '))
        kind = piece_kind_of(at + (*at == ' '));
    while ((piece = strsep(&rest, " "))) {
        size_t n;
        char *bytes = piece_bytes(&n, kind, piece);
        token_list_add(list, (int32_t)list->n + 10, piece_is_special(piece), piece, bytes, n);
        free(bytes);
    }
    free(all);
}

/* Cells of source and target are 1, 2, 3 … row by row; a target's are NaN where no step sees. */
static inline void fill(struct scores *s, int64_t rows, int64_t columns, int64_t start,
                        bool target) {
    cr_assert(scores_init(s, 2, (int64_t[]){rows, columns}, NAN));
    for (int64_t r = 0; r < rows; r++)
        for (int64_t g = 0; g < columns; g++)
            if (!target || r < start + g)
                s->data[r * columns + g] = (float)(r * columns + g + 1);
}

/* A language model's, [T, G]; the text begins at token `start`. */
static inline struct attribution_sequence made_lm(const char *pieces, int64_t start) {
    struct attribution_sequence s = {.class = ATTRIBUTION_COARSE, .attr_pos_start = start};
    add_pieces(&s.target, pieces);
    s.attr_pos_end = (int64_t)s.target.n;
    const struct token_list prompt = {s.target.items, (size_t)start};
    token_list_append(&s.source, &prompt);
    fill(&s.target_attributions, s.attr_pos_end, s.attr_pos_end - start, start, true);
    return s;
}

/* A translator's, of both sides. */
static inline struct attribution_sequence made_mt(const char *source, const char *target) {
    struct attribution_sequence s = {.class = ATTRIBUTION_COARSE, .attr_pos_start = 1};
    add_pieces(&s.source, source);
    add_pieces(&s.target, target);
    s.attr_pos_end = (int64_t)s.target.n;
    fill(&s.source_attributions, (int64_t)s.source.n, s.attr_pos_end - 1, 1, false);
    fill(&s.target_attributions, s.attr_pos_end, s.attr_pos_end - 1, 1, true);
    return s;
}

static inline double mass(const struct attribution_sequence *s) {
    const struct scores *sides[] = {&s->source_attributions, &s->target_attributions};
    double sum = 0;
    for (int side = 0; side < 2; side++)
        for (int64_t i = 0; i < scores_count(sides[side]); i++)
            sum += isnan(sides[side]->data[i]) ? 0 : (double)sides[side]->data[i];
    return sum;
}

/* The pieces joined by "|". */
static inline char *pieces_of(const struct token_list *list) {
    struct text_buffer b = {0};
    for (size_t i = 0; i < list->n; i++)
        text_buffer_format(&b, "%s%s", i ? "|" : "", list->items[i].piece);
    return text_buffer_take(&b);
}

static inline void expect_joined(const struct token_list *list, const char *want,
                                 const char *what) {
    char *got = pieces_of(list);
    cr_expect_str_eq(got, want, "%s: %s", what, got);
    free(got);
}

#endif
