#include "app/form/fields.h"

#include "app/files/request.h"
#include "backend/base/mem.h"
#include "methods/declare/declare.h"

#include <stdlib.h>
#include <string.h>

static const struct form_choice strategies[] = {{"model", "as the model's files say"},
                                                {"greedy", "greedy"},
                                                {"beam", "beam search"},
                                                {"sample", "sampling"}};

static const struct generation_field generation_fields[] = {
    {FIELD_LENGTH, "max_new_tokens", "New tokens",
     "The most tokens to generate. Unset: as the model's files say, else 20.", "unset", NULL, true,
     1, 4096},
    {FIELD_BEAMS, "num_beams", "Beams", "Hypotheses kept at each step.", "4", "beam", true, 2, 64},
    {FIELD_TEMPERATURE, "temperature", "Temperature",
     "Logits are divided by it: below 1 sharper, above 1 flatter.", "1", "sample", false, 1e-6,
     1e6},
    {FIELD_TOP_K, "top_k", "Top k", "Sample among the k most probable tokens; 0 for all.", "50",
     "sample", true, 0, 1e7},
    {FIELD_TOP_P, "top_p", "Top p",
     "Sample among the fewest tokens that hold this share of the probability.", "1", "sample",
     false, 0, 1},
    {FIELD_SEED, "seed", "Seed", "The same seed gives the same text.", "0", "sample", true, 0,
     9007199254740992.0},
};
static const struct form_choice alignments[] = {{CHOICE_ALIGN_END, "from the end"},
                                                {"position", "by position"},
                                                {"diff", "by what they share"},
                                                {"auto", "by meaning (an encoder)"},
                                                {CHOICE_PAIRS, "by hand"}};
static const struct form_choice reductions[] = {{"sum", "sum"}, {"mean", "mean"}};
#define COUNT(a) (sizeof(a) / sizeof *(a))

const struct generation_field *form_generation_fields(size_t *n) {
    *n = COUNT(generation_fields);
    return generation_fields;
}

#define LONG_NAME 16 /* letters of an option's name that a narrow form shows */

void form_fields_init(struct form_fields *f) {
    *f = (struct form_fields){.foil_step = -1, .foil_id = -1};
    struct attribute_request empty = request_defaults();
    form_fields_fill(f, "", &empty);
}

void form_fields_dispose(struct form_fields *f) {
    form_dispose(&f->form);
    free(f->foil_text);
    free(f->foil_for);
    free(f->function_before);
    f->foil_text = f->foil_for = f->function_before = NULL;
}

const char *form_fields_model(const struct form_fields *f) {
    return edit_text(&form_find(&f->form, FIELD_MODEL)->edit);
}

/* --- making the fields ------------------------------------------------------------------- */

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
    choices[n_choices++] = (struct form_choice){CHOICE_FORMULA, "a formula"};
    struct form_field *field =
        form_add(f, FIELD_FUNCTION, FORM_CHOICE, "METHOD", "Function", "", NULL);
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
    struct form_field *field = form_add(
        f, FIELD_STEP_SCORES, FORM_SET, "SCORES AND SIDES", "Step scores",
        "Shown below the map for every step. {PREVIOUS_CHOICE}, {NEXT_CHOICE}: choose one; "
        "{TOGGLE}: on or off.",
        NULL);
    form_field_choices(field, choices, n);
    free(choices);
}

/* NULL: there is none, or it says so. */
static const char *default_of(const struct option_decl *o) {
    return o->default_value && *o->default_value && strcmp(o->default_value, "null") != 0
               ? o->default_value
               : NULL;
}

/* What an option is, its range and its default. The name too where the label may cut it. */
static char *option_help(const struct option_decl *o) {
    struct text_buffer b = {0};
    if (strlen(o->name) > LONG_NAME)
        text_buffer_format(&b, "%s: ", o->name);
    text_buffer_puts(&b, o->help ? o->help : "");
    if (o->type == OPTION_INT || o->type == OPTION_FLOAT)
        text_buffer_format(&b, " %.15g to %.15g%s%s;", o->minimum, o->maximum, o->unit ? " " : "",
                           o->unit ? o->unit : "");
    if (o->type == OPTION_CHOICE)
        for (size_t i = 0; o->choices && o->choices[i]; i++)
            text_buffer_format(&b, "%s%s%s", i ? ", " : " One of ", o->choices[i],
                               o->choices[i + 1] ? "" : ";");
    const char *fallback =
        o->type == OPTION_BOOL
            ? (o->default_value && strcmp(o->default_value, "true") == 0 ? "on" : "off")
            : default_of(o);
    const bool number = o->type == OPTION_INT || o->type == OPTION_FLOAT,
               after = number || o->type == OPTION_CHOICE; /* a semicolon */
    if (fallback)
        text_buffer_format(&b, " %s %s.", after ? "default" : "Default", fallback);
    else
        text_buffer_puts(&b, number ? " must be given." : " Default: none.");
    return text_buffer_take(&b);
}

/* One field of a method's or a function's option. */
static void add_option(struct form *f, const struct option_decl *o, const char *group) {
    static const enum form_kind kinds[] = {
        [OPTION_BOOL] = FORM_FLAG, [OPTION_INT] = FORM_TEXT,      [OPTION_FLOAT] = FORM_TEXT,
        [OPTION_TEXT] = FORM_TEXT, [OPTION_CHOICE] = FORM_CHOICE, [OPTION_JSON] = FORM_TEXT};
    if (form_find_option(f, o->name)) /* one value serves all that have it */
        return;
    char *label = mem_format("  %s", o->name), *help = option_help(o);
    const char *fallback = default_of(o)                                      ? default_of(o)
                           : o->type == OPTION_INT || o->type == OPTION_FLOAT ? "needed"
                                                                              : "none";
    struct form_field *field =
        form_add(f, FIELD_OPTION, kinds[o->type], group, label, help, fallback);
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

static const struct option_decl *find_option(const struct option_decl *options, size_t n,
                                             const char *name) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(options[i].name, name) == 0)
            return &options[i];
    return NULL;
}

const struct option_decl *form_fields_option(const struct form *f, const char *name) {
    const struct method_decl *method = chosen_method(f);
    const struct step_function_decl *function = chosen_function(f);
    const struct form_field *scores = form_find(f, FIELD_STEP_SCORES);
    const struct option_decl *o =
        method ? find_option(method->options, method->n_options, name) : NULL;
    if (!o && function)
        o = find_option(function->options, function->n_options, name);
    for (size_t i = 0; !o && scores && i < scores->n_choices; i++) {
        const struct step_function_decl *score =
            scores->selected[i] ? step_function_decl_find(scores->choices[i].id) : NULL;
        o = score ? find_option(score->options, score->n_options, name) : NULL;
    }
    return o;
}

/* What a field had before it was made anew. Choices are matched by id: another method may have
 * others. */
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
    struct form_field *field =
        form_add(f, FIELD_STRATEGY, FORM_CHOICE, "GENERATION", "Strategy",
                 "How the next token is chosen. Left, Right: another one.", NULL);
    form_field_choices(field, strategies, COUNT(strategies));
    keep(f, before, FIELD_STRATEGY);
    const char *strategy = chosen_of(f, FIELD_STRATEGY);
    for (size_t i = 0; i < COUNT(generation_fields); i++) {
        const struct generation_field *g = &generation_fields[i];
        if (!g->strategy || strcmp(g->strategy, strategy) == 0)
            form_add(f, (int)g->id, FORM_TEXT, "GENERATION", g->label, g->help, g->placeholder);
    }
    form_add(f, FIELD_GENERATION_EXTRA, FORM_TEXT, "GENERATION", "More (JSON)",
             "Other arguments of generate() as a JSON object: {\"no_repeat_ngram_size\": 2}", "{}");
}

/* An option that stands at its default: the next method's may be another. */
static bool at_default(const struct form_field *field) {
    const char *value = field->kind == FORM_CHOICE ? form_field_chosen(field)
                        : field->chosen            ? "true"
                                                   : "false";
    return field->name && (field->kind == FORM_CHOICE || field->kind == FORM_FLAG) &&
           field->placeholder && value && strcmp(value, field->placeholder) == 0;
}

/* A method may explain a function of its own unless told otherwise. */
static const char *usual_function(const struct method_decl *method) {
    return method && method->default_attributed_fn ? method->default_attributed_fn : "probability";
}

/* other: the method of the form before. */
static void add_method_and_function(struct form *f, const struct form *before,
                                    const struct method_decl *other) {
    add_methods(f);
    keep(f, before, FIELD_METHOD);
    const struct method_decl *method = chosen_method(f);
    struct form_field *field = form_find(f, FIELD_METHOD);
    mem_replace(&field->help, mem_text(method ? method->summary : NULL));
    for (size_t i = 0; method && i < method->n_options; i++)
        add_option(f, &method->options[i], "METHOD");
    if (method && !method->needs_attributed_fn)
        return;
    add_functions(f);
    keep(f, before, FIELD_FUNCTION);
    field = form_find(f, FIELD_FUNCTION);
    const char *was = chosen_of(before, FIELD_FUNCTION);
    if (method != other && (!was || strcmp(was, usual_function(other)) == 0))
        form_field_choose(field, usual_function(method));
    const struct step_function_decl *function = chosen_function(f);
    if (strcmp(form_field_chosen(field), CHOICE_FORMULA) == 0) {
        mem_replace(&field->help,
                    mem_text("What is attributed, as a formula of the model's outputs."));
        form_add(f, FIELD_FORMULA, FORM_TEXT, "METHOD", "  formula",
                 "logit, prob and logprob of y, foil or #ID, any function as NAME(), + - * / ^, "
                 "exp, log, sqrt, abs, min, max. 'tinseq explain expressions' "
                 "says all.",
                 "logit(y) - 0.5*entropy()");
    }
    if (!function)
        return;
    char *help = mem_format("%s: %s", function->formula ? function->formula : function->id,
                            function->summary ? function->summary : "");
    mem_replace(&field->help, mem_text(help));
    free(help);
    for (size_t i = 0; i < function->n_options; i++)
        add_option(f, &function->options[i], "METHOD");
}

static void add_contrast(struct form *f, const struct form *before) {
    form_add(f, FIELD_CONTRAST, FORM_LINES, "CONTRAST", "Contrast text",
             "Why the generated text rather than this one? Whole text; for a language model it "
             "begins with the prompt.",
             "none");
    form_add(f, FIELD_CONTRAST_SOURCE, FORM_LINES, "CONTRAST", "Its source",
             "Translators: the source text of the contrast's own run. None: the prompt.",
             "the prompt");
    struct form_field *field = form_add(
        f, FIELD_ALIGNMENT, FORM_CHOICE, "CONTRAST", "Alignment",
        "Which token of the contrast each step is held against: counted from the end (as Inseq "
        "does), by position, "
        "by what the texts share, by meaning with an encoder model, or pairs given by hand.",
        NULL);
    form_field_choices(field, alignments, COUNT(alignments));
    keep(f, before, FIELD_ALIGNMENT);
    if (strcmp(chosen_of(f, FIELD_ALIGNMENT), CHOICE_PAIRS) == 0)
        form_add(f, FIELD_PAIRS, FORM_TEXT, "CONTRAST", "  pairs",
                 "Positions as a JSON list of [target, contrast]; steps that are not listed are "
                 "counted from the end.",
                 "[[6, 6], [7, 8]]");
    form_add(f, FIELD_FORCE_INPUTS, FORM_FLAG, "CONTRAST", "Force inputs",
             "The function compares with the contrast's own run: its own source and prefix "
             "(contrast_force_inputs). Off: the input stays the original.",
             NULL);
    form_add(f, FIELD_FOIL, FORM_PICK, "CONTRAST", "Foil token",
             "Why this token rather than that at one step. {CONTRAST} picks it; {ERASE} here "
             "clears it.",
             "none: {CONTRAST} picks one");
}

static void add_scores(struct form *f, const struct form *before) {
    static const char *const group = "SCORES AND SIDES";
    add_step_scores(f);
    keep(f, before, FIELD_STEP_SCORES);
    const struct form_field *scores = form_find(f, FIELD_STEP_SCORES);
    const size_t n = scores->n_choices;
    for (size_t i = 0; i < n; i++) {
        scores = form_find(f, FIELD_STEP_SCORES); /* adding fields moves them */
        const struct step_function_decl *score =
            scores->selected[i] ? step_function_decl_find(scores->choices[i].id) : NULL;
        for (size_t k = 0; score && k < score->n_options; k++)
            add_option(f, &score->options[k], group);
    }
    form_add(f, FIELD_FORMULAS, FORM_TEXT, group, "As formulas",
             "More step scores, as formulas with ; between them: prob(y) - prob(foil); entropy()^2",
             "none");
    form_add(f, FIELD_TARGET_SIDE, FORM_FLAG, group, "Target side",
             "Translators: attribute the target's own tokens, too.", NULL);
    form_add(f, FIELD_START, FORM_TEXT, group, "Start",
             "First position to explain. Negative: from the end. Unset: the first generated token.",
             "first");
    form_add(f, FIELD_END, FORM_TEXT, group, "End",
             "Position after the last to explain. Negative: from the end.", "last");
    form_add(f, FIELD_SPAN, FORM_TEXT, group, "Span",
             "Positions to explain together as one target, the end exclusive: 6:9. On the map, v "
             "and V take it from the columns.",
             "none: each token by itself");
    struct form_field *field =
        form_add(f, FIELD_SPAN_REDUCE, FORM_CHOICE, group, "  of a span",
                 "What is explained of the function over a span's tokens.", NULL);
    form_field_choices(field, reductions, COUNT(reductions));
    form_add(f, FIELD_BUDGET, FORM_TEXT, group, "Memory",
             "MB that a run's chunks may take, 16 to 1000000: less memory, more passes, the same "
             "result. Unset: a quarter of what is free, 256 at most.",
             "unset");
    form_add(f, FIELD_EXTRA, FORM_TEXT, group, "More (JSON)",
             "Other options of method and functions as a JSON object, as --attribution_kwargs "
             "takes them.",
             "{}");
}

static void make_fields(struct form *f, const struct form *before,
                        const struct method_decl *other) {
    form_add(f, FIELD_MODEL, FORM_PICK, "MODEL AND TEXT", "Model",
             "{CHOOSE}: choose among the models found, or type a path.",
             "none: {CHOOSE} to choose");
    form_add(f, FIELD_PROMPT, FORM_LINES, "MODEL AND TEXT", "Prompt",
             "The text to continue or to translate. {NEW_LINE}: a new line. {EDITOR}: open in "
             "$EDITOR.",
             "type the text here");
    form_add(f, FIELD_FORCED, FORM_LINES, "MODEL AND TEXT", "Forced target",
             "Explain this text instead of generating one. For a language model it begins with the "
             "prompt.",
             "none: generate");
    add_method_and_function(f, before, other);
    add_contrast(f, before);
    add_scores(f, before);
    add_generation(f, before);
}

void form_fields_refresh(struct form_fields *f) {
    struct form before = f->form;
    const struct form_field *focus = form_focused(&before);
    int focus_id = focus ? focus->id : FIELD_PROMPT;
    char *focus_name = focus ? mem_text(focus->name) : NULL;
    f->form = (struct form){.top = before.top};
    make_fields(&f->form, &before, f->method);
    f->method = chosen_method(&f->form);
    for (size_t i = 0; i < f->form.n_fields; i++) {
        struct form_field *field = &f->form.fields[i],
                          *old = field->name ? form_find_option(&before, field->name)
                                             : form_find(&before, field->id);
        if (old && field->id != FIELD_FUNCTION &&
            !at_default(old)) /* settled already, as the method wants it */
            keep_value(field, old);
    }
    for (size_t i = 0; i < f->form.n_fields; i++) {
        const struct form_field *field = &f->form.fields[i];
        if (field->id == focus_id &&
            (!focus_name || (field->name && strcmp(field->name, focus_name) == 0)))
            f->form.focus = i;
    }
    free(focus_name);
    form_dispose(&before);
}

void form_fields_set_span(struct form_fields *f, int64_t start, int64_t end, bool mean) {
    char *text =
        !start && !end ? mem_text("") : mem_format("%lld:%lld", (long long)start, (long long)end);
    edit_set(&form_find(&f->form, FIELD_SPAN)->edit, text);
    form_field_choose(form_find(&f->form, FIELD_SPAN_REDUCE), mean ? "mean" : "sum");
    free(text);
    if (!start && !end)
        return;
    edit_set(&form_find(&f->form, FIELD_START)->edit, "");
    edit_set(&form_find(&f->form, FIELD_END)->edit, "");
}
