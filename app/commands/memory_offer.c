/* A run that does not fit in memory was not begun: what would fit is offered, one key each. */
#include "app/commands/handlers.h"

#include "app/tui/state.h"
#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define MOST_CHOICES (5 + MEMORY_OFFER_METHODS)

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
        const struct span fewer = span_make(o->start, o->end, o->request.span.mean);
        if (span_given(&o->request.span))
            form_fields_set_span(&a->form, &fewer);
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

static void add_choice(struct overlay_choice *choices, size_t *n, int key, char *text) {
    choices[(*n)++] = (struct overlay_choice){key, text};
}

/* What is offered, into `choices`; returns how many. */
static size_t list_choices(struct overlay_choice *choices, const struct memory_offer *o,
                           const struct cost_estimate *c) {
    size_t n = 0;
    char *costs;
    if (o->budget) {
        costs = cost_bytes_text(o->budget_cost.bytes);
        add_choice(choices, &n, 'b',
                   mem_format("%lld MB for the run's chunks instead of %lld: %s in all, the same "
                              "result, slower",
                              (long long)(o->budget / BUDGET_UNIT),
                              (long long)(c->memory_budget / BUDGET_UNIT), costs));
        free(costs);
    }
    if (o->option) {
        costs = cost_bytes_text(o->option_cost.bytes);
        add_choice(
            choices, &n, 's',
            mem_format("%s %lld, less exact: %s", o->option, (long long)o->option_value, costs));
        free(costs);
    }
    if (o->end > 0)
        add_choice(choices, &n, 't',
                   mem_format("only the first %lld of the %lld tokens to explain",
                              (long long)c->steps_that_fit, (long long)c->n_steps));
    for (size_t i = 0; i < o->n_methods; i++) {
        costs = cost_text(&o->method_costs[i]);
        add_choice(choices, &n, '1' + (int)i,
                   mem_format("%s instead: %s", o->methods[i]->title, costs));
        free(costs);
    }
    add_choice(choices, &n, 'm', mem_text("another method, from the menu"));
    add_choice(choices, &n, 'a', mem_text("run it all the same: the system may end the program"));
    return n;
}

void memory_offer_open(struct app *a, const struct attribute_request *r, const char *foil,
                       const struct cost_estimate *c) {
    struct overlay_choice choices[MOST_CHOICES];
    if (!memory_offer_find(&a->offer, &a->model, r, foil, c))
        return;
    if (request_has_context(r)) /* the whole output is looked at */
        a->offer.start = a->offer.end = 0;
    const char *title = method_decl_find(r->method ? r->method : "saliency")->title;
    size_t n = list_choices(choices, &a->offer, c);
    char *needed = cost_bytes_text(c->bytes), *available = cost_bytes_text(c->available);
    char *text = mem_format("%s of %lld tokens by %lld needs about %s beyond the model; %s are "
                            "free, of which a run takes nine tenths at most. "
                            "Nothing was begun. Instead:",
                            title, (long long)c->n_steps, (long long)(c->n_source + c->n_target),
                            needed, available);
    overlay_offer(app_overlay(a, answered), "not enough memory", text, choices, n);
    app_say(a, STYLE_WARNING, "not begun: %s needs about %s, %s are free", title, needed,
            available);
    for (size_t i = 0; i < n; i++)
        free(choices[i].text);
    free(text);
    free(needed);
    free(available);
}
