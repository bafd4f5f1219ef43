/* The method on a job's tokens: what it will take, what its result is made of, and the run. */
#include "methods/request/attribute_job.h"

#include "backend/base/mem.h"
#include "backend/base/memory.h"
#include "methods/engine/apart.h"
#include "methods/engine/step_sight.h"
#include "methods/request/attribute_info.h"
#include "methods/request/positions.h"
#include "methods/request/span_fold.h"

#include <stdlib.h>

/* --- what it will take --- */

static int64_t memory_budget(const struct attribute_job *j, int64_t end) {
    const struct cost_input sizes = {.config = j->config,
                                     .n_source =
                                         j->config->encoder_decoder ? (int64_t)j->source.n : 0,
                                     .n_target = end - 1,
                                     .element_bytes = model_element_bytes(j->model)};
    const int64_t n = j->n_together ? j->n_together : 1;
    if (j->request->memory_budget > 0)
        return j->request->memory_budget / n;
    return cost_memory_budget(&sizes, memory_available()) / n;
}

static int64_t n_wanted(const struct attribute_job *j, const struct method_input *in) {
    int64_t n = 0;
    if (!in->columns)
        return job_columns(j, in->start, in->end);
    for (int64_t g = 0; g < in->end - in->start; g++)
        n += in->columns[g];
    return n;
}

static void estimate(struct cost_estimate *out, const struct attribute_job *j,
                     const struct method_input *in) {
    int64_t n_other_runs = in->target.function && in->target.function->run;
    for (size_t i = 0; i < in->n_scores;
         i++) /* the attributed function's run serves its score too */
        n_other_runs +=
            in->scores[i].function->run && in->scores[i].function != in->target.function;
    const struct cost_input sizes = {.config = in->config,
                                     .n_source = in->n_source,
                                     .n_target = in->end - 1,
                                     .n_steps = n_wanted(j, in),
                                     .attribute_target = in->attribute_target,
                                     .options = in->options,
                                     .memory_budget = in->memory_budget,
                                     .element_bytes = model_element_bytes(j->model),
                                     .n_other_runs = n_other_runs};
    cost_estimate(out, j->arguments.method, &sizes, 0, memory_available());
}

/* What the method will take, to who watches; when that is more than there is, the end, or with
 * run_anyway a notice. */
static enum err_code tell_cost(struct attribute_job *j, const struct method_input *in,
                               struct err *e) {
    struct cost_estimate c;
    enum err_code code = ERR_OK;
    estimate(&c, j, in);
    if (j->events && j->events->cost)
        j->events->cost(j->events->user, &c);
    char *warning = cost_warning(&c);
    if (warning && j->request->run_anyway)
        job_tell(j, &j->arguments, warning);
    else if (warning)
        code = err_set(e, ERR_NOMEM, "%s --run_anyway begins it all the same.", warning);
    free(warning);
    return code;
}

static void tell_of_model(struct attribute_job *j) {
    if (model_bfloat16_slow(j->model))
        job_tell(j, &j->arguments,
                 "This processor has no instruction for bfloat16 products: bfloat16 halves the "
                 "weights' memory here, but is not faster than float32.");
    if (*j->config->notice)
        job_tell(j, &j->arguments, j->config->notice);
}

/* Why one run does not serve all steps, where it does not. */
static void tell_of_runs(struct attribute_job *j, const struct method_input *in) {
    const struct model_config *c = j->config;
    struct cost_estimate cost;
    estimate(&cost, j, in);
    if (cost.n_runs <= 1)
        return;
    char *text = mem_format(
        "Beyond %lld tokens this model rotates by other frequencies%s: steps are "
        "run apart, each as its own text is, in %lld runs instead of 1.",
        (long long)c->rope_switch, c->rope_growth > 0 ? ", at every length by its own" : "",
        (long long)cost.n_runs);
    job_tell(j, &j->arguments, text);
    free(text);
}

/* Whether a run of these columns may begin. */
static bool fits(const struct attribute_job *j, const struct method_input *in) {
    struct cost_estimate c;
    if (j->request->run_anyway)
        return true;
    estimate(&c, j, in);
    return c.fits;
}

/* --- what the result will be made of --- */

/* The whole text as it was given or generated; of a first column, what there is of it. */
static enum err_code text_of(char **out, const struct attribute_job *j,
                             const struct method_input *in, struct err *e) {
    const bool two = j->config->encoder_decoder;
    *out = mem_text(j->text);
    if (*out)
        return ERR_OK;
    return tokenizer_decode(j->tokenizer, TEXT_TARGET, in->target_ids + two, j->target.n - two, two,
                            out, e);
}

/* Into j->info. */
static enum err_code fill_info(struct attribute_job *j, const struct method_input *in,
                               struct err *e) {
    struct run_facts facts = {.request = j->request,
                              .arguments = &j->arguments,
                              .model = j->model,
                              .alignment = in->contrast_ids ? j->alignment : NULL,
                              .foil_ids = j->foil_ids,
                              .known = j->known,
                              .start = in->start,
                              .end = in->end,
                              .input_text = j->input_text,
                              .aligner = j->aligner.name};
    char *text;
    enum err_code code = text_of(&text, j, in, e);
    result_info_dispose(&j->info); /* of the first column */
    if (code)
        return code;
    facts.generated_text = text;
    attribute_info_fill(&j->info, &facts);
    free(text);
    return ERR_OK;
}

/* Before the method begins. */
static enum err_code announce(struct attribute_job *j, const struct method_input *in,
                              struct err *e) {
    if (j->use)
        return ERR_OK;
    enum err_code code = j->early ? ERR_OK : tell_cost(j, in, e);
    if (code)
        return code;
    if (!j->early)
        tell_of_model(j);
    if (!j->early)
        tell_of_runs(j, in);
    return fill_info(j, in, e);
}

/* --- the run --- */

static void forward_shape(void *user, const struct attribution_sequence *s) {
    const struct attribute_job *j = user;
    /* A span is one column when all is done. */
    if (j->events && j->events->begin && !job_has_span(j))
        j->events->begin(j->events->user, s, &j->info);
}

static void forward_column(void *user, const struct attribution_sequence *s, int64_t g) {
    const struct attribute_job *j = user;
    if (j->events && j->events->column && !job_has_span(j))
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

/* What a method is given refers to these. NULL: there are none. */
struct ids {
    int32_t *source, *target, *contrast, *contrast_source, *foils;
};

static int32_t *ids_if(bool wanted, const struct token_list *tokens) {
    return wanted ? token_list_ids(tokens) : NULL;
}

static struct ids ids_of(const struct attribute_job *j) {
    return (struct ids){.source = ids_if(j->config->encoder_decoder, &j->source),
                        .target = token_list_ids(&j->target),
                        .contrast = ids_if(j->contrast.n, &j->contrast),
                        .contrast_source = ids_if(j->contrast_source.n, &j->contrast_source),
                        .foils =
                            j->known && j->known->foils ? token_list_ids(j->known->foils) : NULL};
}

static void ids_dispose(struct ids *ids) {
    free(ids->source);
    free(ids->target);
    free(ids->contrast);
    free(ids->contrast_source);
    free(ids->foils);
}

/* What looks into the model's insides has it for itself. */
static struct model *model_of(const struct attribute_job *j) {
    const enum method_family family = j->arguments.method->decl.family;
    const bool plain = family == FAMILY_GRADIENT || family == FAMILY_PERTURBATION;
    return j->computes && plain ? j->computes : j->model;
}

static struct method_input input_of(struct attribute_job *j, const struct ids *ids, int64_t start,
                                    int64_t end) {
    const struct run_arguments *a = &j->arguments;
    const bool two = j->config->encoder_decoder;
    return (struct method_input){
        .model = model_of(j),
        .config = j->config,
        .tokenizer = j->tokenizer,
        .source_ids = ids->source,
        .n_source = two ? (int64_t)j->source.n : 0,
        .target_ids = ids->target,
        .n_target = (int64_t)j->target.n,
        .start = start,
        .end = end,
        .attribute_target = two && j->request->attribute_target,
        .target = a->target,
        .scores = a->scores,
        .n_scores = a->n_scores,
        .contrast_ids = ids->contrast,
        .n_contrast = (int64_t)j->contrast.n,
        .alignment = j->alignment,
        .foil_ids = ids->foils,
        .n_foils = job_columns(j, start, end) > end - start ? job_columns(j, start, end) : 0,
        .columns = j->known ? j->known->columns : NULL,
        .options = &a->method_options,
        .contrast_source_ids = ids->contrast_source,
        .n_contrast_source = (int64_t)j->contrast_source.n,
        .contrast_force_inputs = a->contrast_force_inputs,
        .log_probabilities = j->log_probabilities,
        .include_eos_baseline = j->request->include_eos_baseline,
        .publish_early = j->events && j->events->watched && !j->early,
        .memory_budget = memory_budget(j, end),
        .span = job_has_span(j),
        .column = forward_column,
        .shaped = forward_shape,
        .user = j,
    };
}

/* Something is explained, or told of every step, that a contrast may be held against: attention
 * weights are the same for any. */
static bool holds_against(const struct run_arguments *a) {
    bool any = a->method->decl.needs_attributed_fn;
    for (size_t i = 0; i < a->n_scores; i++)
        any |= a->scores[i].function->decl.contrastive;
    return any;
}

/* The token at `start` stands there once for each foil: `more` times more. */
static void append_target(struct token_list *to, const struct attribute_job *j, int64_t start,
                          int64_t more) {
    const struct token *t = &j->target.items[start];
    job_add_prefix(to, &j->target, more ? start : 0);
    for (int64_t i = 0; i < more; i++)
        token_list_add(to, t->id, t->special, t->piece, t->bytes, t->n_bytes);
    if (!more)
        token_list_append(to, &j->target);
    for (int64_t i = start; more && i < (int64_t)j->target.n; i++) {
        const struct token *rest = &j->target.items[i];
        token_list_add(to, rest->id, rest->special, rest->piece, rest->bytes, rest->n_bytes);
    }
}

/* Tokens and positions, no scores yet. */
static struct attribution_sequence tokens_of(const struct attribute_job *j, int64_t start,
                                             int64_t end) {
    struct attribution_sequence s = {.attr_pos_start = start,
                                     .attr_pos_end = start + job_columns(j, start, end),
                                     .one_step = job_columns(j, start, end) > end - start};
    append_target(&s.target, j, start, s.attr_pos_end - end);
    if (j->config->encoder_decoder)
        token_list_append(&s.source, &j->source);
    else
        job_add_prefix(&s.source, &j->target, start);
    if (j->contrast.n && holds_against(&j->arguments)) {
        const struct token_list *foils = j->known ? j->known->foils : NULL;
        positions_name_contrast(&s, foils ? foils : &j->contrast, foils ? NULL : j->alignment);
    }
    return s;
}

static enum err_code run_on(struct attribute_job *j, struct attribution_sequence *out,
                            struct method_input *in, struct err *e) {
    const struct method *method = j->arguments.method;
    struct step_sight *sight = NULL;
    enum err_code code = step_sight_open(&sight, in, method, e);
    if (code)
        goto out;
    if (j->use)
        code = j->use(j->use_user, out, in, j->ctl, e);
    else
        code = in->n_foils ? foils_run(out, method, in, j->ctl, e)
                           : apart_run(out, method, in, j->ctl, e);
out:
    step_sight_close(sight);
    return code;
}

enum err_code job_check_memory(struct attribute_job *j, int64_t limit, struct err *e) {
    const bool two = j->config->encoder_decoder;
    const int64_t n_source = (int64_t)j->source.n, n_start = two ? 1 : n_source,
                  likely = two ? n_start + n_source : n_start + 1,
                  n = likely < limit ? likely : limit;
    int64_t start, end;
    struct err later; /* positions that this text has not are an error when it is there */
    if (j->use || job_positions(j, n, n_start, &start, &end, &later))
        return ERR_OK;
    const struct method_input in = input_of(j, &(struct ids){0}, start, end);
    return fits(j, &in) ? ERR_OK : tell_cost(j, &in, e);
}

static bool may_be_lost(const struct run_arguments *a) {
    return a->method->decl.needs_attributed_fn && a->target.function->may_be_none;
}

enum err_code job_attribute(struct attribute_job *j, int64_t start, int64_t end,
                            struct attribution_sequence *out, struct err *e) {
    struct ids ids = ids_of(j);
    struct method_input in = input_of(j, &ids, start, end);
    enum err_code code = ERR_OK;
    bool *lost = mem_alloc((size_t)job_columns(j, start, end) * sizeof *lost);
    in.lost = may_be_lost(&j->arguments) ? lost : NULL;
    *out = tokens_of(j, start, end);
    /* The first column is for looking at, not worth the memory that the whole run may lack. */
    if (j->early && !fits(j, &in))
        goto out;
    if (in.n_foils && !holds_against(&j->arguments))
        code = err_set(e, ERR_USAGE,
                       "nothing is compared with several foils here: choose a method that explains "
                       "a function, contrast_logits_diff for one");
    if (!code)
        code = announce(j, &in, e);
    if (code)
        goto out;
    code = run_on(j, out, &in, e);
    if (code)
        goto out;
    if (!j->use && !j->early)
        code = job_check_numbers(j, out, lost, e);
    if (code)
        goto out;
    if (job_has_span(j) && !j->use)
        code = span_fold(out, &j->arguments, e);
out:
    out->class_name = mem_text(class_name(out->class));
    ids_dispose(&ids);
    free(lost);
    return code;
}
