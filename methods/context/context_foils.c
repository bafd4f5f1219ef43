/* What each token that the context changes is held against: what the model would have written
 * without it, or what a person says. */
#include "methods/context/context_job.h"

#include "backend/base/mem.h"

#include "methods/request/foil_resolve.h"

#include <stdlib.h>
#include <string.h>

static enum err_code text_until(char **out, const struct context_job *j,
                                const struct token_list *tokens, int64_t end, struct err *e) {
    int32_t *ids = token_list_ids(tokens);
    enum err_code code = context_decode(out, j->model, j->request, ids, (size_t)end, e);
    free(ids);
    return code;
}

/* What was typed, or is asked for; NULL: the model's own. Owned. */
static char *typed_foil(struct context_job *j, size_t i, struct err *e, enum err_code *code) {
    const struct context_request *r = j->request;
    const int64_t at = j->without_from + j->result->cues[i].column;
    char *prefix = NULL, *answer = NULL;
    if (r->foils.n)
        return mem_text(r->foils.items[i]);
    if (!r->ask_foils || !j->events || !j->events->ask_foil)
        return NULL;
    *code = text_until(&prefix, j, &j->without.tokens.target, at, e);
    if (!*code)
        answer = j->events->ask_foil(j->events->base.user, prefix,
                                     j->without.tokens.target.items[at].printable);
    free(prefix);
    return answer;
}

static enum err_code find_foil(struct context_job *j, size_t i, struct err *e) {
    struct context_cue *cue = &j->result->cues[i];
    const struct step_candidates *own = &j->compared->sequences[0].candidates[cue->column];
    const int64_t at = j->without_from + cue->column;
    enum err_code code = ERR_OK;
    char *typed = typed_foil(j, i, e, &code), *notice = NULL;
    if (code)
        return code;
    if (typed) {
        const struct foil foil = {.step = optional_of(cue->column), .text = typed};
        code = foil_resolve(&cue->foil_id, &notice, j->model, &foil, &j->without.tokens.source,
                            &j->without.tokens.target, at, j->ctl, e);
        if (!code && notice)
            context_tell(j->events, "%s", notice);
    } else if (own->n) {
        cue->foil_id = own->items[0].id;
    } else {
        code = err_set(e, ERR_UNSUPPORTED, "the model has no choice of its own at a step");
    }
    cue->has_foil = code == ERR_OK;
    free(typed);
    free(notice);
    return code;
}

static enum err_code tell_outputs(struct context_job *j, struct context_cue *cue, struct err *e) {
    const struct step_candidates *own = &j->compared->sequences[0].candidates[cue->column];
    if (own->n)
        cue->otherwise = mem_text(own->items[0].printable);
    enum err_code code = text_until(&cue->contextual_output, j, &j->with.tokens.target,
                                    j->with_from + cue->column + 1, e);
    if (code || !cue->has_foil)
        return code;
    const int64_t n = j->without_from + cue->column;
    struct token_list foil = {0};
    int32_t *ids = token_list_ids(&j->without.tokens.target);
    ids[n] = cue->foil_id;
    code = context_decode(&cue->contextless_output, j->model, j->request, ids, (size_t)n + 1, e);
    if (code)
        goto out;
    code = tokenizer_token(model_tokenizer(j->model), TEXT_TARGET, cue->foil_id, &foil, e);
    if (code)
        goto out;
    cue->foil = mem_text(foil.items[0].piece);
    cue->foil_shown = mem_text(foil.items[0].printable);
out:
    token_list_dispose(&foil);
    free(ids);
    return code;
}

enum err_code context_find_foils(struct context_job *j, struct err *e) {
    const struct context_request *r = j->request;
    enum err_code code = ERR_OK;
    if (r->foils.n && context_contrasts(r) && r->foils.n != j->result->n_cues)
        return err_set(e, ERR_USAGE,
                       "--contextless_output_next_tokens takes one for each token that the context "
                       "changes: %zu, not %zu",
                       j->result->n_cues, r->foils.n);
    if ((r->foils.n || r->ask_foils) && !context_contrasts(r))
        context_tell(j->events,
                     "What follows without the context is not looked at: %s compares "
                     "with nothing (-fn contrast_prob_diff does).",
                     r->how.attributed_fn ? r->how.attributed_fn : "the attributed function");
    for (size_t i = 0; i < j->result->n_cues && context_contrasts(r) && !code; i++)
        code = find_foil(j, i, e);
    for (size_t i = 0; i < j->result->n_cues && !code; i++)
        code = tell_outputs(j, &j->result->cues[i], e);
    return code;
}
