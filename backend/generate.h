/*
 * Generation: greedy, beam search and sampling as Transformers' generate() does them, and as Marian
 * does for its native models. The worker thread only.
 */
#ifndef TINSEQ_BACKEND_GENERATE_H
#define TINSEQ_BACKEND_GENERATE_H

#include "backend/base/err.h"
#include "backend/base/run_ctl.h"
#include "backend/model.h"

#define GENERATE_N_CANDIDATES 20

struct candidate {
    int32_t id;
    float probability;
}; /* probability in [0, 1] of the model's own distribution, before processors */

/* The most probable next tokens at one step, most probable first. */
struct candidates {
    int n;
    struct candidate items[GENERATE_N_CANDIDATES];
};

/* Fills `out` from logits [n_vocab]. */
void candidates_from_logits(struct candidates *out, const float *logits, int64_t n_vocab);

struct generation {
    int32_t *ids; /* the whole target: decoder-only with the prompt, encoder-decoder with the
                     decoder start; EOS kept */
    int64_t n;
    int64_t n_prompt; /* ids before the first generated one */
    int64_t cut_at;   /* where that ended the text and the options did not: model_config_longest, or
                         the positions of training (generation_limit); 0 */
    struct candidates *steps; /* [n − n_prompt]; greedy and sampling; NULL for beams (the
                                 attribution's forward fills them) */
};

struct generate_events {
    void *user;
    /* A token was appended (greedy, sampling), or (beams) the search is done and the result is read
     * out token by token. Returning anything but ERR_OK stops the generation with that code. `ids`
     * [n] is the target so far. NULL: no one listens. */
    enum err_code (*token)(void *user, const int32_t *ids, int64_t n, int64_t n_prompt,
                           struct err *e);
};

/* How long the whole target may become, by the options and by how long a text of this model may
 * be: where the options say nothing, also by the positions that its rotations learnt. n_start: its
 * tokens before the first generated one. */
int64_t generation_limit(const struct model_config *model, const struct generation_config *config,
                         int64_t n_start, int64_t n_source);

/* prompt_ids [n_prompt]: decoder-only: the encoded prompt; encoder-decoder: the source; a forced
 * target prefix for the decoder may be given in target_prefix (without the decoder start; NULL for
 * none). Progress phase "generating". */
enum err_code generate(struct generation *out, struct model *m, const int32_t *prompt_ids,
                       int64_t n_prompt, const int32_t *target_prefix, int64_t n_target_prefix,
                       const struct generation_config *config, const struct generate_events *events,
                       const struct run_ctl *ctl, struct err *e) ERR_CHECKED;
void generation_dispose(struct generation *g);

/* Applies --generation_kwargs, a JSON object with Transformers' names (and seed), to a
 * configuration. ERR_USAGE names an unknown key and the nearest known one, or the value that is out
 * of range. Unset lengths stay as the model's files say; a decoder-only model without any gets 20
 * new tokens. */
enum err_code generation_config_apply(struct generation_config *config, const char *json,
                                      struct err *e) ERR_CHECKED;

#endif
