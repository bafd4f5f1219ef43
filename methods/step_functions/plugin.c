#include "methods/step_functions/plugin.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "methods/step_functions/registry.h"
#include "methods/step_functions/step_function.h"

#include <ctype.h>
#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_OPTIONS 16
#define LONGEST_NAME 40

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

static bool good_name(const char *name) {
    size_t n = name ? strlen(name) : 0, good = 0;
    while (good < n && (isalnum((unsigned char)name[good]) || name[good] == '_'))
        good++;
    return n > 0 && n <= LONGEST_NAME && good == n && !isdigit((unsigned char)*name);
}

static enum err_code check(const struct tinseq_step *s, const char *path, struct err *e) {
    if (s->abi != TINSEQ_STEP_ABI)
        return err_set(
            e, ERR_USAGE,
            "%s is for version %u of tinseq-step.h, this program has version %d: build it anew",
            path, s->abi, TINSEQ_STEP_ABI);
    if (s->size != sizeof *s)
        return err_set(e, ERR_USAGE,
                       "%s: its tinseq_step has %u bytes, not %zu: build it anew with this "
                       "program's tinseq-step.h",
                       path, s->size, sizeof *s);
    if (!good_name(s->name))
        return err_set(e, ERR_USAGE,
                       "%s: a step function's name has 1 to %d letters, digits and \"_\", and "
                       "begins with no digit",
                       path, LONGEST_NAME);
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
    for (size_t i = 0; i < s->n_options; i++) {
        const struct tinseq_step_option *o = &s->options[i];
        if (!good_name(o->name) ||
            !(o->minimum <= o->default_value && o->default_value <= o->maximum))
            return err_set(e, ERR_USAGE,
                           "%s: option %zu of %s has no good name, or a default outside its range",
                           path, i + 1, s->name);
    }
    return ERR_OK;
}

static const char *sees(const struct tinseq_step *s) {
    static const char *const texts[3][2] = {
        {NULL, "another run of the model"},
        {"the last hidden state", "the last hidden state, and another run of the model"},
        {"the hidden states of all layers",
         "the hidden states of all layers, and another run of the model"}};
    return texts[s->states][s->run != NULL];
}

static const char *text_or(const char *text, const char *otherwise) {
    return text ? text : otherwise;
}

static struct step_function *function_of(const struct tinseq_step *s) {
    struct step_function *f = mem_alloc(sizeof *f);
    struct option_decl *options = mem_alloc(s->n_options * sizeof *options);
    for (size_t i = 0; i < s->n_options; i++)
        options[i] =
            (struct option_decl){.name = s->options[i].name,
                                 .type = OPTION_FLOAT,
                                 .default_value = mem_format("%.17g", s->options[i].default_value),
                                 .minimum = s->options[i].minimum,
                                 .maximum = s->options[i].maximum,
                                 .help = text_or(s->options[i].help, "")};
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
        .title = text_or(s->title, s->name),
        .formula = text_or(s->formula, ""),
        .unit = text_or(s->unit, ""),
        .span = s->span,
        .sees = sees(s),
        .contrastive = s->contrastive != 0,
        .can_be_target = s->derivative != NULL,
        .options = options,
        .n_options = s->n_options,
        .summary = text_or(s->summary, "A step function of the user's.")};
    return f;
}

static enum err_code add(const struct tinseq_step *s, const char *path, struct err *e) {
    enum err_code code = check(s, path, e);
    if (code)
        return code;
    const struct step_function *known = step_function_find(s->name);
    if (known && known->data == s)
        return ERR_OK;
    if (known)
        return err_set(e, ERR_USAGE,
                       "%s: there is a step function called %s already; choose another name", path,
                       s->name);
    return step_function_register(function_of(s), e);
}

enum err_code step_plugin_load(const char *path, struct err *e) {
    char *file =
        strchr(path, '/')
            ? mem_text(path)
            : mem_format("./%s",
                         path); /* a bare name would be looked for among the system's libraries */
    char *shown = text_sanitise(path, strlen(path), false);
    struct err unreadable;
    int fd;
    void *library = NULL;
    const bool readable = file_open(&fd, file, &unreadable) == ERR_OK; /* dlopen waits at a pipe */
    if (readable) {
        close(fd);
        library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    }
    const struct tinseq_step *s = library ? dlsym(library, "tinseq_step") : NULL;
    enum err_code code;
    if (!library)
        code = err_set(e, ERR_USAGE, "the step function %.200s cannot be loaded: %s", shown,
                       readable ? dlerror() : unreadable.message);
    else if (!s)
        code = err_set(e, ERR_USAGE,
                       "%.200s has no \"const struct tinseq_step tinseq_step\"; see tinseq-step.h",
                       shown);
    else
        code = add(s, shown, e);
    if (code && library)
        dlclose(library);
    free(file);
    free(shown);
    return code;
}
