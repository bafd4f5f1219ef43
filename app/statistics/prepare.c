#include "app/statistics/prepare.h"

#include "aggregators/aggregate.h"
#include "aggregators/reduce.h"
#include "app/statistics/filters.h"
#include "app/statistics/roles.h"

static enum err_code lacks(const struct attribution *a, const char *what, struct err *e) {
    return err_set(e, ERR_USAGE,
                   "by %s: these are scores %s. Raw ones of a method that looks into %ss (see "
                   "'tinseq list methods') have them: save those with -o FILE.json, or as rows "
                   "with --aggregate_output false",
                   what, a->info.pipeline.n ? "that were aggregated" : "of tokens alone", what);
}

/* Layers and heads must still be there, and no width behind them. */
static enum err_code keep_layers(struct stats_text *t, const struct stats_spec *spec,
                                 struct err *e) {
    const bool heads = stats_uses_scope(spec, STATS_HEAD);
    struct attribution_sequence *s = &t->s;
    const struct reduction norm = {.order = 2};
    enum err_code code = ERR_OK;
    if (s->class == ATTRIBUTION_GRANULAR && reduce_dimensions(s) == 2)
        code = reduce_last(s, &norm, e);
    if (code)
        return code;
    const bool layered = s->class == ATTRIBUTION_MULTI_DIMENSIONAL && reduce_dimensions(s) > 0;
    if (!layered)
        return lacks(t->result, heads ? "head" : "layer", e);
    if (heads && reduce_dimensions(s) < 2)
        return lacks(t->result, "head", e);
    return ERR_OK;
}

/* A score a token, where dimensions are left: as they are shown. */
static enum err_code reduce_all(struct stats_text *t, struct err *e) {
    struct attribution_sequence flat;
    if (reduce_dimensions(&t->s) == 0)
        return ERR_OK;
    enum err_code code = aggregate_default(&flat, &t->s, e);
    if (code)
        return code;
    attribution_sequence_dispose(&t->s);
    t->s = flat;
    return ERR_OK;
}

/* A sequence's own score has its own layers. */
static enum err_code aggregate(struct stats_text *t, const struct stats_spec *spec, struct err *e) {
    const struct aggregate_context context = {.made = &t->made, .notices = spec->notices};
    const bool layers = stats_uses_scope(spec, STATS_LAYER) || stats_uses_scope(spec, STATS_HEAD);
    enum err_code code =
        aggregate_sequence(&t->s, t->result->sequences, spec->pipeline, &context, e);
    if (code || (layers && spec->score))
        return code;
    return layers ? keep_layers(t, spec, e) : reduce_all(t, e);
}

enum err_code stats_text_make(struct stats_text *out, const struct attribution *result,
                              const struct stats_spec *spec, const char *joined, const char *file,
                              size_t number, struct err *e) {
    *out = (struct stats_text){.result = result, .file = file, .number = number};
    stats_fields_read(&out->fields, &result->info, joined);
    bool passes;
    enum err_code code = stats_filter_text(&passes, out, spec, e);
    out->left_out = !passes;
    if (code || !passes)
        return code;
    code = aggregate(out, spec, e);
    if (!code && stats_uses_key(spec, STATS_KEY_ROLE))
        code = stats_roles_read(out, spec, e);
    return code;
}

void stats_text_dispose(struct stats_text *t) {
    attribution_sequence_dispose(&t->s);
    grouping_dispose(&t->made);
    row_roles_dispose(&t->roles);
    stats_fields_dispose(&t->fields);
    *t = (struct stats_text){0};
}
