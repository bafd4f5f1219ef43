/*
 * Greedy decoding (the most probable token at every step) and ancestral sampling. Reference:
 * transformers 4.57, GenerationMixin._sample.
 */
#include "backend/base/mem.h"
#include "backend/generation/logits_processors.h"
#include "backend/generation/search.h"

#include <stdlib.h>
#include <string.h>

static int32_t choose(float *scores, const struct search_model *m, const struct search_input *in,
                      const struct generation *g, struct random_state *random) {
    struct processor_context context = {g->ids,       g->n,       in->max_length, m->n_vocab,
                                        in->n_prompt, in->source, in->n_source};
    logits_process(scores, &context, in->config);
    if (!in->config->do_sample) {
        int64_t best;
        search_top(scores, m->n_vocab, 1, &best);
        return (int32_t)best;
    }
    logits_warp(scores, m->n_vocab, in->config, 1);
    return random_token(random, scores, m->n_vocab);
}

enum err_code search_greedy(struct generation *out, const struct search_model *m,
                            const struct search_input *in, struct err *e) {
    struct random_state random = {in->config->seed};
    float *logits = mem_alloc((size_t)m->n_vocab * sizeof *logits);
    struct generation g = {.ids = mem_alloc((size_t)in->max_length * sizeof *g.ids),
                           .n = in->n_prompt,
                           .n_prompt = in->n_prompt};
    memcpy(g.ids, in->prompt, (size_t)in->n_prompt * sizeof *g.ids);
    g.steps = mem_alloc((size_t)(in->max_length - in->n_prompt) * sizeof *g.steps);
    enum err_code code = m->step(m->user, in->prompt, 1, in->n_prompt, logits, e);
    if (code)
        goto out;
    while (true) {
        run_progress(in->ctl, "generating", g.n - g.n_prompt, in->max_length - g.n_prompt);
        candidates_from_logits(&g.steps[g.n - g.n_prompt], logits, m->n_vocab);
        int32_t id = choose(logits, m, in, &g, &random);
        g.ids[g.n++] = id;
        if (in->events && in->events->token)
            code = in->events->token(in->events->user, g.ids, g.n, g.n_prompt, e);
        if (code)
            goto out;
        if (search_ends(in, g.ids, g.n) || g.n >= in->max_length)
            break;
        code = run_cancelled(in->ctl) ? err_set(e, ERR_CANCELLED, "generation was cancelled")
                                      : m->step(m->user, &id, 1, 1, logits, e);
        if (code)
            goto out;
    }
out:
    free(logits);
    if (code) {
        generation_dispose(&g);
        return code;
    }
    *out = g;
    return ERR_OK;
}
