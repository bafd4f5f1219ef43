/* The list of a field's choices, to filter and choose from. */
#include "app/commands/handlers.h"

#include "app/tui/state.h"

#include <string.h>

static void chose(struct app *a, const struct overlay_answer *answer) {
    struct form_field *field = form_focused(&a->form.form);
    if (!field || answer->id < 0 || (size_t)answer->id >= field->n_choices)
        return;
    field->chosen = (size_t)answer->id;
    form_fields_refresh(&a->form);
}

void app_pick_choice(struct app *a) {
    const struct form_field *field = form_focused(&a->form.form);
    struct picker p;
    picker_init(&p, field->label + strspn(field->label, " "));
    for (size_t i = 0; i < field->n_choices; i++)
        picker_add(&p, (int)i, field->choices[i].title, i == field->usual ? "usual" : NULL, NULL);
    picker_ready(&p, (int)field->chosen);
    overlay_pick(app_overlay(a, chose), &p);
}
