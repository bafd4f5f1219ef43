/* The method, what it explains and the step scores, with the options of each. */
#include "app/form/own.h"
#include "backend/base/mem.h"
#include "methods/declare/declare.h"

#include <stdlib.h>
#include <string.h>

const char *form_chosen(const struct form *f, int id) {
    const struct form_field *field = form_find(f, id);
    return field ? form_field_chosen(field) : NULL;
}

const struct method_decl *form_method(const struct form *f) {
    const char *id = form_chosen(f, FIELD_METHOD);
    return id ? method_decl_find(id) : NULL;
}

const struct step_function_decl *form_function(const struct form *f) {
    const char *id = form_chosen(f, FIELD_FUNCTION);
    return id ? step_function_decl_find(id) : NULL;
}

/* --- the method --- */

static void add_method(struct form *f, const struct form *before, const struct form_fields *of) {
    size_t n;
    const struct method_decl *const *decls = method_decls(&n);
    struct form_choice *choices = mem_alloc(n * sizeof *choices);
    (void)of;
    for (size_t i = 0; i < n; i++)
        choices[i] = (struct form_choice){decls[i]->id, decls[i]->title};
    struct form_field *field =
        form_add(f, FIELD_METHOD, FORM_CHOICE, GROUP_MAIN, "Method", "", NULL);
    form_field_choices(field, choices, n);
    if (!form_field_choose(field, "saliency"))
        field->chosen = 0;
    free(choices);
    form_keep(f, before, FIELD_METHOD);
    const struct method_decl *method = form_method(f);
    mem_replace(&field->help, mem_text(method ? method->summary : NULL));
    if (method)
        form_add_options(f, method->options, method->n_options, GROUP_METHOD, false);
}

static void fill_method(struct form_fields *f, const struct attribute_request *r) {
    form_field_choose(form_find(&f->form, FIELD_METHOD), r->method ? r->method : "saliency");
    form_fields_refresh(f);
}

static enum err_code collect_method(struct attribute_request *out, struct form_fields *f,
                                    struct err *e) {
    (void)e;
    out->method = mem_text(form_chosen(&f->form, FIELD_METHOD));
    return ERR_OK;
}

const struct own_field own_METHOD = {add_method, fill_method, collect_method};

/* --- the function --- */

static struct form_field *add_functions(struct form *f) {
    size_t n, n_choices = 0;
    const struct step_function_decl *const *decls = step_function_decls(&n);
    struct form_choice *choices = mem_alloc((n + 1) * sizeof *choices);
    for (size_t i = 0; i < n; i++)
        if (decls[i]->can_be_target)
            choices[n_choices++] = (struct form_choice){decls[i]->id, decls[i]->title};
    choices[n_choices++] = (struct form_choice){CHOICE_FORMULA, "a formula"};
    struct form_field *field =
        form_add(f, FIELD_FUNCTION, FORM_CHOICE, GROUP_METHOD, "Function", "", NULL);
    form_field_choices(field, choices, n_choices);
    form_field_choose(field, "probability");
    free(choices);
    return field;
}

/* A method may explain a function of its own unless told otherwise. */
static const char *usual_function(const struct method_decl *method) {
    return method && method->default_attributed_fn ? method->default_attributed_fn : "probability";
}

static void add_formula(struct form *f) {
    mem_replace(&form_find(f, FIELD_FUNCTION)->help,
                mem_text("What is attributed, as a formula of the model's outputs."));
    form_add(f, FIELD_FORMULA, FORM_TEXT, GROUP_METHOD, "  formula",
             "logit, prob and logprob of y, foil or #ID, any function as NAME(), + - * / ^, "
             "exp, log, sqrt, abs, min, max. 'tinseq explain expressions' says all.",
             "logit(y) - 0.5*entropy()");
}

static void add_function(struct form *f, const struct form *before, const struct form_fields *of) {
    const struct method_decl *method = form_method(f);
    if (method && !method->needs_attributed_fn)
        return;
    struct form_field *field = add_functions(f);
    form_field_choose(field, usual_function(method));
    form_field_usual(field);
    form_field_choose(field, "probability");
    form_keep(f, before, FIELD_FUNCTION);
    const char *was = form_chosen(before, FIELD_FUNCTION);
    if (method != of->method && (!was || strcmp(was, usual_function(of->method)) == 0))
        form_field_choose(field, usual_function(method));
    const struct step_function_decl *function = form_function(f);
    if (strcmp(form_field_chosen(field), CHOICE_FORMULA) == 0)
        add_formula(f);
    if (!function)
        return;
    const char *formula = function->formula ? function->formula : function->id;
    mem_replace(&field->help,
                mem_format("%s: %s", formula, function->summary ? function->summary : ""));
    form_add_options(f, function->options, function->n_options, GROUP_METHOD, true);
}

/* A declared function, or a formula; without one, what the method or a foil asks for. */
static void fill_function(struct form_fields *f, const struct attribute_request *r) {
    struct form_field *field = form_find(&f->form, FIELD_FUNCTION);
    if (!field)
        return;
    if (r->attributed_fn && !form_field_choose(field, r->attributed_fn)) {
        form_field_choose(field, CHOICE_FORMULA);
        form_fields_refresh(f);
        form_set_text(f, FIELD_FORMULA, r->attributed_fn);
        return;
    }
    if (!r->attributed_fn && foil_given(&r->foil))
        form_field_choose(field, "contrast_logits_diff");
    form_fields_refresh(f);
}

static enum err_code collect_function(struct attribute_request *out, struct form_fields *f,
                                      struct err *e) {
    struct form_field *formula = form_find(&f->form, FIELD_FORMULA);
    if (formula && edit_is_empty(&formula->edit))
        return form_fail(f, formula, e, "type one, such as logit(y) - logit(foil)");
    out->attributed_fn =
        formula ? form_text(f, FIELD_FORMULA) : mem_text(form_chosen(&f->form, FIELD_FUNCTION));
    return ERR_OK;
}

const struct own_field own_FUNCTION = {add_function, fill_function, collect_function};

/* --- step scores --- */

static void add_scores(struct form *f) {
    size_t n;
    const struct step_function_decl *const *decls = step_function_decls(&n);
    struct form_choice *choices = mem_alloc(n * sizeof *choices);
    for (size_t i = 0; i < n; i++)
        choices[i] = (struct form_choice){decls[i]->id, decls[i]->id};
    struct form_field *field = form_add(
        f, FIELD_STEP_SCORES, FORM_SET, GROUP_SCORES, "Functions",
        "Shown below the map for every step. {PREVIOUS_CHOICE}, {NEXT_CHOICE}: choose one; "
        "{MARK}: on or off; {CHOOSE}: a list.",
        NULL);
    form_field_choices(field, choices, n);
    free(choices);
}

static void add_step_scores(struct form *f, const struct form *before,
                            const struct form_fields *of) {
    (void)of;
    add_scores(f);
    form_keep(f, before, FIELD_STEP_SCORES);
    const size_t n = form_find(f, FIELD_STEP_SCORES)->n_choices;
    for (size_t i = 0; i < n; i++) {
        const struct form_field *scores = form_find(f, FIELD_STEP_SCORES); /* fields move */
        const struct step_function_decl *score =
            scores->selected[i] ? step_function_decl_find(scores->choices[i].id) : NULL;
        if (score)
            form_add_options(f, score->options, score->n_options, GROUP_SCORES, true);
    }
    form_add(f, FIELD_FORMULAS, FORM_TEXT, GROUP_SCORES, "As formulas",
             "More step scores, as formulas with ; between them: prob(y) - prob(foil); entropy()^2",
             "none");
}

static void fill_step_scores(struct form_fields *f, const struct attribute_request *r) {
    struct text_buffer formulas = {0};
    for (size_t i = 0; i < r->step_scores.n; i++)
        if (!form_field_choose(form_find(&f->form, FIELD_STEP_SCORES), r->step_scores.items[i]))
            text_buffer_format(&formulas, "%s%s", formulas.n ? "; " : "", r->step_scores.items[i]);
    form_fields_refresh(f); /* their options */
    form_set_text(f, FIELD_FORMULAS, formulas.text);
    text_buffer_dispose(&formulas);
}

/* The next formula before a semicolon, without spaces around it; where the one after it begins. */
static const char *next_formula(char **out, const char *at) {
    size_t n = strcspn(at, ";"), from = strspn(at, " "), to = n;
    while (to > from && at[to - 1] == ' ')
        to--;
    *out = to > from ? mem_text_n(at + from, to - from) : NULL;
    return at + n + (at[n] == ';');
}

/* The chosen ones, then the formulas. */
static enum err_code collect_step_scores(struct attribute_request *out, struct form_fields *f,
                                         struct err *e) {
    const struct form_field *field = form_find(&f->form, FIELD_STEP_SCORES);
    const char *at = edit_text(&form_find(&f->form, FIELD_FORMULAS)->edit);
    size_t most = field->n_choices + 1, n = 0;
    (void)e;
    for (const char *s = at; *s; s++)
        most += *s == ';';
    char **names = mem_alloc(most * sizeof *names);
    for (size_t i = 0; i < field->n_choices; i++)
        if (field->selected[i])
            names[n++] = mem_text(field->choices[i].id);
    while (*at) {
        at = next_formula(&names[n], at);
        n += names[n] != NULL;
    }
    out->step_scores = (struct names){(const char *const *)names, n};
    return ERR_OK;
}

const struct own_field own_STEP_SCORES = {add_step_scores, fill_step_scores, collect_step_scores};
