/* What is kept of a context attribution with its result. */
#include "methods/context/context_job.h"

#include "backend/base/mem.h"
#include "methods/result/context_kept.h"

#include <stdlib.h>
#include <string.h>

/* Nothing is sensitive: the text is the result all the same. */
static enum err_code keep_text(struct context_job *j, struct err *e) {
    struct attribute_request request = j->request->how;
    const struct attribute_events events = context_notices(j->events);
    const struct attribute_text text = {.tokens = &j->with.tokens, .text = j->with.text};
    if (j->result->attribution)
        return ERR_OK;
    request.method = "dummy";
    request.attributed_fn = NULL;
    request.attribution_kwargs = NULL;
    request.input_text = j->with.input;
    request.generated_text = j->with.text;
    return attribute_run_text(&j->result->attribution, j->model, &request, &text, &events, j->ctl,
                              e);
}

/* The measure is a step score of the result. */
static enum err_code keep_scores(struct context_job *j, struct err *e) {
    struct attribution *a = j->result->attribution;
    struct scores *s = attribution_add_step_scores(&a->sequences[0], j->result->metric);
    if (!s)
        return err_set(e, ERR_NOMEM, "out of memory for step scores");
    memcpy(s->data, j->result->scores, (size_t)j->n * sizeof *s->data);
    info_texts_add(&a->info.step_scores, j->result->metric);
    return ERR_OK;
}

static struct context_kept_span span_kept(struct context_span span, bool target) {
    return (struct context_kept_span){span.given, target, span.from, span.to};
}

/* Texts are borrowed. */
static struct context_kept_cue cue_kept(const struct context_cue *cue) {
    return (struct context_kept_cue){.column = cue->column,
                                     .score = cue->score,
                                     .has_foil = cue->has_foil,
                                     .foil_id = cue->foil_id,
                                     .foil = cue->foil_shown,
                                     .with = cue->contextual_output,
                                     .without = cue->contextless_output};
}

/* Which tokens, and where the contexts stand. */
static void keep_found(struct context_job *j) {
    const struct context_result *r = j->result;
    struct attribution *a = r->attribution;
    struct context_kept_cue *cues = mem_alloc((r->n_cues + 1) * sizeof *cues);
    const struct context_kept kept = {.metric = r->metric,
                                      .threshold = r->threshold,
                                      .input =
                                          span_kept(r->input_context_tokens, r->input_on_target),
                                      .output = span_kept(r->output_context_tokens, true),
                                      .cue_threshold = j->request->cue_threshold,
                                      .cue_most = j->request->cue_most,
                                      .cues = cues,
                                      .n_cues = r->n_cues};
    for (size_t i = 0; i < r->n_cues; i++)
        cues[i] = cue_kept(&r->cues[i]);
    info_texts_put_take(&a->info.context, 0, context_kept_json(&kept, &a->sequences[0]));
    free(cues);
}

enum err_code context_keep(struct context_job *j, struct err *e) {
    enum err_code code = keep_text(j, e);
    if (code)
        return code;
    code = keep_scores(j, e);
    if (code)
        return code;
    keep_found(j);
    return ERR_OK;
}
