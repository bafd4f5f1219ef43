#include "app/form_fields.h"

#include "app/request.h"
#include "backend/base/mem.h"
#include "methods/declare.h"

#include <stdlib.h>
#include <string.h>

static const struct form_choice strategies[] = {
    {"model", "as the model's files say"}, {"greedy", "greedy"}, {"beam", "beam search"}, {"sample", "sampling"}};

static const struct generation_field generation_fields[] = {
    {FIELD_LENGTH, "max_new_tokens", "New tokens", "The most tokens to generate. Unset: as the model's files say, else 20.", "unset", NULL, true, 1, 4096},
    {FIELD_BEAMS, "num_beams", "Beams", "Hypotheses kept at each step.", "4", "beam", true, 2, 64},
    {FIELD_TEMPERATURE, "temperature", "Temperature", "Logits are divided by it: below 1 sharper, above 1 flatter.", "1", "sample", false, 1e-6, 1e6},
    {FIELD_TOP_K, "top_k", "Top k", "Sample among the k most probable tokens; 0 for all.", "50", "sample", true, 0, 1e7},
    {FIELD_TOP_P, "top_p", "Top p", "Sample among the fewest tokens that hold this share of the probability.", "1", "sample", false, 0, 1},
    {FIELD_SEED, "seed", "Seed", "The same seed gives the same text.", "0", "sample", true, 0, 9007199254740992.0},
};
#define COUNT(a) (sizeof(a) / sizeof *(a))

const struct generation_field *form_generation_fields(size_t *n) {
    *n = COUNT(generation_fields);
    return generation_fields;
}

void form_fields_init(struct form_fields *f) {
    *f = (struct form_fields){.foil_step = -1, .foil_id = -1};
    struct attribute_request empty = request_defaults();
    form_fields_fill(f, "", &empty);
}

void form_fields_dispose(struct form_fields *f) { form_dispose(&f->form); }

const char *form_fields_model(const struct form_fields *f) { return edit_text(&form_find(&f->form, FIELD_MODEL)->edit); }

/* --- making the fields ------------------------------------------------------------------------------------------------------------------- */

static void add_methods(struct form *f) {
    size_t n;
    const struct method_decl *const *decls = method_decls(&n);
    struct form_choice *choices = mem_alloc(n * sizeof *choices);
    for (size_t i = 0; i < n; i++)
        choices[i] = (struct form_choice){decls[i]->id, decls[i]->title};
    struct form_field *field = form_add(f, FIELD_METHOD, FORM_CHOICE, "METHOD", "Method", "", NULL);
    form_field_choices(field, choices, n);
    if (!form_field_choose(field, "saliency"))
        field->chosen = 0;
    free(choices);
}

static void add_functions(struct form *f) {
    size_t n;
    const struct step_function_decl *const *decls = step_function_decls(&n);
    struct form_choice *choices = mem_alloc((n + 1) * sizeof *choices);
    size_t n_choices = 0;
    for (size_t i = 0; i < n; i++)
        if (decls[i]->can_be_target)
            choices[n_choices++] = (struct form_choice){decls[i]->id, decls[i]->title};
    struct form_field *field = form_add(f, FIELD_FUNCTION, FORM_CHOICE, "METHOD", "Function", "", NULL);
    form_field_choices(field, choices, n_choices);
    form_field_choose(field, "probability");
    free(choices);
}

static void add_step_scores(struct form *f) {
    size_t n;
    const struct step_function_decl *const *decls = step_function_decls(&n);
    struct form_choice *choices = mem_alloc(n * sizeof *choices);
    for (size_t i = 0; i < n; i++)
        choices[i] = (struct form_choice){decls[i]->id, decls[i]->id};
    struct form_field *field = form_add(f, FIELD_STEP_SCORES, FORM_SET, "SCORES AND SIDES", "Step scores",
                                        "Shown below the map for every step. Left, Right: choose one; Space: on or off.", NULL);
    form_field_choices(field, choices, n);
    free(choices);
}

/* One field of a method's or a function's option. */
static void add_option(struct form *f, const struct option_decl *o) {
    static const enum form_kind kinds[] = {
        [OPTION_BOOL] = FORM_FLAG, [OPTION_INT] = FORM_TEXT, [OPTION_FLOAT] = FORM_TEXT, [OPTION_TEXT] = FORM_TEXT, [OPTION_CHOICE] = FORM_CHOICE, [OPTION_JSON] = FORM_TEXT};
    char *label = mem_format("  %s", o->name), *help;
    if (o->type == OPTION_INT || o->type == OPTION_FLOAT)
        help = mem_format("%s (%g to %g%s%s)", o->help ? o->help : "", o->minimum, o->maximum, o->unit ? " " : "", o->unit ? o->unit : "");
    else
        help = mem_text(o->help);
    struct form_field *field = form_add(f, FIELD_OPTION, kinds[o->type], "METHOD", label, help, o->default_value);
    field->name = mem_text(o->name);
    if (o->type == OPTION_BOOL)
        field->chosen = o->default_value && strcmp(o->default_value, "true") == 0;
    if (o->type == OPTION_CHOICE) {
        size_t n = 0;
        while (o->choices && o->choices[n])
            n++;
        struct form_choice *choices = mem_alloc(n * sizeof *choices);
        for (size_t i = 0; i < n; i++)
            choices[i] = (struct form_choice){o->choices[i], o->choices[i]};
        form_field_choices(field, choices, n);
        form_field_choose(field, o->default_value);
        free(choices);
    }
    free(label);
    free(help);
}

static const char *chosen_of(const struct form *f, int id) {
    const struct form_field *field = form_find(f, id);
    return field ? form_field_chosen(field) : NULL;
}

static const struct method_decl *chosen_method(const struct form *f) {
    const char *id = chosen_of(f, FIELD_METHOD);
    return id ? method_decl_find(id) : NULL;
}

static const struct step_function_decl *chosen_function(const struct form *f) {
    const char *id = chosen_of(f, FIELD_FUNCTION);
    return id ? step_function_decl_find(id) : NULL;
}

static void replace_text(char **to, const char *text) {
    free(*to);
    *to = mem_text(text);
}

/* What a field had before it was made anew. Choices are matched by id: another method may have others. */
static void keep_value(struct form_field *to, struct form_field *from) {
    struct edit edit = to->edit;
    to->edit = from->edit;
    from->edit = edit;
    if (to->kind == FORM_FLAG)
        to->chosen = from->chosen;
    else if (to->kind == FORM_CHOICE)
        form_field_choose(to, form_field_chosen(from));
    else if (to->kind == FORM_SET && to->n_choices == from->n_choices) {
        memcpy(to->selected, from->selected, to->n_choices * sizeof *to->selected);
        to->chosen = from->chosen;
    }
}

static void keep(struct form *to, const struct form *from, int id) {
    struct form_field *old = form_find(from, id), *new = form_find(to, id);
    if (old && new)
        keep_value(new, old);
}

static void add_generation(struct form *f, const struct form *before) {
    struct form_field *field = form_add(f, FIELD_STRATEGY, FORM_CHOICE, "GENERATION", "Strategy", "How the next token is chosen. Left, Right: another one.", NULL);
    form_field_choices(field, strategies, COUNT(strategies));
    keep(f, before, FIELD_STRATEGY);
    const char *strategy = chosen_of(f, FIELD_STRATEGY);
    for (size_t i = 0; i < COUNT(generation_fields); i++) {
        const struct generation_field *g = &generation_fields[i];
        if (!g->strategy || strcmp(g->strategy, strategy) == 0)
            form_add(f, (int)g->id, FORM_TEXT, "GENERATION", g->label, g->help, g->placeholder);
    }
    form_add(f, FIELD_GENERATION_EXTRA, FORM_TEXT, "GENERATION", "More (JSON)", "Other arguments of generate() as a JSON object: {\"no_repeat_ngram_size\": 2}", "{}");
}

static void make_fields(struct form *f, const struct form *before) {
    form_add(f, FIELD_MODEL, FORM_PICK, "MODEL AND TEXT", "Model", "Enter: choose among the models found, or type a path.", "none: Enter to choose");
    form_add(f, FIELD_PROMPT, FORM_LINES, "MODEL AND TEXT", "Prompt", "The text to continue or to translate. Ctrl-O: a new line. Ctrl-X: open in $EDITOR.", "type the text here");
    form_add(f, FIELD_FORCED, FORM_LINES, "MODEL AND TEXT", "Forced target",
             "Explain this text instead of generating one. For a language model it begins with the prompt.", "none: generate");
    add_methods(f);
    keep(f, before, FIELD_METHOD);
    const struct method_decl *method = chosen_method(f);
    struct form_field *field = form_find(f, FIELD_METHOD);
    replace_text(&field->help, method ? method->summary : NULL);
    for (size_t i = 0; method && i < method->n_options; i++)
        add_option(f, &method->options[i]);
    if (!method || method->needs_attributed_fn)
        add_functions(f);
    keep(f, before, FIELD_FUNCTION);
    const struct step_function_decl *function = chosen_function(f);
    if (function) {
        field = form_find(f, FIELD_FUNCTION);
        char *help = mem_format("%s: %s", function->formula ? function->formula : function->id, function->summary ? function->summary : "");
        replace_text(&field->help, help);
        free(help);
        for (size_t i = 0; i < function->n_options; i++)
            if (!form_find_option(f, function->options[i].name))
                add_option(f, &function->options[i]);
    }
    form_add(f, FIELD_CONTRAST, FORM_LINES, "CONTRAST", "Contrast text",
             "Why the generated text rather than this one? Whole text; for a language model it begins with the prompt.", "none");
    form_add(f, FIELD_FOIL, FORM_PICK, "CONTRAST", "Foil token", "Why this token rather than that at one step. c on the map picks it; Backspace here clears it.", "none: c on the map picks one");
    add_step_scores(f);
    form_add(f, FIELD_TARGET_SIDE, FORM_FLAG, "SCORES AND SIDES", "Target side", "Translators: attribute the target's own tokens, too.", NULL);
    form_add(f, FIELD_START, FORM_TEXT, "SCORES AND SIDES", "Start", "First position to explain. Negative: from the end. Unset: the first generated token.", "first");
    form_add(f, FIELD_END, FORM_TEXT, "SCORES AND SIDES", "End", "Position after the last to explain. Negative: from the end.", "last");
    form_add(f, FIELD_EXTRA, FORM_TEXT, "SCORES AND SIDES", "More (JSON)", "Other options of method and functions as a JSON object, as --attribution_kwargs takes them.", "{}");
    add_generation(f, before);
}

void form_fields_refresh(struct form_fields *f) {
    struct form before = f->form;
    const struct form_field *focus = form_focused(&before);
    int focus_id = focus ? focus->id : FIELD_PROMPT;
    char *focus_name = focus ? mem_text(focus->name) : NULL;
    f->form = (struct form){.top = before.top};
    make_fields(&f->form, &before);
    for (size_t i = 0; i < f->form.n_fields; i++) {
        struct form_field *field = &f->form.fields[i], *old = field->name ? form_find_option(&before, field->name) : form_find(&before, field->id);
        if (old)
            keep_value(field, old);
    }
    for (size_t i = 0; i < f->form.n_fields; i++) {
        const struct form_field *field = &f->form.fields[i];
        if (field->id == focus_id && (!focus_name || (field->name && strcmp(field->name, focus_name) == 0)))
            f->form.focus = i;
    }
    free(focus_name);
    form_dispose(&before);
}

void form_fields_set_foil(struct form_fields *f, int64_t step, int32_t id, const char *printable) {
    char *text = mem_format("step %lld: %s", (long long)step + 1, printable ? printable : "?");
    f->foil_step = step;
    f->foil_id = id;
    edit_set(&form_find(&f->form, FIELD_FOIL)->edit, text);
    free(text);
}

void form_fields_clear_foil(struct form_fields *f) {
    f->foil_step = f->foil_id = -1;
    edit_set(&form_find(&f->form, FIELD_FOIL)->edit, "");
}
