#include "app/files/steps_load.h"

#include "app/files/array_load.h"
#include "app/files/result_parts.h"
#include "app/files/result_tokens.h"

#include <stdlib.h>
#include <string.h>

/* A list of tokens for each text, or null. */
static enum err_code read_tokens(struct step_tokens *out, const struct json_value *step,
                                 const char *side, enum piece_kind *kind, struct err *e) {
    const struct json_value *lists = json_get(step, side);
    if (!lists || lists->type == JSON_NULL)
        return ERR_OK;
    if (lists->type != JSON_ARRAY)
        return err_set(e, ERR_FORMAT, "the %s is no list of tokens", side);
    out->items = mem_alloc((lists->n_members + 1) * sizeof *out->items);
    for (const struct json_value *v = lists->first; v; v = v->next) {
        enum err_code code = result_check_tokens(v, kind, side, e);
        if (code)
            return code;
        result_add_tokens(&out->items[out->n++], v, *kind);
    }
    return ERR_OK;
}

static enum err_code read_all_tokens(struct attribution_step *s, const struct json_value *in,
                                     enum piece_kind *kind, struct err *e) {
    enum err_code code = read_tokens(&s->source, in, "source", kind, e);
    if (code)
        return code;
    code = read_tokens(&s->prefix, in, "prefix", kind, e);
    if (code)
        return code;
    return read_tokens(&s->target, in, "target", kind, e);
}

static enum err_code read_arrays(struct attribution_step *s, const struct json_value *in,
                                 struct err *e) {
    const struct array_places places = {
        .source_attributions = &s->source_attributions,
        .target_attributions = &s->target_attributions,
        .step_scores = &s->step_scores,
        .n_step_scores = &s->n_step_scores,
        .sequence_scores = &s->sequence_scores,
        .n_sequence_scores = &s->n_sequence_scores,
    };
    return array_load_all(&places, in, e);
}

static enum err_code read_step(struct attribution_step *s, const struct json_value *v,
                               enum piece_kind *kind, struct err *e) {
    const struct json_value *in = result_attributes(v), *name = result_class_name(v);
    if (in->type != JSON_OBJECT)
        return err_set(e, ERR_FORMAT, "it is no object");
    s->class_name = result_current_class(name);
    enum err_code code = read_all_tokens(s, in, kind, e);
    return code ? code : read_arrays(s, in, e);
}

enum err_code steps_load(struct attribution *a, const struct json_value *list,
                         enum piece_kind *kind, struct err *e) {
    size_t i = 0;
    if (!list || list->type != JSON_ARRAY)
        return ERR_OK;
    steps_init(&a->steps, list->n_members);
    for (const struct json_value *v = list->first; v; v = v->next) {
        struct err inner;
        enum err_code code = read_step(&a->steps.items[i++], v, kind, &inner);
        if (code)
            return err_set(e, code, "step %zu: %s", i, inner.message);
    }
    return ERR_OK;
}
