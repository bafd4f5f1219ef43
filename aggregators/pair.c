/* Another result's scores minus this one's: Inseq's PairAggregator, and its a − b, which is b − a.
 * There both have the same number of tokens; here texts of other lengths are paired by the tokens
 * that they have in common (token_match.h), and what has no partner has no number. */
#include "aggregators/aggregator.h"
#include "aggregators/token_match.h"
#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool same_dims(const struct scores *a, const struct scores *b) {
    bool same = !a->data == !b->data && (!a->data || a->n_dims == b->n_dims);
    for (int i = 0; same && a->data && i < a->n_dims; i++)
        same = a->dims[i] == b->dims[i];
    return same;
}

static void subtract(struct scores *a, const struct scores *b) {
    for (int64_t i = 0, n = scores_count(a); i < n; i++)
        a->data[i] = b->data[i] - a->data[i];
}

/* --- which is whose partner --- */

/* Of each token of this result the other's, or -1. */
struct partners {
    int64_t *source, *target;
    bool alike; /* as many tokens, at the same positions: each is the partner of the one in its
                   place */
};

static bool are_alike(const struct attribution_sequence *a, const struct attribution_sequence *b) {
    return a->source.n == b->source.n && a->target.n == b->target.n &&
           a->attr_pos_start == b->attr_pos_start && a->attr_pos_end == b->attr_pos_end;
}

static void in_place(int64_t *to, size_t n) {
    for (size_t i = 0; i < n; i++)
        to[i] = (int64_t)i;
}

/* Tokens [from, to) of either target. */
static enum err_code match_part(struct partners *p, const struct attribution_sequence *a,
                                int64_t a_from, int64_t a_to, const struct attribution_sequence *b,
                                int64_t b_from, int64_t b_to, struct err *e) {
    enum err_code code =
        token_match(p->target + a_from, a->target.items + a_from, (size_t)(a_to - a_from),
                    b->target.items + b_from, (size_t)(b_to - b_from), e);
    for (int64_t i = a_from; i < a_to && !code; i++)
        p->target[i] += p->target[i] < 0 ? 0 : b_from;
    return code;
}

/* Columns are matched with columns, and what stands before them with what does there. */
static enum err_code match_target(struct partners *p, const struct attribution_sequence *a,
                                  const struct attribution_sequence *b, struct err *e) {
    enum err_code code = match_part(p, a, 0, a->attr_pos_start, b, 0, b->attr_pos_start, e);
    if (code)
        return code;
    code = match_part(p, a, a->attr_pos_start, a->attr_pos_end, b, b->attr_pos_start,
                      b->attr_pos_end, e);
    if (code)
        return code;
    return match_part(p, a, a->attr_pos_end, (int64_t)a->target.n, b, b->attr_pos_end,
                      (int64_t)b->target.n, e);
}

static enum err_code find_partners(struct partners *p, const struct attribution_sequence *a,
                                   const struct attribution_sequence *b, struct err *e) {
    p->source = mem_alloc(a->source.n * sizeof *p->source);
    p->target = mem_alloc(a->target.n * sizeof *p->target);
    p->alike = are_alike(a, b);
    in_place(p->source, a->source.n);
    in_place(p->target, a->target.n);
    if (p->alike)
        return ERR_OK;
    enum err_code code =
        token_match(p->source, a->source.items, a->source.n, b->source.items, b->source.n, e);
    return code ? code : match_target(p, a, b, e);
}

static void partners_dispose(struct partners *p) {
    free(p->source);
    free(p->target);
}

/* How many of [from, to) have none. */
static int64_t count_alone(const int64_t *to, int64_t from, int64_t end) {
    int64_t n = 0;
    for (int64_t i = from; i < end; i++)
        n += to[i] < 0;
    return n;
}

static enum err_code tell_alone(const struct partners *p, const struct attribution_sequence *a,
                                const struct attribution_sequence *b,
                                const struct aggregate_context *c, struct err *e) {
    const int64_t n_source = (int64_t)a->source.n, n_target = (int64_t)a->target.n,
                  columns = count_alone(p->target, a->attr_pos_start, a->attr_pos_end),
                  source = count_alone(p->source, 0, n_source),
                  target = count_alone(p->target, 0, n_target);
    if (columns == attribution_steps(a))
        return err_set(e, ERR_SHAPE,
                       "no token of the shown text has a partner in the other result's, which is "
                       "of another length");
    if (!p->alike)
        aggregate_notice(
            c,
            "The two texts differ in length: tokens are paired by what both have in common. "
            "Without a partner, and so without numbers, are %lld of %lld source and %lld of %lld "
            "target tokens; of the other result %lld and %lld are left out.",
            (long long)source, (long long)n_source, (long long)target, (long long)n_target,
            (long long)((int64_t)b->source.n - (n_source - source)),
            (long long)((int64_t)b->target.n - (n_target - target)));
    return ERR_OK;
}

/* --- differences --- */

/* Rows are tokens, and columns those that are explained. */
static bool fits(const struct scores *scores, const struct token_list *rows,
                 const struct attribution_sequence *s) {
    return !scores->data || (scores->n_dims >= 2 && scores->dims[0] <= (int64_t)rows->n &&
                             scores->dims[1] == attribution_steps(s));
}

static bool is_whole(const struct attribution_sequence *s) {
    return s->attr_pos_start >= 0 && s->attr_pos_start <= s->attr_pos_end &&
           s->attr_pos_end <= (int64_t)s->target.n &&
           fits(&s->source_attributions, &s->source, s) &&
           fits(&s->target_attributions, &s->target, s);
}

/* Numbers beyond rows and columns are the same. */
static bool same_cells(const struct scores *a, const struct scores *b) {
    bool same = !a->data == !b->data && (!a->data || a->n_dims == b->n_dims);
    for (int i = 2; same && a->data && i < a->n_dims; i++)
        same = a->dims[i] == b->dims[i];
    return same;
}

static enum err_code check_pair(const struct attribution_sequence *a,
                                const struct attribution_sequence *b, struct err *e) {
    if (!is_whole(a) || !is_whole(b))
        return err_set(e, ERR_SHAPE, "scores that do not fit their tokens cannot be paired");
    if (!same_cells(&a->source_attributions, &b->source_attributions) ||
        !same_cells(&a->target_attributions, &b->target_attributions))
        return err_set(e, ERR_SHAPE,
                       "the two results' scores have different dimensions: of the same method and "
                       "model they have the same");
    return ERR_OK;
}

/* The other's number for cell k of a row and column, by their partners; NaN: there is none. */
static float other_at(const struct scores *b, int64_t row, int64_t column, int64_t cell,
                      int64_t k) {
    if (row < 0 || column < 0 || row >= b->dims[0] || column >= b->dims[1])
        return NAN;
    return b->data[(row * b->dims[1] + column) * cell + k];
}

/* `columns` are partners of columns as tokens, of which the other's first is b_start. */
static void subtract_side(struct scores *a, const struct scores *b, const int64_t *rows,
                          const int64_t *columns, int64_t b_start) {
    const int64_t cell = scores_cell(a), n = scores_count(a);
    for (int64_t i = 0; i < n; i++) {
        const int64_t column = i / cell % a->dims[1], row = i / cell / a->dims[1];
        a->data[i] = other_at(b, rows[row], columns[column] - b_start, cell, i % cell) - a->data[i];
    }
}

static bool is_by_steps(const struct scores *scores, const struct attribution_sequence *s) {
    return scores->data && scores->n_dims == 1 && scores->dims[0] == attribution_steps(s);
}

/* Step scores [G] of columns that have partners. */
static void subtract_steps(struct scores *a, const struct scores *b, const int64_t *columns,
                           int64_t b_start) {
    for (int64_t g = 0; g < a->dims[0]; g++) {
        const int64_t at = columns[g] - b_start;
        a->data[g] = at >= 0 && at < b->dims[0] ? b->data[at] - a->data[g] : NAN;
    }
}

/* A token without a partner stays what it is. */
static void pair_tokens(struct token_list *a, const struct token_list *b, const int64_t *partner) {
    struct token_list to = {0};
    for (size_t i = 0; i < a->n; i++) {
        const struct token *x = &a->items[i], *y = partner[i] < 0 ? x : &b->items[partner[i]];
        const struct token_list one = {&a->items[i], 1};
        if (strcmp(x->piece, y->piece) == 0) {
            token_list_append(&to, &one);
            continue;
        }
        char *from = token_written(x), *other = token_written(y),
             *piece = mem_format("%s → %s", from, other);
        token_list_add(&to, -1, false, piece, piece, strlen(piece));
        mem_replace(&to.items[to.n - 1].printable,
                    mem_format("%s → %s", x->printable, y->printable));
        free(from);
        free(other);
        free(piece);
    }
    token_list_dispose(a);
    *a = to;
}

static const struct scores *find_named(const struct named_scores *all, size_t n, const char *name) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(all[i].name, name) == 0)
            return &all[i].scores;
    return NULL;
}

static void leave_out(struct named_scores *a, const struct aggregate_context *c) {
    aggregate_notice(c, "The scores %.80s are left out: the other result has not the like.",
                     a->name);
    free(a->name);
    scores_dispose(&a->scores);
}

/* [G] of each result. Scores that only one of the two has have no difference. */
static void pair_steps(struct attribution_sequence *a, const struct attribution_sequence *b,
                       const struct partners *p, const struct aggregate_context *c) {
    size_t kept = 0;
    for (size_t i = 0; i < a->n_step_scores; i++) {
        struct named_scores *own = &a->step_scores[i];
        const struct scores *other = find_named(b->step_scores, b->n_step_scores, own->name);
        if (other && is_by_steps(&own->scores, a) && is_by_steps(other, b)) {
            subtract_steps(&own->scores, other, p->target + a->attr_pos_start, b->attr_pos_start);
            own->scores.integer = own->scores.integer && p->alike;
            a->step_scores[kept++] = *own;
        } else {
            leave_out(own, c);
        }
    }
    a->n_step_scores = kept;
}

/* Scores that only one of the two has have no difference. */
static void pair_named(struct named_scores *a, size_t *n_a, const struct named_scores *b,
                       size_t n_b, const struct aggregate_context *c) {
    size_t kept = 0;
    for (size_t i = 0; i < *n_a; i++) {
        const struct scores *other = find_named(b, n_b, a[i].name);
        if (other && same_dims(&a[i].scores, other)) {
            subtract(&a[i].scores, other);
            a[kept++] = a[i];
            continue;
        }
        leave_out(&a[i], c);
    }
    *n_a = kept;
}

static enum err_code apply(struct attribution_sequence *s, const struct aggregate_call *c,
                           struct err *e) {
    const struct attribution_sequence *other = c->context->paired;
    if (!other)
        return err_set(e, ERR_USAGE, "pair needs another result: --pair FILE");
    struct partners p = {0};
    enum err_code code = check_pair(s, other, e);
    if (code)
        return code;
    code = find_partners(&p, s, other, e);
    if (code)
        goto out;
    code = tell_alone(&p, s, other, c->context, e);
    if (code)
        goto out;
    subtract_side(&s->source_attributions, &other->source_attributions, p.source,
                  p.target + s->attr_pos_start, other->attr_pos_start);
    subtract_side(&s->target_attributions, &other->target_attributions, p.target,
                  p.target + s->attr_pos_start, other->attr_pos_start);
    pair_steps(s, other, &p, c->context);
    /* Of texts of other lengths these have no cells in common. */
    pair_named(s->sequence_scores, &s->n_sequence_scores, other->sequence_scores,
               p.alike ? other->n_sequence_scores : 0, c->context);
    pair_tokens(&s->source, &other->source, p.source);
    pair_tokens(&s->target, &other->target, p.target);
    attribution_drop_candidates(s);
out:
    partners_dispose(&p);
    return code;
}

static const struct option_decl options[] = {
    {.name = "with",
     .type = OPTION_TEXT,
     .help = "The other result's file, in a saved result; --pair FILE says it."},
};

const struct aggregator aggregator_pair = {
    .id = "pair",
    .title = "Pair",
    .summary = "Another result (--pair FILE) minus this one, both aggregated alike; tokens that "
               "differ read a → b. Texts of other lengths are paired by the tokens that both have, "
               "and what has no partner has no number. Always the last.",
    .changes_tokens = true,
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .apply = apply,
};
