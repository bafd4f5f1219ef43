/* The list of a field's choices, to filter and choose from. Of a set, each choice is switched on or
 * off, and the list stays. */
#include "app/commands/handlers.h"

#include "app/tui/state.h"
#include "backend/base/mem.h"
#include "methods/declare/declare.h"

#include <stdlib.h>
#include <string.h>

static void open_list(struct app *a, int at);

static void chose(struct app *a, const struct overlay_answer *answer) {
    struct form_field *field = form_focused(&a->form.form);
    const int at = answer->id;
    if (!field || at < 0 || (size_t)at >= field->n_choices)
        return;
    const bool set = field->kind == FORM_SET;
    field->chosen = (size_t)at;
    if (set)
        field->selected[at] = !field->selected[at];
    form_fields_refresh(&a->form);
    if (set)
        open_list(a, at);
}

static void add_choice(struct picker *p, const struct form_field *field, size_t i) {
    const bool set = field->kind == FORM_SET;
    const struct step_function_decl *function =
        set ? step_function_decl_find(field->choices[i].id) : NULL;
    const char *box = set && field->selected[i] ? "[x] " : "[ ] ";
    char *title = mem_format("%s%s", set ? box : "", field->choices[i].title);
    picker_add(p, (int)i, title, !set && i == field->usual ? "usual" : NULL,
               function ? function->summary : NULL);
    free(title);
}

static void open_list(struct app *a, int at) {
    const struct form_field *field = form_focused(&a->form.form);
    struct picker p;
    picker_init(&p, field->label + strspn(field->label, " "));
    for (size_t i = 0; i < field->n_choices; i++)
        add_choice(&p, field, i);
    if (field->kind == FORM_SET)
        p.hint = "{CHOOSE} on or off  {CLOSE} close";
    picker_ready(&p, at);
    overlay_pick(app_overlay(a, chose), &p);
}

void app_pick_choice(struct app *a) {
    open_list(a, (int)form_focused(&a->form.form)->chosen);
}
