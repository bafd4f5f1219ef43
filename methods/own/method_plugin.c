#include "methods/own/method_plugin.h"

#include "backend/base/mem.h"
#include "methods/declare/plugin.h"
#include "methods/engine/perturb.h"
#include "methods/own/own_run.h"
#include "methods/registry.h"

#include <stdlib.h>

#define MOST_METHODS 16

static const struct plugin_kind kind = {.what = "method",
                                        .symbol = "tinseq_method",
                                        .header = "tinseq-method.h",
                                        .abi = TINSEQ_METHOD_ABI,
                                        .size = sizeof(struct tinseq_method)};

/* Those that are loaded. A run and a cost are told apart by the declarations of their options,
 * which each has for itself. */
static struct {
    const struct tinseq_method *own;
    const struct option_decl *options;
} loaded[MOST_METHODS];
static size_t n_loaded;

static const struct tinseq_method *method_of(const struct option_set *options) {
    for (size_t i = 0; i < n_loaded; i++)
        if (options && loaded[i].options == options->decls)
            return loaded[i].own;
    return NULL;
}

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    const struct tinseq_method *own = method_of(in->options);
    return own ? own_run(out, own, in, ctl, e)
               : err_set(e, ERR_INTERNAL, "a method of the user's without its options");
}

static void cost(struct cost *c, const struct cost_input *in) {
    const struct tinseq_method *own = method_of(in->options);
    double arguments[PLUGIN_MOST_OPTIONS], n = (double)(in->n_source + in->n_target);
    if (!own)
        return;
    own_arguments(arguments, in->options);
    if (own->inputs)
        n = own->inputs(in->n_source, in->n_target, in->n_steps, arguments);
    if (own->gradients)
        cost_gradients(c, in, n);
    const double forwards = own->gradients ? n * (double)in->n_steps : n;
    cost_forwards(c, in, 1 + forwards, (double)in->n_steps * (1 + n));
    perturb_cost_bytes(c, in, n);
    cost_result_bytes(c, in, own->per_width ? model_config_embedding_width(in->config) : 1);
}

static enum err_code check(const struct tinseq_method *own, const struct plugin *p, struct err *e) {
    enum err_code code = plugin_check_name(p, &kind, own->name, e);
    if (code)
        return code;
    if (!own->run)
        return err_set(e, ERR_USAGE, "%s: the method %s has no run", p->shown, own->name);
    if (own->n_options > PLUGIN_MOST_OPTIONS || (own->n_options && !own->options))
        return err_set(e, ERR_USAGE,
                       "%s: the method %s has more than %d options, or none where it counts some",
                       p->shown, own->name, PLUGIN_MOST_OPTIONS);
    return ERR_OK;
}

static enum err_code options_of(const struct option_decl **out, const struct tinseq_method *own,
                                const struct plugin *p, struct err *e) {
    struct plugin_option options[PLUGIN_MOST_OPTIONS];
    for (size_t i = 0; i < own->n_options; i++) {
        const struct tinseq_method_option *o = &own->options[i];
        options[i] =
            (struct plugin_option){o->name, o->default_value, o->minimum, o->maximum, o->help};
    }
    return plugin_options(out, p, own->name, options, own->n_options, e);
}

static enum err_code add_method(const struct tinseq_method *own, const struct option_decl *options,
                                struct err *e) {
    struct method *m = mem_alloc(sizeof *m);
    *m = (struct method){.decl = {.id = own->name,
                                  .title = plugin_text(own->title, own->name),
                                  .family = own->gradients ? FAMILY_GRADIENT : FAMILY_PERTURBATION,
                                  .axes = own->per_width ? AXES_TOKENS_WIDTH : AXES_TOKENS,
                                  .needs_attributed_fn = true,
                                  .options = options,
                                  .n_options = own->n_options,
                                  .summary = plugin_text(own->summary, "A method of the user's."),
                                  .paper = plugin_text(own->paper, ""),
                                  .reference = "a shared object (--own_method)"},
                         .span = own->linear ? SPAN_LINEAR : SPAN_REFUSED,
                         .cost = cost,
                         .run = run};
    return method_register(m, e);
}

static enum err_code add(const struct plugin *p, struct err *e) {
    const struct tinseq_method *own = p->exported;
    const struct option_decl *options;
    enum err_code code = check(own, p, e);
    if (code)
        return code;
    for (size_t i = 0; i < n_loaded; i++)
        if (loaded[i].own == own)
            return ERR_OK;
    if (method_find(own->name))
        return err_set(e, ERR_USAGE, "%s: there is a method called %s already; choose another name",
                       p->shown, own->name);
    if (n_loaded == MOST_METHODS)
        return err_set(e, ERR_USAGE, "%d methods are loaded already, no more can be added",
                       MOST_METHODS);
    code = options_of(&options, own, p, e);
    if (code)
        return code;
    code = add_method(own, options, e);
    if (code)
        return code;
    loaded[n_loaded].own = own;
    loaded[n_loaded++].options = options;
    return ERR_OK;
}

enum err_code method_plugin_load(const char *path, struct err *e) {
    return plugin_load(path, &kind, add, e);
}
