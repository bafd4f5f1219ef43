#include "methods/request/arguments_kwargs.h"

#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum err_code arguments_unknown(const char *what, const char *word, const char *const *names,
                                size_t n, struct err *e) {
    char *shown = text_sanitise(word, strlen(word), false);
    const char *nearest = text_nearest(word, names, n);
    if (nearest)
        (void)err_set(e, ERR_USAGE, "unknown %s \"%.80s\"; the nearest is \"%s\"", what, shown,
                      nearest);
    else
        (void)err_set(e, ERR_USAGE, "unknown %s \"%.80s\"", what, shown);
    free(shown);
    return ERR_USAGE;
}

/* Whom a key is for. */
enum scope { SCOPE_METHOD = 1, SCOPE_TARGET = 2, SCOPE_SCORES = 4, SCOPE_ALL = 7 };

/* The objects that may be inside, each for one of them. */
static const struct {
    const char *name;
    enum scope scope;
} parts[] = {{"attribution_args", SCOPE_METHOD},
             {"attributed_fn_args", SCOPE_TARGET},
             {"step_scores_args", SCOPE_SCORES}};
#define N_PARTS (sizeof parts / sizeof parts[0])

static enum err_code unknown_option(const struct run_arguments *a, enum scope scope,
                                    const struct json_value *v, struct err *e) {
    const char *names[MAX_NAMES];
    size_t n = 0;
    static const char *const contrast[] = {"contrast_targets",      "contrast_sources",
                                           "contrast_ids",          "contrast_attention_mask",
                                           "contrast_force_inputs", "contrast_targets_alignments"};
    static const char *const texts[] = {"skip_special_tokens", "clean_special_chars"};
    for (size_t i = 0; i < sizeof contrast / sizeof *contrast && scope != SCOPE_METHOD; i++)
        names[n++] = contrast[i]; /* they belong to step functions */
    for (size_t i = 0; scope == SCOPE_ALL && i < sizeof texts / sizeof *texts; i++)
        names[n++] = texts[i];
    for (size_t i = 0; scope == SCOPE_ALL && i < N_PARTS; i++)
        names[n++] = parts[i].name;
    for (size_t i = 0; scope & SCOPE_METHOD && i < a->method_options.n && n < MAX_NAMES; i++)
        names[n++] = a->method_options.decls[i].name;
    for (size_t i = 0; scope & SCOPE_TARGET && i < a->target.options.n && n < MAX_NAMES; i++)
        names[n++] = a->target.options.decls[i].name;
    for (size_t s = 0; scope & SCOPE_SCORES && s < a->n_scores; s++)
        for (size_t i = 0; i < a->scores[s].options.n && n < MAX_NAMES; i++)
            names[n++] = a->scores[s].options.decls[i].name;
    char what[160], *key = mem_text_n(v->key, v->n_key);
    snprintf(what, sizeof what,
             "option of %s and its step functions in attribution_kwargs:", a->method->decl.id);
    enum err_code code = arguments_unknown(what, key, names, n, e);
    free(key);
    return code;
}

/* What a command says twice must be the same: neither is silently left out. */
static enum err_code said_otherwise(const char *name, struct err *e) {
    return err_set(e, ERR_USAGE,
                   "attribution_kwargs: %s is given twice, and differs; leave it out there, or the "
                   "option --%s",
                   name, name);
}

static enum err_code set_contrast_text(char **to, const struct json_value *v, const char *name,
                                       struct err *e) {
    if (v->type == JSON_ARRAY && v->n_members == 1)
        v = v->first;
    if (v->type != JSON_STRING)
        return err_set(e, ERR_USAGE, "attribution_kwargs: %s is a text", name);
    char *text = mem_text_n(v->text, v->n_text);
    const bool same = !*to || strcmp(*to, text) == 0;
    mem_replace(to, text);
    return same ? ERR_OK : said_otherwise(name, e);
}

static enum err_code set_flag(bool *to, const struct json_value *v, const char *name,
                              struct err *e) {
    if (v->type != JSON_TRUE && v->type != JSON_FALSE)
        return err_set(e, ERR_USAGE, "attribution_kwargs: %s is true or false", name);
    if (*to && v->type == JSON_FALSE)
        return said_otherwise(name, e);
    *to = v->type == JSON_TRUE;
    return ERR_OK;
}

static enum err_code set_alignment(struct run_arguments *a, const struct json_value *v,
                                   struct err *e) {
    const struct alignment none = {0};
    struct alignment before = a->contrast_alignment;
    a->contrast_alignment = none;
    enum err_code code = alignment_read(&a->contrast_alignment, v, e);
    if (!code && !alignment_equal(&before, &none) &&
        !alignment_equal(&before, &a->contrast_alignment))
        code = said_otherwise("contrast_targets_alignments", e);
    alignment_dispose(&before);
    return code;
}

/* Of Inseq's attribute() itself. */
static enum err_code set_text_flag(struct run_arguments *a, const struct json_value *v, bool *known,
                                   struct err *e) {
    *known = true;
    if (json_named(v, "skip_special_tokens"))
        return set_flag(&a->skip_special, v, "skip_special_tokens", e);
    if (json_named(v, "clean_special_chars"))
        return set_flag(&a->clean_special, v, "clean_special_chars", e);
    *known = false;
    return ERR_OK;
}

/* The arguments of all contrastive functions, and a span. *known is false when the key is none of
 * them. */
static enum err_code set_contrast(struct run_arguments *a, const struct json_value *v, bool *known,
                                  struct err *e) {
    *known = true;
    if (json_named(v, "contrast_targets"))
        return set_contrast_text(&a->contrast_targets, v, "contrast_targets", e);
    if (json_named(v, "contrast_sources"))
        return set_contrast_text(&a->contrast_sources, v, "contrast_sources", e);
    if (json_named(v, "contrast_force_inputs"))
        return set_flag(&a->contrast_force_inputs, v, "contrast_force_inputs", e);
    if (json_named(v, "contrast_targets_alignments"))
        return set_alignment(a, v, e);
    enum err_code code = contrast_ids_read(&a->contrast_ids, v, known, e);
    if (code || *known)
        return code;
    return span_read(&a->span, v, known, e);
}

/* *any stays true where an option before had the key. */
static enum err_code set_option(struct option_set *options, const char *owner,
                                const struct json_value *v, bool *any, struct err *e) {
    bool known;
    enum err_code code = option_set_json(options, owner, v, &known, e);
    *any |= known;
    return code;
}

static enum err_code set_key(struct run_arguments *a, enum scope scope, const struct json_value *v,
                             struct err *e) {
    bool any = false;
    enum err_code code = ERR_OK;
    if (scope == SCOPE_ALL)
        code = set_text_flag(a, v, &any, e);
    if (scope != SCOPE_METHOD && !code && !any)
        code = set_contrast(a, v, &any, e);
    if (code || any)
        return code;
    if (scope & SCOPE_METHOD)
        code = set_option(&a->method_options, a->method->decl.id, v, &any, e);
    if (code)
        return code;
    if (scope & SCOPE_TARGET)
        code = set_option(&a->target.options, a->target.function->decl.id, v, &any, e);
    for (size_t i = 0; scope & SCOPE_SCORES && i < a->n_scores && !code; i++)
        code = set_option(&a->scores[i].options, a->scores[i].function->decl.id, v, &any, e);
    if (code || any)
        return code;
    return unknown_option(a, scope, v, e);
}

/* A member, or an object of members for one of those that options can be for. */
static enum err_code set_member(struct run_arguments *a, const struct json_value *v,
                                struct err *e) {
    enum scope scope = SCOPE_ALL;
    enum err_code code = ERR_OK;
    const char *name = NULL;
    for (size_t i = 0; i < N_PARTS && !name; i++)
        if (json_named(v, parts[i].name)) {
            scope = parts[i].scope;
            name = parts[i].name;
        }
    if (!name)
        return set_key(a, SCOPE_ALL, v, e);
    if (v->type != JSON_OBJECT)
        return err_set(e, ERR_USAGE, "attribution_kwargs: %s is not an object", name);
    for (const struct json_value *inner = v->first; inner && !code; inner = inner->next)
        code = set_key(a, scope, inner, e);
    return code;
}

enum err_code arguments_take_kwargs(struct run_arguments *a, const char *json, struct err *e) {
    struct json_document *d = NULL;
    struct err ignored;
    enum err_code code = json_parse(&d, json, strlen(json), &ignored);
    if (code || json_root(d)->type != JSON_OBJECT) {
        code = err_set(e, ERR_USAGE,
                       "attribution_kwargs is not a JSON object such as {\"n_steps\": 20}");
        goto out;
    }
    if (json_replaced(d)) {
        code =
            err_set(e, ERR_USAGE,
                    "attribution_kwargs: a text holds what is no character (\\u0000, or half of a "
                    "surrogate pair)");
        goto out;
    }
    for (const struct json_value *v = json_root(d)->first; v && !code; v = v->next)
        code = set_member(a, v, e);
out:
    json_free(d);
    return code;
}
