#include "aggregators/word_alignment.h"

#include "aggregators/text/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct word_alignment new_word_alignment(int64_t n_source, int64_t n_target) {
    const size_t n = (size_t)(n_source * n_target);
    return (struct word_alignment){n_source, n_target, mem_alloc(n * sizeof(bool))};
}

static bool *pair_at(const struct word_alignment *a, int64_t source, int64_t target) {
    return &a->pairs[source * a->n_target + target];
}

void word_alignment_dispose(struct word_alignment *a) {
    free(a->pairs);
    *a = (struct word_alignment){0};
}

/* --- two directions become one --- */

static void take_columns(struct word_alignment *out, const struct word_alignment *columns,
                         const struct word_alignment *rows) {
    (void)rows;
    memcpy(out->pairs, columns->pairs, (size_t)(out->n_source * out->n_target) * sizeof(bool));
}

static void take_rows(struct word_alignment *out, const struct word_alignment *columns,
                      const struct word_alignment *rows) {
    take_columns(out, rows, columns);
}

static void intersect(struct word_alignment *out, const struct word_alignment *columns,
                      const struct word_alignment *rows) {
    for (int64_t i = 0; i < out->n_source * out->n_target; i++)
        out->pairs[i] = columns->pairs[i] && rows->pairs[i];
}

static void unite(struct word_alignment *out, const struct word_alignment *columns,
                  const struct word_alignment *rows) {
    for (int64_t i = 0; i < out->n_source * out->n_target; i++)
        out->pairs[i] = columns->pairs[i] || rows->pairs[i];
}

static bool has_source(const struct word_alignment *a, int64_t source) {
    for (int64_t j = 0; j < a->n_target; j++)
        if (*pair_at(a, source, j))
            return true;
    return false;
}

static bool has_target(const struct word_alignment *a, int64_t target) {
    for (int64_t i = 0; i < a->n_source; i++)
        if (*pair_at(a, i, target))
            return true;
    return false;
}

/* Adds neighbours of a pair that the union has, where one of their words has no partner yet. */
static bool grow_at(struct word_alignment *out, const struct word_alignment *all, int64_t source,
                    int64_t target) {
    static const int around[][2] = {{-1, 0},  {0, -1}, {1, 0},  {0, 1},
                                    {-1, -1}, {-1, 1}, {1, -1}, {1, 1}}; /* text, source */
    bool added = false;
    for (size_t k = 0; k < sizeof around / sizeof *around; k++) {
        const int64_t j = target + around[k][0], i = source + around[k][1];
        if (i < 0 || j < 0 || i >= out->n_source || j >= out->n_target || !*pair_at(all, i, j) ||
            *pair_at(out, i, j) || (has_source(out, i) && has_target(out, j)))
            continue;
        *pair_at(out, i, j) = true;
        added = true;
    }
    return added;
}

/* From the intersection on, over the text's words and for each over the source's, until nothing is
 * added any more. */
static void grow_diag(struct word_alignment *out, const struct word_alignment *columns,
                      const struct word_alignment *rows) {
    struct word_alignment all = new_word_alignment(out->n_source, out->n_target);
    bool added = true;
    unite(&all, columns, rows);
    intersect(out, columns, rows);
    while (added) {
        added = false;
        for (int64_t j = 0; j < out->n_target; j++)
            for (int64_t i = 0; i < out->n_source; i++)
                added |= *pair_at(out, i, j) && grow_at(out, &all, i, j);
    }
    word_alignment_dispose(&all);
}

static const struct word_alignment_way ways[] = {
    {"columns", "Columns", "Each word of the text with the source's word that counts most for it.",
     take_columns},
    {"rows", "Rows", "Each word of the source with the word of the text that it counts most for.",
     take_rows},
    {"intersection", "Intersection", "Pairs that columns and rows both have.", intersect},
    {"union", "Union", "Pairs that columns or rows have.", unite},
    {"grow-diag", "Grow-diag",
     "The intersection, and neighbours of its pairs, also over a corner, that the union has, as "
     "long as one of their words is in no pair.",
     grow_diag},
};
#define N_WAYS (sizeof ways / sizeof *ways)

const struct word_alignment_way *word_alignment_ways(size_t *n) {
    *n = N_WAYS;
    return ways;
}

const struct word_alignment_way *word_alignment_way_find(const char *id) {
    for (size_t i = 0; i < N_WAYS; i++)
        if (strcmp(ways[i].id, id) == 0)
            return &ways[i];
    return NULL;
}

/* --- one direction --- */

/* Rows and columns of scores that are words, and their numbers among the words of their side. */
struct word_axis {
    int64_t *at, *word;
    size_t n;
    int64_t n_words; /* those without scores, too */
};

static bool is_white(const struct token *t) {
    for (size_t i = 0; i < t->n_bytes; i++)
        if (!strchr(" \t\r\n", t->bytes[i]))
            return false;
    return true;
}

/* Tokens [from, to) of the list have scores. */
static struct word_axis axis_of(const struct token_list *list, int64_t from, int64_t to) {
    struct word_axis a = {.at = mem_alloc(list->n * sizeof *a.at),
                          .word = mem_alloc(list->n * sizeof *a.word)};
    for (int64_t i = 0; i < (int64_t)list->n; i++) {
        const struct token *t = &list->items[i];
        if (word_stands_alone(t) || (is_white(t) && !token_is_unknown(t)))
            continue;
        if (i >= from && i < to) {
            a.at[a.n] = i - from;
            a.word[a.n++] = a.n_words;
        }
        a.n_words++;
    }
    return a;
}

static void axis_dispose(struct word_axis *a) {
    free(a->at);
    free(a->word);
}

/* A line of scores: a word of one side, and all words of the other. */
struct line {
    const float *first;
    int64_t step;
    const struct word_axis *others;
};

static double positive_at(const struct line *l, size_t k) {
    const float x = l->first[l->others->at[k] * l->step];
    return x > 0 && isfinite(x) ? (double)x : 0;
}

/* The others' entry with the largest positive score; n: there is none. */
static size_t largest(const struct line *l) {
    size_t best = l->others->n;
    for (size_t k = 0; k < l->others->n; k++)
        if (positive_at(l, k) > (best < l->others->n ? positive_at(l, best) : 0))
            best = k;
    return best;
}

static bool chosen(const struct line *l, size_t k, size_t best, double total, double threshold) {
    if (threshold <= 0)
        return k == best;
    return positive_at(l, k) > 0 && positive_at(l, k) >= threshold * total;
}

/* What each word of one side chooses among the other's. */
static void choose(struct word_alignment *out, const struct scores *s, const struct word_axis *rows,
                   const struct word_axis *columns, bool by_column, double threshold) {
    const struct word_axis *these = by_column ? columns : rows,
                           *others = by_column ? rows : columns;
    const int64_t across = by_column ? 1 : s->dims[1], along = by_column ? s->dims[1] : 1;
    for (size_t w = 0; w < these->n; w++) {
        const struct line l = {s->data + these->at[w] * across, along, others};
        const size_t best = largest(&l);
        double total = 0;
        for (size_t k = 0; k < others->n; k++)
            total += positive_at(&l, k);
        for (size_t k = 0; k < others->n; k++)
            if (chosen(&l, k, best, total, threshold))
                *(by_column ? pair_at(out, others->word[k], these->word[w])
                            : pair_at(out, these->word[w], others->word[k])) = true;
    }
}

static enum err_code check(const struct attribution_sequence *s, struct err *e) {
    const struct scores *scores = &s->source_attributions;
    if (!scores->data)
        return err_set(e, ERR_USAGE,
                       "an alignment is of a source's words and a text's, by the source's scores: "
                       "this result has none, as any of a decoder-only model, whose rows are its "
                       "own text");
    if (scores->n_dims != 2 || scores->dims[0] != (int64_t)s->source.n ||
        scores->dims[1] != attribution_steps(s))
        return err_set(e, ERR_SHAPE, "an alignment needs one score a source token and column");
    return ERR_OK;
}

enum err_code word_alignment_of(struct word_alignment *out, const struct attribution_sequence *s,
                                const struct word_alignment_how *how, struct err *e) {
    const struct scores *scores = &s->source_attributions;
    *out = (struct word_alignment){0};
    enum err_code code = check(s, e);
    if (code)
        return code;
    struct word_axis rows = axis_of(&s->source, 0, (int64_t)s->source.n),
                     columns = axis_of(&s->target, s->attr_pos_start, s->attr_pos_end);
    struct word_alignment by_columns = new_word_alignment(rows.n_words, columns.n_words),
                          by_rows = new_word_alignment(rows.n_words, columns.n_words);
    *out = new_word_alignment(rows.n_words, columns.n_words);
    choose(&by_columns, scores, &rows, &columns, true, how->threshold);
    choose(&by_rows, scores, &rows, &columns, false, how->threshold);
    how->way->join(out, &by_columns, &by_rows);
    word_alignment_dispose(&by_columns);
    word_alignment_dispose(&by_rows);
    axis_dispose(&rows);
    axis_dispose(&columns);
    return ERR_OK;
}

int64_t word_alignment_unpaired(const struct word_alignment *a,
                                const struct attribution_sequence *s) {
    struct word_axis columns = axis_of(&s->target, s->attr_pos_start, s->attr_pos_end);
    int64_t n = 0;
    for (size_t k = 0; k < columns.n; k++)
        n += !has_target(a, columns.word[k]);
    axis_dispose(&columns);
    return n;
}

void word_alignment_write(struct text_buffer *b, const struct word_alignment *a) {
    bool any = false;
    for (int64_t i = 0; i < a->n_source; i++)
        for (int64_t j = 0; j < a->n_target; j++) {
            if (!*pair_at(a, i, j))
                continue;
            text_buffer_format(b, "%s%lld-%lld", any ? " " : "", (long long)i, (long long)j);
            any = true;
        }
    text_buffer_puts(b, "\n");
}
