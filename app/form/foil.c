/* The form's foil: a token of one step of one text, and the function that it asks for. */
#include "app/form/own.h"

#include "backend/base/mem.h"
#include "methods/declare/declare.h"

#include <stdlib.h>
#include <string.h>

#define CONTRAST "contrast_logits_diff"

/* What decides which token stands at a step. */
static char *texts(const struct form_fields *f) {
    return mem_format("%s\n%s\n%s", form_fields_model(f),
                      edit_text(&form_find(&f->form, FIELD_PROMPT)->edit),
                      edit_text(&form_find(&f->form, FIELD_FORCED)->edit));
}

/* "step 3: ·Rome", owned by the caller. */
static char *foil_label(const struct foil *foil, const char *printable) {
    const long long step = foil->step.value + 1;
    if (foil->text)
        return mem_format("step %lld: \"%s\"", step, foil->text);
    if (foil->rank)
        return mem_format("step %lld: choice %lld of the model's others", step,
                          (long long)foil->rank);
    if (printable)
        return mem_format("step %lld: %s", step, printable);
    return mem_format("step %lld: id %d", step, foil->id);
}

void form_fields_set_foil(struct form_fields *f, const struct foil *foil, const char *printable) {
    struct foil own = *foil;
    own.text = mem_text(foil->text);
    form_fields_clear_foil(f);
    f->foil = own;
    f->foil_for = texts(f);
    char *label = foil_label(&f->foil, printable);
    edit_set(&form_find(&f->form, FIELD_FOIL)->edit, label);
    free(label);
}

void form_fields_clear_foil(struct form_fields *f) {
    free((char *)f->foil.text);
    free(f->foil_for);
    f->foil = (struct foil){0};
    f->foil_for = NULL;
    edit_set(&form_find(&f->form, FIELD_FOIL)->edit, "");
}

void form_fields_remove_foil(struct form_fields *f) {
    struct form_field *field = form_find(&f->form, FIELD_FUNCTION);
    const char *now = field ? form_field_chosen(field) : NULL;
    form_fields_clear_foil(f);
    if (now && strcmp(now, CONTRAST) == 0) {
        form_field_choose(field, f->function_before ? f->function_before : "probability");
        form_fields_refresh(f);
    }
    free(f->function_before);
    f->function_before = NULL;
}

bool form_fields_drop_stale_foil(struct form_fields *f) {
    if (!foil_given(&f->foil) || f->foil.rank > 0 || !f->foil_for)
        return false;
    char *now = texts(f);
    const bool stale = strcmp(now, f->foil_for) != 0;
    free(now);
    if (stale)
        form_fields_remove_foil(f);
    return stale;
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
    form_field_choose(field, CONTRAST);
    form_fields_refresh(f);
}

/* --- the row --- */

static void add_foil(struct form *f, const struct form *before, const struct method_decl *other) {
    (void)before, (void)other;
    form_add(f, FIELD_FOIL, FORM_PICK, GROUP_CONTRAST, "Foil token",
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
    out->foil = f->foil;
    out->foil.text = mem_text(f->foil.text);
    return ERR_OK;
}

const struct own_field own_FOIL = {add_foil, fill_foil, collect_foil};
