#include "backend/generation/logits_processors.h"

#include "backend/base/mem.h"
#include "backend/generation/search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Divides positive and multiplies negative scores of tokens that already stand in the text, each
 * once. */
static void penalise_repetition(float *scores, const struct processor_context *c,
                                const struct generation_config *config) {
    if (config->repetition_penalty == 1.0)
        return;
    unsigned char *seen = mem_alloc((size_t)c->n_vocab);
    for (int64_t i = 0; i < c->n; i++) {
        int32_t id = c->ids[i];
        if (id < 0 || id >= c->n_vocab || seen[id])
            continue;
        seen[id] = 1;
        float penalty = (float)config->repetition_penalty;
        scores[id] = scores[id] < 0 ? scores[id] * penalty : scores[id] / penalty;
    }
    free(seen);
}

/* Forbids every token that would repeat an n-gram, so long, of ids [n]. */
static void forbid_ngrams(float *scores, const struct processor_context *c, int64_t size,
                          const int32_t *ids, int64_t n) {
    if (size <= 0 || c->n + 1 < size)
        return;
    const int32_t *tail = c->ids + c->n - (size - 1);
    for (int64_t i = 0; i + size <= n; i++) {
        if (memcmp(ids + i, tail, (size_t)(size - 1) * sizeof *tail) != 0)
            continue;
        int32_t next = ids[i + size - 1];
        if (next >= 0 && next < c->n_vocab)
            scores[next] = -INFINITY;
    }
}

/* Forbids the last token of each bad word whose beginning the text ends with. A word that is an EOS
 * alone is ignored, as is one longer than the text. */
static void forbid_bad_words(float *scores, const struct processor_context *c,
                             const struct generation_config *config) {
    for (int i = 0; i < config->n_bad_words; i++) {
        int n = config->bad_words[i].n;
        const int32_t *word = config->bad_words[i].ids;
        if (n < 1 || (n == 1 && search_is_eos(config, word[0])) || (n > 1 && n > c->n))
            continue;
        int32_t last = word[n - 1];
        bool begins =
            n == 1 || memcmp(c->ids + c->n - (n - 1), word, (size_t)(n - 1) * sizeof *word) == 0;
        if (begins && last >= 0 && last < c->n_vocab)
            scores[last] = -INFINITY;
    }
}

static void forbid_early_end(float *scores, const struct processor_context *c,
                             const struct generation_config *config) {
    if (c->n >= config->min_length && c->n - c->n_prompt >= config->min_new_tokens)
        return;
    for (int i = 0; i < config->n_eos_token_ids; i++)
        if (config->eos_token_ids[i] >= 0 && config->eos_token_ids[i] < c->n_vocab)
            scores[config->eos_token_ids[i]] = -INFINITY;
}

static void force_token(float *scores, int64_t n_vocab, int32_t id) {
    if (id < 0 || id >= n_vocab)
        return;
    for (int64_t v = 0; v < n_vocab; v++)
        scores[v] = -INFINITY;
    scores[id] = 0;
}

static void suppress(float *scores, int64_t n_vocab, const struct id_list *list) {
    for (int i = 0; i < list->n; i++)
        if (list->ids[i] >= 0 && list->ids[i] < n_vocab)
            scores[list->ids[i]] = -INFINITY;
}

/* Where the first token is chosen that is not forced. */
static int64_t begin_of(const struct processor_context *c, const struct generation_config *config) {
    return c->n_prompt + (c->n_prompt == 1 && config->forced_bos_token_id >= 0);
}

void logits_process(float *scores, const struct processor_context *context,
                    const struct generation_config *config) {
    penalise_repetition(scores, context, config);
    forbid_ngrams(scores, context, config->no_repeat_ngram_size, context->ids, context->n);
    forbid_ngrams(scores, context, config->encoder_no_repeat_ngram_size, context->source,
                  context->n_source);
    forbid_bad_words(scores, context, config);
    forbid_early_end(scores, context, config);
    if (context->n == 1)
        force_token(scores, context->n_vocab, config->forced_bos_token_id);
    if (context->n == context->max_length - 1)
        force_token(scores, context->n_vocab, config->forced_eos_token_id);
    suppress(scores, context->n_vocab, &config->suppress_tokens);
    if (context->n == begin_of(context, config))
        suppress(scores, context->n_vocab, &config->begin_suppress_tokens);
}

struct scored {
    float score;
    int32_t id;
};

static int by_score_falling(const void *a, const void *b) {
    const struct scored *x = a, *y = b;
    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    return x->id < y->id ? -1 : x->id > y->id;
}

static void keep_top_k(float *scores, int64_t n_vocab, int64_t k) {
    if (k <= 0 || k >= n_vocab)
        return;
    int64_t *top = mem_alloc((size_t)k * sizeof *top);
    search_top(scores, n_vocab, k, top);
    float least = scores[top[k - 1]];
    for (int64_t v = 0; v < n_vocab; v++)
        if (scores[v] < least)
            scores[v] = -INFINITY;
    free(top);
}

/* Keeps the smallest set of most probable tokens whose mass reaches top_p. */
static void keep_top_p(float *scores, int64_t n_vocab, double top_p, int64_t min_keep) {
    struct scored *order = mem_alloc((size_t)n_vocab * sizeof *order);
    for (int64_t v = 0; v < n_vocab; v++)
        order[v] = (struct scored){scores[v], (int32_t)v};
    qsort(order, (size_t)n_vocab, sizeof *order, by_score_falling);
    double total = 0, above = 0;
    for (int64_t i = 0; i < n_vocab; i++)
        total += exp((double)order[i].score - order[0].score);
    for (int64_t i = 0; i < n_vocab; i++) {
        /* What lies at and below i weighs at most 1 − top_p: i goes. */
        if (i >= min_keep && 1 - above / total <= 1 - top_p)
            scores[order[i].id] = -INFINITY;
        above += exp((double)order[i].score - order[0].score);
    }
    free(order);
}

void logits_warp(float *scores, int64_t n_vocab, const struct generation_config *config,
                 int64_t min_keep) {
    if (config->temperature != 1.0)
        for (int64_t v = 0; v < n_vocab; v++)
            scores[v] = (float)(scores[v] / config->temperature);
    if (config->top_k > 0)
        keep_top_k(scores, n_vocab, config->top_k > min_keep ? config->top_k : min_keep);
    if (config->top_p < 1.0)
        keep_top_p(scores, n_vocab, config->top_p, min_keep);
}

void logits_normalise(float *scores, int64_t n_vocab) {
    float largest = -INFINITY;
    for (int64_t v = 0; v < n_vocab; v++)
        largest = scores[v] > largest ? scores[v] : largest;
    double sum = 0;
    for (int64_t v = 0; v < n_vocab; v++)
        sum += expf(scores[v] - largest);
    float shift = largest + (float)log(sum);
    for (int64_t v = 0; v < n_vocab; v++)
        scores[v] -= shift;
}

int32_t random_token(struct random_state *r, const float *scores, int64_t n_vocab) {
    float largest = -INFINITY;
    for (int64_t v = 0; v < n_vocab; v++)
        largest = scores[v] > largest ? scores[v] : largest;
    double total = 0;
    for (int64_t v = 0; v < n_vocab; v++)
        total += exp((double)scores[v] - largest);
    double left = random_uniform(r) * total;
    int32_t last = 0;
    for (int64_t v = 0; v < n_vocab; v++) {
        double weight = exp((double)scores[v] - largest);
        if (weight <= 0)
            continue;
        last = (int32_t)v;
        left -= weight;
        if (left < 0)
            break;
    }
    return last;
}
