/*
 * From request to result. The order of Inseq 0.7.1 (models/attribution_model.py: attribute):
 * encode, generate, decode, encode the whole text again, so that attributed tokens are those of the
 * text; then positions, contrast, method.
 */
#include "methods/request/attribute.h"

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/base/memory.h"
#include "backend/generate.h"
#include "methods/engine/step_sight.h"
#include "methods/request/attribute_info.h"
#include "methods/request/attribute_job.h"
#include "methods/request/foil_resolve.h"
#include "methods/request/positions.h"
#include "methods/request/span_fold.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t memory_budget(const struct job *j, int64_t end) {
    const struct cost_input sizes = {.config = j->config,
                                     .n_source =
                                         j->config->encoder_decoder ? (int64_t)j->source.n : 0,
                                     .n_target = end - 1,
                                     .element_bytes = model_element_bytes(j->model)};
    return j->request->memory_budget > 0 ? j->request->memory_budget
                                         : cost_memory_budget(&sizes, memory_available());
}

static enum err_code attribute_early(struct job *j, const int32_t *ids, int64_t n, struct err *e);

/* A token was generated: show the text so far, and attribute the first token at once when that is
 * cheap. */
static enum err_code on_token(void *user, const int32_t *ids, int64_t n, int64_t n_prompt,
                              struct err *e) {
    struct job *j = user;
    if (!j->events || !j->events->generated)
        return ERR_OK;
    char *text = NULL;
    struct token_list tokens = {0};
    int64_t from = j->config->encoder_decoder ? 1 : 0;
    enum err_code code = tokenizer_decode(j->tokenizer, TEXT_TARGET, ids + from, (size_t)(n - from),
                                          j->config->encoder_decoder, &text, e);
    for (int64_t i = 0; i < n && code == ERR_OK; i++)
        code = tokenizer_token(j->tokenizer, TEXT_TARGET, ids[i], &tokens, e);
    if (code == ERR_OK)
        j->events->generated(j->events->user, text, &tokens, n_prompt);
    token_list_dispose(&tokens);
    free(text);
    if (code == ERR_OK && n == n_prompt + 1)
        code = attribute_early(j, ids, n, e);
    return code;
}

static enum err_code generate_text(struct job *j, struct err *e) {
    struct generation_config config = j->config->generation;
    const char *kwargs = j->request->generation_kwargs;
    enum err_code code = generation_config_apply(&config, kwargs && *kwargs ? kwargs : NULL, e);
    if (code != ERR_OK)
        return code;
    struct generation g;
    int32_t *ids = job_ids(&j->source);
    struct generate_events events = {j, on_token};
    code = generate(&g, j->model, ids, (int64_t)j->source.n, NULL, 0, &config, &events, j->ctl, e);
    free(ids);
    if (code != ERR_OK)
        return code;
    int64_t from = j->config->encoder_decoder ? 1 : 0;
    code = tokenizer_decode(j->tokenizer, TEXT_TARGET, g.ids + from, (size_t)(g.n - from),
                            j->config->encoder_decoder, &j->text, e);
    generation_dispose(&g);
    return code;
}

/* --- the run ----------------------------------------------------------------------------- */

static bool has_span(const struct job *j) {
    return span_given(&j->arguments.span);
}

static void forward_shape(void *user, const struct attribution_sequence *s) {
    const struct job *j = user;
    if (j->events && j->events->begin && !has_span(j)) /* a span is one column when all is done */
        j->events->begin(j->events->user, s, &j->info);
}

static void forward_column(void *user, const struct attribution_sequence *s, int64_t g) {
    const struct job *j = user;
    if (j->events && j->events->column && !has_span(j))
        j->events->column(j->events->user, s, g);
}

static const char *class_name(enum attribution_class class) {
    static const char *const names[] = {
        [ATTRIBUTION_COARSE] = "CoarseFeatureAttributionSequenceOutput",
        [ATTRIBUTION_GRANULAR] = "GranularFeatureAttributionSequenceOutput",
        [ATTRIBUTION_MULTI_DIMENSIONAL] = "MultiDimensionalFeatureAttributionSequenceOutput",
        [ATTRIBUTION_PLAIN] = "FeatureAttributionSequenceOutput",
    };
    return names[class];
}

static void estimate(struct cost_estimate *out, const struct job *j,
                     const struct method_input *in) {
    int64_t n_other_runs = in->target.function && in->target.function->run;
    for (size_t i = 0; i < in->n_scores;
         i++) /* the attributed function's own run serves its score too */
        n_other_runs +=
            in->scores[i].function->run && in->scores[i].function != in->target.function;
    const struct cost_input sizes = {.config = in->config,
                                     .n_source = in->n_source,
                                     .n_target = in->end - 1,
                                     .n_steps = in->end - in->start,
                                     .attribute_target = in->attribute_target,
                                     .options = in->options,
                                     .memory_budget = in->memory_budget,
                                     .element_bytes = model_element_bytes(j->model),
                                     .n_other_runs = n_other_runs};
    cost_estimate(out, j->arguments.method, &sizes, 0, memory_available());
}

/* What the method will take, to who watches; when that is more than there is, a notice, or the end.
 */
static enum err_code tell_cost(struct job *j, const struct method_input *in, struct err *e) {
    struct cost_estimate c;
    enum err_code code = ERR_OK;
    estimate(&c, j, in);
    if (j->events && j->events->cost)
        j->events->cost(j->events->user, &c);
    char *warning = cost_warning(&c);
    if (warning && j->request->must_fit)
        code = err_set(e, ERR_NOMEM, "%s", warning);
    else if (warning)
        job_tell(j, &j->arguments, warning);
    free(warning);
    if (code == ERR_OK && model_bfloat16_slow(j->model))
        job_tell(j, &j->arguments,
                 "This processor has no instruction for bfloat16 products: bfloat16 halves the "
                 "weights' memory here, but is not faster than float32.");
    if (code == ERR_OK && *j->config->notice)
        job_tell(j, &j->arguments, j->config->notice);
    return code;
}

/* The first column is for looking at, not worth the memory that the whole run may lack. */
static bool too_early(const struct job *j, const struct method_input *in) {
    struct cost_estimate c;
    if (!j->early || !j->request->must_fit)
        return false;
    estimate(&c, j, in);
    return !c.fits;
}

/* What the result will be made of, into j->info. */
static enum err_code fill_info(struct job *j, int64_t start, int64_t end, struct err *e) {
    int32_t *ids = job_ids(&j->target);
    char *shown = NULL;
    int64_t from = j->config->encoder_decoder ? 1 : 0;
    enum err_code code = tokenizer_decode(j->tokenizer, TEXT_TARGET, ids + from,
                                          j->target.n - (size_t)from, true, &shown, e);
    result_info_dispose(&j->info); /* of the first column */
    if (code == ERR_OK)
        attribute_info_fill(&j->info,
                            &(struct run_facts){.request = j->request,
                                                .arguments = &j->arguments,
                                                .model = j->model,
                                                .alignment = j->contrast.n ? j->alignment : NULL,
                                                .foil_id = j->foil_id,
                                                .start = start,
                                                .end = end,
                                                .input_text = j->input_text,
                                                .generated_text = shown ? shown : "",
                                                .aligner = j->aligner.name});
    free(ids);
    free(shown);
    return code;
}

/* Attributes j->target from start to end into a new sequence. */
static enum err_code run_method(struct job *j, int64_t start, int64_t end,
                                struct attribution_sequence *out, struct err *e) {
    const struct run_arguments *a = &j->arguments;
    int32_t *source = job_ids(&j->source), *target = job_ids(&j->target),
            *contrast = j->contrast.n ? job_ids(&j->contrast) : NULL;
    int32_t *contrast_source = j->contrast_source.n ? job_ids(&j->contrast_source) : NULL;
    struct method_input in = {
        .model = j->model,
        .config = j->config,
        .tokenizer = j->tokenizer,
        .source_ids = j->config->encoder_decoder ? source : NULL,
        .n_source = j->config->encoder_decoder ? (int64_t)j->source.n : 0,
        .target_ids = target,
        .n_target = (int64_t)j->target.n,
        .start = start,
        .end = end,
        .attribute_target = j->config->encoder_decoder && j->request->attribute_target,
        .target = a->target,
        .scores = a->scores,
        .n_scores = a->n_scores,
        .contrast_ids = contrast,
        .n_contrast = (int64_t)j->contrast.n,
        .alignment = j->alignment,
        .options = &a->method_options,
        .contrast_source_ids = contrast_source,
        .n_contrast_source = (int64_t)j->contrast_source.n,
        .contrast_force_inputs = a->contrast_force_inputs,
        .log_probabilities = j->log_probabilities,
        .include_eos_baseline = j->request->include_eos_baseline,
        .publish_early = j->events && j->events->watched && !j->early,
        .memory_budget = memory_budget(j, end),
        .span = has_span(j),
        .column = forward_column,
        .shaped = forward_shape,
        .user = j,
    };
    *out = (struct attribution_sequence){.attr_pos_start = start, .attr_pos_end = end};
    token_list_append(&out->target, &j->target);
    if (j->config->encoder_decoder)
        token_list_append(&out->source, &j->source);
    else
        for (int64_t i = 0; i < start; i++) {
            const struct token *t = &j->target.items[i];
            token_list_add(&out->source, t->id, t->special, t->piece, t->bytes, t->n_bytes);
        }
    if (j->contrast.n)
        positions_name_contrast(out, &j->contrast, j->alignment);
    enum err_code code = ERR_OK;
    if (!j->early && !j->use)
        code = tell_cost(j, &in, e);
    const bool skip = too_early(j, &in);
    if (code == ERR_OK && !j->use && !skip)
        code = fill_info(j, start, end, e);
    struct step_sight *sight = NULL;
    if (code == ERR_OK && !skip)
        code = step_sight_open(&sight, &in, a->method, e);
    if (code == ERR_OK && !skip)
        code =
            j->use ? j->use(j->use_user, out, &in, j->ctl, e) : a->method->run(out, &in, j->ctl, e);
    step_sight_close(sight);
    if (code == ERR_OK && has_span(j) && !j->use)
        code = span_fold(out, a, e);
    out->class_name = mem_text(class_name(out->class));
    free(source);
    free(target);
    free(contrast);
    free(contrast_source);
    return code;
}

/* The first generated token's column while the others are still to come. Not where positions or a
 * contrast text could shift it. */
static enum err_code attribute_early(struct job *j, const int32_t *ids, int64_t n, struct err *e) {
    const struct attribute_request *r = j->request;
    if (!j->arguments.method->first_column_is_cheap || !j->events->column || !j->events->watched ||
        foil_given(&r->foil) || j->arguments.contrast_targets || j->arguments.contrast_sources ||
        j->arguments.contrast_force_inputs || has_span(j) || r->attr_pos_start.given ||
        r->attr_pos_end.given || r->skip_special_tokens)
        return ERR_OK;
    enum err_code code = ERR_OK;
    for (int64_t i = 0; i < n && code == ERR_OK; i++)
        code = tokenizer_token(j->tokenizer, TEXT_TARGET, ids[i], &j->target, e);
    struct attribution_sequence first;
    if (code == ERR_OK) {
        j->early = true;
        code = run_method(j, n - 1, n, &first, e);
        j->early = false;
        attribution_sequence_dispose(&first);
    }
    token_list_dispose(&j->target);
    return code;
}

static enum err_code run_job(struct job *j, struct attribution **out, struct err *e) {
    enum err_code code = job_encode_input(j, e);
    if (code == ERR_OK)
        code = j->request->generated_text ? job_take_forced(j, e) : generate_text(j, e);
    if (code == ERR_OK)
        code = job_encode_target(j, j->text, &j->target, e);
    j->n_prompt = j->config->encoder_decoder ? 1 : (int64_t)j->source.n;
    if (code == ERR_OK && j->events && j->events->generated)
        j->events->generated(j->events->user, j->text, &j->target, j->n_prompt);
    int64_t start = 0, end = 0;
    struct attribute_request placed = *j->request;
    placed.span = j->arguments.span; /* options may have it */
    if (code == ERR_OK)
        code = positions_place(&start, &end, &placed, (int64_t)j->target.n, j->n_prompt,
                               j->config->encoder_decoder, e);
    if (code == ERR_OK)
        code = job_align(j, start, end, e);
    if (code != ERR_OK)
        return code;
    job_tell_of_positions(j, start, end);
    double begun = clock_seconds(),
           *log_probabilities = mem_alloc((size_t)(end - start) * sizeof *log_probabilities);
    for (int64_t c = 0; c < end - start; c++)
        log_probabilities[c] = NAN;
    j->log_probabilities = j->request->generated_text && !j->use ? log_probabilities : NULL;
    struct attribution *a = attribution_new(1);
    code = run_method(j, start, end, &a->sequences[0], e);
    char *unlikely =
        code == ERR_OK ? forced_notice(&j->target, start, end - start, log_probabilities) : NULL;
    if (unlikely)
        job_tell(j, &j->arguments, unlikely);
    free(unlikely);
    free(log_probabilities);
    if (code != ERR_OK || j->use) {
        attribution_release(a);
        return code;
    }
    attribute_info_finish(&j->info, &j->arguments, &a->sequences[0], clock_seconds() - begun);
    a->info = j->info;
    j->info = (struct result_info){0}; /* it now belongs to the result */
    *out = a;
    return ERR_OK;
}

static enum err_code run(struct job *j, struct attribution **out, struct err *e) {
    enum err_code code = run_arguments_init(&j->arguments, j->request, e);
    if (code != ERR_OK)
        return code;
    if (has_span(j) && j->use) {
        run_arguments_dispose(&j->arguments);
        return err_set(e, ERR_USAGE, "faithfulness is measured step by step: leave the span out");
    }
    for (size_t i = 0; i < j->arguments.n_notices; i++)
        job_tell(j, NULL, j->arguments.notices[i]);
    if (j->request->attribute_target && !j->config->encoder_decoder)
        job_tell(j, &j->arguments,
                 "attribute_target is meant for encoder-decoder models; a decoder-only model "
                 "always attributes its own text.");
    if (j->arguments.contrast_targets && !foil_given(&j->request->foil))
        code = aligner_find(&j->aligner, &j->arguments.contrast_alignment, e);
    if (code == ERR_OK) {
        model_watch(j->model, j->ctl);
        code = run_job(j, out, e);
        model_watch(j->model, NULL);
    }
    run_arguments_dispose(&j->arguments);
    aligner_dispose(&j->aligner);
    token_list_dispose(&j->source);
    token_list_dispose(&j->target);
    token_list_dispose(&j->contrast);
    token_list_dispose(&j->contrast_source);
    result_info_dispose(&j->info);
    free(j->alignment);
    free(j->input_text);
    free(j->text);
    return code;
}

enum err_code attribute_run(struct attribution **out, struct model *m,
                            const struct attribute_request *request,
                            const struct attribute_events *events, const struct run_ctl *ctl,
                            struct err *e) {
    struct job j = {.model = m,
                    .config = model_config(m),
                    .tokenizer = model_tokenizer(m),
                    .request = request,
                    .events = events,
                    .ctl = ctl};
    *out = NULL;
    return run(&j, out, e);
}

enum err_code attribute_prepare(struct model *m, const struct attribute_request *request,
                                const struct attribute_events *events, attribute_use use,
                                void *user, const struct run_ctl *ctl, struct err *e) {
    struct job j = {.model = m,
                    .config = model_config(m),
                    .tokenizer = model_tokenizer(m),
                    .request = request,
                    .events = events,
                    .ctl = ctl,
                    .use = use,
                    .use_user = user};
    struct attribution *none;
    return run(&j, &none, e);
}
