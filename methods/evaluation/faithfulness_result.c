/* From saved results to what is evaluated: the request that would make them again, with the file's
 * own tokens, positions and alignment. */
#include "methods/evaluation/faithfulness.h"

#include "backend/base/mem.h"
#include "methods/method.h"
#include "methods/registry.h"
#include "methods/request/attribute.h"

#include <stdlib.h>
#include <string.h>

struct evaluation {
    struct faithfulness *f;
    const struct attribution *const *results;
    size_t n, i_sequence, i_method;
    const struct faithfulness_spec *spec;
    const struct faithfulness_reducer *reducer;
    const struct faithfulness_events *events;
    bool noise;                          /* this pass runs the method; else the curves */
    struct attribution_sequence *scores; /* [n] per token */
};

/* --- the request of a result ------------------------------------------------------------- */

static const struct attribution *result_of(const struct evaluation *v) {
    return v->results[v->i_method];
}

/* Options of the function, and of the method where it is to run, owned by the caller; a contrast
 * has a place of its own. */
static char *kwargs_text(const struct result_info *info, bool with_method) {
    struct text_buffer b = {0};
    text_buffer_puts(&b, "{\"attributed_fn_args\":");
    info_values_write(&b, &info->function_args.options);
    if (with_method) {
        text_buffer_puts(&b, ",\"attribution_args\":");
        info_values_write(&b, &info->method_args.options);
    }
    text_buffer_puts(&b, "}");
    return text_buffer_take(&b);
}

static enum err_code request_of(struct attribute_request *out, const char *kwargs,
                                const struct evaluation *v, struct err *e) {
    const size_t i = v->i_sequence;
    const struct attribution_sequence *s = &result_of(v)->sequences[i];
    const struct result_info *info = &result_of(v)->info;
    const struct info_contrast *contrast = &info->function_args.contrast;
    *out = (struct attribute_request){.input_text = info_text_of(&info->input_texts, i),
                                      .generated_text = info_text_of(&info->generated_texts, i),
                                      .method = v->noise ? info->method : "dummy",
                                      .attributed_fn = info->function.id,
                                      .attribution_kwargs = kwargs,
                                      .contrast_targets = info_text_of(&contrast->targets, i),
                                      .contrast_sources = info_text_of(&contrast->sources, i),
                                      .contrast_force_inputs = contrast->force_inputs.value,
                                      .attribute_target = info->attribute_target.value,
                                      .include_eos_baseline = info->include_eos_baseline.value,
                                      .attr_pos_start = optional_of(s->attr_pos_start),
                                      .attr_pos_end = optional_of(s->attr_pos_end),
                                      .memory_budget = v->spec->memory_budget};
    if (info->foil_id.given) { /* a foil picked at one step: the only one there is */
        out->foil = (struct foil){.step = optional_of(0), .id = (int32_t)info->foil_id.value};
        out->contrast_targets = NULL;
    }
    if (span_given(&info->span))
        return err_set(e, ERR_USAGE,
                       "this result's column is a span of several tokens, and faithfulness is "
                       "measured step by step: evaluate a run of single steps");
    if (!out->input_text || !out->generated_text || !out->attributed_fn || !out->method)
        return err_set(e, ERR_FORMAT,
                       "the result does not say what it was made of (info: input_texts, "
                       "generated_texts, attribution_method, attributed_fn)");
    return ERR_OK;
}

/* --- the file's own tokens --------------------------------------------------------------- */

/* The ids of the sequence's tokens: those whose name is a contrast have none, and are read from the
 * text, which must agree with all others. */
static enum err_code take_ids(int32_t *out, const struct token_list *file, const int32_t *ids,
                              int64_t n, const char *side, struct err *e) {
    for (size_t i = 0; i < file->n; i++) {
        const bool read = (int64_t)i < n;
        const int32_t own = read ? ids[i] : -1;
        out[i] = file->items[i].id >= 0 ? file->items[i].id : own;
        /* What a text does not bring back is a special token at its end, such as the one that ended
         * the generation. */
        if (out[i] < 0 || (read && ids[i] != out[i]))
            return err_set(e, ERR_FORMAT,
                           "the model does not read the result's texts as its tokens (%s token "
                           "%zu, \"%.40s\"): is it the model that made it?",
                           side, i, file->items[i].printable);
    }
    if ((int64_t)file->n < n)
        return err_set(e, ERR_FORMAT,
                       "the model reads the result's texts as %lld %s tokens, the result has %zu: "
                       "is it the model that made it?",
                       (long long)n, side, file->n);
    return ERR_OK;
}

/* Pairs of the file, where it has them. */
static enum err_code take_alignment(int64_t *out, const struct evaluation *v,
                                    const struct method_input *in, struct err *e) {
    const struct info_contrast *contrast = &result_of(v)->info.function_args.contrast;
    const struct alignment none = {0}, *pairs = v->i_sequence < contrast->n_alignments
                                                    ? &contrast->alignments[v->i_sequence]
                                                    : &none;
    for (int64_t g = 0; g < in->end - in->start; g++)
        out[g] = in->alignment[g];
    for (size_t i = 0; i < pairs->n_links; i++) {
        const struct align_link *link = &pairs->links[i];
        if (link->target < in->start || link->target >= in->end)
            continue;
        if (link->contrast < 1 || link->contrast >= in->n_contrast)
            return err_set(e, ERR_FORMAT,
                           "the result's contrast_targets_alignments name token %lld of a contrast "
                           "text of %lld",
                           (long long)link->contrast, (long long)in->n_contrast);
        out[link->target - in->start] = link->contrast;
    }
    return ERR_OK;
}

/* The input as the model was given it, corrected by what the file knows better. */
static enum err_code use_input(struct evaluation *v, const struct attribution_sequence *tokens,
                               const struct method_input *in, const struct run_ctl *ctl,
                               struct err *e) {
    const struct attribution_sequence *s = &result_of(v)->sequences[v->i_sequence];
    const struct method *method = method_find(result_of(v)->info.method);
    if (!v->noise)
        return faithfulness_curves(v->f, in, v->scores, v->events, ctl, e);
    return faithfulness_noise(v->f, v->i_method, method, in,
                              tokens->target.n == s->target.n ? tokens : s, v->reducer, ctl, e);
}

static enum err_code use(void *user, const struct attribution_sequence *tokens,
                         const struct method_input *in, const struct run_ctl *ctl, struct err *e) {
    struct evaluation *v = user;
    const struct attribution_sequence *s = &result_of(v)->sequences[v->i_sequence];
    struct method_input own = *in;
    bool two = in->config->encoder_decoder;
    int32_t *target = mem_alloc((s->target.n + 1) * sizeof *target),
            *source = mem_alloc((s->source.n + 1) * sizeof *source);
    int64_t *alignment =
        mem_alloc((size_t)(s->attr_pos_end - s->attr_pos_start) * sizeof *alignment);
    enum err_code code = take_ids(target, &s->target, in->target_ids, in->n_target, "target", e);
    if (code)
        goto out;
    if (two)
        code = take_ids(source, &s->source, in->source_ids, in->n_source, "source", e);
    own.target_ids = target;
    own.n_target = (int64_t)s->target.n;
    own.source_ids = two ? source : NULL;
    own.start = s->attr_pos_start;
    own.end = s->attr_pos_end;
    if (code)
        goto out;
    if (in->contrast_ids && (in->start != own.start || in->end != own.end))
        code = err_set(
            e, ERR_FORMAT,
            "the result's positions are not those of its texts, to which the contrast is aligned");
    if (code)
        goto out;
    if (in->contrast_ids) {
        code = take_alignment(alignment, v, in, e);
        own.alignment = alignment;
    }
    if (code)
        goto out;
    code = use_input(v, tokens, &own, ctl, e);
out:
    free(target);
    free(source);
    free(alignment);
    return code;
}

/* --- all of it --------------------------------------------------------------------------- */

/* What all results must share. */
static enum err_code check_same(const struct attribution_sequence *a,
                                const struct attribution_sequence *b, struct err *e) {
    bool same = a->attr_pos_start == b->attr_pos_start && a->attr_pos_end == b->attr_pos_end &&
                a->target.n == b->target.n && a->source.n == b->source.n;
    for (size_t i = 0; same && i < a->target.n; i++)
        same = a->target.items[i].id == b->target.items[i].id || a->target.items[i].id < 0 ||
               b->target.items[i].id < 0;
    for (size_t i = 0; same && i < a->source.n; i++)
        same = a->source.items[i].id == b->source.items[i].id || a->source.items[i].id < 0 ||
               b->source.items[i].id < 0;
    return same ? ERR_OK
                : err_set(e, ERR_USAGE,
                          "the results are of other texts or positions: only methods on the same "
                          "text can be compared");
}

static enum err_code check_scores(const struct attribution_sequence *raw,
                                  const struct attribution_sequence *s, const char *method,
                                  struct err *e) {
    int64_t steps = attribution_steps(raw);
    const struct scores *sides[2] = {&s->source_attributions, &s->target_attributions};
    bool any = false, fits = steps > 0 && raw->attr_pos_start >= 1 &&
                             raw->attr_pos_end <= (int64_t)raw->target.n;
    for (int side = 0; side < 2; side++) {
        any |= sides[side]->data != NULL;
        fits &= !sides[side]->data || (sides[side]->n_dims == 2 && sides[side]->dims[1] == steps);
    }
    if (!any)
        return err_set(e, ERR_USAGE, "%s has no scores to evaluate", method);
    return fits ? ERR_OK
                : err_set(e, ERR_FORMAT, "%s has scores that do not belong to its positions",
                          method);
}

/* Columns that a result was cut short of cannot be evaluated. ERR_USAGE: there is no other. */
static enum err_code choose_columns(struct evaluation *v, struct err *e) {
    bool any = false;
    for (int64_t g = 0; g < v->f->n_columns; g++) {
        for (size_t i = 0; i < v->n; i++)
            v->f->wanted[g] &= attribution_done(&v->results[i]->sequences[v->i_sequence], g);
        any |= v->f->wanted[g];
    }
    if (any)
        return ERR_OK;
    return err_set(e, ERR_USAGE, "no column is finished in %s: there is nothing to evaluate",
                   v->n == 1 ? "the result" : "all results");
}

static enum err_code pass(struct evaluation *v, struct model *m, size_t i, bool noise,
                          const struct run_ctl *ctl, struct err *e) {
    struct attribute_request request;
    v->i_method = i;
    v->noise = noise;
    char *kwargs = kwargs_text(&result_of(v)->info, noise);
    enum err_code code = request_of(&request, kwargs, v, e);
    if (code)
        goto out;
    code = attribute_prepare(m, &request, NULL, use, v, ctl, e);
out:
    free(kwargs);
    return code;
}

static enum err_code open_evaluation(struct evaluation *v, struct err *e) {
    const char **names = mem_alloc(v->n * sizeof *names);
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < v->n; i++) {
        if (v->i_sequence >= v->results[i]->n_sequences) {
            code =
                err_set(e, ERR_USAGE, "result %zu has no sequence %zu", i + 1, v->i_sequence + 1);
            goto out;
        }
        const struct attribution_sequence *s = &v->results[i]->sequences[v->i_sequence];
        names[i] = v->results[i]->info.method ? v->results[i]->info.method : "unknown";
        code = check_same(&v->results[0]->sequences[v->i_sequence], s, e);
        if (code)
            goto out;
        code = v->reducer->reduce(v->reducer->user, &v->scores[i], s, e);
        if (code)
            goto out;
        code = check_scores(s, &v->scores[i], names[i], e);
        if (code)
            goto out;
    }
    v->f = faithfulness_new(v->spec, names, v->n,
                            attribution_steps(&v->results[0]->sequences[v->i_sequence]));
out:
    free(names);
    return code;
}

enum err_code faithfulness_run(struct faithfulness **out, struct model *m,
                               const struct attribution *const *results, size_t n, size_t i,
                               const struct faithfulness_spec *spec,
                               const struct faithfulness_reducer *reducer,
                               const struct faithfulness_events *events, const struct run_ctl *ctl,
                               struct err *e) {
    struct evaluation v = {.results = results,
                           .n = n,
                           .i_sequence = i,
                           .spec = spec,
                           .reducer = reducer,
                           .events = events};
    *out = NULL;
    if (n == 0)
        return err_set(e, ERR_USAGE, "there is no result to evaluate");
    v.scores = mem_alloc(n * sizeof *v.scores);
    enum err_code code = open_evaluation(&v, e);
    if (code)
        goto out;
    code = choose_columns(&v, e);
    if (code)
        goto out;
    faithfulness_agree(v.f, v.scores);
    code = pass(&v, m, 0, false, ctl, e);
    if (code)
        goto out;
    for (size_t k = 0; k < n && spec->n_noise > 0; k++) {
        code = pass(&v, m, k, true, ctl, e);
        if (code)
            goto out;
    }
out:
    if (v.f)
        faithfulness_average(v.f);
    for (size_t k = 0; k < n; k++)
        attribution_sequence_dispose(&v.scores[k]);
    free(v.scores);
    *out = v.f;
    return code;
}
