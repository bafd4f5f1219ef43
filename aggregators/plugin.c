#include "aggregators/plugin.h"

#include "aggregators/aggregator.h"
#include "aggregators/functions.h"
#include "aggregators/registry.h"
#include "aggregators/tinseq-aggregator.h"
#include "aggregators/unit_list.h"
#include "backend/base/mem.h"
#include "methods/declare/plugin.h"

#include <math.h>
#include <stdlib.h>

static const struct plugin_kind kind = {.what = "aggregator",
                                        .symbol = "tinseq_aggregator",
                                        .header = "tinseq-aggregator.h",
                                        .abi = TINSEQ_AGGREGATOR_ABI,
                                        .size = sizeof(struct tinseq_aggregator)};

/* Owned by the caller; what it points to is the tokens'. */
static struct tinseq_aggregator_token *tokens_of(const struct token *items, size_t n) {
    struct tinseq_aggregator_token *out = mem_alloc(n * sizeof *out);
    for (size_t i = 0; i < n; i++)
        out[i] = (struct tinseq_aggregator_token){items[i].bytes, items[i].n_bytes, items[i].piece,
                                                  items[i].id, word_stands_alone(&items[i])};
    return out;
}

/* --- a unit --- */

static enum err_code begins(bool *begins, struct unit_found *found, const struct token_list *list,
                            const struct unit_call *c, struct err *e) {
    const struct tinseq_aggregator *own = c->unit->own;
    struct tinseq_aggregator_token *tokens = tokens_of(list->items, list->n);
    unsigned char *at = mem_alloc(list->n);
    (void)e;
    found->any = own->begins(tokens, list->n, at) > 0;
    for (size_t i = 0; i < list->n; i++)
        begins[i] = i == 0 || at[i] || tokens[i].special || tokens[i - 1].special;
    free(tokens);
    free(at);
    return ERR_OK;
}

/* --- an aggregator --- */

/* What had no number has none again. */
static void keep_empty(struct scores *s, const struct scores *before) {
    for (int64_t i = 0, n = scores_count(s); i < n; i++)
        if (isnan(before->data[i]) || !isfinite(s->data[i]))
            s->data[i] = NAN;
}

static enum err_code change_side(struct attribution_sequence *s, bool source,
                                 const struct aggregate_call *c, struct err *e) {
    const struct tinseq_aggregator *own = c->aggregator->own;
    struct scores *scores = source ? &s->source_attributions : &s->target_attributions, before;
    const struct token_list *rows = source ? &s->source : &s->target;
    double arguments[PLUGIN_MOST_OPTIONS];
    if (!scores->data)
        return ERR_OK;
    if (scores->dims[0] > (int64_t)rows->n)
        return err_set(e, ERR_SHAPE, "there are more rows of scores than tokens");
    if (!scores_reserve(&before, scores->n_dims, scores->dims))
        return err_set(e, ERR_NOMEM, "no memory for a copy of the scores");
    const int64_t n = scores_count(scores);
    for (int64_t i = 0; i < n; i++)
        before.data[i] = scores->data[i];
    for (size_t i = 0; i < c->options->n; i++)
        arguments[i] = c->options->values[i].number;
    struct tinseq_aggregator_token *row_tokens = tokens_of(rows->items, rows->n),
                                   *columns = tokens_of(s->target.items + s->attr_pos_start,
                                                        (size_t)attribution_steps(s));
    const char *wrong = own->change(&(struct tinseq_aggregator_scores){
        .values = scores->data,
        .n_rows = scores->dims[0],
        .n_columns = scores->dims[1],
        .n_cell = scores_cell(scores),
        .rows = row_tokens,
        .columns = columns,
        .source = source,
        .arguments = arguments,
    });
    keep_empty(scores, &before);
    scores_dispose(&before);
    free(row_tokens);
    free(columns);
    return wrong ? err_set(e, ERR_USAGE, "%s: %.300s", own->name, wrong) : ERR_OK;
}

static enum err_code apply(struct attribution_sequence *s, const struct aggregate_call *c,
                           struct err *e) {
    enum err_code code = change_side(s, true, c, e);
    return code ? code : change_side(s, false, c, e);
}

/* --- what is registered --- */

static enum err_code check(const struct tinseq_aggregator *own, const struct plugin *p,
                           struct err *e) {
    enum err_code code = plugin_check_name(p, &kind, own->name, e);
    if (code)
        return code;
    if ((own->reduce != NULL) + (own->begins != NULL) + (own->change != NULL) != 1)
        return err_set(e, ERR_USAGE, "%s: %s has one of reduce, begins and change, no less or more",
                       p->shown, own->name);
    if (own->n_options && !own->change)
        return err_set(e, ERR_USAGE, "%s: %s has options, which only change has", p->shown,
                       own->name);
    if (own->n_options > PLUGIN_MOST_OPTIONS || (own->n_options && !own->options))
        return err_set(e, ERR_USAGE,
                       "%s: the aggregator %s has more than %d options, or none where it counts "
                       "some",
                       p->shown, own->name, PLUGIN_MOST_OPTIONS);
    return ERR_OK;
}

static const char *title_of(const struct tinseq_aggregator *own) {
    return plugin_text(own->title, own->name);
}

static enum err_code add_function(const struct tinseq_aggregator *own, struct err *e) {
    struct aggregate_function *f = mem_alloc(sizeof *f);
    *f = (struct aggregate_function){.id = own->name,
                                     .title = title_of(own),
                                     .formula = plugin_text(own->summary, "a user's own"),
                                     .signed_result = own->signed_result != 0,
                                     .reduce = own->reduce};
    return aggregate_function_register(f, e);
}

static enum err_code add_unit(const struct tinseq_aggregator *own, struct err *e) {
    struct unit *u = mem_alloc(sizeof *u);
    *u = (struct unit){.id = own->name,
                       .title = title_of(own),
                       .summary = plugin_text(own->summary, "A unit of the user's."),
                       .begins = begins,
                       .own = own};
    return unit_register(u, e);
}

static enum err_code add_aggregator(const struct tinseq_aggregator *own, const struct plugin *p,
                                    struct err *e) {
    struct plugin_option options[PLUGIN_MOST_OPTIONS];
    const struct option_decl *decls;
    for (size_t i = 0; i < own->n_options; i++) {
        const struct tinseq_aggregator_option *o = &own->options[i];
        options[i] =
            (struct plugin_option){o->name, o->default_value, o->minimum, o->maximum, o->help};
    }
    enum err_code code = plugin_options(&decls, p, own->name, options, own->n_options, e);
    if (code)
        return code;
    struct aggregator *g = mem_alloc(sizeof *g);
    *g = (struct aggregator){.id = own->name,
                             .title = title_of(own),
                             .summary = plugin_text(own->summary, "An aggregator of the user's."),
                             .options = decls,
                             .n_options = own->n_options,
                             .apply = apply,
                             .own = own};
    return aggregator_register(g, e);
}

static bool loaded_before(const struct tinseq_aggregator *own) {
    const struct aggregator *g = aggregator_find(own->name);
    const struct unit *u = unit_find(own->name);
    const struct aggregate_function *f = aggregate_function_find(own->name);
    return (g && g->own == own) || (u && u->own == own) || (f && f->reduce == own->reduce);
}

static enum err_code add(const struct plugin *p, struct err *e) {
    const struct tinseq_aggregator *own = p->exported;
    enum err_code code = check(own, p, e);
    if (code || loaded_before(own))
        return code;
    if (aggregator_find(own->name) || unit_find(own->name) || aggregate_function_find(own->name))
        return err_set(e, ERR_USAGE,
                       "%s: there is an aggregator, a function or a unit called %s already; choose "
                       "another name",
                       p->shown, own->name);
    if (own->reduce)
        return add_function(own, e);
    return own->begins ? add_unit(own, e) : add_aggregator(own, p, e);
}

enum err_code aggregator_plugin_load(const char *path, struct err *e) {
    return plugin_load(path, &kind, add, e);
}
