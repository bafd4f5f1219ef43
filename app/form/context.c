/* What of a context attribution is chosen: the measure, and how an output is parted. And what a run
 * with a context leaves no place for. */
#include "app/form/own.h"

#include "backend/base/mem.h"
#include "methods/declare/declare.h"

#include <stdlib.h>
#include <string.h>

#define USUAL_METRIC "kl_divergence"
#define NO_SEPARATOR                                                                               \
    "\"\"" /* as it is typed: nothing at all, where the field's emptiness is a space */

static const struct form_choice strategies[] = {{"auto", "as it is found"},
                                                {"pre", "never: it is given"}};
#define COUNT(a) (sizeof(a) / sizeof *(a))

/* --- the measure --- */

static void add_metric(struct form *f, const struct form *before, const struct form_fields *of) {
    size_t n, n_choices = 0;
    const struct step_function_decl *const *decls = step_function_decls(&n);
    struct form_choice *choices = mem_alloc(n * sizeof *choices);
    (void)of;
    for (size_t i = 0; i < n; i++)
        if (decls[i]->contrastive)
            choices[n_choices++] = (struct form_choice){decls[i]->id, decls[i]->title};
    struct form_field *field = form_add(
        f, FIELD_CONTEXT_METRIC, FORM_CHOICE, GROUP_CONTEXT, "Measure",
        "How far the model with the context is from the one without, at each token.", NULL);
    form_field_choices(field, choices, n_choices);
    form_field_choose(field, USUAL_METRIC);
    form_field_usual(field);
    free(choices);
    form_keep(f, before, FIELD_CONTEXT_METRIC);
}

static void fill_metric(struct form_fields *f, const struct attribute_request *r) {
    form_field_choose(form_find(&f->form, FIELD_CONTEXT_METRIC),
                      r->context_metric ? r->context_metric : USUAL_METRIC);
}

static enum err_code collect_metric(struct attribute_request *out, struct form_fields *f,
                                    struct err *e) {
    const char *chosen = form_chosen(&f->form, FIELD_CONTEXT_METRIC);
    (void)e;
    if (strcmp(chosen, USUAL_METRIC) != 0)
        out->context_metric = mem_text(chosen);
    return ERR_OK;
}

const struct own_field own_CONTEXT_METRIC = {add_metric, fill_metric, collect_metric};

/* --- how an output is parted; nobody is asked here --- */

static void add_strategy(struct form *f, const struct form *before, const struct form_fields *of) {
    (void)before, (void)of;
    struct form_field *field =
        form_add(f, FIELD_CONTEXT_STRATEGY, FORM_CHOICE, GROUP_CONTEXT, "Parting",
                 "How the model's own output is parted where its template has a place for a "
                 "context and none "
                 "is given: at the template's words, or between its two sentences.",
                 NULL);
    form_field_choices(field, strategies, COUNT(strategies));
}

static void fill_strategy(struct form_fields *f, const struct attribute_request *r) {
    const bool never = r->context_strategy && strcmp(r->context_strategy, "pre") == 0;
    form_field_choose(form_find(&f->form, FIELD_CONTEXT_STRATEGY), never ? "pre" : "auto");
}

/* Only where something is parted does it say anything. */
static enum err_code collect_strategy(struct attribute_request *out, struct form_fields *f,
                                      struct err *e) {
    (void)e;
    if (out->output_template && strstr(out->output_template, "{context}") && !out->output_context)
        out->context_strategy = mem_text(form_chosen(&f->form, FIELD_CONTEXT_STRATEGY));
    return ERR_OK;
}

const struct own_field own_CONTEXT_STRATEGY = {add_strategy, fill_strategy, collect_strategy};

/* --- the separator --- */

static void add_separator(struct form *f, const struct form *before, const struct form_fields *of) {
    (void)before;
    form_add(
        f, FIELD_SEPARATOR, FORM_LINES, GROUP_CONTEXT, "Separator",
        "Language models: what stands between the input and an output that is given. " NO_SEPARATOR
        ": nothing.",
        "a space")
        ->unfit = of->kind == FORM_TRANSLATOR;
}

static void fill_separator(struct form_fields *f, const struct attribute_request *r) {
    const bool nothing = r->separator && !*r->separator;
    form_set_text(f, FIELD_SEPARATOR, nothing ? NO_SEPARATOR : r->separator);
}

static enum err_code collect_separator(struct attribute_request *out, struct form_fields *f,
                                       struct err *e) {
    char *text = form_text(f, FIELD_SEPARATOR);
    (void)e;
    if (text && strcmp(text, NO_SEPARATOR) == 0)
        mem_replace(&text, mem_text(""));
    out->separator = text;
    return ERR_OK;
}

const struct own_field own_SEPARATOR = {add_separator, fill_separator, collect_separator};

/* --- what there is no place for --- */

static bool says_something(const struct form_fields *f, int id) {
    const struct form_field *field = form_find(&f->form, id);
    return field && form_field_differs(field);
}

enum err_code form_check_context(const struct attribute_request *r, struct form_fields *f,
                                 struct err *e) {
    static const struct {
        int field;
        const char *what;
    } rows[] = {
        {FIELD_FORCED, "with a context, the output is the field Output below Context: empty this"},
        {FIELD_CONTRAST, "with a context, the run without it is the contrast: empty this"},
        {FIELD_CONTRAST_SOURCE, "with a context, the run without it is the contrast: empty this"},
        {FIELD_FOIL, "with a context, foils are in the field foils below Context: empty this"},
        {FIELD_ALIGNMENT, "with a context, both runs are counted from the end: choose that"},
        {FIELD_FORCE_INPUTS, "with a context, the measure and the foil decide on that: off"},
        {FIELD_STEP_SCORES, "with a context, the measure alone is told of every step: choose none"},
        {FIELD_FORMULAS, "with a context, the measure alone is told of every step: empty this"},
        {FIELD_TARGET_PREFIX, "with a context, an output context begins the text: off"},
        {FIELD_TARGET_SIDE, "with a context, an output context decides on that: off"},
        {FIELD_START, "with a context, the whole output is looked at: empty this"},
        {FIELD_END, "with a context, the whole output is looked at: empty this"},
        {FIELD_SPAN, "with a context, each token is looked at by itself: empty this"},
        {FIELD_GENERATED_IDS, "with a context, the text is encoded again: choose that"},
    };
    for (size_t i = 0; i < COUNT(rows) && request_has_context(r); i++)
        if (says_something(f, rows[i].field))
            return form_fail(f, form_find(&f->form, rows[i].field), e, rows[i].what);
    return ERR_OK;
}

/* --- what a check says of it --- */

/* The field that an option at `at` is of, and how long its name is with the dashes. */
static struct form_field *field_at(const struct form_fields *f, const char *at, size_t *n) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz_", prompt[] = "input_current_text";
    *n = 2 + strspn(at + 2, letters);
    if (*n - 2 == strlen(prompt) && strncmp(at + 2, prompt, strlen(prompt)) == 0)
        return form_find(&f->form, FIELD_PROMPT);
    return form_row_named(f, at + 2, *n - 2);
}

char *form_fields_blame(struct form_fields *f, const char *message) {
    static const char document[] = "document ";
    struct text_buffer b = {0};
    struct form_field *first = NULL;
    if (strncmp(message, document, strlen(document)) == 0) /* a file of theirs */
        first = form_find(&f->form, FIELD_DOCUMENTS);
    for (const char *at = message, *option; *at; at = option) {
        size_t n = 0;
        option = strstr(at, "--");
        struct form_field *field = option ? field_at(f, option, &n) : NULL;
        option = option ? option : at + strlen(at);
        text_buffer_add(&b, at, (size_t)(option - at));
        if (field)
            text_buffer_format(&b, "\"%s\"", field->label + strspn(field->label, " "));
        else
            text_buffer_add(&b, option, n);
        option += n;
        first = first ? first : field;
    }
    text_buffer_puts(&b, "");
    if (first) {
        form_field_fail(first, b.text);
        form_go(&f->form, (size_t)(first - f->form.fields));
    }
    return text_buffer_take(&b);
}
