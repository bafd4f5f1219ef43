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

#define MOST_NEW 1000000 /* tokens, where a file says more */

static int64_t lesser(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* How long the whole target may become by the options, prompt included; Transformers'
 * GenerationMixin._prepare_generated_length and Marian's max-length-factor. */
static int64_t limit_asked(const struct generation_config *config, int64_t n_prompt,
                           int64_t n_source) {
    if (config->max_new_tokens >= 0)
        return n_prompt + lesser(config->max_new_tokens, MOST_NEW);
    if (config->has_max_length)
        return lesser(config->max_length, n_prompt + MOST_NEW);
    if (config->marian_search && config->max_length_factor > 0)
        return n_prompt + (int64_t)ceil(config->max_length_factor * (double)n_source);
    return n_prompt + config->max_length;
}

/* The length that nobody gave ends at the positions of training, too, in Transformers; 0: it does
 * not. */
static int64_t usual_end(const struct model_config *model, const struct generation_config *config) {
    const bool given = config->max_new_tokens >= 0 || config->has_max_length;
    return given || model->decoder.positions != POSITION_ROTARY ? 0 : model->n_positions;
}

int64_t generation_limit(const struct model_config *model, const struct generation_config *config,
                         int64_t n_start, int64_t n_source) {
    const int64_t asked = limit_asked(config, n_start, n_source),
                  longest = model_config_longest(model), end = usual_end(model, config),
                  limit = longest ? lesser(asked, longest) : asked;
    return end ? lesser(limit, end) : limit;
}

/* Whether one more token is possible: what the options ask for, and how long a text may be. */
static enum err_code check_room(const struct model_config *model, int64_t n_start, int64_t asked,
                                int64_t limit, struct err *e) {
    const int64_t longest = model_config_longest(model);
    if (n_start < 1)
        return err_set(e, ERR_USAGE, "the prompt is empty: there is nothing to continue");
    enum err_code code = model_config_check_text(model, n_start, e);
    if (code)
        return code;
    if (asked <= n_start)
        return err_set(e, ERR_USAGE,
                       "the text already has %lld tokens and may have %lld: raise max_length or "
                       "max_new_tokens",
                       (long long)n_start, (long long)asked);
    if (longest && longest <= n_start)
        return err_set(e, ERR_USAGE,
                       "the text has %lld tokens, which are all that this model runs on: no token "
                       "can follow",
                       (long long)n_start);
    if (limit <= n_start)
        return err_set(e, ERR_USAGE,
                       "the text has %lld tokens, and without max_new_tokens or max_length it ends "
                       "at the %lld that this model was made for: give one of them",
                       (long long)n_start, (long long)limit);
    return ERR_OK;
}

/* Where a search had to stop although the options let it go on. */
static int64_t cut_at(const struct generation *g, const struct search_input *in, int64_t asked) {
    if (g->n < in->max_length || in->max_length >= asked)
        return 0;
    const bool ended = search_ends(in, g->ids, g->n) && in->config->forced_eos_token_id < 0;
    return ended ? 0 : in->max_length;
}

/* What a token stands for in a text: search_input's `bytes`. */
struct token_text {
    const struct tokenizer *tokenizer;
    struct token_list token;
};

static const char *bytes_of(void *user, int32_t id, size_t *n) {
    struct token_text *t = user;
    struct err unknown;
    token_list_dispose(&t->token);
    enum err_code code = tokenizer_token(t->tokenizer, TEXT_TARGET, id, &t->token, &unknown);
    *n = code ? 0 : t->token.items[0].n_bytes;
    return code ? "" : t->token.items[0].bytes;
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
    const int64_t asked = limit_asked(config, n_start, n_prompt),
                  limit = generation_limit(model, config, n_start, n_prompt);
    struct token_text text = {.tokenizer = model_tokenizer(m)};
    struct decoder *decoder = NULL;
    enum err_code code = check_room(model, n_start, asked, limit, e);
    if (code)
        goto out;
    code = decoder_open(&decoder, m, model->encoder_decoder ? prompt_ids : NULL,
                        model->encoder_decoder ? n_prompt : 0, 1, ctl, e);
    if (code)
        goto out;
    struct search_model seam = {
        .user = decoder, .n_vocab = model->n_vocab, .step = step, .reorder = reorder};
    struct search_input in = {start,
                              n_start,
                              limit,
                              config,
                              events,
                              ctl,
                              bytes_of,
                              &text,
                              model->encoder_decoder ? prompt_ids : NULL,
                              model->encoder_decoder ? n_prompt : 0};
    if (config->num_beams <= 1)
        code = search_greedy(out, &seam, &in, e);
    else if (config->marian_search && !config->do_sample)
        code = search_marian(out, &seam, &in, e);
    else
        code = search_beam(out, &seam, &in, e);
    if (!code)
        out->cut_at = cut_at(out, &in, asked);
out:
    token_list_dispose(&text.token);
    decoder_close(decoder);
    free(start);
    return code;
}
