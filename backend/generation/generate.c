#include "backend/generate.h"

#include "backend/base/mem.h"
#include "backend/generation/search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The model behind the searches' seam: a decoder cache. */
static enum err_code step(void *user, const int32_t *ids, int64_t n_rows, int64_t n_new,
                          float *logits, struct err *e) {
    (void)n_rows; /* the decoder knows its hypotheses */
    return decoder_step(user, ids, n_new, logits, e);
}

static enum err_code reorder(void *user, const int32_t *from, int64_t n, struct err *e) {
    return decoder_reorder(user, from, n, e);
}

/* How long the whole target may become, prompt included; Transformers'
 * GenerationMixin._prepare_generated_length and Marian's max-length-factor. */
static int64_t target_limit(const struct model_config *model,
                            const struct generation_config *config, int64_t n_prompt,
                            int64_t n_source) {
    int64_t limit;
    if (config->max_new_tokens >= 0)
        limit = n_prompt + config->max_new_tokens;
    else if (config->has_max_length)
        limit = config->max_length;
    else if (config->marian_search && config->max_length_factor > 0)
        limit = n_prompt + (int64_t)ceil(config->max_length_factor * (double)n_source);
    else
        limit = n_prompt + config->max_length;
    if (model->n_positions > 0 && limit > model->n_positions)
        limit = model->n_positions;
    return limit;
}

enum err_code generate(struct generation *out, struct model *m, const int32_t *prompt_ids,
                       int64_t n_prompt, const int32_t *target_prefix, int64_t n_target_prefix,
                       const struct generation_config *config, const struct generate_events *events,
                       const struct run_ctl *ctl, struct err *e) {
    *out = (struct generation){0};
    const struct model_config *model = model_config(m);
    int64_t n_start = model->encoder_decoder ? 1 + n_target_prefix : n_prompt;
    int32_t *start = mem_alloc((size_t)(n_start + 1) * sizeof *start);
    if (model->encoder_decoder) {
        start[0] = model->decoder_start_token_id;
        if (n_target_prefix)
            memcpy(start + 1, target_prefix, (size_t)n_target_prefix * sizeof *start);
    } else if (n_prompt) {
        memcpy(start, prompt_ids, (size_t)n_prompt * sizeof *start);
    }
    int64_t limit = target_limit(model, config, n_start, n_prompt);
    enum err_code code = ERR_OK;
    struct decoder *decoder = NULL;
    if (n_start < 1)
        code = err_set(e, ERR_USAGE, "the prompt is empty: there is nothing to continue");
    else if (limit <= n_start)
        code = err_set(e, ERR_USAGE,
                       "the text already has %lld tokens and may have %lld: raise max_length or "
                       "max_new_tokens",
                       (long long)n_start, (long long)limit);
    else
        code = decoder_open(&decoder, m, model->encoder_decoder ? prompt_ids : NULL,
                            model->encoder_decoder ? n_prompt : 0, 1, ctl, e);
    if (code)
        goto out;
    struct search_model seam = {
        .user = decoder, .n_vocab = model->n_vocab, .step = step, .reorder = reorder};
    struct search_input in = {start, n_start, limit, config, events, ctl};
    if (config->num_beams <= 1)
        code = search_greedy(out, &seam, &in, e);
    else if (config->marian_search && !config->do_sample)
        code = search_marian(out, &seam, &in, e);
    else
        code = search_beam(out, &seam, &in, e);
out:
    decoder_close(decoder);
    free(start);
    return code;
}
