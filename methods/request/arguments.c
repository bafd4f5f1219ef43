#include "methods/request/arguments.h"

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "methods/registry.h"
#include "methods/request/own_ids.h"
#include "methods/step_functions/expression.h"
#include "methods/step_functions/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_METHOD "saliency"
#define DEFAULT_FUNCTION "probability"
#define FOIL_FUNCTION "contrast_logits_diff"
#define MAX_NAMES 128

/* --- names --- */

static enum err_code unknown(const char *what, const char *word, const char *const *names, size_t n,
                             struct err *e) {
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

static enum err_code find_method(struct run_arguments *a, const char *id, struct err *e) {
    size_t n;
    const char *names[MAX_NAMES];
    const struct method_decl *const *decls = method_decls(&n);
    a->method = method_find(id);
    for (size_t i = 0; i < n && i < MAX_NAMES; i++)
        names[i] = decls[i]->id;
    if (!a->method)
        return unknown("attribution method", id, names, n, e);
    option_set_init(&a->method_options, a->method->decl.options, a->method->decl.n_options);
    return ERR_OK;
}

static enum err_code unknown_function(const char *what, const char *id, struct err *e) {
    size_t n;
    const char *names[MAX_NAMES];
    const struct step_function_decl *const *decls = step_function_decls(&n);
    for (size_t i = 0; i < n && i < MAX_NAMES; i++)
        names[i] = decls[i]->id;
    return unknown(what, id, names, n, e);
}

static enum err_code find_function(struct step_request *out, const char *what, const char *id,
                                   struct err *e) {
    enum err_code code = ERR_OK;
    out->function = step_function_find(id);
    if (!out->function && expression_meant(id))
        code = expression_function(&out->function, id, e);
    if (code)
        return code;
    if (!out->function)
        return unknown_function(what, id, e);
    option_set_init(&out->options, out->function->decl.options, out->function->decl.n_options);
    return ERR_OK;
}

/* What is attributed where the request does not say. */
static const char *usual_function(const struct method *method, bool foil) {
    if (method->decl.default_attributed_fn)
        return method->decl.default_attributed_fn;
    return foil ? FOIL_FUNCTION : DEFAULT_FUNCTION;
}

static bool has_score(const struct run_arguments *a, const char *id) {
    for (size_t i = 0; i < a->n_scores; i++)
        if (strcmp(a->scores[i].function->decl.id, id) == 0)
            return true;
    return false;
}

/* Each once. */
static enum err_code find_scores(struct run_arguments *a, const struct names *names,
                                 struct err *e) {
    a->scores = mem_alloc(names->n * sizeof *a->scores);
    for (size_t i = 0; i < names->n; i++) {
        if (has_score(a, names->items[i]))
            continue;
        enum err_code code =
            find_function(&a->scores[a->n_scores], "step score", names->items[i], e);
        if (code)
            return code;
        a->n_scores++;
    }
    return ERR_OK;
}

static enum err_code find_names(struct run_arguments *a, const struct attribute_request *r,
                                struct err *e) {
    enum err_code code = find_method(a, r->method ? r->method : DEFAULT_METHOD, e);
    if (code)
        return code;
    const char *usual = usual_function(a->method, foil_given(&r->foil));
    code = find_function(&a->target, "attributed function",
                         r->attributed_fn ? r->attributed_fn : usual, e);
    if (code)
        return code;
    return find_scores(a, &r->step_scores, e);
}

/* --- options --- */

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
    static const char *const contrast[] = {"contrast_targets", "contrast_sources",
                                           "contrast_targets_alignments", "contrast_force_inputs"};
    for (size_t i = 0; i < sizeof contrast / sizeof *contrast && scope != SCOPE_METHOD; i++)
        names[n++] = contrast[i]; /* they belong to step functions */
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
    enum err_code code = unknown(what, key, names, n, e);
    free(key);
    return code;
}

static enum err_code set_contrast_text(char **to, const struct json_value *v, const char *name,
                                       struct err *e) {
    if (v->type == JSON_ARRAY && v->n_members == 1)
        v = v->first;
    if (v->type != JSON_STRING)
        return err_set(e, ERR_USAGE, "attribution_kwargs: %s is a text", name);
    mem_replace(to, mem_text_n(v->text, v->n_text));
    return ERR_OK;
}

static enum err_code set_force(struct run_arguments *a, const struct json_value *v, struct err *e) {
    if (v->type != JSON_TRUE && v->type != JSON_FALSE)
        return err_set(e, ERR_USAGE, "attribution_kwargs: contrast_force_inputs is true or false");
    a->contrast_force_inputs = v->type == JSON_TRUE;
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
        return set_force(a, v, e);
    if (!json_named(v, "contrast_targets_alignments"))
        return span_read(&a->span, v, known, e);
    alignment_dispose(&a->contrast_alignment);
    return alignment_read(&a->contrast_alignment, v, e);
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
    if (scope != SCOPE_METHOD)
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

static enum err_code set_kwargs(struct run_arguments *a, const char *json, struct err *e) {
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

/* What the request says, and what its JSON says over it. */
static enum err_code take_options(struct run_arguments *a, const struct attribute_request *r,
                                  struct err *e) {
    a->span = r->span;
    a->contrast_targets = mem_text(r->contrast_targets);
    a->contrast_sources = mem_text(r->contrast_sources);
    a->contrast_alignment = alignment_copy(&r->contrast_alignment);
    a->contrast_force_inputs = r->contrast_force_inputs;
    if (!r->attribution_kwargs || !*r->attribution_kwargs)
        return ERR_OK;
    return set_kwargs(a, r->attribution_kwargs, e);
}

/* --- what goes together --- */

/* Options without a default that nobody gave. */
static enum err_code check_given(const struct step_request *r, struct err *e) {
    for (size_t i = 0; i < r->options.n; i++)
        if (!r->options.decls[i].default_value && !r->options.values[i].given &&
            (r->options.decls[i].type == OPTION_INT || r->options.decls[i].type == OPTION_FLOAT))
            return err_set(
                e, ERR_USAGE, "%s needs \"%s\", e.g. in attribution_kwargs: {\"%s\": 0.9}",
                r->function->decl.id, r->options.decls[i].name, r->options.decls[i].name);
    return ERR_OK;
}

/* What a person may not expect of a contrast. */
static void tell_of_contrast(struct run_arguments *a, const struct attribute_request *r,
                             bool foil) {
    const bool attributed = a->method->decl.needs_attributed_fn,
               contrastive = a->target.function->decl.contrastive;
    if (a->contrast_targets && !r->attributed_fn && !foil && attributed && !contrastive)
        run_arguments_tell(
            a, "A contrast text is given, but what is attributed is the probability, as in "
               "Inseq; choose contrast_logits_diff (-fn) to attribute the contrast.");
    if (contrastive && !a->contrast_targets && !a->contrast_sources && !foil && attributed)
        run_arguments_tell(
            a, "A contrastive function without a contrast text compares each token with itself: "
               "all scores are 0.");
    if (contrastive && attributed && a->contrast_sources && !a->contrast_targets &&
        !a->contrast_force_inputs)
        run_arguments_tell(
            a, "Without contrast_force_inputs an attributed function keeps the original input, "
               "so another source alone changes nothing, as in Inseq.");
    bool compared = contrastive && attributed;
    for (size_t i = 0; i < a->n_scores; i++)
        compared |= a->scores[i].function->decl.contrastive;
    if (!attributed && !compared && (foil || a->contrast_targets || a->contrast_sources))
        run_arguments_tell(
            a, "A contrast is given, but the method explains no function: it changes nothing.");
    else if (foil && !compared)
        run_arguments_tell(
            a, "A foil is chosen, but nothing is compared with it; choose contrast_logits_diff "
               "to attribute the difference.");
}

static enum err_code check_functions(const struct run_arguments *a, struct err *e) {
    const struct step_function *function = a->target.function;
    const bool needed = a->method->decl.needs_attributed_fn;
    if (!function->decl.can_be_target && needed)
        return err_set(e, ERR_USAGE,
                       "%s has no derivative: it is a step score, not an attributed function",
                       function->decl.id);
    enum err_code code = check_given(&a->target, e);
    for (size_t i = 0; i < a->n_scores && !code; i++)
        code = check_given(&a->scores[i], e);
    if (code)
        return code;
    if (function == step_function_find("kl_divergence") && needed && !a->contrast_force_inputs)
        return err_set(e, ERR_USAGE,
                       "kl_divergence compares with the contrast's own run: as attributed function "
                       "it needs contrast_force_inputs");
    return ERR_OK;
}

static enum err_code check_span(const struct run_arguments *a, const struct attribute_request *r,
                                struct err *e) {
    const struct method *m = a->method;
    const struct span *s = &a->span;
    if (!span_given(s) && s->mean)
        return err_set(e, ERR_USAGE,
                       "span_reduce is given without a span; say which tokens, e.g. --span 3:6");
    if (!span_given(s))
        return ERR_OK;
    if (!s->start.given || !s->end.given)
        return err_set(e, ERR_USAGE, "a span needs span_start and span_end, e.g. --span 3:6");
    if (s->start.value >= 0 && s->end.value >= 0 && s->end.value <= s->start.value)
        return err_set(e, ERR_USAGE, "the span %lld:%lld holds no token: its end is exclusive",
                       (long long)s->start.value, (long long)s->end.value);
    if (r->attr_pos_start.given || r->attr_pos_end.given)
        return err_set(e, ERR_USAGE,
                       "a span is what is attributed: leave start_pos and end_pos out");
    if (foil_given(&r->foil))
        return err_set(e, ERR_USAGE,
                       "a foil is picked at one step, a span has several: give the contrast as a "
                       "text (contrast_targets)");
    if (m->decl.needs_attributed_fn && m->span == SPAN_REFUSED)
        return err_set(e, ERR_USAGE,
                       "%s of a sum is not the sum over its tokens, so a span cannot be attributed "
                       "with it; try integrated_gradients or occlusion",
                       m->decl.id);
    return ERR_OK;
}

static enum err_code fill(struct run_arguments *a, const struct attribute_request *r,
                          struct err *e) {
    enum err_code code = find_names(a, r, e);
    if (code)
        return code;
    code = take_options(a, r, e);
    if (code)
        return code;
    code = check_functions(a, e);
    if (code)
        return code;
    tell_of_contrast(a, r, foil_given(&r->foil));
    code = own_ids_parse(&a->own_ids, r->generated_ids, e);
    if (code)
        return code;
    if (r->from_target_prefix && !r->generated_text)
        return err_set(e, ERR_USAGE,
                       "generate_from_target_prefix: there is no prefix; give the prefix with -g");
    if (a->own_ids && r->generated_text && !r->from_target_prefix)
        run_arguments_tell(
            a, "generated_ids own is about texts that the model generates: a forced text is "
               "encoded.");
    return check_span(a, r, e);
}

enum err_code run_arguments_init(struct run_arguments *out, const struct attribute_request *request,
                                 struct err *e) {
    *out = (struct run_arguments){0};
    enum err_code code = fill(out, request, e);
    if (code)
        run_arguments_dispose(out);
    return code;
}

void run_arguments_tell(struct run_arguments *a, const char *text) {
    a->notices = mem_resize(a->notices, (a->n_notices + 1) * sizeof *a->notices);
    a->notices[a->n_notices++] = mem_text(text);
}

void run_arguments_dispose(struct run_arguments *a) {
    option_set_dispose(&a->method_options);
    option_set_dispose(&a->target.options);
    for (size_t i = 0; i < a->n_scores; i++)
        option_set_dispose(&a->scores[i].options);
    free(a->scores);
    free(a->contrast_targets);
    free(a->contrast_sources);
    alignment_dispose(&a->contrast_alignment);
    for (size_t i = 0; i < a->n_notices; i++)
        free(a->notices[i]);
    free(a->notices);
    *a = (struct run_arguments){0};
}
