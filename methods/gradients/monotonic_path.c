/*
 * Sanyal and Ren 2021, section 3.2. All tokens hop together, so that the model looks for the
 * neighbours of all of them in one product; a word's neighbours are looked for once.
 */
#include "methods/gradients/monotonic_path.h"

#include "backend/base/mem.h"
#include "methods/engine/batch.h"
#include "methods/engine/engine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One row's walk: words[0] is the token itself, words[n − 1] the last before the baseline. */
struct walk {
    int32_t *words;
    int32_t baseline;
    int64_t n_words;
    bool stays;
};

struct search {
    const struct path_side *side;
    const struct method_input *in;
    int64_t n, k;
    enum monotonic_strategy strategy;
    int32_t **known;    /* [V]: neighbours [k] of words that were looked at */
    struct walk *walks; /* [rows] */
    float *vectors;     /* [k + 3, E]: scratch */
};

/* Embeddings of ids. The first row of a decoder may have a vector of its own as its start: a spare
 * one goes before. */
static enum err_code embed(const struct search *s, const int32_t *ids, int64_t n, float **out,
                           struct err *e) {
    int32_t *all = mem_alloc((size_t)(n + 1) * sizeof *all);
    all[0] = ids[0];
    memcpy(all + 1, ids, (size_t)n * sizeof *ids);
    enum err_code code = model_embed(s->in->model, s->side->stack, all, n + 1, s->vectors, e);
    free(all);
    *out = s->vectors + s->side->width;
    return code;
}

static bool monotone(float anchor, float baseline, float from) {
    if (baseline > from)
        return baseline >= anchor && anchor >= from;
    if (baseline < from)
        return baseline <= anchor && anchor <= from;
    return anchor == from;
}

/* Where a path goes in one dimension: the anchor's value if that lies between, else an n-th of the
 * way. */
static float towards(float anchor, float baseline, float from, int64_t n) {
    return monotone(anchor, baseline, from) ? anchor : from - (1.0f / (float)n) * (from - baseline);
}

/* How bad an anchor is: its distance from what a monotone path makes of it, or minus the dimensions
 * in which it is monotone. */
static double badness(const struct search *s, const float *anchor, const float *baseline,
                      const float *from) {
    double sum = 0;
    for (int64_t d = 0; d < s->side->width; d++) {
        if (s->strategy == MONOTONIC_MAXCOUNT) {
            sum -= monotone(anchor[d], baseline[d], from[d]);
        } else {
            double difference = (double)anchor[d] - towards(anchor[d], baseline[d], from[d], s->n);
            sum += difference * difference;
        }
    }
    return sum;
}

static bool visited(const struct walk *w, int32_t id) {
    bool found = id == w->baseline;
    for (int64_t i = 0; i < w->n_words; i++)
        found |= w->words[i] == id;
    return found;
}

/* The next word of a walk: the best neighbour of the last one. */
static enum err_code hop(struct search *s, struct walk *w, struct err *e) {
    const int64_t width = s->side->width;
    const int32_t here = w->words[w->n_words - 1];
    int32_t best = w->baseline;
    if (here != w->baseline) {
        const int32_t *near = s->known[here];
        int32_t *ids = mem_alloc((size_t)(s->k + 2) * sizeof *ids);
        float *x;
        memcpy(ids, near, (size_t)s->k * sizeof *ids);
        ids[s->k] = w->baseline;
        ids[s->k + 1] = here;
        enum err_code code = embed(s, ids, s->k + 2, &x, e);
        free(ids);
        if (code)
            return code;
        double least = INFINITY;
        for (int64_t i = 0; i < s->k; i++) {
            if (visited(w, near[i]))
                continue;
            double b = badness(s, x + i * width, x + s->k * width, x + (s->k + 1) * width);
            if (b < least) { /* among equals the nearest */
                least = b;
                best = near[i];
            }
        }
    }
    w->words[w->n_words++] = best;
    return ERR_OK;
}

/* Looks for the neighbours of all words where walks stand now. */
static enum err_code look_around(struct search *s, struct err *e) {
    const struct path_side *side = s->side;
    int32_t *ids = mem_alloc((size_t)(side->n + 1) * sizeof *ids);
    int64_t n = 0;
    for (int64_t i = 0; i < side->n; i++) {
        const struct walk *w = &s->walks[i];
        int32_t here = w->stays ? w->baseline : w->words[w->n_words - 1];
        if (w->stays || here == w->baseline || s->known[here])
            continue;
        s->known[here] = mem_alloc((size_t)s->k * sizeof **s->known);
        ids[n++] = here;
    }
    const int64_t row = s->in->config->n_vocab * (int64_t)sizeof(float),
                  group = engine_fit(s->in->memory_budget / 4, row, n);
    int32_t *found = mem_alloc((size_t)(group * s->k) * sizeof *found);
    enum err_code code = ERR_OK;
    for (int64_t i = 0; i < n; i += group) {
        int64_t some = n - i < group ? n - i : group;
        code = model_neighbours(s->in->model, side->stack, ids + i, some, s->k, found, e);
        if (code)
            goto out;
        for (int64_t j = 0; j < some; j++)
            memcpy(s->known[ids[i + j]], found + j * s->k, (size_t)s->k * sizeof *found);
    }
out:
    free(found);
    free(ids);
    return code;
}

static bool is_special(const struct method_input *in, enum model_stack stack, int32_t id) {
    const struct model_config *c = in->config;
    const enum text_side side = stack == STACK_ENCODER ? TEXT_SOURCE : TEXT_TARGET;
    const struct tokenizer *t = in->tokenizer ? tokenizer_of_side(in->tokenizer, side) : NULL;
    return id == c->eos_token_id || id == c->bos_token_id || id == c->pad_token_id ||
           id == c->unk_token_id ||
           (t && id < tokenizer_vocab_size(t) && tokenizer_is_special(t, id));
}

/* The vectors of one walk, from its end (the baseline) backwards: out [n, E]. */
static enum err_code walk_vectors(struct search *s, int64_t row, float *out, struct err *e) {
    const struct path_side *side = s->side;
    const struct walk *w = &s->walks[row];
    const size_t size = (size_t)side->width * sizeof *out;
    const float *baseline = side->baseline + row * side->width;
    memcpy(out, baseline, size);
    memcpy(out + (s->n - 1) * side->width, side->x + row * side->width, size);
    for (int64_t i = 1; i < s->n - 1; i++) {
        float *to = out + (s->n - 1 - i) * side->width, *anchor = NULL;
        const float *from = to + side->width;
        if (w->stays) {
            memcpy(to, from, size);
            continue;
        }
        enum err_code code = embed(s, &w->words[i], 1, &anchor, e);
        if (code)
            return code;
        for (int64_t d = 0; d < side->width; d++)
            to[d] = towards(anchor[d], baseline[d], from[d], s->n);
    }
    return ERR_OK;
}

static enum err_code walk_all(struct search *s, const struct run_ctl *ctl, struct err *e) {
    enum err_code code = ERR_OK;
    for (int64_t h = 0; h < s->n - 2; h++) {
        run_progress(ctl, "finding paths", h, s->n - 2);
        code = engine_go_on(ctl, e);
        if (code)
            return code;
        code = look_around(s, e);
        if (code)
            return code;
        for (int64_t i = 0; i < s->side->n; i++) {
            if (!s->walks[i].stays)
                code = hop(s, &s->walks[i], e);
            if (code)
                return code;
        }
    }
    return code;
}

enum err_code monotonic_paths(float *out, const struct path_side *side,
                              const struct method_input *in, int64_t n, int64_t n_neighbours,
                              enum monotonic_strategy strategy, const struct run_ctl *ctl,
                              struct err *e) {
    const int64_t n_vocab = model_config_vocab(in->config, side->stack),
                  k = n_neighbours < n_vocab ? n_neighbours : n_vocab - 1;
    struct search s = {.side = side, .in = in, .n = n, .k = k, .strategy = strategy};
    s.known = mem_alloc((size_t)n_vocab * sizeof *s.known);
    s.walks = mem_alloc((size_t)side->n * sizeof *s.walks);
    s.vectors = mem_alloc((size_t)((k + 3) * side->width) * sizeof *s.vectors);
    for (int64_t i = 0; i < side->n; i++) {
        struct walk *w = &s.walks[i];
        w->baseline = side->baseline_ids[i];
        w->stays = is_special(in, side->stack, side->ids[i]) ||
                   (side->stack == STACK_DECODER && in->config->encoder_decoder && i == 0);
        w->words = mem_alloc((size_t)n * sizeof *w->words);
        w->words[w->n_words++] = side->ids[i];
    }
    enum err_code code = walk_all(&s, ctl, e);
    if (code)
        goto out;
    for (int64_t i = 0; i < side->n; i++) {
        code = walk_vectors(&s, i, out + i * n * side->width, e);
        if (code)
            goto out;
    }
out:
    for (int64_t i = 0; i < side->n; i++)
        free(s.walks[i].words);
    for (int64_t v = 0; v < n_vocab; v++)
        free(s.known[v]);
    free(s.known);
    free(s.walks);
    free(s.vectors);
    return code;
}
