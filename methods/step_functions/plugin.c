#include "methods/step_functions/plugin.h"

#include "backend/base/mem.h"
#include "methods/declare/plugin.h"
#include "methods/step_functions/registry.h"
#include "methods/step_functions/step_function.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_OPTIONS PLUGIN_MOST_OPTIONS

static const struct plugin_kind kind = {.what = "step function",
                                        .symbol = "tinseq_step",
                                        .header = "tinseq-step.h",
                                        .abi = TINSEQ_STEP_ABI,
                                        .size = sizeof(struct tinseq_step)};

static void take_arguments(double *to, const struct option_set *options) {
    for (size_t i = 0; i < options->n && i < MOST_OPTIONS; i++)
        to[i] = options->values[i].number;
}

/* Of the states in a row those that the function wants: the last, or all. */
static const float *states_of(const struct step_view *v, const float *states) {
    const struct tinseq_step *s = v->function->data;
    return s->states == TINSEQ_STEP_LAST_STATE
               ? states + (v->layout->n_states - 1) * v->layout->n_width
               : states;
}

static struct tinseq_step_view view_of(const struct step_view *v, double *arguments) {
    const struct tinseq_step *s = v->function->data;
    const struct step_layout *l = v->layout;
    struct tinseq_step_view view = {.logits = v->logits,
                                    .contrast_logits = v->contrast_logits,
                                    .n_vocab = v->n_vocab,
                                    .target = v->target,
                                    .contrast = v->contrast,
                                    .arguments = arguments,
                                    .step = v->step};
    take_arguments(arguments, v->options);
    if (s->states != TINSEQ_STEP_NO_STATES) {
        view.states = states_of(v, v->logits + l->states);
        view.contrast_states = states_of(v, v->contrast_logits + l->states);
        view.n_states = s->states == TINSEQ_STEP_LAST_STATE ? 1 : l->n_states;
        view.n_width = l->n_width;
    }
    if (s->run)
        view.run_logits = v->logits + l->run;
    if (s->run && view.states)
        view.run_states = states_of(v, v->logits + l->run + v->n_vocab);
    return view;
}

static double value(const struct step_view *v) {
    const struct tinseq_step *s = v->function->data;
    double arguments[MOST_OPTIONS];
    struct tinseq_step_view view = view_of(v, arguments);
    return s->value(&view);
}

/* Derivatives with respect to the input's row and to the contrast's, each zeroed first. */
static void derive(const struct step_view *v, float *row, float *contrast) {
    const struct tinseq_step *s = v->function->data;
    double arguments[MOST_OPTIONS];
    struct tinseq_step_view view = view_of(v, arguments);
    struct tinseq_step_gradient out = {.logits = row, .contrast_logits = contrast};
    const size_t bytes = (size_t)step_row(v) * sizeof *row;
    memset(row, 0, bytes);
    memset(contrast, 0, bytes);
    if (view.states) {
        out.states = row + (view.states - v->logits);
        out.contrast_states = contrast + (view.contrast_states - v->contrast_logits);
    }
    if (view.run_logits)
        out.run_logits = row + (view.run_logits - v->logits);
    if (view.run_states)
        out.run_states = row + (view.run_states - v->logits);
    s->derivative(&view, &out);
}

static void contrast_derivative(const struct step_view *v, float *out) {
    float *other = mem_alloc((size_t)step_row(v) * sizeof *other);
    derive(v, other, out);
    free(other);
}

static void derivative(const struct step_view *v, float *out) {
    const int64_t n = step_row(v);
    float *other = mem_alloc((size_t)n * sizeof *other);
    derive(v, out, other);
    for (int64_t i = 0; i < n && v->contrast_logits == v->logits; i++)
        out[i] += other[i];
    free(other);
}

static const char *run(const struct step_function *f, const struct option_set *options,
                       struct tinseq_step_texts *texts, struct tinseq_step_run *out) {
    const struct tinseq_step *s = f->data;
    double arguments[MOST_OPTIONS];
    take_arguments(arguments, options);
    texts->arguments = arguments;
    return s->run(texts, out);
}

static enum err_code check(const struct tinseq_step *s, const struct plugin *p, struct err *e) {
    const char *path = p->shown;
    enum err_code code = plugin_check_name(p, &kind, s->name, e);
    if (code)
        return code;
    if (!s->value)
        return err_set(e, ERR_USAGE, "%s: the step function %s has no value", path, s->name);
    if (s->states < TINSEQ_STEP_NO_STATES || s->states > TINSEQ_STEP_ALL_STATES)
        return err_set(e, ERR_USAGE, "%s: the states of %s are none of enum tinseq_step_states",
                       path, s->name);
    if (s->span && strcmp(s->span, "sum") != 0 && strcmp(s->span, "prod") != 0 &&
        strcmp(s->span, "absmax") != 0)
        return err_set(e, ERR_USAGE, "%s: the span of %s is sum, prod or absmax", path, s->name);
    if (s->n_options > MOST_OPTIONS || (s->n_options && !s->options))
        return err_set(
            e, ERR_USAGE,
            "%s: the step function %s has more than %d options, or none where it counts some", path,
            s->name, MOST_OPTIONS);
    return ERR_OK;
}

static enum err_code options_of(const struct option_decl **out, const struct tinseq_step *s,
                                const struct plugin *p, struct err *e) {
    struct plugin_option options[MOST_OPTIONS];
    for (size_t i = 0; i < s->n_options; i++) {
        const struct tinseq_step_option *o = &s->options[i];
        options[i] =
            (struct plugin_option){o->name, o->default_value, o->minimum, o->maximum, o->help};
    }
    return plugin_options(out, p, s->name, options, s->n_options, e);
}

static const char *sees(const struct tinseq_step *s) {
    static const char *const texts[3][2] = {
        {NULL, "another run of the model"},
        {"the last hidden state", "the last hidden state, and another run of the model"},
        {"the hidden states of all layers",
         "the hidden states of all layers, and another run of the model"}};
    return texts[s->states][s->run != NULL];
}

static struct step_function *function_of(const struct tinseq_step *s,
                                         const struct option_decl *options) {
    struct step_function *f = mem_alloc(sizeof *f);
    *f = (struct step_function){.value = value,
                                .derivative = s->derivative ? derivative : NULL,
                                .contrast_derivative =
                                    s->derivative && s->contrastive ? contrast_derivative : NULL,
                                .states = (enum tinseq_step_states)s->states,
                                .run = s->run ? run : NULL,
                                .may_be_none = true,
                                .data = s};
    f->decl = (struct step_function_decl){
        .id = s->name,
        .title = plugin_text(s->title, s->name),
        .formula = plugin_text(s->formula, ""),
        .unit = plugin_text(s->unit, ""),
        .span = s->span,
        .sees = sees(s),
        .contrastive = s->contrastive != 0,
        .can_be_target = s->derivative != NULL,
        .options = options,
        .n_options = s->n_options,
        .summary = plugin_text(s->summary, "A step function of the user's.")};
    return f;
}

static enum err_code add(const struct plugin *p, struct err *e) {
    const struct tinseq_step *s = p->exported;
    const struct option_decl *options;
    enum err_code code = check(s, p, e);
    if (code)
        return code;
    const struct step_function *known = step_function_find(s->name);
    if (known && known->data == s)
        return ERR_OK;
    if (known)
        return err_set(e, ERR_USAGE,
                       "%s: there is a step function called %s already; choose another name",
                       p->shown, s->name);
    code = options_of(&options, s, p, e);
    if (code)
        return code;
    return step_function_register(function_of(s, options), e);
}

enum err_code step_plugin_load(const char *path, struct err *e) {
    return plugin_load(path, &kind, add, e);
}
