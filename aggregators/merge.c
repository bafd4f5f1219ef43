#include "aggregators/merge.h"

#include "aggregators/functions.h"
#include "aggregators/merge_axis.h"
#include "aggregators/token_join.h"
#include "backend/base/json.h"
#include "backend/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const merge_punctuation[] = {"joined", "apart", NULL};

/* --- what a grouping means for rows and columns --- */

/* Spans cut to [from, to), counted from there. */
static struct partition cut(const struct partition *p, int64_t from, int64_t to) {
    struct partition out = {0};
    for (size_t i = 0; i < p->n; i++) {
        const int64_t a = p->items[i].from > from ? p->items[i].from : from,
                      b = p->items[i].to < to ? p->items[i].to : to;
        if (a < b)
            partition_add(&out, a - from, b - from);
    }
    return out;
}

/* Rows that column g sees. */
static int64_t *limits(const struct attribution_sequence *s, bool target) {
    const int64_t n = attribution_steps(s);
    const struct scores *scores = target ? &s->target_attributions : &s->source_attributions;
    int64_t *limit = mem_alloc((size_t)(n > 0 ? n : 0) * sizeof *limit);
    for (int64_t g = 0; g < n && scores->data; g++)
        while (limit[g] < scores->dims[0] && attribution_sees(s, target, limit[g], g))
            limit[g]++;
    return limit;
}

/* A merged column sees what any of its tokens saw. */
static int64_t *merged_limits(const int64_t *limit, const struct partition *columns) {
    int64_t *out = mem_alloc(columns->n * sizeof *out);
    for (size_t i = 0; i < columns->n; i++)
        for (int64_t g = columns->items[i].from; g < columns->items[i].to; g++)
            if (limit[g] > out[i])
                out[i] = limit[g];
    return out;
}

static enum err_code merge_side(struct attribution_sequence *s, bool target,
                                const struct partition *rows, const struct partition *columns,
                                const struct merge_how *how, struct err *e) {
    struct scores *scores = target ? &s->target_attributions : &s->source_attributions;
    int64_t *limit = limits(s, target), *merged = merged_limits(limit, columns);
    enum err_code code = merge_axis(scores, 1, columns, &(struct merge_unseen){limit}, how, e);
    if (!code)
        code = merge_axis(scores, 0, rows, &(struct merge_unseen){merged}, how, e);
    free(limit);
    free(merged);
    return code;
}

/* --- scores of steps and of the sequence --- */

/* The rule of a step score: given, declared, or the largest magnitude, as in Inseq. */
static enum err_code rule_of(const struct aggregate_function **out, const char *name,
                             const struct json_value *rules, struct err *e) {
    const struct step_function_decl *f = step_function_decl_find(name);
    const struct json_value *given = json_get(rules, name);
    char *id = mem_text(f && f->span ? f->span : "absmax");
    if (given && given->type == JSON_STRING)
        mem_replace(&id, mem_text_n(given->text, given->n_text));
    *out = aggregate_function_find(id);
    enum err_code code = ERR_OK;
    if (!*out)
        code = err_set(e, ERR_USAGE, "the span rule of %.60s is %.60s, which is no function", name,
                       id);
    free(id);
    return code;
}

static enum err_code merge_step_scores(struct attribution_sequence *s,
                                       const struct partition *columns,
                                       const struct json_value *rules, struct err *e) {
    enum err_code code = ERR_OK;
    /* A number that could not be computed is not left out. */
    const struct merge_unseen none = {&(const int64_t){INT64_MAX}};
    for (size_t i = 0; i < s->n_step_scores && !code; i++) {
        struct merge_how how = {.order = AGGREGATE_ORDER};
        struct scores *scores = &s->step_scores[i].scores;
        code = rule_of(&how.function, s->step_scores[i].name, rules, e);
        if (!code && scores->n_dims == 1 && scores->dims[0] == attribution_steps(s))
            code = merge_axis(scores, 0, columns, &none, &how, e);
    }
    return code;
}

static bool starts_with(const char *text, const char *start) {
    return strncmp(text, start, strlen(start)) == 0;
}

/* The tokens along an axis of a sequence's scores: how they merge, and how many there are. */
struct along {
    const struct partition *by;
    int64_t most;
};

struct parts {
    struct partition source, rows, columns; /* rows that the target's scores have */
    struct json_document *rules;
};

/* Between tokens of one side, or from the source to the columns, as their name begins. */
static void find_axes(struct along axes[2], const char *name, const struct attribution_sequence *s,
                      const struct grouping *g, const struct parts *p) {
    const struct along source = {&p->source, (int64_t)s->source.n},
                       target = {&g->target, (int64_t)s->target.n},
                       columns = {&p->columns, attribution_steps(s)};
    const bool decoder = starts_with(name, "decoder"), encoder = starts_with(name, "encoder");
    axes[0] = decoder ? target : source;
    axes[1] = columns;
    if (decoder)
        axes[1] = target;
    else if (encoder)
        axes[1] = source;
}

static bool fits(const struct scores *s, const struct along axes[2]) {
    return !s->data || (s->n_dims >= 2 && s->dims[0] <= axes[0].most && s->dims[1] <= axes[1].most);
}

static enum err_code merge_axes(struct scores *s, const struct along axes[2],
                                const struct merge_how *how, struct err *e) {
    enum err_code code = ERR_OK;
    for (int at = 1; at >= 0 && !code && s->data; at--) {
        struct partition p = cut(axes[at].by, 0, s->dims[at]);
        code = merge_axis(s, at, &p, &(struct merge_unseen){0}, how, e);
        partition_dispose(&p);
    }
    return code;
}

/* What is of no tokens that are known here cannot go along. */
static enum err_code merge_sequence_scores(struct attribution_sequence *s, const struct grouping *g,
                                           const struct parts *p, const struct merge_how *how,
                                           const struct aggregate_context *c, struct err *e) {
    enum err_code code = ERR_OK;
    size_t kept = 0;
    for (size_t i = 0; i < s->n_sequence_scores; i++) {
        struct named_scores *n = &s->sequence_scores[i];
        struct along axes[2];
        find_axes(axes, n->name, s, g, p);
        if (!fits(&n->scores, axes)) {
            aggregate_notice(c, "The scores %.80s are left out: they are not of these tokens.",
                             n->name);
            free(n->name);
            scores_dispose(&n->scores);
            continue;
        }
        if (!code)
            code = merge_axes(&n->scores, axes, how, e);
        s->sequence_scores[kept++] = *n;
    }
    s->n_sequence_scores = kept;
    return code;
}

/* --- the sequence's own members --- */

/* Only a column of one token keeps what else the model might have said. */
static void merge_candidates(struct attribution_sequence *s, const struct partition *columns) {
    struct step_candidates *to = NULL;
    if (!s->candidates)
        return;
    to = mem_alloc(columns->n * sizeof *to);
    for (size_t i = 0; i < columns->n; i++)
        if (columns->items[i].to - columns->items[i].from == 1)
            to[i] = step_candidates_copy(&s->candidates[columns->items[i].from]);
    attribution_drop_candidates(s);
    s->candidates = to;
}

static void merge_done(struct attribution_sequence *s, const struct partition *columns) {
    bool *done = mem_alloc(columns->n * sizeof *done);
    int64_t n_done = 0;
    for (size_t i = 0; i < columns->n; i++) {
        done[i] = true;
        for (int64_t g = columns->items[i].from; g < columns->items[i].to; g++)
            done[i] = done[i] && attribution_done(s, g);
        n_done += done[i];
    }
    s->n_done = n_done;
    free(s->done);
    s->done = done;
    if (n_done == (int64_t)columns->n) {
        free(s->done);
        s->done = NULL;
    }
}

static int64_t rows_before(const struct partition *p, int64_t at) {
    int64_t n = 0;
    while (n < (int64_t)p->n && p->items[n].to <= at)
        n++;
    return n;
}

/* What is not finished is empty: half of its tokens' sum would be a wrong number. */
static void void_unfinished(struct attribution_sequence *s) {
    struct scores *sides[] = {&s->source_attributions, &s->target_attributions};
    const int64_t columns = attribution_steps(s);
    for (int side = 0; side < 2 && s->done; side++) {
        const int64_t cell = scores_cell(sides[side]), n = scores_count(sides[side]);
        for (int64_t i = 0; i < n; i++)
            if (!s->done[i / cell % columns])
                sides[side]->data[i] = NAN;
    }
}

bool merge_source_is_prompt(const struct attribution_sequence *s) {
    bool same = !s->source_attributions.data && (int64_t)s->source.n == s->attr_pos_start &&
                s->source.n <= s->target.n;
    for (size_t i = 0; i < s->source.n && same; i++)
        same = strcmp(s->source.items[i].piece, s->target.items[i].piece) == 0;
    return same;
}

/* The prompt again, as far as it has no part of the text. */
static void take_prompt(struct attribution_sequence *s) {
    const struct token_list prompt = {s->target.items, (size_t)s->attr_pos_start};
    token_list_dispose(&s->source);
    token_list_append(&s->source, &prompt);
}

static enum err_code merge_scores(struct attribution_sequence *s, const struct grouping *g,
                                  const struct parts *p, const struct merge_how *how,
                                  const struct aggregate_context *c, struct err *e) {
    enum err_code code = merge_side(s, false, &p->source, &p->columns, how, e);
    if (code)
        return code;
    code = merge_side(s, true, &p->rows, &p->columns, how, e);
    if (code)
        return code;
    code = merge_step_scores(s, &p->columns, p->rules ? json_root(p->rules) : NULL, e);
    return code ? code : merge_sequence_scores(s, g, p, how, c, e);
}

static void merge_members(struct attribution_sequence *s, const struct grouping *g,
                          const struct parts *p) {
    const bool prompt = merge_source_is_prompt(s);
    merge_candidates(s, &p->columns);
    merge_done(s, &p->columns);
    token_list_merge(&s->target, &g->target);
    if (!prompt)
        token_list_merge(&s->source, &p->source);
    s->attr_pos_start = rows_before(&g->target, s->attr_pos_start);
    s->attr_pos_end = s->attr_pos_start + (int64_t)p->columns.n;
    if (prompt)
        take_prompt(s);
    void_unfinished(s);
}

static void compose(struct partition *made, const struct partition *p) {
    struct partition all = partition_after(made, p);
    partition_dispose(made);
    *made = all;
}

static bool has_option(const struct option_set *options, const char *name) {
    for (size_t i = 0; i < options->n; i++)
        if (strcmp(options->decls[i].name, name) == 0)
            return true;
    return false; /* slices: nothing is joined */
}

static enum err_code read_rules(struct json_document **out, const struct option_set *options,
                                struct err *e) {
    const char *rules =
        has_option(options, "span_rules") ? option_text(options, "span_rules") : NULL;
    *out = NULL;
    if (!rules)
        return ERR_OK;
    enum err_code code = json_parse(out, rules, strlen(rules), e);
    if (code)
        return code;
    bool good = json_root(*out)->type == JSON_OBJECT;
    for (const struct json_value *v = json_root(*out)->first; v && good; v = v->next)
        good = v->type == JSON_STRING;
    return good ? ERR_OK : err_set(e, ERR_USAGE, "span_rules is an object: {\"NAME\": \"sum\"}");
}

enum err_code merge_check(const struct option_set *options, struct err *e) {
    struct json_document *rules;
    double order;
    const struct aggregate_function *unused;
    enum err_code code = aggregate_order(&order, options, e);
    if (code)
        return code;
    code = read_rules(&rules, options, e);
    if (code)
        goto out;
    for (const struct json_value *v = rules ? json_root(rules)->first : NULL; v && !code;
         v = v->next) {
        char *name = mem_text_n(v->key, v->n_key);
        code = rule_of(&unused, name, json_root(rules), e);
        free(name);
    }
out:
    json_free(rules);
    return code;
}

enum err_code merge_tokens(struct attribution_sequence *s, const struct grouping *g,
                           const struct aggregate_call *c, struct err *e) {
    const struct scores *t = &s->target_attributions;
    struct merge_how how = {.function = c->function, .order = AGGREGATE_ORDER};
    struct parts p = {
        .source = cut(&g->source, 0, (int64_t)s->source.n),
        .rows = cut(&g->target, 0, t->data ? t->dims[0] : (int64_t)s->target.n),
        .columns = cut(&g->target, s->attr_pos_start, s->attr_pos_end),
    };
    if (!how.function)
        how.function = aggregate_function_find("absmax");
    enum err_code code = ERR_OK;
    if (has_option(c->options, "vnorm_ord"))
        code = aggregate_order(&how.order, c->options, e);
    if (code)
        goto out;
    code = read_rules(&p.rules, c->options, e);
    if (code)
        goto out;
    code = merge_scores(s, g, &p, &how, c->context, e);
    if (code)
        goto out;
    merge_members(s, g, &p);
    if (c->context->made) {
        compose(&c->context->made->source, &g->source);
        compose(&c->context->made->target, &g->target);
    }
out:
    json_free(p.rules);
    partition_dispose(&p.source);
    partition_dispose(&p.rows);
    partition_dispose(&p.columns);
    return code;
}

enum err_code merge_begins(struct attribution_sequence *s, const bool *source, const bool *target,
                           const struct aggregate_call *c, struct err *e) {
    struct grouping g = {
        .source = source ? partition_of_begins(source, s->source.n) : partition_whole(s->source.n),
        .target = target ? partition_of_begins(target, s->target.n) : partition_whole(s->target.n),
    };
    enum err_code code = merge_tokens(s, &g, c, e);
    grouping_dispose(&g);
    return code;
}
