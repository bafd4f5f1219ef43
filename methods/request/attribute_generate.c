/* The generated text: shown token by token, its first token attributed at once where that is
 * cheap. */
#include "methods/request/attribute_job.h"

#include "backend/base/mem.h"
#include "backend/generate.h"

#include <stdlib.h>
#include <string.h>

/* Not where positions or a contrast text could shift the first generated token. */
static bool may_begin_early(const struct attribute_job *j) {
    const struct attribute_request *r = j->request;
    const struct run_arguments *a = &j->arguments;
    const bool seen = j->events->column && j->events->watched,
               contrast = foil_given(&r->foil) || run_arguments_contrast(a) ||
                          a->contrast_sources || a->contrast_force_inputs,
               placed = job_has_span(j) || r->attr_pos_start.given || r->attr_pos_end.given;
    return a->method->first_column_is_cheap && seen && !contrast && !placed && !a->skip_special &&
           !a->clean_special && !job_continues(j);
}

/* Appends the tokens of n ids. */
static enum err_code name_ids(struct token_list *out, const struct tokenizer *tokenizer,
                              const int32_t *ids, int64_t n, struct err *e) {
    enum err_code code = ERR_OK;
    for (int64_t i = 0; i < n && !code; i++)
        code = tokenizer_token(tokenizer, TEXT_TARGET, ids[i], out, e);
    return code;
}

/* The last of n tokens so far, the others are still to come. */
static enum err_code attribute_early(struct attribute_job *j, const int32_t *ids, int64_t n,
                                     struct err *e) {
    struct attribution_sequence first;
    enum err_code code = ERR_OK;
    if (!may_begin_early(j))
        return ERR_OK;
    code = name_ids(&j->target, j->tokenizer, ids, n, e);
    if (code)
        goto out;
    j->early = true;
    code = job_attribute(j, n - 1, n, &first, e);
    j->early = false;
    attribution_sequence_dispose(&first);
out:
    token_list_dispose(&j->target);
    return code;
}

/* A token was generated. */
static enum err_code on_token(void *user, const int32_t *ids, int64_t n, int64_t n_prompt,
                              struct err *e) {
    struct attribute_job *j = user;
    const int64_t from = j->config->encoder_decoder ? 1 : 0;
    struct token_list tokens = {0};
    char *text = NULL;
    if (!j->events || !j->events->generated)
        return ERR_OK;
    enum err_code code = tokenizer_decode(j->tokenizer, TEXT_TARGET, ids + from, (size_t)(n - from),
                                          j->config->encoder_decoder, &text, e);
    if (code)
        goto out;
    code = name_ids(&tokens, j->tokenizer, ids, n, e);
    if (code)
        goto out;
    j->events->generated(j->events->user, text, &tokens, n_prompt);
    if (n == n_prompt + 1)
        code = attribute_early(j, ids, n, e);
out:
    token_list_dispose(&tokens);
    free(text);
    return code;
}

static void tell_of_cut(struct attribute_job *j, int64_t cut_at) {
    if (!cut_at)
        return;
    const bool last = cut_at == model_config_longest(j->config);
    char *text = mem_format(
        "The text was stopped at %lld tokens, the most that this model %s.", (long long)cut_at,
        last ? "runs on" : "was made for; max_new_tokens or max_length lets it go on");
    job_tell(j, &j->arguments, text);
    free(text);
}

/* Where a limit came first: a minimum only keeps the model from ending the text by itself. */
static void tell_of_short(struct attribute_job *j, const struct generation *g,
                          const struct generation_config *config) {
    const int64_t n_new = g->n - g->n_prompt, by_length = config->min_length - g->n_prompt,
                  least = config->min_new_tokens > by_length ? config->min_new_tokens : by_length;
    if (n_new >= least)
        return;
    char *text = mem_format("The text ended after %lld new tokens, before the %lld that it was to "
                            "have at least: its greatest length or a stop string came first.",
                            (long long)n_new, (long long)least);
    job_tell(j, &j->arguments, text);
    free(text);
}

/* A byte 0 would end the text. */
static void tell_of_nul(struct attribute_job *j, int64_t n_prompt) {
    bool found = false;
    for (size_t i = (size_t)n_prompt; i < j->written.n; i++)
        found |= memchr(j->written.items[i].bytes, '\0', j->written.items[i].n_bytes) != NULL;
    if (found)
        job_tell(j, &j->arguments,
                 "The model wrote a NUL byte, which no text can hold here: U+FFFD stands for it.");
}

enum err_code job_generate(struct attribute_job *j, struct err *e) {
    const char *kwargs = j->request->generation_kwargs;
    const int64_t from = j->config->encoder_decoder ? 1 : 0;
    const struct generate_events events = {j, on_token};
    struct generation_config config = j->config->generation;
    struct generation g = {0};
    int32_t *ids = token_list_ids(&j->source), *prefix = NULL;
    int64_t n_prefix = 0;
    enum err_code code = generation_config_apply(&config, kwargs && *kwargs ? kwargs : NULL, e);
    if (code)
        goto out;
    if (job_continues(j))
        code = job_encode_prefix(j, config.forced_bos_token_id, &prefix, &n_prefix, e);
    if (code)
        goto out;
    code = job_check_memory(j,
                            generation_limit(j->config, &config,
                                             from ? 1 + n_prefix : (int64_t)j->source.n,
                                             (int64_t)j->source.n),
                            e);
    if (code)
        goto out;
    code = generate(&g, j->model, ids, (int64_t)j->source.n, prefix, n_prefix, &config, &events,
                    j->ctl, e);
    if (code)
        goto out;
    tell_of_cut(j, g.cut_at);
    tell_of_short(j, &g, &config);
    code = name_ids(&j->written, j->tokenizer, g.ids, g.n, e);
    if (code)
        goto out;
    tell_of_nul(j, g.n_prompt);
    code = tokenizer_decode(j->tokenizer, TEXT_TARGET, g.ids + from, (size_t)(g.n - from),
                            j->config->encoder_decoder, &j->text, e);
out:
    generation_dispose(&g);
    free(prefix);
    free(ids);
    return code;
}
