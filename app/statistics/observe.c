#include "app/statistics/observe.h"

#include "app/statistics/filters.h"
#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A view with what its parts are called: numbers of labels, and whether a part is kept. */
struct named {
    const struct stats_view *v;
    const struct stats_spec *spec;
    uint32_t *labels[GROUPS_MOST_KEYS]; /* of each key, by the index in its scope */
    bool *kept[STATS_SCOPES];
};

static void named_dispose(struct named *n) {
    for (size_t i = 0; i < GROUPS_MOST_KEYS; i++)
        free(n->labels[i]);
    for (size_t i = 0; i < STATS_SCOPES; i++)
        free(n->kept[i]);
}

static enum err_code name_key(struct named *n, struct groups *g, size_t key, struct err *e) {
    const struct stats_by *by = &n->spec->by[key];
    const int64_t count = n->v->n[stats_by_scope(by)];
    n->labels[key] = mem_alloc((size_t)count * sizeof **n->labels);
    for (int64_t i = 0; i < count; i++) {
        char *label = stats_label(n->v, by, i);
        if (!label)
            return stats_no_field(n->v, by, e);
        n->labels[key][i] = groups_label(g, key, label);
        free(label);
    }
    return ERR_OK;
}

static enum err_code name_all(struct named *n, struct groups *g, struct err *e) {
    enum err_code code = ERR_OK;
    for (size_t scope = 0; scope < STATS_SCOPES; scope++) {
        n->kept[scope] = mem_alloc((size_t)n->v->n[scope] + 1);
        memset(n->kept[scope], true, (size_t)n->v->n[scope]);
    }
    for (size_t i = 0; i < n->spec->n_filters && !code; i++)
        code = stats_filter_apply(n->kept, n->v, &n->spec->filters[i], e);
    for (size_t i = 0; i < n->spec->n_by && !code; i++)
        code = name_key(n, g, i, e);
    return code;
}

/* --- values --- */

/* What a step cannot see is no value; what it sees and is no number could not be computed. */
static bool is_seen(const struct stats_view *v, int64_t row, int64_t column) {
    if (v->of_step)
        return attribution_done(&v->text->s, column);
    return !v->of_tokens || attribution_sees(&v->text->s, v->target, row, column);
}

static bool is_kept(const struct named *n, const int64_t at[STATS_SCOPES]) {
    bool kept = true;
    for (size_t scope = 0; scope < STATS_SCOPES; scope++)
        kept = kept && n->kept[scope][at[scope]];
    return kept;
}

static void add_value(struct groups *g, const struct named *n, const int64_t at[STATS_SCOPES],
                      float value) {
    uint32_t labels[GROUPS_MOST_KEYS] = {0};
    for (size_t i = 0; i < n->spec->n_by; i++)
        labels[i] = n->labels[i][at[stats_by_scope(&n->spec->by[i])]];
    groups_add(g, labels, (double)value);
}

static bool add_cell(struct groups *g, const struct named *n, int64_t row, int64_t column) {
    const struct stats_view *v = n->v;
    const bool seen = is_seen(v, row, column);
    const int64_t layers = v->n[STATS_LAYER], heads = v->n[STATS_HEAD];
    const float *cell = v->scores->data + (row * v->n[STATS_COLUMN] + column) * layers * heads;
    bool any = false;
    for (int64_t i = 0; i < layers * heads; i++) {
        const int64_t at[STATS_SCOPES] = {[STATS_ROW] = row,
                                          [STATS_COLUMN] = column,
                                          [STATS_LAYER] = i / heads,
                                          [STATS_HEAD] = i % heads};
        if (!is_kept(n, at) || (isnan(cell[i]) && !seen))
            continue;
        add_value(g, n, at, cell[i]);
        any = true;
    }
    return any;
}

static enum err_code observe_view(struct groups *g, bool *found, const struct stats_view *v,
                                  const struct stats_spec *spec, struct err *e) {
    struct named n = {.v = v, .spec = spec};
    enum err_code code = name_all(&n, g, e);
    if (code)
        goto out;
    for (int64_t row = 0; row < v->n[STATS_ROW]; row++)
        for (int64_t column = 0; column < v->n[STATS_COLUMN]; column++)
            *found |= add_cell(g, &n, row, column);
out:
    named_dispose(&n);
    return code;
}

/* --- which scores --- */

static void set_dims(struct stats_view *v, int first) {
    const struct scores *s = v->scores;
    v->n[STATS_TEXT] = 1;
    v->n[STATS_ROW] = first ? 1 : s->dims[0];
    v->n[STATS_COLUMN] = s->dims[1 - first];
    v->n[STATS_LAYER] = s->n_dims > 2 - first ? s->dims[2 - first] : 1;
    v->n[STATS_HEAD] = s->n_dims > 3 - first ? s->dims[3 - first] : 1;
}

static struct stats_view side_view(const struct stats_text *t, bool target) {
    const struct attribution_sequence *s = &t->s;
    struct stats_view v = {.text = t,
                           .scores = target ? &s->target_attributions : &s->source_attributions,
                           .target = target,
                           .of_tokens = true,
                           .rows = target ? &s->target : &s->source,
                           .columns = &s->target,
                           .first = s->attr_pos_start};
    if (v.scores->data)
        set_dims(&v, 0);
    return v;
}

static enum err_code observe_tokens(struct groups *g, bool *found, const struct stats_text *t,
                                    const struct stats_spec *spec, struct err *e) {
    const bool has_source = t->s.source_attributions.data;
    const bool sides[] = {spec->source || (!spec->target && has_source),
                          spec->target || (!spec->source && !has_source)};
    enum err_code code = ERR_OK;
    for (int target = 0; target < 2 && !code; target++) {
        const struct stats_view v = side_view(t, target);
        if (sides[target] && v.scores->data)
            code = observe_view(g, found, &v, spec, e);
    }
    return code;
}

static enum err_code no_score(const struct stats_text *t, const char *name, struct err *e) {
    const struct attribution_sequence *s = &t->s;
    struct text_buffer b = {0};
    for (size_t i = 0; i < s->n_step_scores; i++)
        text_buffer_format(&b, "%s%s", b.n ? ", " : "", s->step_scores[i].name);
    for (size_t i = 0; i < s->n_sequence_scores; i++)
        text_buffer_format(&b, "%s%s", b.n ? ", " : "", s->sequence_scores[i].name);
    const enum err_code code =
        b.n ? err_set(e, ERR_USAGE, "there is no score %.60s here; there are %.300s", name, b.text)
            : err_set(e, ERR_USAGE,
                      "there is no score %.60s here: step scores are kept with --step_scores %.60s",
                      name, name);
    text_buffer_dispose(&b);
    return code;
}

/* A key or a filter that the score has nothing of. */
static enum err_code check_scopes(const struct stats_spec *spec, const struct scores *s, bool step,
                                  struct err *e) {
    const struct {
        enum stats_scope scope;
        bool has;
        const char *what;
    } needs[] = {{STATS_ROW, !step, "tokens that it is of"},
                 {STATS_LAYER, !step && s->n_dims > 2, "layers"},
                 {STATS_HEAD, !step && s->n_dims > 3, "heads"}};
    if (!step && (s->n_dims < 2 || s->n_dims > 4))
        return err_set(e, ERR_SHAPE, "%.60s has %d dimensions", spec->score, s->n_dims);
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
        if (!needs[i].has && stats_uses_scope(spec, needs[i].scope))
            return err_set(e, ERR_USAGE, "the score %.60s has no %s to group or filter by",
                           spec->score, needs[i].what);
    return ERR_OK;
}

static const struct named_scores *find_sequence_scores(const struct attribution_sequence *s,
                                                       const char *name) {
    for (size_t i = 0; i < s->n_sequence_scores; i++)
        if (strcmp(s->sequence_scores[i].name, name) == 0)
            return &s->sequence_scores[i];
    return NULL;
}

/* Tokens of a side that a dimension is as long as. */
static const struct token_list *tokens_of(const struct attribution_sequence *s, int64_t n) {
    return n == (int64_t)s->source.n ? &s->source : &s->target;
}

static enum err_code observe_named(struct groups *g, bool *found, const struct stats_text *t,
                                   const struct stats_spec *spec, struct err *e) {
    static const struct token_list none = {0};
    const struct scores *step = attribution_find_step_scores(&t->s, spec->score);
    const struct named_scores *of_sequence = find_sequence_scores(&t->s, spec->score);
    struct stats_view v = {.text = t,
                           .scores = step,
                           .of_step = step != NULL,
                           .rows = &none,
                           .columns = &t->s.target,
                           .first = t->s.attr_pos_start};
    if (!step && !of_sequence)
        return no_score(t, spec->score, e);
    enum err_code code = check_scopes(spec, step ? step : &of_sequence->scores, step != NULL, e);
    if (code)
        return code;
    if (!step) {
        v.scores = &of_sequence->scores;
        v.rows = tokens_of(&t->s, v.scores->dims[0]);
        v.columns = tokens_of(&t->s, v.scores->dims[1]);
        v.target = v.rows == &t->s.target;
        v.first = 0;
    }
    set_dims(&v, step != NULL);
    return observe_view(g, found, &v, spec, e);
}

enum err_code stats_observe(struct groups *g, bool *found, const struct stats_text *t,
                            const struct stats_spec *spec, struct err *e) {
    *found = false;
    if (t->left_out)
        return ERR_OK;
    if (spec->score)
        return observe_named(g, found, t, spec, e);
    return observe_tokens(g, found, t, spec, e);
}
