#include "methods/describe.h"

#include "backend/base/mem.h"
#include "backend/config.h"
#include "methods/estimate.h"
#include "methods/method.h"
#include "methods/registry.h"

const char *describe_family(enum method_family family) {
    static const char *const names[] = {[FAMILY_GRADIENT] = "gradients",
                                        [FAMILY_INTERNALS] = "the model's internals",
                                        [FAMILY_PERTURBATION] = "perturbation",
                                        [FAMILY_NONE] = "none"};
    return names[family];
}

const char *describe_axes(enum method_axes axes) {
    static const char *const names[] = {[AXES_TOKENS] = "tokens",
                                        [AXES_TOKENS_WIDTH] = "tokens × embedding width",
                                        [AXES_TOKENS_LAYERS] = "tokens × layers",
                                        [AXES_TOKENS_LAYERS_HEADS] = "tokens × layers × heads"};
    return names[axes];
}

const char *describe_needs(const struct method_decl *m) {
    if (m->needs)
        return m->needs;
    if (m->family == FAMILY_GRADIENT)
        return m->needs_attributed_fn
                   ? "an attributed function (-fn) that can be differentiated; memory for gradients"
                   : "memory for gradients";
    if (m->family == FAMILY_PERTURBATION)
        return m->needs_attributed_fn
                   ? "an attributed function (-fn); many passes forward, no gradients"
                   : "many passes forward, no gradients";
    if (m->family == FAMILY_INTERNALS)
        return m->needs_attributed_fn
                   ? "an attributed function (-fn); the inside of the model's layers"
                   : "the inside of the model's layers, no attributed function";
    return "step scores (--step_scores)";
}

/* A small decoder-only model, of SmolLM2-135M's sizes. */
static const struct model_config example = {
    .decoder = {{PART_ATTENTION, PART_FEED_FORWARD}, .gated = true},
    .n_vocab = 49152,
    .n_width = 576,
    .n_ffn = 1536,
    .n_layers = 30,
    .n_heads = 9,
    .n_kv_heads = 3,
    .n_head_width = 64};

static bool estimate(struct cost_estimate *out, const char *method) {
    const struct method *m = method_find(method);
    struct option_set options;
    if (!m)
        return false;
    option_set_init(&options, m->decl.options, m->decl.n_options);
    struct cost_input in = {
        .config = &example, .n_target = 59, .n_steps = 20, .options = &options, .element_bytes = 4};
    in.memory_budget = cost_memory_budget(&in, -1);
    cost_estimate(out, m, &in, 0, -1);
    option_set_dispose(&options);
    return true;
}

char *describe_cost(const char *method) {
    struct cost_estimate c, saliency;
    if (!estimate(&c, method) || !estimate(&saliency, "saliency"))
        return NULL;
    struct text_buffer b = {0};
    double times = c.operations / saliency.operations;
    text_buffer_format(&b, "%.0f pass%s forward", c.cost.passes, c.cost.passes == 1 ? "" : "es");
    if (c.cost.logit_gradients > 0)
        text_buffer_format(&b, " and %.0f gradients", c.cost.logit_gradients);
    text_buffer_format(&b,
                       " for 20 of 60 tokens with the default options: %.*f times saliency's work",
                       times < 10 ? 1 : 0, times);
    return text_buffer_take(&b);
}

char *describe_option(const struct option_decl *o) {
    static const char *const types[] = {
        [OPTION_BOOL] = "true or false", [OPTION_INT] = "a whole number",
        [OPTION_FLOAT] = "a number",     [OPTION_TEXT] = "text",
        [OPTION_CHOICE] = "one of",      [OPTION_JSON] = "JSON"};
    struct text_buffer b = {0};
    text_buffer_puts(&b, types[o->type]);
    for (size_t k = 0; o->type == OPTION_CHOICE && o->choices[k]; k++)
        text_buffer_format(&b, "%s %s", k ? "," : "", o->choices[k]);
    if ((o->type == OPTION_INT || o->type == OPTION_FLOAT) && o->minimum < o->maximum)
        text_buffer_format(&b, " from %.6g to %.6g", o->minimum, o->maximum);
    text_buffer_format(&b, "%s%s; default %s", o->unit ? " " : "", o->unit ? o->unit : "",
                       o->default_value && *o->default_value ? o->default_value : "none");
    return text_buffer_take(&b);
}
