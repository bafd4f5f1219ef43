#include "aggregators/pipeline.h"

#include "aggregators/functions.h"
#include "aggregators/registry.h"
#include "backend/base/json.h"
#include "backend/base/text.h"

#include <stdlib.h>
#include <string.h>

/* --- options of a stage --- */

static bool declares(const struct aggregator *g, const char *key, size_t n_key) {
    for (size_t i = 0; i < g->n_options; i++)
        if (strlen(g->options[i].name) == n_key && memcmp(g->options[i].name, key, n_key) == 0)
            return true;
    return false;
}

bool pipeline_takes(const struct aggregate_stage *s, const char *key) {
    return declares(s->aggregator, key, strlen(key));
}

/* Members of `object` but the one called `key`. */
static void put_others(struct text_buffer *b, const char *object, const char *key) {
    struct json_document *d;
    struct err ignored;
    if (!object || json_parse(&d, object, strlen(object), &ignored) != ERR_OK)
        return;
    for (const struct json_value *v = json_root(d)->first; v; v = v->next)
        if (!json_named(v, key))
            json_put_member(b, v);
    json_free(d);
}

void pipeline_set(struct aggregate_stage *s, const char *key, const char *json) {
    struct text_buffer b = {0};
    put_others(&b, s->options, key);
    json_put_value(&b, key, json);
    mem_replace(&s->options, json_take_object(&b));
}

/* Every name that a stage's options have. */
static enum err_code unknown_option(const struct aggregator *g, const struct json_value *v,
                                    struct err *e) {
    const char *names[16];
    size_t n = 0;
    for (; n < g->n_options && n < sizeof names / sizeof *names; n++)
        names[n] = g->options[n].name;
    char *key = mem_text_n(v->key, v->n_key);
    const char *near = text_nearest(key, names, n);
    enum err_code code = err_set(e, ERR_USAGE, "%s has no option \"%.60s\"%s%s%s", g->id, key,
                                 near ? "; did you mean " : "; see tinseq explain ",
                                 near ? near : g->id, near ? "?" : "");
    free(key);
    return code;
}

static enum err_code read_members(struct option_set *out, const struct aggregator *g,
                                  const struct json_value *object, struct err *e) {
    enum err_code code = ERR_OK;
    if (object->type != JSON_OBJECT)
        return err_set(e, ERR_USAGE, "%s: options are a JSON object", g->id);
    for (const struct json_value *v = object->first; v && !code; v = v->next) {
        bool known;
        code = option_set_json(out, g->id, v, &known, e);
        if (!code && !known)
            code = unknown_option(g, v, e);
    }
    return code;
}

enum err_code pipeline_read_options(struct option_set *out, const struct aggregate_stage *s,
                                    struct err *e) {
    struct json_document *d = NULL;
    enum err_code code = ERR_OK;
    option_set_init(out, s->aggregator->options, s->aggregator->n_options);
    if (s->options)
        code = json_parse(&d, s->options, strlen(s->options), e);
    if (code)
        return err_set(e, ERR_USAGE, "%s: its options are no JSON: %.100s", s->aggregator->id,
                       s->options);
    if (d)
        code = read_members(out, s->aggregator, json_root(d), e);
    json_free(d);
    if (!code && s->aggregator->check)
        code = s->aggregator->check(out, e);
    return code;
}

/* --- the parser and the printer --- */

#define MOST_NAMES 64

static enum err_code unknown_name(const char *name, struct err *e) {
    const char *names[MOST_NAMES];
    size_t n = 0, n_all;
    const struct aggregator *const *all = aggregators(&n_all);
    for (size_t i = 0; i < n_all && n < MOST_NAMES; i++)
        names[n++] = all[i]->id;
    const struct aggregate_function *const *functions = aggregate_functions(&n_all);
    for (size_t i = 0; i < n_all && n < MOST_NAMES; i++)
        names[n++] = functions[i]->id;
    return aggregate_unknown("aggregator", name, names, n, "see 'tinseq list aggregators'", e);
}

enum err_code pipeline_set_function(struct aggregate_stage *s, const char *id, struct err *e) {
    const char *names[MOST_NAMES];
    size_t n;
    const struct aggregate_function *const *all = aggregate_functions(&n);
    if (!s->aggregator->function)
        return err_set(e, ERR_USAGE, "%s takes no function", s->aggregator->id);
    s->function = aggregate_function_find(id);
    if (s->function)
        return ERR_OK;
    for (size_t i = 0; i < n && i < MOST_NAMES; i++)
        names[i] = all[i]->id;
    char *what = mem_format("function of %s", s->aggregator->id);
    enum err_code code = aggregate_unknown(what, id, names, n, "see 'tinseq list functions'", e);
    free(what);
    return code;
}

static enum err_code set_names(struct aggregate_stage *s, char *name, struct err *e) {
    char *function = strchr(name, ':');
    if (function)
        *function++ = '\0';
    s->aggregator = aggregator_find(name);
    if (!s->aggregator && aggregate_function_find(name)) {
        if (function)
            return err_set(e, ERR_USAGE,
                           "%s is a function, which stands for scores:%s: it takes no other", name,
                           name);
        function = name;
        s->aggregator = aggregator_find("scores");
    }
    if (!s->aggregator)
        return unknown_name(name, e);
    return function ? pipeline_set_function(s, function, e) : ERR_OK;
}

static struct aggregate_stage *add_stage(struct pipeline *p, struct aggregate_stage s) {
    p->stages = mem_resize(p->stages, (p->n + 1) * sizeof *p->stages);
    p->stages[p->n] = s;
    return &p->stages[p->n++];
}

struct aggregate_stage *pipeline_append(struct pipeline *p, const char *id,
                                        const struct aggregate_function *function) {
    return add_stage(p, (struct aggregate_stage){aggregator_find(id), function, NULL});
}

void pipeline_insert_default(struct pipeline *p) {
    struct aggregate_stage *last = pipeline_append(p, "default", NULL);
    if (p->n < 2 || strcmp(last[-1].aggregator->id, "pair") != 0)
        return;
    const struct aggregate_stage usual = *last;
    last[0] = last[-1];
    last[-1] = usual;
}

void pipeline_drop_default(struct pipeline *p) {
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(p->stages[i].aggregator->id, "default") == 0)
            free(p->stages[i].options);
        else
            p->stages[n++] = p->stages[i];
    p->n = n;
}

enum err_code pipeline_add(struct pipeline *p, const char *text, struct err *e) {
    struct aggregate_stage s = {0};
    struct option_set options = {0};
    const size_t n_name = strcspn(text, "{");
    char *name = mem_text_n(text, n_name);
    for (size_t n = n_name; n > 0 && name[n - 1] == ' '; n--)
        name[n - 1] = '\0';
    enum err_code code = set_names(&s, name, e);
    if (code)
        goto out;
    if (text[n_name])
        s.options = mem_text(text + n_name);
    /* What needs the options of --aggregation_kwargs is checked by pipeline_check. */
    if (s.options)
        code = pipeline_read_options(&options, &s, e);
    option_set_dispose(&options);
    if (code)
        goto out;
    add_stage(p, s);
    s.options = NULL;
out:
    free(s.options);
    free(name);
    return code;
}

char *pipeline_stage_text(const struct aggregate_stage *s) {
    const bool alone = s->function && strcmp(s->aggregator->id, "scores") == 0;
    return mem_format("%s%s%s%s", alone ? "" : s->aggregator->id, s->function && !alone ? ":" : "",
                      s->function ? s->function->id : "", s->options ? s->options : "");
}

/* --- --aggregation_kwargs --- */

static char *value_text(const struct json_value *v) {
    struct text_buffer b = {0};
    json_write_flat(&b, v);
    return text_buffer_take(&b);
}

static enum err_code set_selections(struct pipeline *p, const struct json_value *list,
                                    struct err *e) {
    size_t i = 0;
    if (list->n_members != p->n)
        return err_set(e, ERR_USAGE,
                       "select_idx has %zu entries for %zu aggregators: one each, null for all; "
                       "several of one dimension are a list in the list",
                       list->n_members, p->n);
    for (const struct json_value *v = list->first; v; v = v->next, i++) {
        struct aggregate_stage *s = &p->stages[i];
        if (v->type == JSON_NULL)
            continue;
        if (!pipeline_takes(s, "select_idx"))
            return err_set(e, ERR_USAGE,
                           "select_idx: %s selects nothing, its entry in the list is null",
                           s->aggregator->id);
        char *text = value_text(v);
        pipeline_set(s, "select_idx", text);
        free(text);
    }
    return ERR_OK;
}

/* Nobody among the stages takes it: whose it is, or what is nearest. */
static enum err_code foreign_option(const struct pipeline *p, const struct json_value *v,
                                    struct err *e) {
    const char *names[MOST_NAMES], *owner = NULL;
    char *key = mem_text_n(v->key, v->n_key);
    size_t n = 0, n_all;
    const struct aggregator *const *all = aggregators(&n_all);
    for (size_t i = 0; i < n_all; i++)
        for (size_t k = 0; k < all[i]->n_options; k++) {
            if (strcmp(all[i]->options[k].name, key) == 0 && !owner)
                owner = all[i]->id;
            if (n < MOST_NAMES)
                names[n++] = all[i]->options[k].name;
        }
    const char *near = text_nearest(key, names, n);
    enum err_code code;
    if (strcmp(key, "vnorm_ord") == 0)
        code = err_set(e, ERR_USAGE,
                       "vnorm_ord is of the function vnorm, which is not among the aggregators'");
    else if (owner)
        code = err_set(e, ERR_USAGE, "the option %s is of %s, which is not among the aggregators%s",
                       key, owner, p->n ? "" : ": there are none");
    else
        code = err_set(e, ERR_USAGE, "no aggregator has an option \"%.60s\"%s%s%s", key,
                       near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    free(key);
    return code;
}

/* Merging tokens has vnorm only where that is said; a reduction's own function may be it. */
static bool may_be_vnorm(const struct aggregate_stage *s) {
    return s->function ? strcmp(s->function->id, "vnorm") == 0 : !s->aggregator->changes_tokens;
}

static enum err_code set_member(struct pipeline *p, const struct json_value *v, struct err *e) {
    bool taken = false;
    if (json_named(v, "select_idx") && v->type == JSON_ARRAY)
        return set_selections(p, v, e);
    char *key = mem_text_n(v->key, v->n_key), *text = value_text(v);
    const bool order = strcmp(key, "vnorm_ord") == 0;
    for (size_t i = 0; i < p->n; i++)
        if (pipeline_takes(&p->stages[i], key) && (!order || may_be_vnorm(&p->stages[i]))) {
            pipeline_set(&p->stages[i], key, text);
            taken = true;
        }
    free(key);
    free(text);
    return taken ? ERR_OK : foreign_option(p, v, e);
}

enum err_code pipeline_options(struct pipeline *p, const char *json, struct err *e) {
    struct json_document *d;
    struct err inner;
    enum err_code code = json_parse(&d, json, strlen(json), &inner);
    if (code)
        return err_set(e, ERR_USAGE, "--aggregation_kwargs is no JSON: %s", inner.message);
    if (json_root(d)->type != JSON_OBJECT)
        code = err_set(e, ERR_USAGE,
                       "--aggregation_kwargs is a JSON object, as in '{\"vnorm_ord\": 1}'");
    for (const struct json_value *v = json_root(d)->first; v && !code; v = v->next)
        code = set_member(p, v, e);
    json_free(d);
    return code;
}

/* --- the whole --- */

enum err_code pipeline_check(const struct pipeline *p, struct err *e) {
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < p->n && !code; i++) {
        struct option_set options;
        code = pipeline_read_options(&options, &p->stages[i], e);
        option_set_dispose(&options);
        if (!code && i + 1 < p->n && strcmp(p->stages[i].aggregator->id, "pair") == 0)
            code = err_set(e, ERR_USAGE, "pair is the last aggregator: %s cannot follow it",
                           p->stages[i + 1].aggregator->id);
    }
    return code;
}

size_t pipeline_reductions(const struct pipeline *p) {
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        n += p->stages[i].aggregator->reduces;
    return n;
}

void pipeline_dispose(struct pipeline *p) {
    for (size_t i = 0; i < p->n; i++)
        free(p->stages[i].options);
    free(p->stages);
    *p = (struct pipeline){0};
}
