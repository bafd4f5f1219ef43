/*
 * Beam search, and beam sampling. Reference: transformers 4.57, GenerationMixin._beam_search, whose
 * steps a to g are named below. One sentence at a time.
 *
 * At each step the K = max(2, 1 + EOS tokens) · num_beams best continuations of all running
 * hypotheses are taken. Those that end (EOS, or the length limit) among the first num_beams compete
 * with the finished ones by score / length^length_penalty; the best num_beams of the others run on.
 */
#include "backend/base/mem.h"
#include "backend/generation/logits_processors.h"
#include "backend/generation/search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define IMPOSSIBLE (-1.0e9f)

struct hypothesis {
    int32_t *ids; /* [max_length] */
    int64_t n;
    float score; /* running: sum of log-probabilities; finished: divided by length^penalty */
    bool finished;
    int32_t from; /* running: the hypothesis it continues */
};

struct beam {
    const struct search_model *m;
    const struct search_input *in;
    int64_t width, keep, n; /* num_beams, K, length of every running hypothesis */
    struct hypothesis *running, *done, *next,
        *merged;     /* [width], [width], [keep], [width + keep] */
    float *scores;   /* [width, V] */
    int64_t *top;    /* [max(keep, width + keep)] */
    bool improvable; /* can a running hypothesis still beat the finished ones? */
    struct random_state random;
};

static struct hypothesis *hypotheses_new(int64_t n, int64_t max_length) {
    struct hypothesis *h = mem_alloc((size_t)n * sizeof *h);
    for (int64_t i = 0; i < n; i++)
        h[i].ids = mem_alloc((size_t)max_length * sizeof *h->ids);
    return h;
}

static void hypotheses_free(struct hypothesis *h, int64_t n) {
    for (int64_t i = 0; h && i < n; i++)
        free(h[i].ids);
    free(h);
}

static void hypothesis_copy(struct hypothesis *to, const struct hypothesis *from) {
    int32_t *ids = to->ids;
    memcpy(ids, from->ids, (size_t)from->n * sizeof *ids);
    *to = *from;
    to->ids = ids;
}

/* b. log-probabilities of the next token, processed, added to the running scores. */
static void score_continuations(struct beam *b) {
    const struct generation_config *config = b->in->config;
    for (int64_t i = 0; i < b->width; i++) {
        float *row = b->scores + i * b->m->n_vocab;
        struct processor_context context = {
            b->running[i].ids, b->n,          b->in->max_length, b->m->n_vocab,
            b->in->n_prompt,   b->in->source, b->in->n_source};
        logits_normalise(row, b->m->n_vocab);
        logits_process(row, &context, config);
        if (config->do_sample)
            logits_warp(row, b->m->n_vocab, config, config->n_eos_token_ids + 1);
        for (int64_t v = 0; v < b->m->n_vocab; v++)
            row[v] += b->running[i].score;
    }
}

/* c. the K best continuations, or K drawn without replacement (the Gumbel trick gives that
 * distribution). d. which of them end. */
static void take_continuations(struct beam *b) {
    int64_t n = b->width * b->m->n_vocab;
    const float *order = b->scores;
    float *noisy = NULL;
    if (b->in->config->do_sample) {
        noisy = mem_alloc((size_t)n * sizeof *noisy);
        for (int64_t i = 0; i < n; i++)
            noisy[i] = b->scores[i] - (float)log(-log(random_uniform(&b->random)));
        order = noisy;
    }
    search_top(order, n, b->keep, b->top);
    free(noisy);
    for (int64_t k = 0; k < b->keep; k++) {
        int32_t from = (int32_t)(b->top[k] / b->m->n_vocab),
                id = (int32_t)(b->top[k] % b->m->n_vocab);
        hypothesis_copy(&b->next[k], &b->running[from]);
        b->next[k].ids[b->n] = id;
        b->next[k].n = b->n + 1;
        b->next[k].from = from;
        b->next[k].score = b->scores[b->top[k]];
        b->next[k].finished =
            search_ends(b->in, b->next[k].ids, b->n + 1) || b->n + 1 >= b->in->max_length;
    }
}

/* e. the best num_beams that have not ended run on. */
static void keep_running(struct beam *b) {
    float *scores = mem_alloc((size_t)b->keep * sizeof *scores);
    for (int64_t k = 0; k < b->keep; k++)
        scores[k] = b->next[k].score + (b->next[k].finished ? IMPOSSIBLE : 0);
    search_top(scores, b->keep, b->width, b->top);
    for (int64_t i = 0; i < b->width; i++) {
        hypothesis_copy(&b->running[i], &b->next[b->top[i]]);
        b->running[i].score = scores[b->top[i]];
    }
    free(scores);
}

static bool all_done(const struct beam *b) {
    for (int64_t i = 0; i < b->width; i++)
        if (!b->done[i].finished)
            return false;
    return true;
}

/* f. merges what has just ended into the finished hypotheses and keeps the best num_beams. */
static void update_finished(struct beam *b) {
    const struct generation_config *config = b->in->config;
    double length = pow((double)(b->n + 1 - b->in->n_prompt), config->length_penalty);
    bool closed = (config->early_stopping == 1 && all_done(b)) || !b->improvable;
    int64_t n = b->width + b->keep;
    float *scores = mem_alloc((size_t)n * sizeof *scores);
    for (int64_t i = 0; i < b->width; i++) {
        hypothesis_copy(&b->merged[i], &b->done[i]);
        scores[i] = b->done[i].score;
    }
    for (int64_t k = 0; k < b->keep; k++) {
        struct hypothesis *h = &b->merged[b->width + k];
        hypothesis_copy(h, &b->next[k]);
        h->finished = b->next[k].finished && k < b->width;
        h->score = (float)(b->next[k].score / length);
        if (closed)
            h->score += IMPOSSIBLE;
        if (!h->finished)
            h->score += IMPOSSIBLE;
        scores[b->width + k] = h->score;
    }
    search_top(scores, n, b->width, b->top);
    for (int64_t i = 0; i < b->width; i++)
        hypothesis_copy(&b->done[i], &b->merged[b->top[i]]);
    free(scores);
}

/* g. whether to go on: a running hypothesis may still win, not all are finished (early stopping),
 * and something can be continued. */
static bool goes_on(struct beam *b) {
    const struct generation_config *config = b->in->config;
    double length = config->early_stopping == 2 && config->length_penalty > 0
                        ? (double)(b->in->max_length - b->in->n_prompt)
                        : (double)(b->n - b->in->n_prompt);
    double best = b->running[0].score / pow(length, config->length_penalty);
    bool possible = false, continues = false;
    float worst = INFINITY;
    for (int64_t i = 0; i < b->width; i++)
        worst = b->done[i].score < worst ? b->done[i].score : worst;
    for (int64_t i = 0; i < b->width; i++)
        possible |= best > (b->done[i].finished ? worst : IMPOSSIBLE);
    b->improvable = b->improvable && possible;
    for (int64_t k = 0; k < b->keep; k++)
        continues |= !b->next[k].finished;
    return b->improvable && !(config->early_stopping == 1 && all_done(b)) && continues;
}

static enum err_code run_beam(struct beam *b, struct err *e) {
    const struct search_input *in = b->in;
    int32_t *from = mem_alloc((size_t)b->width * sizeof *from),
            *last = mem_alloc((size_t)b->width * sizeof *last);
    enum err_code code = b->m->step(b->m->user, in->prompt, 1, in->n_prompt, b->scores,
                                    e); /* a. all hypotheses share the prompt */
    for (int64_t i = 1; i < b->width; i++)
        memcpy(b->scores + i * b->m->n_vocab, b->scores, (size_t)b->m->n_vocab * sizeof *b->scores);
    if (code)
        goto out;
    code = b->m->reorder(b->m->user, from, b->width, e);
    if (code)
        goto out;
    while (true) {
        run_progress(in->ctl, "generating", b->n - in->n_prompt, in->max_length - in->n_prompt);
        score_continuations(b);
        take_continuations(b);
        keep_running(b);
        update_finished(b);
        b->n++;
        if (!goes_on(b))
            break;
        for (int64_t i = 0; i < b->width; i++) {
            from[i] = b->running[i].from;
            last[i] = b->running[i].ids[b->n - 1];
        }
        code = run_cancelled(in->ctl) ? err_set(e, ERR_CANCELLED, "generation was cancelled")
                                      : b->m->reorder(b->m->user, from, b->width, e);
        if (code)
            goto out;
        code = b->m->step(b->m->user, last, b->width, 1, b->scores, e);
        if (code)
            goto out;
    }
out:
    free(from);
    free(last);
    return code;
}

enum err_code search_beam(struct generation *out, const struct search_model *m,
                          const struct search_input *in, struct err *e) {
    int64_t width = in->config->num_beams, n_eos = in->config->n_eos_token_ids;
    struct beam b = {.m = m,
                     .in = in,
                     .width = width,
                     .keep = (n_eos > 1 ? 1 + n_eos : 2) * width,
                     .n = in->n_prompt,
                     .improvable = true,
                     .random = {in->config->seed}};
    if (b.keep > width * m->n_vocab)
        return err_set(e, ERR_USAGE, "num_beams %lld is too large for a vocabulary of %lld",
                       (long long)width, (long long)m->n_vocab);
    b.running = hypotheses_new(width, in->max_length);
    b.done = hypotheses_new(width, in->max_length);
    b.next = hypotheses_new(b.keep, in->max_length);
    b.merged = hypotheses_new(width + b.keep, in->max_length);
    b.scores = mem_alloc((size_t)(width * m->n_vocab) * sizeof *b.scores);
    b.top = mem_alloc((size_t)(width + b.keep) * sizeof *b.top);
    for (int64_t i = 0; i < width; i++) {
        memcpy(b.running[i].ids, in->prompt, (size_t)in->n_prompt * sizeof *in->prompt);
        b.running[i].n = in->n_prompt;
        b.running[i].score = i == 0 ? 0 : IMPOSSIBLE; /* or all beams would hold the same text */
        b.done[i].score = IMPOSSIBLE;
    }
    enum err_code code = run_beam(&b, e);
    if (code)
        goto out;
    code = search_read_out(in, b.done[0].ids, b.done[0].n, e);
    if (code)
        goto out;
    *out = (struct generation){.ids = b.done[0].ids, .n = b.done[0].n, .n_prompt = in->n_prompt};
    b.done[0].ids = NULL;
out:
    hypotheses_free(b.running, width);
    hypotheses_free(b.done, width);
    hypotheses_free(b.next, b.keep);
    hypotheses_free(b.merged, width + b.keep);
    free(b.scores);
    free(b.top);
    return code;
}
