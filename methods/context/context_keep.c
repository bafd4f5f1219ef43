/* What is kept of a context attribution with its result. */
#include "methods/context/context_job.h"

#include "backend/base/mem.h"
#include "methods/request/attribute_info.h"
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
static enum err_code keep_scores(const struct context_job *j, struct attribution_sequence *s,
                                 struct result_info *info, struct err *e) {
    struct scores *scores = attribution_add_step_scores(s, j->result->metric);
    if (!scores)
        return err_set(e, ERR_NOMEM, "out of memory for step scores");
    memcpy(scores->data, j->result->scores, (size_t)j->n * sizeof *scores->data);
    info_texts_add(&info->step_scores, j->result->metric);
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
                                     .without = cue->contextless_output,
                                     .otherwise = cue->otherwise};
}

/* Which tokens, and where the contexts stand. */
static void keep_found(const struct context_job *j, const struct attribution_sequence *s,
                       struct result_info *info) {
    const struct context_result *r = j->result;
    struct context_kept_cue *cues = mem_alloc((r->n_cues + 1) * sizeof *cues);
    char *request = request_text(&j->request->how);
    const struct context_kept kept = {.metric = r->metric,
                                      .threshold = r->threshold,
                                      .input =
                                          span_kept(r->input_context_tokens, r->input_on_target),
                                      .output = span_kept(r->output_context_tokens, true),
                                      .cue_threshold = j->request->cue_threshold,
                                      .cue_most = j->request->cue_most,
                                      .cues = cues,
                                      .n_cues = r->n_cues,
                                      .request = request};
    for (size_t i = 0; i < r->n_cues; i++)
        cues[i] = cue_kept(&r->cues[i]);
    info_texts_put_take(&info->context, 0, context_kept_json(&kept, s));
    free(cues);
    free(request);
}

/* What makes it again is this, not the method's run of the whole text. */
static void keep_command(const struct context_job *j, struct result_info *info) {
    char *command = attribute_info_command(j->model, &j->request->how);
    info_texts_dispose(&info->commands);
    if (command)
        info_texts_add(&info->commands, command);
    free(command);
}

static enum err_code keep(const struct context_job *j, struct attribution_sequence *s,
                          struct result_info *info, struct err *e) {
    enum err_code code = keep_scores(j, s, info, e);
    if (code)
        return code;
    keep_found(j, s, info);
    keep_command(j, info);
    return ERR_OK;
}

enum err_code context_keep(struct context_job *j, struct err *e) {
    enum err_code code = keep_text(j, e);
    if (code)
        return code;
    struct attribution *a = j->result->attribution;
    return keep(j, &a->sequences[0], &a->info, e);
}

/* --- what is watched: the tokens that were found are known before their cues --------------- */

static void on_notice(void *user, const char *text) {
    const struct context_watched *w = user;
    w->job->events->base.notice(w->job->events->base.user, text);
}

static void on_cost(void *user, const struct cost_estimate *c) {
    const struct context_watched *w = user;
    w->job->events->base.cost(w->job->events->base.user, c);
}

static void on_begin(void *user, const struct attribution_sequence *skeleton,
                     const struct result_info *info) {
    struct context_watched *w = user;
    struct attribution_sequence s;
    struct result_info found;
    struct err ignored;
    if (w->begun || !attribution_sequence_copy(&s, skeleton, true))
        return; /* of the method's second run, or of one that ends without a live view */
    found = result_info_copy(info);
    if (keep(w->job, &s, &found, &ignored) == ERR_OK)
        w->job->events->base.begin(w->job->events->base.user, &s, &found);
    w->begun = true;
    attribution_sequence_dispose(&s);
    result_info_dispose(&found);
}

static void on_column(void *user, const struct attribution_sequence *s, int64_t g) {
    const struct context_watched *w = user;
    if (w->begun)
        w->job->events->base.column(w->job->events->base.user, s, g);
}

struct attribute_events context_watch(struct context_watched *w) {
    const struct attribute_events *base = w->job->events ? &w->job->events->base : NULL;
    struct attribute_events out = {.user = w};
    if (!base)
        return out;
    out.notice = base->notice ? on_notice : NULL;
    out.cost = base->cost ? on_cost : NULL;
    out.begin = base->begin ? on_begin : NULL;
    out.column = base->column ? on_column : NULL;
    return out;
}
