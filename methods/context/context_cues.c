/* What in the context made the tokens that it changes: the method at each of them. */
#include "methods/context/context_job.h"

#include "backend/base/mem.h"

#include <stdlib.h>

/* Whether a token is held against the run without the context, not only against another token:
 * where that token is its own, or a whole distribution is compared (Inseq's contrast_force_inputs).
 */
static bool forced(const struct context_job *j, const struct context_cue *cue) {
    return cue->has_foil &&
           (context_compares_all(j->request) || j->request->how.contrast_force_inputs ||
            cue->foil_id == j->with.tokens.target.items[j->with_from + cue->column].id);
}

/* What each column is held against: marked cues their foils, others what stands there. */
static enum err_code foils_of(struct token_list *out, const struct context_job *j,
                              const bool *columns, struct err *e) {
    int32_t *ids = mem_alloc((size_t)j->n * sizeof *ids);
    enum err_code code = ERR_OK;
    for (int64_t g = 0; g < j->n; g++)
        ids[g] = j->without.tokens.target.items[j->without_from + g].id;
    for (size_t k = 0; k < j->result->n_cues; k++) {
        const struct context_cue *cue = &j->result->cues[k];
        if (columns[cue->column] && cue->has_foil)
            ids[cue->column] = cue->foil_id;
    }
    for (int64_t g = 0; g < j->n && !code; g++)
        code = tokenizer_token(model_tokenizer(j->model), TEXT_TARGET, ids[g], out, e);
    free(ids);
    return code;
}

/* One run of the method for the columns that are marked. */
static enum err_code attribute_columns(struct attribution **out, struct context_job *j,
                                       const bool *columns, bool force,
                                       const struct attribute_events *events, struct err *e) {
    const struct model_config *c = model_config(j->model);
    struct attribute_request request = j->request->how;
    struct token_list foils = {0};
    int64_t *alignment = context_opposite(j->without_from, j->n);
    struct attribute_text text = {
        .tokens = &j->with.tokens, .columns = columns, .text = j->with.text};
    enum err_code code = ERR_OK;
    if (context_contrasts(j->request))
        code = foils_of(&foils, j, columns, e);
    if (code)
        goto out;
    request.input_text = j->with.input;
    request.generated_text = j->with.text;
    request.contrast_force_inputs = force;
    request.attribute_target = c->encoder_decoder && j->outputs.context;
    if (foils.n) {
        text.contrast = &j->without.tokens.target;
        text.foils = &foils;
        text.alignment = alignment;
        text.contrast_source = c->encoder_decoder && force ? &j->without.tokens.source : NULL;
    }
    code = attribute_run_text(out, j->model, &request, &text, events, j->ctl, e);
out:
    token_list_dispose(&foils);
    free(alignment);
    return code;
}

/* The marked columns of another run of the same text. */
static void take_columns(struct attribution *to, struct attribution *from, const bool *columns) {
    struct attribution_sequence *a = &to->sequences[0], *b = &from->sequences[0];
    for (int64_t g = 0; g < attribution_steps(a); g++) {
        if (!columns[g])
            continue;
        scores_copy_column(&a->source_attributions, g, &b->source_attributions, g);
        scores_copy_column(&a->target_attributions, g, &b->target_attributions, g);
        if (a->candidates && b->candidates && !a->candidates[g].items)
            a->candidates[g] = step_candidates_copy(&b->candidates[g]);
        for (size_t i = 0; i < a->n_step_scores && i < b->n_step_scores; i++)
            a->step_scores[i].scores.data[g] = b->step_scores[i].scores.data[g];
        a->n_done += a->done && !a->done[g];
        if (a->done)
            a->done[g] = true;
    }
}

static size_t mark(bool *columns, const struct context_job *j, bool force) {
    size_t n = 0;
    for (size_t i = 0; i < j->result->n_cues; i++) {
        const struct context_cue *cue = &j->result->cues[i];
        columns[cue->column] = forced(j, cue) == force;
        n += columns[cue->column];
    }
    return n;
}

static enum err_code attribute_cues(struct context_job *j, struct err *e) {
    bool *columns = mem_alloc((size_t)j->n * sizeof *columns);
    struct context_watched watched = {.job = j};
    const struct attribute_events events = context_watch(&watched);
    enum err_code code = ERR_OK;
    for (int force = 0; force < 2 && !code; force++) {
        struct attribution *one = NULL;
        if (!mark(columns, j, force))
            continue;
        code = attribute_columns(&one, j, columns, force, &events, e);
        if (code || !j->result->attribution) {
            j->result->attribution = one;
            continue;
        }
        take_columns(j->result->attribution, one, columns);
        attribution_release(one);
    }
    free(columns);
    return code;
}

enum err_code context_attribute(struct context_job *j, struct err *e) {
    enum err_code code = attribute_cues(j, e);
    return code ? code : context_keep(j, e);
}
