/* The form's foil: a token of one step of one text, and the function that it asks for. */
#include "app/form/fields.h"

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

static void show_foil(struct form_fields *f, char *text) {
    edit_set(&form_find(&f->form, FIELD_FOIL)->edit, text);
    free(text);
}

void form_fields_set_foil(struct form_fields *f, int64_t step, int32_t id, const char *printable) {
    form_fields_clear_foil(f);
    f->foil_step = step;
    f->foil_id = id;
    f->foil_for = texts(f);
    show_foil(f, mem_format("step %lld: %s", (long long)step + 1, printable ? printable : "?"));
}

void form_fields_set_foil_text(struct form_fields *f, int64_t step, const char *text) {
    char *owned = mem_text(text);
    form_fields_clear_foil(f);
    f->foil_step = step;
    f->foil_text = owned;
    f->foil_for = texts(f);
    show_foil(f, mem_format("step %lld: \"%s\"", (long long)step + 1, owned));
}

void form_fields_clear_foil(struct form_fields *f) {
    f->foil_step = f->foil_id = -1;
    f->foil_rank = 0;
    free(f->foil_text);
    free(f->foil_for);
    f->foil_text = f->foil_for = NULL;
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
    if (f->foil_step < 0 || f->foil_rank > 0 || !f->foil_for)
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
    if (!field || (now && strcmp(now, CHOICE_FORMULA) == 0) ||
        (decl && decl->contrastive)) /* a formula may hold a foil */
        return;
    free(f->function_before);
    f->function_before = now ? mem_text(now) : NULL;
    form_field_choose(field, CONTRAST);
    form_fields_refresh(f);
}
