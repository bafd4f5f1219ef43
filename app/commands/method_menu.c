/* The menu of methods: what family each is of, what it needs and what it would take on the text at
 * hand. */
#include "app/commands/handlers.h"

#include "app/jobs/estimate.h"
#include "app/tui/shown.h"
#include "app/tui/state.h"
#include "backend/base/mem.h"
#include "backend/base/memory.h"
#include "methods/declare/declare.h"
#include "methods/describe.h"
#include "methods/request/request.h"

#include <stdlib.h>
#include <string.h>

#define BYTES_A_TOKEN 4 /* of a prompt that was not encoded yet, roughly */
#define NEW_TOKENS 20   /* where nothing says how many will come */

static const char *family_name(enum method_family family) {
    static const char *const names[] = {[FAMILY_GRADIENT] = "gradient",
                                        [FAMILY_INTERNALS] = "internals",
                                        [FAMILY_PERTURBATION] = "perturbation",
                                        [FAMILY_NONE] = "none"};
    return names[family];
}

static const char *family_needs(enum method_family family) {
    static const char *const names[] = {[FAMILY_GRADIENT] = "Needs gradients",
                                        [FAMILY_INTERNALS] = "Needs what is inside the model",
                                        [FAMILY_PERTURBATION] = "Needs forward passes only",
                                        [FAMILY_NONE] = "Needs nothing"};
    return names[family];
}

/* Sizes of the result that is shown when it is about the prompt in the form; else a guess. True:
 * known. */
static bool sizes_of(struct cost_input *in, const struct app *a,
                     const struct attribute_request *r) {
    const struct attribution_sequence *s = app_sequence(a);
    const char *prompt = r->input_text ? r->input_text : "",
               *shown = a->current && a->current->request.input_text
                            ? a->current->request.input_text
                            : "";
    if (s && strcmp(prompt, shown) == 0) {
        int64_t all = (int64_t)s->target.n;
        bool one = foil_given(&r->foil),
             narrower = foil_given(&a->current->request.foil) && !one; /* all steps now, one then */
        in->n_source = in->config->encoder_decoder ? (int64_t)s->source.n : 0;
        in->n_target = narrower ? all - 1 : s->attr_pos_end - 1;
        in->n_steps = one ? 1 : attribution_steps(s);
        if (narrower)
            in->n_steps = all - s->attr_pos_start + a->current->request.foil.step.value;
        return true;
    }
    int64_t tokens = (int64_t)strlen(prompt) / BYTES_A_TOKEN + 1;
    in->n_steps = in->config->encoder_decoder ? tokens : NEW_TOKENS;
    in->n_source = in->config->encoder_decoder ? tokens + 1 : 0;
    in->n_target = in->n_steps + (in->config->encoder_decoder ? 0 : tokens);
    return false;
}

/* What a method would take; NULL when no model is loaded that could tell. */
static char *cost_of(const struct app *a, const struct method_decl *decl,
                     const struct attribute_request *r, float *seconds, bool *fits) {
    struct cost_input in = {.config = &a->model.config};
    struct cost_estimate c;
    *seconds = -1;
    if (!a->model.name[0] || a->model.config.n_width <= 0)
        return NULL;
    bool known = sizes_of(&in, a, r);
    estimate_method(&c, &a->model, decl, r, &in, memory_available());
    *seconds = (float)c.seconds;
    *fits = c.fits;
    char *costs = cost_text(&c),
         *text = mem_format("%s%s%s", costs, known ? "" : " (the length is guessed)",
                            c.fits ? "" : ", more than is free");
    free(costs);
    return text;
}

static char *short_time(float seconds) {
    if (seconds < 0)
        return mem_text("");
    if (seconds < 0.95f)
        return mem_text("< 1 s");
    if (seconds < 99.5f)
        return mem_format("%.0f s", (double)seconds);
    return seconds < 5940 ? mem_format("%.0f min", (double)seconds / 60)
                          : mem_format("%.0f h", (double)seconds / 3600);
}

/* "Needs gradients; takes about 2 s and 190 MB; gives tokens × layers." */
static char *detail_of(const struct method_decl *decl, const char *cost) {
    struct text_buffer b = {0};
    if (decl->needs)
        text_buffer_format(&b, "Needs %s", decl->needs);
    else
        text_buffer_format(&b, "%s%s", family_needs(decl->family),
                           decl->needs_attributed_fn ? "" : ", no function");
    if (cost)
        text_buffer_format(&b, "; takes %s", cost);
    text_buffer_format(&b, "; gives %s. %s", describe_axes(decl->axes), decl->summary);
    return text_buffer_take(&b);
}

static void add_method(struct picker *p, int id, const struct app *a,
                       const struct method_decl *decl, const struct attribute_request *r) {
    float seconds;
    bool fits = true;
    char *cost = cost_of(a, decl, r, &seconds, &fits),
         *time = fits ? short_time(seconds) : mem_text("too big");
    char *right = *time ? mem_format("%s %7s", family_name(decl->family), time)
                        : mem_text(family_name(decl->family)),
         *detail = detail_of(decl, cost);
    picker_add(p, id, decl->title, right, detail);
    free(cost);
    free(time);
    free(right);
    free(detail);
}

static bool choose_method(struct app *a, const struct overlay_answer *answer) {
    size_t n;
    const struct method_decl *const *decls = method_decls(&n);
    const int id = answer->id;
    if (id < 0 || (size_t)id >= n)
        return false;
    form_field_choose(form_find(&a->form.form, FIELD_METHOD), decls[id]->id);
    form_fields_refresh(&a->form);
    if (!a->form_focus)
        app_say(a, STYLE_NOTICE, "%s: {RUN} runs it, {EDIT} edits its options", decls[id]->title);
    return true;
}

static void chose_method(struct app *a, const struct overlay_answer *answer) {
    choose_method(a, answer);
}

static void chose_to_run(struct app *a, const struct overlay_answer *answer) {
    if (choose_method(a, answer))
        app_run(a);
}

static bool is_any(enum method_axes axes) {
    (void)axes;
    return true;
}

static bool has_heads(enum method_axes axes) {
    return axes == AXES_TOKENS_LAYERS_HEADS;
}

static bool has_layers_alone(enum method_axes axes) {
    return axes == AXES_TOKENS_LAYERS;
}

static void add_methods(struct picker *p, struct app *a, bool (*fits)(enum method_axes)) {
    struct attribute_request r;
    size_t n;
    const struct method_decl *const *decls = method_decls(&n);
    if (!form_fields_read(&r, &a->form))
        r = (struct attribute_request){0};
    for (size_t i = 0; i < n; i++)
        if (fits(decls[i]->axes))
            add_method(p, (int)i, a, decls[i], &r);
    request_dispose(&r);
}

/* Of the form's method among all; 0 where it has none. */
static int chosen_method(const struct app *a) {
    size_t n;
    const struct method_decl *const *decls = method_decls(&n);
    const char *current = form_field_chosen(form_find(&a->form.form, FIELD_METHOD));
    for (size_t i = 0; current && i < n; i++)
        if (strcmp(current, decls[i]->id) == 0)
            return (int)i;
    return 0;
}

void command_method(struct app *a, int unused) {
    struct picker p;
    (void)unused;
    picker_init(&p, "method");
    p.detail_rows = 5;
    add_methods(&p, a, is_any);
    picker_ready(&p, chosen_method(a));
    overlay_pick(app_overlay(a, chose_method), &p);
}

void app_pick_layered(struct app *a) {
    struct picker p;
    picker_init(&p, "run a method with layers");
    p.detail_rows = 5;
    add_methods(&p, a, has_heads);
    add_methods(&p, a, has_layers_alone);
    picker_ready(&p, 0);
    overlay_pick(app_overlay(a, chose_to_run), &p);
}
