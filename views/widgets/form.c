#include "views/widgets/form.h"

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/terminal/input.h"
#include "views/widgets/hint.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_FIELDS 5

static void field_dispose(struct form_field *f) {
    edit_dispose(&f->edit);
    free(f->name);
    free(f->label);
    free(f->help);
    free(f->placeholder);
    free(f->choices);
    free(f->selected);
    free(f->error);
}

void form_clear(struct form *f) {
    for (size_t i = 0; i < f->n_fields; i++)
        field_dispose(&f->fields[i]);
    free(f->fields);
    f->fields = NULL;
    f->n_fields = 0;
}

void form_dispose(struct form *f) {
    form_clear(f);
    *f = (struct form){0};
}

struct form_field *form_add(struct form *f, int id, enum form_kind kind, int group,
                            const char *label, const char *help, const char *placeholder) {
    f->fields = mem_resize(f->fields, (f->n_fields + 1) * sizeof *f->fields);
    struct form_field *field = &f->fields[f->n_fields++];
    *field = (struct form_field){.id = id,
                                 .kind = kind,
                                 .group = group,
                                 .label = mem_text(label),
                                 .help = mem_text(help),
                                 .placeholder = mem_text(placeholder),
                                 .edit.lines = kind == FORM_LINES};
    return field;
}

void form_field_choices(struct form_field *field, const struct form_choice *choices, size_t n) {
    field->choices = mem_alloc(n * sizeof *choices);
    memcpy(field->choices, choices, n * sizeof *choices);
    field->n_choices = n;
    if (field->kind == FORM_SET)
        field->selected = mem_alloc(n * sizeof *field->selected);
}

bool form_field_choose(struct form_field *field, const char *id) {
    for (size_t i = 0; id && i < field->n_choices; i++) {
        if (strcmp(field->choices[i].id, id) != 0)
            continue;
        if (field->kind == FORM_SET)
            field->selected[i] = true;
        else
            field->chosen = i;
        return true;
    }
    return false;
}

const char *form_field_chosen(const struct form_field *field) {
    return field->chosen < field->n_choices ? field->choices[field->chosen].id : NULL;
}

void form_field_fail(struct form_field *field, const char *error) {
    char *copy = mem_text(error);
    free(field->error);
    field->error = copy;
}

struct form_field *form_find(const struct form *f, int id) {
    for (size_t i = 0; i < f->n_fields; i++)
        if (f->fields[i].id == id && !f->fields[i].name)
            return &f->fields[i];
    return NULL;
}

struct form_field *form_find_option(const struct form *f, const char *name) {
    for (size_t i = 0; i < f->n_fields; i++)
        if (f->fields[i].name && strcmp(f->fields[i].name, name) == 0)
            return &f->fields[i];
    return NULL;
}

struct form_field *form_focused(const struct form *f) {
    return f->focus < f->n_fields ? &f->fields[f->focus] : NULL;
}

/* --- sections ---------------------------------------------------------------------------- */

struct form_field *form_section(const struct form *f, size_t i) {
    for (; i > 0; i--)
        if (f->fields[i - 1].kind == FORM_SECTION)
            return &f->fields[i - 1];
    return NULL;
}

bool form_shows(const struct form *f, size_t i) {
    const struct form_field *field = &f->fields[i], *section = form_section(f, i);
    if (field->kind == FORM_SECTION || i == f->focus)
        return true;
    return (!section || section->chosen) && (!field->unfit || form_field_differs(field));
}

void form_go(struct form *f, size_t i) {
    f->focus = i;
    f->stepping = false;
    struct form_field *section = form_section(f, i);
    if (section && f->fields[i].kind != FORM_SECTION)
        section->chosen = 1;
}

void form_deselect(struct form *f) {
    if (f->focus < f->n_fields)
        f->fields[f->focus].edit.selected = false;
}

bool form_focus(struct form *f, int id) {
    const struct form_field *field = form_find(f, id);
    if (field)
        form_go(f, (size_t)(field - f->fields));
    return field != NULL;
}

void form_press(struct form *f, size_t i) {
    struct form_field *field = &f->fields[i];
    form_deselect(f);
    form_go(f, i);
    if (field->kind == FORM_SECTION)
        field->chosen = !field->chosen;
}

void form_step(struct form *f, int direction) {
    size_t i = f->focus;
    if (!f->n_fields)
        return;
    do {
        i = (i + (direction > 0 ? 1 : f->n_fields - 1)) % f->n_fields;
    } while (!form_shows(f, i));
    f->focus = i;
}

/* As far as so many fields, or the end. */
static void page(struct form *f, int direction) {
    for (int n = 0; n < PAGE_FIELDS; n++) {
        const size_t before = f->focus;
        form_step(f, direction);
        if ((f->focus > before) != (direction > 0)) {
            f->focus = before;
            return;
        }
    }
}

static bool is_text(enum form_kind kind) {
    return kind == FORM_TEXT || kind == FORM_LINES;
}

void form_field_usual(struct form_field *field) {
    field->usual = field->chosen;
}

/* A text that says the default is no other text. */
static bool text_differs(const struct form_field *field) {
    return !edit_is_empty(&field->edit) &&
           !(field->placeholder && strcmp(edit_text(&field->edit), field->placeholder) == 0);
}

bool form_field_differs(const struct form_field *field) {
    switch (field->kind) {
    case FORM_TEXT:
    case FORM_LINES:
    case FORM_PICK:
        return text_differs(field);
    case FORM_CHOICE:
    case FORM_FLAG:
        return field->chosen != field->usual;
    case FORM_SET:
        for (size_t i = 0; i < field->n_choices; i++)
            if (field->selected[i])
                return true;
        return false;
    case FORM_SECTION:
        return false;
    }
    return false;
}

bool form_takes_text(const struct form *f) {
    const struct form_field *field = form_focused(f);
    return field && is_text(field->kind);
}

/* --- keys -------------------------------------------------------------------------------- */

static enum form_result key_choice(struct form_field *field, int key) {
    size_t n = field->n_choices;
    bool previous = widget_key(WIDGET_PREVIOUS_CHOICE, key),
         next = widget_key(WIDGET_NEXT_CHOICE, key);
    if (n == 0)
        return FORM_IGNORED;
    if (field->kind == FORM_SET) {
        if (previous || next) {
            field->chosen = (field->chosen + (next ? 1 : n - 1)) % n;
            return FORM_HANDLED;
        }
        if (key == ' ') {
            field->selected[field->chosen] = !field->selected[field->chosen];
            return FORM_CHANGED;
        }
        return widget_key(WIDGET_CHOOSE, key) ? FORM_OPENED : FORM_IGNORED;
    }
    if (previous || next || key == ' ') {
        field->chosen = (field->chosen + (previous ? n - 1 : 1)) % n;
        return FORM_CHANGED;
    }
    return widget_key(WIDGET_CHOOSE, key) ? FORM_OPENED : FORM_IGNORED;
}

/* False: not for it. */
static bool key_section(struct form_field *section, int key) {
    const bool opens = widget_key(WIDGET_NEXT_CHOICE, key),
               closes = widget_key(WIDGET_PREVIOUS_CHOICE, key);
    if (!opens && !closes && !widget_key(WIDGET_TOGGLE, key))
        return false;
    section->chosen = opens || (!closes && !section->chosen);
    return true;
}

enum form_result form_key(struct form *f, int key) {
    struct form_field *field = form_focused(f);
    if (key != INPUT_UP && key != INPUT_DOWN)
        f->stepping = false;
    if (!field)
        return FORM_IGNORED;
    if (is_text(field->kind)) {
        const unsigned before = field->edit.changes;
        if (edit_key(&field->edit, key)) {
            const bool changed = field->edit.changes != before;
            if (changed)
                form_field_fail(field, NULL);
            return changed ? FORM_CHANGED : FORM_HANDLED;
        }
    } else if (field->kind == FORM_FLAG &&
               (widget_key(WIDGET_TOGGLE, key) || widget_key(WIDGET_PREVIOUS_CHOICE, key) ||
                widget_key(WIDGET_NEXT_CHOICE, key))) {
        field->chosen = !field->chosen;
        return FORM_CHANGED;
    } else if (field->kind == FORM_SECTION && key_section(field, key)) {
        return FORM_HANDLED;
    } else if (field->kind == FORM_PICK && (key == ' ' || widget_key(WIDGET_CHOOSE, key))) {
        return FORM_OPENED;
    } else if (field->kind == FORM_CHOICE || field->kind == FORM_SET) {
        enum form_result result = key_choice(field, key);
        if (result != FORM_IGNORED)
            return result;
    }
    field->edit.selected = false;
    if (widget_key(WIDGET_NEXT_FIELD, key)) {
        form_step(f, 1);
        f->stepping = key == INPUT_DOWN;
        return FORM_HANDLED;
    }
    switch (key) {
    case INPUT_UP:
        form_step(f, -1);
        f->stepping = true;
        return FORM_HANDLED;
    case INPUT_SHIFT | INPUT_TAB:
        form_step(f, -1);
        return FORM_HANDLED;
    case INPUT_PAGE_DOWN:
    case INPUT_PAGE_UP:
        page(f, key == INPUT_PAGE_DOWN ? 1 : -1);
        return FORM_HANDLED;
    default:
        return FORM_IGNORED;
    }
}
