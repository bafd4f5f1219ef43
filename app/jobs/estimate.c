#include "app/jobs/estimate.h"

#include "backend/base/json.h"
#include "methods/registry.h"

#include <string.h>

/* The request's values of a method's options, where they are good; the others stay at their
 * defaults. */
static void options_of(struct option_set *out, const struct method_decl *decl, const char *kwargs) {
    struct json_document *d = NULL;
    struct err e;
    option_set_init(out, decl->options, decl->n_options);
    bool good = kwargs && json_parse(&d, kwargs, strlen(kwargs), &e) == ERR_OK;
    const struct json_value *v =
        good && json_root(d)->type == JSON_OBJECT ? json_root(d)->first : NULL;
    for (bool known; v; v = v->next) {
        enum err_code code = option_set_json(out, decl->title, v, &known, &e);
        (void)code; /* running it says what is wrong */
    }
    json_free(d);
}

void estimate_method(struct cost_estimate *out, const struct engine_model *model,
                     const struct method_decl *method, const struct attribute_request *r,
                     const struct cost_input *sizes, int64_t available) {
    struct cost_input in = *sizes;
    struct option_set options;
    options_of(&options, method, r->attribution_kwargs);
    in.config = &model->config;
    in.attribute_target = r->attribute_target;
    in.element_bytes = model->element_bytes;
    in.options = &options;
    if (in.memory_budget <= 0)
        in.memory_budget =
            r->memory_budget > 0 ? r->memory_budget : cost_memory_budget(&in, available);
    cost_estimate(out, method_find(method->id), &in, model->rate, available);
    option_set_dispose(&options);
}

int64_t estimate_option(const struct method_decl *method, const struct attribute_request *r,
                        const char *name, int64_t missing) {
    struct option_set options;
    int64_t value = missing;
    options_of(&options, method, r->attribution_kwargs);
    for (size_t i = 0; i < method->n_options; i++)
        if (method->options[i].type == OPTION_INT && strcmp(method->options[i].name, name) == 0)
            value = option_int(&options, name);
    option_set_dispose(&options);
    return value;
}
