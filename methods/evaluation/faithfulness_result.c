/* From saved results to what is evaluated: the request that would make them again, with the file's
 * own tokens, positions and alignment. */
#include "methods/evaluation/faithfulness.h"

#include "backend/base/mem.h"
#include "methods/method.h"
#include "methods/registry.h"
#include "methods/request/attribute.h"

#include <cjson/cJSON.h>
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
    const cJSON *info;                   /* of the result that the pass is about */
    struct attribution_sequence *scores; /* [n] per token */
};

/* --- the request of a result ------------------------------------------------------------- */

static const char *text_in(const cJSON *object, const char *key) {
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsString(v) ? v->valuestring : NULL;
}

/* The i-th of a list of texts; a text alone serves all. */
static const char *text_of_list(const cJSON *object, const char *key, size_t i) {
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(object, key),
                *v = cJSON_IsArray(list) ? cJSON_GetArrayItem(list, (int)i) : list;
    return cJSON_IsString(v) ? v->valuestring : NULL;
}

/* Strings of a request that must live as long as it does. */
struct kept {
    char *function, *kwargs;
};

/* "probability_fn" is Inseq's name of probability's Python function. */
static char *function_name(const cJSON *info) {
    const char *name = text_in(info, "attributed_fn");
    if (!name)
        return NULL;
    size_t n = strlen(name);
    bool suffixed = n > 3 && strcmp(name + n - 3, "_fn") == 0;
    return mem_text_n(name, suffixed ? n - 3 : n);
}

/* Options of the function, and of the method where it is to run; contrast texts have places of
 * their own. */
static char *kwargs_text(const cJSON *info, bool with_method) {
    cJSON *kwargs = cJSON_CreateObject();
    static const char *const parts[2] = {"attributed_fn_args", "attribution_args"};
    for (int i = 0; i < 1 + with_method; i++) {
        const cJSON *part = cJSON_GetObjectItemCaseSensitive(info, parts[i]);
        if (!cJSON_IsObject(part))
            continue;
        cJSON *copy = cJSON_Duplicate(part, true);
        cJSON_DeleteItemFromObjectCaseSensitive(copy, "contrast_targets");
        cJSON_DeleteItemFromObjectCaseSensitive(copy, "contrast_targets_alignments");
        cJSON_AddItemToObject(kwargs, parts[i], copy);
    }
    char *text = cJSON_PrintUnformatted(kwargs);
    cJSON_Delete(kwargs);
    return text;
}

static enum err_code request_of(struct attribute_request *out, struct kept *kept,
                                const struct evaluation *v, struct err *e) {
    const struct attribution_sequence *s = &v->results[v->i_method]->sequences[v->i_sequence];
    const cJSON *info = v->info, *own = cJSON_GetObjectItemCaseSensitive(info, "tinseq"),
                *foil = cJSON_GetObjectItemCaseSensitive(own, "foil_id");
    *kept = (struct kept){function_name(info), kwargs_text(info, v->noise)};
    *out = (struct attribute_request){
        .input_text = text_of_list(info, "input_texts", v->i_sequence),
        .generated_text = text_of_list(info, "generated_texts", v->i_sequence),
        .method = v->noise ? text_in(info, "attribution_method") : "dummy",
        .attributed_fn = kept->function,
        .attribution_kwargs = kept->kwargs,
        .foil_step = -1,
        .contrast_targets =
            text_of_list(cJSON_GetObjectItemCaseSensitive(info, "attributed_fn_args"),
                         "contrast_targets", v->i_sequence),
        .attribute_target =
            cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(info, "attribute_target")),
        .include_eos_baseline =
            cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(info, "include_eos_baseline")),
        .attr_pos_start = s->attr_pos_start,
        .attr_pos_end = s->attr_pos_end,
        .memory_budget = v->spec->memory_budget};
    if (cJSON_IsNumber(foil)) { /* a foil picked at one step: the only one there is */
        out->foil_step = 0;
        out->foil_id = (int32_t)foil->valuedouble;
        out->contrast_targets = NULL;
    }
    if (cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(own, "span_start")))
        return err_set(e, ERR_USAGE,
                       "this result's column is a span of several tokens, and faithfulness is "
                       "measured step by step: evaluate a run of single steps");
    if (!out->input_text || !out->generated_text || !kept->function || !out->method)
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
        bool read = (int64_t)i < n;
        out[i] = file->items[i].id >= 0 ? file->items[i].id : read ? ids[i] : -1;
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
    const cJSON *lists = cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(v->info, "attributed_fn_args"),
        "contrast_targets_alignments");
    const cJSON *pairs = cJSON_GetArrayItem(lists, (int)v->i_sequence), *pair;
    for (int64_t g = 0; g < in->end - in->start; g++)
        out[g] = in->alignment[g];
    cJSON_ArrayForEach(pair, pairs) {
        const cJSON *i = cJSON_GetArrayItem(pair, 0), *j = cJSON_GetArrayItem(pair, 1);
        if (!cJSON_IsNumber(i) || !cJSON_IsNumber(j))
            return err_set(e, ERR_FORMAT,
                           "the result's contrast_targets_alignments are not pairs of numbers");
        if (i->valuedouble < (double)in->start || i->valuedouble >= (double)in->end)
            continue;
        if (!(j->valuedouble >= 1 && j->valuedouble < (double)in->n_contrast))
            return err_set(
                e, ERR_FORMAT,
                "the result's contrast_targets_alignments name token %g of a contrast text of %lld",
                j->valuedouble, (long long)in->n_contrast);
        out[(int64_t)i->valuedouble - in->start] = (int64_t)j->valuedouble;
    }
    return ERR_OK;
}

/* The input as the model was given it, corrected by what the file knows better. */
static enum err_code use_input(struct evaluation *v, const struct attribution_sequence *tokens,
                               const struct method_input *in, const struct run_ctl *ctl,
                               struct err *e) {
    const struct attribution_sequence *s = &v->results[v->i_method]->sequences[v->i_sequence];
    const struct method *method = method_find(text_in(v->info, "attribution_method"));
    return v->noise ? faithfulness_noise(v->f, v->i_method, method, in,
                                         tokens->target.n == s->target.n ? tokens : s, v->reducer,
                                         ctl, e)
                    : faithfulness_curves(v->f, in, v->scores, v->events, ctl, e);
}

static enum err_code use(void *user, const struct attribution_sequence *tokens,
                         const struct method_input *in, const struct run_ctl *ctl, struct err *e) {
    struct evaluation *v = user;
    const struct attribution_sequence *s = &v->results[v->i_method]->sequences[v->i_sequence];
    struct method_input own = *in;
    bool two = in->config->encoder_decoder;
    int32_t *target = mem_alloc((s->target.n + 1) * sizeof *target),
            *source = mem_alloc((s->source.n + 1) * sizeof *source);
    int64_t *alignment =
        mem_alloc((size_t)(s->attr_pos_end - s->attr_pos_start) * sizeof *alignment);
    enum err_code code = take_ids(target, &s->target, in->target_ids, in->n_target, "target", e);
    if (code == ERR_OK && two)
        code = take_ids(source, &s->source, in->source_ids, in->n_source, "source", e);
    own.target_ids = target;
    own.n_target = (int64_t)s->target.n;
    own.source_ids = two ? source : NULL;
    own.start = s->attr_pos_start;
    own.end = s->attr_pos_end;
    if (code == ERR_OK && in->contrast_ids && (in->start != own.start || in->end != own.end))
        code = err_set(
            e, ERR_FORMAT,
            "the result's positions are not those of its texts, to which the contrast is aligned");
    if (code == ERR_OK && in->contrast_ids) {
        code = take_alignment(alignment, v, in, e);
        own.alignment = alignment;
    }
    if (code == ERR_OK)
        code = use_input(v, tokens, &own, ctl, e);
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

static enum err_code pass(struct evaluation *v, struct model *m, size_t i, bool noise,
                          const struct run_ctl *ctl, struct err *e) {
    struct attribute_request request;
    struct kept kept;
    cJSON *info = cJSON_Parse(v->results[i]->info);
    v->info = info;
    v->i_method = i;
    v->noise = noise;
    enum err_code code = request_of(&request, &kept, v, e);
    if (code == ERR_OK)
        code = attribute_prepare(m, &request, NULL, use, v, ctl, e);
    free(kept.function);
    cJSON_free(kept.kwargs);
    cJSON_Delete(info);
    return code;
}

static enum err_code open_evaluation(struct evaluation *v, struct err *e) {
    const char **names = mem_alloc(v->n * sizeof *names);
    char **owned = mem_alloc(v->n * sizeof *owned);
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < v->n && code == ERR_OK; i++) {
        if (v->i_sequence >= v->results[i]->n_sequences) {
            code =
                err_set(e, ERR_USAGE, "result %zu has no sequence %zu", i + 1, v->i_sequence + 1);
            break;
        }
        const struct attribution_sequence *s = &v->results[i]->sequences[v->i_sequence];
        cJSON *info = cJSON_Parse(v->results[i]->info);
        const char *name = text_in(info, "attribution_method");
        names[i] = owned[i] = mem_text(name ? name : "unknown");
        cJSON_Delete(info);
        code = check_same(&v->results[0]->sequences[v->i_sequence], s, e);
        if (code == ERR_OK)
            code = v->reducer->reduce(v->reducer->user, &v->scores[i], s, e);
        if (code == ERR_OK)
            code = check_scores(s, &v->scores[i], names[i], e);
    }
    if (code == ERR_OK)
        v->f = faithfulness_new(v->spec, names, v->n,
                                attribution_steps(&v->results[0]->sequences[v->i_sequence]));
    for (size_t i = 0; i < v->n; i++)
        free(owned[i]);
    free(owned);
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
    if (code == ERR_OK) {
        faithfulness_agree(v.f, v.scores);
        code = pass(&v, m, 0, false, ctl, e);
    }
    for (size_t k = 0; k < n && code == ERR_OK && spec->n_noise > 0; k++)
        code = pass(&v, m, k, true, ctl, e);
    if (v.f)
        faithfulness_average(v.f);
    for (size_t k = 0; k < n; k++)
        attribution_sequence_dispose(&v.scores[k]);
    free(v.scores);
    *out = v.f;
    return code;
}
