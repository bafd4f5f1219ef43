/* A run that does not fit in memory was not begun: what would fit is offered, one key each. */
#include "app/commands/commands.h"

#include "app/files/request.h"
#include "app/jobs/estimate.h"
#include "backend/base/mem.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_BUDGET 16000000 /* bytes, as the form's field has it */
#define MOST_CHOICES 8

static const struct method_decl *method_of(const struct attribute_request *r) {
    return method_decl_find(r->method ? r->method : "saliency");
}

void memory_offer_dispose(struct memory_offer *o) {
    request_dispose(&o->request);
    free(o->foil);
    *o = (struct memory_offer){.request = request_defaults()};
}

/* --- what would fit
 * --------------------------------------------------------------------------------------------------------------------------
 */

static struct cost_input sizes_of(const struct cost_estimate *c) {
    return (struct cost_input){.n_source = c->n_source,
                               .n_target = c->n_target,
                               .n_steps = c->n_steps,
                               .memory_budget = c->memory_budget};
}

static bool fits(struct cost_estimate *out, const struct app *a, const struct method_decl *method,
                 const struct attribute_request *r, const struct cost_input *sizes,
                 const struct cost_estimate *c) {
    estimate_method(out, &a->model, method, r, sizes, c->available);
    return out->fits;
}

static void find_budget(struct memory_offer *o, const struct app *a, const struct cost_estimate *c,
                        struct cost_estimate *then) {
    struct cost_input in = sizes_of(c);
    for (int64_t budget = c->memory_budget / 2 / BUDGET_UNIT * BUDGET_UNIT; budget >= LEAST_BUDGET;
         budget = budget / 2 / BUDGET_UNIT * BUDGET_UNIT) {
        in.memory_budget = budget;
        if (fits(then, a, method_of(&o->request), &o->request, &in, c)) {
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
static void find_option(struct memory_offer *o, const struct app *a, const struct cost_estimate *c,
                        struct cost_estimate *then) {
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
            if (fits(&at, a, method, &fewer, &in, c)) {
                *then = at;
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
static const struct method_decl *find_method(const struct memory_offer *o, const struct app *a,
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
        if (wanted && fits(&then, a, decls[i], &o->request, &in, c) &&
            (!best || then.operations < least) && attribute_check(&other, &e) == ERR_OK) {
            best = decls[i];
            least = then.operations;
        }
    }
    return best;
}

/* --- the dialogue
 * ------------------------------------------------------------------------------------------------------------------------------
 */

static void run_anyway(struct app *a) {
    a->run_anyway = true;
    app_run(a);
    a->run_anyway = false;
}

/* The request as it was, whatever happened to the form meanwhile. */
static void refill(struct app *a) {
    const struct memory_offer *o = &a->offer;
    form_fields_fill(&a->form, NULL, &o->request);
    if (o->foil)
        edit_set(&form_find(&a->form.form, FIELD_FOIL)->edit, o->foil);
}

static void set_number(struct form_field *field, int64_t number) {
    char *text = mem_format("%lld", (long long)number);
    if (field)
        edit_set(&field->edit, text);
    free(text);
}

static void answered(struct app *a, const struct overlay_answer *answer) {
    const struct memory_offer *o = &a->offer;
    struct form *f = &a->form.form;
    const int key = answer->id;
    refill(a);
    if (key == 'b') {
        set_number(form_find(f, FIELD_BUDGET), o->budget / BUDGET_UNIT);
    } else if (key == 's') {
        set_number(form_find_option(f, o->option), o->option_value);
    } else if (key == 't') {
        if (o->request.span_start || o->request.span_end)
            form_fields_set_span(&a->form, o->start, o->end,
                                 o->request.span_reduce &&
                                     strcmp(o->request.span_reduce, "mean") == 0);
        else
            set_number(form_find(f, FIELD_END), o->end);
    } else if (key == 'm') {
        command_method(a, 0);
        return;
    } else if (key >= '1' && key <= '3') {
        form_field_choose(form_find(f, FIELD_METHOD), o->methods[key - '1']->id);
        form_fields_refresh(&a->form);
    }
    if (key == 'a')
        run_anyway(a);
    else
        app_run(a);
}

static struct overlay_choice choice(int key, char *text) {
    return (struct overlay_choice){key, text};
}

/* What is offered, into `choices`; returns how many. */
static size_t list_choices(struct overlay_choice *choices, struct memory_offer *o,
                           const struct app *a, const struct cost_estimate *c) {
    const struct method_decl *method = method_of(&o->request);
    const enum method_family families[] = {method->family, FAMILY_INTERNALS, FAMILY_PERTURBATION,
                                           FAMILY_GRADIENT};
    struct cost_estimate then;
    size_t n = 0, n_methods = 0;
    find_budget(o, a, c, &then);
    if (o->budget) {
        char *bytes = cost_bytes_text(then.bytes);
        choices[n++] = choice(
            'b',
            mem_format(
                "%lld MB for the run's chunks instead of %lld: %s in all, the same result, slower",
                (long long)(o->budget / BUDGET_UNIT), (long long)(c->memory_budget / BUDGET_UNIT),
                bytes));
        free(bytes);
    }
    find_option(o, a, c, &then);
    if (o->option) {
        char *bytes = cost_bytes_text(then.bytes);
        choices[n++] = choice('s', mem_format("%s %lld, less exact: %s", o->option,
                                              (long long)o->option_value, bytes));
        free(bytes);
    }
    if (c->steps_that_fit > 0) {
        o->start = c->n_target + 1 - c->n_steps;
        o->end = o->start + c->steps_that_fit;
        choices[n++] = choice('t', mem_format("only the first %lld of the %lld tokens to explain",
                                              (long long)c->steps_that_fit, (long long)c->n_steps));
    }
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        const struct method_decl *other =
            i > 0 && families[i] == method->family ? NULL : find_method(o, a, families[i], c);
        const struct cost_input in = sizes_of(c);
        if (!other || !fits(&then, a, other, &o->request, &in, c))
            continue;
        char *costs = cost_text(&then);
        o->methods[n_methods++] = other;
        choices[n++] =
            choice('0' + (int)n_methods, mem_format("%s instead: %s", other->title, costs));
        free(costs);
    }
    choices[n++] = choice('m', mem_text("another method, from the menu"));
    choices[n++] = choice('a', mem_text("run it all the same: the system may end the program"));
    return n;
}

void memory_offer_open(struct app *a, const struct attribute_request *r, const char *foil,
                       const struct cost_estimate *c) {
    struct memory_offer *o = &a->offer;
    struct overlay_choice choices[MOST_CHOICES];
    memory_offer_dispose(o);
    request_copy(&o->request, r);
    o->foil = mem_text(foil);
    const struct method_decl *method = method_of(r);
    if (!method)
        return;
    size_t n = list_choices(choices, o, a, c);
    char *needed = cost_bytes_text(c->bytes), *available = cost_bytes_text(c->available);
    char *text = mem_format("%s of %lld tokens by %lld needs about %s beyond the model; %s are "
                            "free, of which a run takes nine tenths at most. "
                            "Nothing was begun. Instead:",
                            method->title, (long long)c->n_steps,
                            (long long)(c->n_source + c->n_target), needed, available);
    overlay_offer(app_overlay(a, answered), "not enough memory", text, choices, n);
    app_say(a, STYLE_WARNING, "not begun: %s needs about %s, %s are free", method->title, needed,
            available);
    for (size_t i = 0; i < n; i++)
        free(choices[i].text);
    free(text);
    free(needed);
    free(available);
}
