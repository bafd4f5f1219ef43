/*
 * Beam search as Marian's own decoder does it. Reference: marian-dev,
 * src/translator/beam_search.cpp. A hypothesis that ends leaves the beam, which is one narrower
 * from then on; the search is over when none is left or the length limit is met (then those still
 * running count too). The winner has the best score, divided by its length (its end-of-sentence
 * included) where the model's configuration says "normalize".
 */
#include "backend/base/mem.h"
#include "backend/generation/logits_processors.h"
#include "backend/generation/search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct path {
    int32_t *ids;
    int64_t n;
    float score;
};

struct marian {
    const struct search_model *m;
    const struct search_input *in;
    struct path *live, *next; /* [num_beams] */
    int64_t width, n;         /* hypotheses still running; their length */
    struct path best;         /* the best that ended; n = 0: none yet; score already divided */
    float *scores;            /* [num_beams, V] */
    int64_t *top;
};

static void finish(struct marian *s, const struct path *p) {
    double length = s->in->config->marian_normalize ? (double)(p->n - s->in->n_prompt) : 1;
    float score = (float)(p->score / length);
    if (s->best.n && score <= s->best.score)
        return;
    memcpy(s->best.ids, p->ids, (size_t)p->n * sizeof *p->ids);
    s->best.n = p->n;
    s->best.score = score;
}

/* Extends the beam by its `width` best continuations; those that end are taken out. from[i] and
 * last[i] describe who runs on. */
static void extend(struct marian *s, int32_t *from, int32_t *last) {
    int64_t n_vocab = s->m->n_vocab, running = 0, n_top = s->width;
    for (int64_t i = 0; i < s->width; i++) {
        float *row = s->scores + i * n_vocab;
        struct processor_context context = {
            s->live[i].ids,  s->n,          s->in->max_length, n_vocab,
            s->in->n_prompt, s->in->source, s->in->n_source};
        logits_normalise(row, n_vocab);
        logits_process(row, &context, s->in->config);
        for (int64_t v = 0; v < n_vocab; v++)
            row[v] += s->live[i].score;
    }
    /* At the first step there is one distinct hypothesis: only its row may be chosen from. */
    search_top(s->scores, (s->n == s->in->n_prompt ? 1 : s->width) * n_vocab, n_top, s->top);
    bool full = s->n + 1 >= s->in->max_length;
    for (int64_t k = 0; k < n_top; k++) {
        int32_t origin = (int32_t)(s->top[k] / n_vocab), id = (int32_t)(s->top[k] % n_vocab);
        struct path *p = &s->next[running];
        memcpy(p->ids, s->live[origin].ids, (size_t)s->n * sizeof *p->ids);
        p->ids[s->n] = id;
        p->n = s->n + 1;
        p->score = s->scores[s->top[k]];
        if (full || search_ends(s->in, p->ids, p->n)) {
            finish(s, p);
            continue;
        }
        from[running] = origin;
        last[running++] = id;
    }
    struct path *swap = s->live;
    s->live = s->next;
    s->next = swap;
    s->width = running;
    s->n++;
}

static enum err_code run(struct marian *s, struct err *e) {
    int64_t width = s->in->config->num_beams;
    int32_t *from = mem_alloc((size_t)width * sizeof *from),
            *last = mem_alloc((size_t)width * sizeof *last);
    enum err_code code = s->m->step(s->m->user, s->in->prompt, 1, s->in->n_prompt, s->scores, e);
    for (int64_t i = 1; i < width; i++)
        memcpy(s->scores + i * s->m->n_vocab, s->scores, (size_t)s->m->n_vocab * sizeof *s->scores);
    if (code)
        goto out;
    while (true) {
        run_progress(s->in->ctl, "generating", s->n - s->in->n_prompt,
                     s->in->max_length - s->in->n_prompt);
        bool first = s->n == s->in->n_prompt;
        extend(s, from, last);
        if (s->width == 0)
            break;
        if (first)
            memset(from, 0, (size_t)width * sizeof *from);
        code = run_cancelled(s->in->ctl) ? err_set(e, ERR_CANCELLED, "generation was cancelled")
                                         : s->m->reorder(s->m->user, from, s->width, e);
        if (code)
            goto out;
        code = s->m->step(s->m->user, last, s->width, 1, s->scores, e);
        if (code)
            goto out;
    }
out:
    free(from);
    free(last);
    return code;
}

enum err_code search_marian(struct generation *out, const struct search_model *m,
                            const struct search_input *in, struct err *e) {
    int64_t width = in->config->num_beams;
    if (width > m->n_vocab)
        return err_set(e, ERR_USAGE, "num_beams %lld is larger than the vocabulary",
                       (long long)width);
    struct marian s = {.m = m, .in = in, .width = width, .n = in->n_prompt};
    s.live = mem_alloc((size_t)width * sizeof *s.live);
    s.next = mem_alloc((size_t)width * sizeof *s.next);
    for (int64_t i = 0; i < width; i++) {
        s.live[i].ids = mem_alloc((size_t)in->max_length * sizeof *s.live->ids);
        s.next[i].ids = mem_alloc((size_t)in->max_length * sizeof *s.next->ids);
        memcpy(s.live[i].ids, in->prompt, (size_t)in->n_prompt * sizeof *in->prompt);
    }
    s.best.ids = mem_alloc((size_t)in->max_length * sizeof *s.best.ids);
    s.scores = mem_alloc((size_t)(width * m->n_vocab) * sizeof *s.scores);
    s.top = mem_alloc((size_t)width * sizeof *s.top);
    enum err_code code = run(&s, e);
    if (code)
        goto out;
    code = search_read_out(in, s.best.ids, s.best.n, e);
    if (code)
        goto out;
    *out = (struct generation){.ids = s.best.ids, .n = s.best.n, .n_prompt = in->n_prompt};
    s.best.ids = NULL;
out:
    for (int64_t i = 0; i < width; i++) {
        free(s.live[i].ids);
        free(s.next[i].ids);
    }
    free(s.live);
    free(s.next);
    free(s.best.ids);
    free(s.scores);
    free(s.top);
    return code;
}
