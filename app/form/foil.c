/* The form's foil: a token of one step of one text, and the function that it asks for. */
#include "app/form/own.h"

#include "backend/base/mem.h"
#include "methods/declare/declare.h"

#include <stdlib.h>
#include <string.h>

/* What decides which token stands at a step: the model and the texts, owned by the caller. */
static char *texts_of(const struct form_fields *f) {
    return mem_format("%s\n%s\n%s", form_fields_model(f),
                      edit_text(&form_find(&f->form, FIELD_PROMPT)->edit),
                      edit_text(&form_find(&f->form, FIELD_FORCED)->edit));
}

/* "step 3: Rome | London", owned by the caller. */
static char *several_label(const struct foil *foil) {
    struct text_buffer b = {0};
    text_buffer_format(&b, "step %lld: ", (long long)foil->step.value + 1);
    for (size_t i = 0; i < foil_count(foil); i++) {
        const struct foil_choice c = foil_choice_at(foil, i);
        const char *between = i ? " | " : "";
        if (c.text)
            text_buffer_format(&b, "%s%s", between, c.text);
        else if (c.rank)
            text_buffer_format(&b, "%schoice %lld", between, (long long)c.rank);
        else
            text_buffer_format(&b, "%sid %d", between, c.id);
    }
    return text_buffer_take(&b);
}

/* "step 3: ·Rome", owned by the caller. */
static char *foil_label(const struct foil *foil, const char *printable) {
    const long long step = foil->step.value + 1;
    if (printable)
        return mem_format("step %lld: %s", step, printable);
    if (foil->n_more)
        return several_label(foil);
    if (foil->text)
        return mem_format("step %lld: \"%s\"", step, foil->text);
    if (foil->rank)
        return mem_format("step %lld: choice %lld of the model's others", step,
                          (long long)foil->rank);
    return mem_format("step %lld: id %d", step, foil->id);
}

void form_fields_set_foil(struct form_fields *f, const struct foil *foil, const char *printable) {
    const struct foil own = foil_copy(foil);
    form_fields_clear_foil(f);
    f->foil = own;
    f->foil_for = texts_of(f);
    char *label = foil_label(&f->foil, printable);
    edit_set(&form_find(&f->form, FIELD_FOIL)->edit, label);
    free(label);
}

void form_fields_clear_foil(struct form_fields *f) {
    foil_dispose(&f->foil);
    free(f->foil_for);
    f->foil_for = NULL;
    edit_set(&form_find(&f->form, FIELD_FOIL)->edit, "");
}

const char *form_function_before(const struct form_fields *f) {
    return f->function_before ? f->function_before : "probability";
}

void form_fields_remove_foil(struct form_fields *f) {
    struct form_field *field = form_find(&f->form, FIELD_FUNCTION);
    const char *now = field ? form_field_chosen(field) : NULL;
    form_fields_clear_foil(f);
    if (now && strcmp(now, FORM_CONTRAST) == 0) {
        form_field_choose(field, form_function_before(f));
        form_fields_refresh(f);
    }
    free(f->function_before);
    f->function_before = NULL;
}

/* There are other texts now; NULL: any will do. */
static bool is_other(const struct form_fields *f, const char *texts) {
    char *now = texts ? texts_of(f) : NULL;
    const bool other = texts && strcmp(now, texts) != 0;
    free(now);
    return other;
}

bool form_foil_is_stale(const struct form_fields *f) {
    return foil_given(&f->foil) && f->foil.rank == 0 && is_other(f, f->foil_for);
}

bool form_span_is_stale(const struct form_fields *f) {
    return !edit_is_empty(&form_find(&f->form, FIELD_SPAN)->edit) && is_other(f, f->span_for);
}

void form_bind_span(struct form_fields *f) {
    const bool any = !edit_is_empty(&form_find(&f->form, FIELD_PROMPT)->edit);
    mem_replace(&f->span_for, any ? texts_of(f) : NULL);
}

void form_fields_changed(struct form_fields *f, int id) {
    if (id == FIELD_SPAN)
        form_bind_span(f);
}

const char *form_fields_drop_stale(struct form_fields *f) {
    const bool foil = form_foil_is_stale(f), span = form_span_is_stale(f);
    if (foil)
        form_fields_remove_foil(f);
    if (span)
        form_fields_set_span(f, &(struct span){0});
    form_bind_span(f);
    if (foil && span)
        return "the foil and the span";
    if (foil)
        return "the foil";
    return span ? "the span" : NULL;
}

void form_fields_want_contrast(struct form_fields *f) {
    struct form_field *field = form_find(&f->form, FIELD_FUNCTION);
    const char *now = field ? form_field_chosen(field) : NULL;
    const struct step_function_decl *decl = now ? step_function_decl_find(now) : NULL;
    /* A formula may hold a foil. */
    if (!field || (now && strcmp(now, CHOICE_FORMULA) == 0) || (decl && decl->contrastive))
        return;
    free(f->function_before);
    f->function_before = now ? mem_text(now) : NULL;
    form_field_choose(field, FORM_CONTRAST);
    form_fields_refresh(f);
}

/* --- the row --- */

static void add_foil(struct form *f, const struct form *before, const struct form_fields *of) {
    (void)before, (void)of;
    form_add(f, FIELD_FOIL, FORM_PICK, GROUP_MAIN, "Foil token",
             "Why this token rather than that at one step. {CONTRAST} picks it; {ERASE} here "
             "clears it.",
             "none: {CONTRAST} picks one");
}

static void fill_foil(struct form_fields *f, const struct attribute_request *r) {
    if (foil_given(&r->foil))
        form_fields_set_foil(f, &r->foil, NULL);
    else
        form_fields_clear_foil(f);
}

static enum err_code collect_foil(struct attribute_request *out, struct form_fields *f,
                                  struct err *e) {
    (void)e;
    out->foil = foil_copy(&f->foil);
    return ERR_OK;
}

const struct own_field own_FOIL = {add_foil, fill_foil, collect_foil};
