#include "methods/request/arguments.h"

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "methods/registry.h"
#include "methods/request/arguments_kwargs.h"
#include "methods/request/own_ids.h"
#include "methods/step_functions/expression.h"
#include "methods/step_functions/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_METHOD "saliency"
#define DEFAULT_FUNCTION "probability"
#define FOIL_FUNCTION "contrast_logits_diff"

/* --- names --- */

static enum err_code find_method(struct run_arguments *a, const char *id, struct err *e) {
    size_t n;
    const char *names[MAX_NAMES];
    const struct method_decl *const *decls = method_decls(&n);
    a->method = method_find(id);
    for (size_t i = 0; i < n && i < MAX_NAMES; i++)
        names[i] = decls[i]->id;
    if (!a->method)
        return arguments_unknown("attribution method", id, names, n, e);
    option_set_init(&a->method_options, a->method->decl.options, a->method->decl.n_options);
    return ERR_OK;
}

static enum err_code unknown_function(const char *what, const char *id, struct err *e) {
    size_t n;
    const char *names[MAX_NAMES];
    const struct step_function_decl *const *decls = step_function_decls(&n);
    for (size_t i = 0; i < n && i < MAX_NAMES; i++)
        names[i] = decls[i]->id;
    return arguments_unknown(what, id, names, n, e);
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

/* What the request says, and what its JSON says over it. */
static enum err_code take_options(struct run_arguments *a, const struct attribute_request *r,
                                  struct err *e) {
    a->span = r->span;
    a->contrast_targets = mem_text(r->contrast_targets);
    a->contrast_sources = mem_text(r->contrast_sources);
    a->contrast_alignment = alignment_copy(&r->contrast_alignment);
    a->contrast_force_inputs = r->contrast_force_inputs;
    a->skip_special = r->skip_special_tokens;
    if (!r->attribution_kwargs || !*r->attribution_kwargs)
        return ERR_OK;
    enum err_code code = arguments_take_kwargs(a, r->attribution_kwargs, e);
    if (code)
        return code;
    if (a->contrast_ids.ids && (a->contrast_targets || foil_given(&r->foil)))
        return err_set(e, ERR_USAGE, "contrast_ids is the contrast already: leave the %s out",
                       a->contrast_targets ? "contrast text" : "foil");
    return contrast_ids_mask(&a->contrast_ids, e);
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

void run_arguments_tell_of_contrast(struct run_arguments *a, const struct attribute_request *r) {
    const bool attributed = a->method->decl.needs_attributed_fn, foil = foil_given(&r->foil),
               contrastive = a->target.function->decl.contrastive;
    if (run_arguments_contrast(a) && !r->attributed_fn && !foil && attributed && !contrastive)
        run_arguments_tell(
            a, "A contrast text is given, but what is attributed is the probability, as in "
               "Inseq; choose contrast_logits_diff (-fn) to attribute the contrast.");
    if (contrastive && !run_arguments_contrast(a) && !a->contrast_sources && !foil && attributed)
        run_arguments_tell(
            a, "A contrastive function without a contrast text compares each token with itself: "
               "all scores are 0.");
    if (contrastive && attributed && a->contrast_sources && !run_arguments_contrast(a) &&
        !a->contrast_force_inputs)
        run_arguments_tell(
            a, "Without contrast_force_inputs an attributed function keeps the original input, "
               "so another source alone changes nothing, as in Inseq.");
    bool compared = contrastive && attributed;
    for (size_t i = 0; i < a->n_scores; i++)
        compared |= a->scores[i].function->decl.contrastive;
    if (!attributed && !compared && (foil || run_arguments_contrast(a) || a->contrast_sources))
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
    contrast_ids_dispose(&a->contrast_ids);
    alignment_dispose(&a->contrast_alignment);
    for (size_t i = 0; i < a->n_notices; i++)
        free(a->notices[i]);
    free(a->notices);
    *a = (struct run_arguments){0};
}
