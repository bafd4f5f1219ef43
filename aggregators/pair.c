/* Another result's scores minus this one's: Inseq's PairAggregator, and its a − b, which is b − a.
 */
#include "aggregators/aggregator.h"
#include "backend/base/mem.h"

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

static enum err_code check_tokens(const struct token_list *a, const struct token_list *b,
                                  const char *side, struct err *e) {
    if (a->n != b->n)
        return err_set(e, ERR_SHAPE,
                       "the two results have %zu and %zu %s tokens: a pair has the same number",
                       a->n, b->n, side);
    return ERR_OK;
}

static enum err_code check_pair(const struct attribution_sequence *a,
                                const struct attribution_sequence *b, struct err *e) {
    enum err_code code = check_tokens(&a->source, &b->source, "source", e);
    if (!code)
        code = check_tokens(&a->target, &b->target, "target", e);
    if (code)
        return code;
    if (a->attr_pos_start != b->attr_pos_start || a->attr_pos_end != b->attr_pos_end)
        return err_set(e, ERR_SHAPE,
                       "the two results explain tokens %lld to %lld and %lld to %lld: a pair "
                       "explains the same",
                       (long long)a->attr_pos_start, (long long)a->attr_pos_end,
                       (long long)b->attr_pos_start, (long long)b->attr_pos_end);
    if (!same_dims(&a->source_attributions, &b->source_attributions) ||
        !same_dims(&a->target_attributions, &b->target_attributions))
        return err_set(e, ERR_SHAPE,
                       "the two results' scores have different dimensions: of the same method and "
                       "model they have the same");
    return ERR_OK;
}

static void pair_tokens(struct token_list *a, const struct token_list *b) {
    struct token_list to = {0};
    for (size_t i = 0; i < a->n; i++) {
        const struct token *x = &a->items[i], *y = &b->items[i];
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
        aggregate_notice(c, "The scores %.80s are left out: the other result has not the like.",
                         a[i].name);
        free(a[i].name);
        scores_dispose(&a[i].scores);
    }
    *n_a = kept;
}

static enum err_code apply(struct attribution_sequence *s, const struct aggregate_call *c,
                           struct err *e) {
    const struct attribution_sequence *other = c->context->paired;
    if (!other)
        return err_set(e, ERR_USAGE, "pair needs another result: --pair FILE");
    enum err_code code = check_pair(s, other, e);
    if (code)
        return code;
    subtract(&s->source_attributions, &other->source_attributions);
    subtract(&s->target_attributions, &other->target_attributions);
    pair_named(s->step_scores, &s->n_step_scores, other->step_scores, other->n_step_scores,
               c->context);
    pair_named(s->sequence_scores, &s->n_sequence_scores, other->sequence_scores,
               other->n_sequence_scores, c->context);
    pair_tokens(&s->source, &other->source);
    pair_tokens(&s->target, &other->target);
    attribution_drop_candidates(s);
    return ERR_OK;
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
               "differ read a → b. Always the last.",
    .changes_tokens = true,
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .apply = apply,
};
