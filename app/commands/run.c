/* Commands about what to run: form, method, function, contrast, model. */
#include "app/commands/handlers.h"

#include "app/tui/context_shown.h"
#include "app/tui/front.h"
#include "app/tui/shown.h"
#include "app/tui/state.h"
#include "backend/base/mem.h"
#include "methods/declare/declare.h"
#include "methods/request/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void command_edit(struct app *a, int field) {
    app_go(a, VIEW_MAP);
    a->form_focus = true;
    form_focus(&a->form.form, field);
}

void command_run(struct app *a, int unused) {
    (void)unused;
    app_run(a);
}

void command_models(struct app *a, int unused) {
    (void)unused;
    app_go(a, VIEW_MODELS);
}

/* What the form knows of the model. */
static void forget_model(struct app *a) {
    form_fields_set_kind(&a->form, FORM_ANY_MODEL);
    form_fields_set_languages(&a->form, NULL, NULL);
}

void command_open_model(struct app *a, int unused) {
    const struct found_model *found = models_selected(&a->models);
    const char *name = found ? found->name : edit_text(&a->model_path);
    (void)unused;
    if (!*name)
        return;
    if (found && found->why_not) {
        app_say(a, STYLE_WARNING, "%s cannot run here: %s", name, found->why_not);
        return;
    }
    if (strcmp(name, form_fields_model(&a->form)) != 0)
        forget_model(a); /* until it is loaded */
    edit_set(&form_find(&a->form.form, FIELD_MODEL)->edit, name);
    app_use_model(a, name);
    command_edit(a, FIELD_PROMPT);
}

void command_look_again(struct app *a, int unused) {
    (void)unused;
    app_find_models(a);
    app_say(a, STYLE_NOTICE, "%zu models found", a->found.n);
}

void command_reset(struct app *a, int unused) {
    struct attribute_request empty = {0};
    (void)unused;
    app_remember_form(a);
    form_fields_fill(&a->form, NULL, &empty);
    command_edit(a, FIELD_PROMPT);
    app_say(a, STYLE_NOTICE, "the form is empty; {HISTORY} has what was typed");
}

void command_editor(struct app *a, int unused) {
    (void)unused;
    if (form_takes_text(&a->form.form))
        a->wants |= WANT_EDITOR;
    else
        app_say(a, STYLE_NOTICE, "this field is not a text");
}

/* --- function --- */

static void chose_function(struct app *a, const struct overlay_answer *answer) {
    size_t n;
    const struct step_function_decl *const *decls = step_function_decls(&n);
    struct form_field *field = form_find(&a->form.form, FIELD_FUNCTION);
    const int id = answer->id;
    if (id < 0 || (size_t)id > n || !field)
        return;
    form_field_choose(field, (size_t)id == n ? CHOICE_FORMULA : decls[id]->id);
    form_fields_refresh(&a->form);
    if ((size_t)id == n)
        command_edit(a, FIELD_FORMULA);
    else if (!a->form_focus)
        app_say(a, STYLE_NOTICE, "%s: {RUN} runs it", decls[id]->title);
}

void command_function(struct app *a, int unused) {
    struct picker p;
    size_t n;
    const struct step_function_decl *const *decls = step_function_decls(&n);
    struct form_field *field = form_find(&a->form.form, FIELD_FUNCTION);
    const char *current = field ? form_field_chosen(field) : NULL;
    int at = 0;
    (void)unused;
    if (!field) {
        app_say(a, STYLE_NOTICE, "this method attributes no function");
        return;
    }
    picker_init(&p, "what is attributed");
    for (size_t i = 0; i < n; i++) {
        if (!decls[i]->can_be_target)
            continue;
        picker_add(&p, (int)i, decls[i]->title, decls[i]->formula, decls[i]->summary);
        if (current && strcmp(current, decls[i]->id) == 0)
            at = (int)i;
    }
    picker_add(
        &p, (int)n, "a formula", "logit(y) - 0.5*entropy()",
        "Typed in the form: of logits, probabilities and other functions; differentiated through.");
    if (current && strcmp(current, CHOICE_FORMULA) == 0)
        at = (int)n;
    picker_ready(&p, at);
    overlay_pick(app_overlay(a, chose_function), &p);
}

#define WHOLE_TEXT (-2) /* the picker's item that no candidate is */

/* --- contrast --- */

/* Which step of a request without foil the column under the cursor is: a run for one foil has that
 * step alone. */
static int64_t step_of_cursor(const struct app *a) {
    const struct attribution_sequence *s = app_sequence(a);
    const int64_t first = a->current->request.foil.step.value;
    return s->one_step ? first : app_raw_columns(a, a->map.column).from + first;
}

/* Runs that step with these foils; `names`: what they look like, NULL: as they were typed. */
static void run_foil(struct app *a, const struct foil *foil, const char *names) {
    edit_set(&form_find(&a->form.form, FIELD_CONTRAST)->edit, "");
    form_fields_set_span(&a->form, &(struct span){0}); /* a foil is of one step */
    form_fields_set_foil(&a->form, foil, names);
    form_fields_want_contrast(&a->form);
    app_run(a);
}

/* What is typed is a foil for the step under the cursor, or several with "|" between them: each
 * would follow the text so far. */
static void typed_foil(struct app *a, const char *text) {
    char *word = mem_format("%lld=%s", (long long)step_of_cursor(a) + 1, text);
    struct foil foil;
    struct err e;
    if (foil_parse(&foil, word, &e) == ERR_OK)
        run_foil(a, &foil, NULL);
    else
        app_say(a, STYLE_ERROR, "\"%s\": at most %d foils, none of them empty, | between them",
                text, FOIL_MOST);
    foil_dispose(&foil);
    free(word);
}

static void contrast_with(struct app *a, const char *typed) {
    if (!*typed)
        return;
    edit_set(&form_find(&a->form.form, FIELD_CONTRAST)->edit, typed);
    form_fields_clear_foil(&a->form);
    form_fields_want_contrast(&a->form);
    app_run(a);
}

static void typed_contrast(struct app *a, const struct overlay_answer *answer) {
    contrast_with(a, answer->text);
}

/* The text of a target's token, also where it is named "foil → token". A translation's special
 * tokens are none of its text, a prompt's are. */
static void add_token(struct text_buffer *b, const struct token *t, bool translation) {
    const char *arrow = t->id < 0 ? strstr(t->bytes, " → ") : NULL; /* of a file */
    if (t->special && translation && !token_is_unknown(t))
        return;
    if (arrow)
        text_buffer_puts(b, arrow + strlen(" → "));
    else
        text_buffer_add(b, t->bytes, t->n_bytes);
}

static void add_tokens(struct text_buffer *b, const struct attribution_sequence *s, int64_t from,
                       int64_t to) {
    for (int64_t i = from; i < to && i < (int64_t)s->target.n; i++) {
        const struct token *t = &s->target.items[i];
        if (t->id >= 0 || !strstr(t->piece, " … ")) /* a span's: its tokens came before */
            add_token(b, t, s->source_attributions.data != NULL);
    }
}

/* Of a text that is complete, owned by the caller: without the space that words begin with. */
static char *taken(struct text_buffer *b) {
    char *text = text_buffer_take(b);
    if (*text == ' ')
        memmove(text, text + 1, strlen(text));
    return text;
}

/* The whole target as text: what a contrast text is made from by changing a word. */
static char *target_text(const struct attribution_sequence *s) {
    struct text_buffer b = {0};
    add_tokens(&b, s, 0, (int64_t)s->target.n);
    return taken(&b);
}

/* The whole target with another text in a span's place. */
static void contrast_span(struct app *a, const struct attribution_sequence *s, const char *typed) {
    const struct span *span = &a->current->result->info.span;
    const int64_t from = span->start.value, to = span->end.value;
    const bool spaced = from < (int64_t)s->target.n && *s->target.items[from].bytes == ' ';
    struct text_buffer b = {0};
    add_tokens(&b, s, 0, from);
    text_buffer_format(&b, "%s%s", spaced && *typed != ' ' ? " " : "", typed);
    add_tokens(&b, s, to, (int64_t)s->target.n);
    char *text = taken(&b);
    contrast_with(a, text);
    free(text);
}

static bool is_among(int id, const int *ids, size_t n) {
    bool among = false;
    for (size_t i = 0; i < n; i++)
        among |= ids[i] == id;
    return among;
}

/* Those of the candidates under the cursor that have these ids. */
static void candidates_as_foil(struct app *a, const struct attribution_sequence *s, const int *ids,
                               size_t n) {
    const int64_t g = app_raw_columns(a, a->map.column).from;
    const struct step_candidates *c =
        s->candidates && g < attribution_steps(s) ? &s->candidates[g] : NULL;
    struct foil foil = {0};
    struct text_buffer names = {0};
    for (size_t i = 0; c && i < c->n; i++) {
        if (!is_among(c->items[i].id, ids, n))
            continue;
        const struct foil_choice choice = {.id = c->items[i].id};
        const bool first = !foil_given(&foil);
        if (first)
            foil = (struct foil){.step = optional_of(step_of_cursor(a)), .id = choice.id};
        if (!first && !foil_add(&foil, &choice)) {
            app_say(a, STYLE_WARNING, "at most %d foils are compared at once", FOIL_MOST);
            goto out;
        }
        text_buffer_format(&names, "%s%s", first ? "" : " | ", c->items[i].printable);
    }
    if (foil_given(&foil))
        run_foil(a, &foil, names.text);
out:
    foil_dispose(&foil);
    text_buffer_dispose(&names);
}

/* A candidate as it would be typed; NULL: there is none of that id. */
static const char *candidate_text(const struct app *a, const struct attribution_sequence *s,
                                  int id) {
    const int64_t g = app_raw_columns(a, a->map.column).from;
    const struct step_candidates *c =
        s->candidates && g < attribution_steps(s) ? &s->candidates[g] : NULL;
    for (size_t i = 0; c && i < c->n; i++)
        if (c->items[i].id == id)
            return c->items[i].printable;
    return NULL;
}

static void chose_context_foil(struct app *a, const struct overlay_answer *answer) {
    const struct attribution_sequence *s = app_sequence(a);
    const char *text = answer->text;
    if (s && !text)
        text = candidate_text(a, s, answer->id);
    if (text && *text)
        app_run_context_foil(a, text);
}

static void chose_foil(struct app *a, const struct overlay_answer *answer) {
    const struct attribution_sequence *s = app_sequence(a);
    const char *typed = answer->text;
    const int id = answer->id;
    if (!s || !a->current)
        return;
    if (typed && *typed && span_given(&a->current->request.span))
        contrast_span(a, s, typed);
    else if (typed && *typed)
        typed_foil(a, typed);
    if (typed)
        return;
    if (id == WHOLE_TEXT) {
        char *text = target_text(s);
        overlay_input(app_overlay(a, typed_contrast), "contrast text",
                      "Change what should have come instead; all steps are contrasted:", text);
        free(text);
        return;
    }
    if (answer->n_marked)
        candidates_as_foil(a, s, answer->marked, answer->n_marked);
    else
        candidates_as_foil(a, s, &id, 1);
}

/* What was generated, as it is shown, also where a column's name is "foil → token". */
static const char *own_text(const struct token *own) {
    const char *text = own->printable, *arrow;
    while (own->id < 0 && (arrow = strstr(text, "→ ")))
        text = arrow + strlen("→ ");
    return text;
}

static bool is_own(const struct step_candidate *c, const struct token *own) {
    return own && (c->id == own->id || (own->id < 0 && strcmp(c->printable, own_text(own)) == 0));
}

/* The model's candidates at a step, with their probabilities; returns the id of the first that was
 * not generated. */
static int add_candidates(struct picker *p, const struct step_candidates *c,
                          const struct token *own) {
    int first = WHOLE_TEXT;
    float generated = 0;
    for (size_t i = 0; i < c->n; i++)
        if (is_own(&c->items[i], own))
            generated = c->items[i].probability;
    for (size_t i = 0; i < c->n; i++) {
        const float probability = c->items[i].probability;
        const bool same = is_own(&c->items[i], own);
        char number[16], detail[96];
        snprintf(number, sizeof number, probability >= 1e-4f ? "%.4f" : "%.0e",
                 (double)probability);
        if (same)
            snprintf(detail, sizeof detail, "the generated token itself");
        else if (generated > 0 && probability > 0)
            snprintf(detail, sizeof detail, "id %d; the generated token is %.3g times as probable",
                     c->items[i].id, (double)generated / (double)probability);
        else
            snprintf(detail, sizeof detail, "id %d", c->items[i].id);
        struct picker_item *item =
            picker_add(p, c->items[i].id, c->items[i].printable, number, detail);
        item->share = probability;
        item->disabled = same;
        if (!same && first == WHOLE_TEXT)
            first = c->items[i].id;
    }
    return first;
}

/* Several that the shown run is of are marked again: one more, or one less. */
static void mark_foils(struct picker *p, const struct foil *foil) {
    for (size_t i = 0; i < p->n_items && foil_count(foil) > 1; i++)
        for (size_t k = 0; k < foil_count(foil); k++) {
            const struct foil_choice choice = foil_choice_at(foil, k);
            if (!choice.rank && !choice.text && p->items[i].id == choice.id)
                p->items[i].marked = true;
        }
}

void app_pick_foil(struct app *a) {
    const struct attribution_sequence *s = app_sequence(a);
    struct picker p;
    if (!s || !a->has_shown || a->map.column >= a->map.n_columns) {
        app_say(a, STYLE_NOTICE, "run something first: a foil is picked at one of its steps");
        return;
    }
    const bool context = app_show_context(a) != NULL;
    if (context && !app_takes_context_foil(a))
        return;
    if (a->form_focus && a->job.run == NULL)
        a->form_focus = false;
    /* Of a column that is several tokens, the first. */
    const int64_t g = app_raw_columns(a, a->map.column).from, at = s->attr_pos_start + g;
    const struct token *own = at < (int64_t)s->target.n ? &s->target.items[at] : NULL;
    const struct step_candidates *c = s->candidates ? &s->candidates[g] : NULL;
    char *title = mem_format("contrast \"%s\" with", own ? own_text(own) : "?");
    picker_init(&p, title);
    free(title);
    p.takes_text = true;
    p.marks = !context && !span_given(&a->current->request.span);
    p.hint = "or type what should stand in the span's place";
    if (p.marks)
        p.hint = "{MARK} marks several   or type them: Rome|London";
    else if (context)
        p.hint = "or type what it is held against";
    int first = c ? add_candidates(&p, c, own) : WHOLE_TEXT;
    mark_foils(&p, &a->current->request.foil);
    if (!context)
        picker_add(&p, WHOLE_TEXT, "(other text)", NULL,
                   "Edit the generated text: every step is contrasted with it.")
            ->share = -1;
    picker_ready(&p, first);
    overlay_pick(app_overlay(a, context ? chose_context_foil : chose_foil), &p);
}

void command_contrast(struct app *a, int unused) {
    (void)unused;
    if (a->form_focus && !a->has_shown) {
        form_focus(&a->form.form, FIELD_CONTRAST);
        return;
    }
    app_pick_foil(a);
}
