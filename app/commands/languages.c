/* The languages of a translator to choose from. */
#include "app/commands/handlers.h"

#include "app/tui/state.h"
#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* The name at `index` of those that the loaded model has, owned by the caller; NULL: none is. */
static char *name_at(const struct form_fields *f, int index) {
    const char *at = f->languages;
    for (; at && index > 0; index--) {
        at = strchr(at, ' ');
        at = at ? at + 1 : NULL;
    }
    return at && index == 0 ? mem_text_n(at, strcspn(at, " ")) : NULL;
}

static void chose(struct app *a, int field, const struct overlay_answer *answer) {
    char *name = name_at(&a->form, answer->id);
    if (name)
        form_fields_set_language(&a->form, field, name);
    free(name);
}

static void chose_source(struct app *a, const struct overlay_answer *answer) {
    chose(a, FIELD_SOURCE_LANGUAGE, answer);
}

static void chose_target(struct app *a, const struct overlay_answer *answer) {
    chose(a, FIELD_TARGET_LANGUAGE, answer);
}

void app_pick_language(struct app *a, int field) {
    const bool source = field == FIELD_SOURCE_LANGUAGE;
    const struct form_fields *f = &a->form;
    const char *wanted = f->language[!source], *now = wanted ? wanted : f->own_language[!source];
    struct picker p;
    char *name;
    int at = 0;
    picker_init(&p, source ? "translate from" : "translate into");
    for (int i = 0; (name = name_at(f, i)); i++) {
        picker_add(&p, i, name, NULL, NULL);
        if (now && strcmp(now, name) == 0)
            at = i;
        free(name);
    }
    picker_ready(&p, at);
    overlay_pick(app_overlay(a, source ? chose_source : chose_target), &p);
}
