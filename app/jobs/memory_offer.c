#include "app/jobs/memory_offer.h"

#include "app/jobs/estimate.h"
#include "backend/base/mem.h"
#include "methods/request/request.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#define MEGABYTE 1000000

static const struct method_decl *method_of(const struct attribute_request *r) {
    return method_decl_find(r->method ? r->method : "saliency");
}

void memory_offer_dispose(struct memory_offer *o) {
    request_dispose(&o->request);
    free(o->foil);
    *o = (struct memory_offer){0};
}

static struct cost_input sizes_of(const struct cost_estimate *c) {
    return (struct cost_input){.n_source = c->n_source,
                               .n_target = c->n_target,
                               .n_steps = c->n_steps,
                               .memory_budget = c->memory_budget};
}

static bool fits(struct cost_estimate *out, const struct engine_model *model,
                 const struct method_decl *method, const struct attribute_request *r,
                 const struct cost_input *sizes, const struct cost_estimate *c) {
    estimate_method(out, model, method, r, sizes, c->available);
    return out->fits;
}

static void find_budget(struct memory_offer *o, const struct engine_model *model,
                        const struct cost_estimate *c) {
    struct cost_input in = sizes_of(c);
    for (int64_t budget = c->memory_budget / 2 / MEGABYTE * MEGABYTE; budget >= LEAST_BUDGET;
         budget = budget / 2 / MEGABYTE * MEGABYTE) {
        in.memory_budget = budget;
        if (fits(&o->budget_cost, model, method_of(&o->request), &o->request, &in, c)) {
            o->budget = budget;
            return;
        }
    }
}

/* The request with an option at another value. */
static void set_option(struct attribute_request *r, const char *name, int64_t value) {
    cJSON *options = r->attribution_kwargs ? cJSON_Parse(r->attribution_kwargs) : NULL;
    if (!cJSON_IsObject(options)) {
        cJSON_Delete(options);
        options = cJSON_CreateObject();
    }
    cJSON_DeleteItemFromObjectCaseSensitive(options, name);
    cJSON_AddNumberToObject(options, name, (double)value);
    char *text = cJSON_PrintUnformatted(options);
    free((char *)r->attribution_kwargs);
    r->attribution_kwargs = mem_text(text);
    cJSON_free(text);
    cJSON_Delete(options);
}

/* The most steps or samples of the method itself that fit. */
static void find_option(struct memory_offer *o, const struct engine_model *model,
                        const struct cost_estimate *c) {
    static const char *const names[] = {"n_steps", "n_samples"};
    const struct method_decl *method = method_of(&o->request);
    const struct cost_input in = sizes_of(c);
    for (size_t i = 0; i < sizeof names / sizeof *names && !o->option; i++) {
        int64_t high = estimate_option(method, &o->request, names[i], 0),
                low = 0; /* low fits, or is 0; high does not */
        struct attribute_request fewer;
        request_copy(&fewer, &o->request);
        while (high - low > 1) {
            int64_t middle = low + (high - low) / 2;
            struct cost_estimate at;
            set_option(&fewer, names[i], middle);
            if (fits(&at, model, method, &fewer, &in, c)) {
                o->option_cost = at;
                low = middle;
            } else {
                high = middle;
            }
        }
        request_dispose(&fewer);
        if (low > 0) {
            o->option = names[i];
            o->option_value = low;
        }
    }
}

/* The fastest method of a family that fits and takes this request. Of those that look inside, one
 * without function: they need least. */
static const struct method_decl *find_method(const struct memory_offer *o,
                                             const struct engine_model *model,
                                             enum method_family family,
                                             const struct cost_estimate *c) {
    size_t n;
    const struct method_decl *const *decls = method_decls(&n);
    const struct cost_input in = sizes_of(c);
    const struct method_decl *best = NULL;
    struct cost_estimate then;
    struct err e;
    double least = 0;
    for (size_t i = 0; i < n; i++) {
        struct attribute_request other = o->request;
        other.method = decls[i]->id;
        other.attribution_kwargs = NULL; /* options of the other method */
        bool wanted = decls[i]->family == family && decls[i] != method_of(&o->request) &&
                      decls[i]->needs_attributed_fn == (family != FAMILY_INTERNALS);
        if (wanted && fits(&then, model, decls[i], &o->request, &in, c) &&
            (!best || then.operations < least) && attribute_check(&other, &e) == ERR_OK) {
            best = decls[i];
            least = then.operations;
        }
    }
    return best;
}

static void find_methods(struct memory_offer *o, const struct engine_model *model,
                         const struct cost_estimate *c) {
    const struct method_decl *method = method_of(&o->request);
    const enum method_family families[] = {method->family, FAMILY_INTERNALS, FAMILY_PERTURBATION,
                                           FAMILY_GRADIENT};
    const struct cost_input in = sizes_of(c);
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        if ((i > 0 && families[i] == method->family) || o->n_methods == MEMORY_OFFER_METHODS)
            continue;
        const struct method_decl *other = find_method(o, model, families[i], c);
        if (other && fits(&o->method_costs[o->n_methods], model, other, &o->request, &in, c))
            o->methods[o->n_methods++] = other;
    }
}

bool memory_offer_find(struct memory_offer *o, const struct engine_model *model,
                       const struct attribute_request *r, const char *foil,
                       const struct cost_estimate *c) {
    memory_offer_dispose(o);
    request_copy(&o->request, r);
    o->foil = mem_text(foil);
    if (!method_of(r))
        return false;
    find_budget(o, model, c);
    find_option(o, model, c);
    find_methods(o, model, c);
    if (c->steps_that_fit > 0) {
        o->start = c->n_target + 1 - c->n_steps;
        o->end = o->start + c->steps_that_fit;
    }
    return true;
}
