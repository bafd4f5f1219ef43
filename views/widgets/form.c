#include "views/widgets/form.h"

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/terminal/input.h"
#include "views/widgets/hint.h"
#include "views/widgets/paragraph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_COLUMNS 14 /* at least; at most half of a narrow form, and MOST_LABEL */
#define MOST_LABEL 32
#define MOST_HELP 7
#define MOST_TEXT_ROWS 6

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

struct form_field *form_add(struct form *f, int id, enum form_kind kind, const char *group,
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

bool form_focus(struct form *f, int id) {
    for (size_t i = 0; i < f->n_fields; i++)
        if (f->fields[i].id == id && !f->fields[i].name) {
            f->focus = i;
            return true;
        }
    return false;
}

void form_step(struct form *f, int direction) {
    if (f->n_fields)
        f->focus = (f->focus + (direction > 0 ? 1 : f->n_fields - 1)) % f->n_fields;
}

static bool is_text(enum form_kind kind) {
    return kind == FORM_TEXT || kind == FORM_LINES;
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
        if (widget_key(WIDGET_TOGGLE, key)) {
            field->selected[field->chosen] = !field->selected[field->chosen];
            return FORM_CHANGED;
        }
        return FORM_IGNORED;
    }
    if (previous || next || key == ' ') {
        field->chosen = (field->chosen + (previous ? n - 1 : 1)) % n;
        return FORM_CHANGED;
    }
    return widget_key(WIDGET_CHOOSE, key) ? FORM_OPENED : FORM_IGNORED;
}

enum form_result form_key(struct form *f, int key) {
    struct form_field *field = form_focused(f);
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
    } else if (field->kind == FORM_PICK && (key == ' ' || widget_key(WIDGET_CHOOSE, key))) {
        return FORM_OPENED;
    } else if (field->kind == FORM_CHOICE || field->kind == FORM_SET) {
        enum form_result result = key_choice(field, key);
        if (result != FORM_IGNORED)
            return result;
    }
    if (widget_key(WIDGET_NEXT_FIELD, key)) {
        form_step(f, 1);
        return FORM_HANDLED;
    }
    switch (key) {
    case INPUT_UP:
    case INPUT_SHIFT | INPUT_TAB:
        form_step(f, -1);
        return FORM_HANDLED;
    case INPUT_PAGE_DOWN:
    case INPUT_PAGE_UP:
        for (int i = 0; i < 5; i++) {
            size_t last = key == INPUT_PAGE_DOWN ? f->n_fields - 1 : 0;
            if (f->focus != last)
                form_step(f, key == INPUT_PAGE_DOWN ? 1 : -1);
        }
        return FORM_HANDLED;
    default:
        return FORM_IGNORED;
    }
}

/* --- drawing ----------------------------------------------------------------------------- */

/* Columns that labels and a blank take. */
static int label_columns(const struct form *f, int columns) {
    int widest = LABEL_COLUMNS;
    for (size_t i = 0; i < f->n_fields; i++) {
        int n = text_columns(f->fields[i].label) + 1;
        widest = n > widest ? n : widest;
    }
    int most = columns / 2 < MOST_LABEL ? columns / 2 : MOST_LABEL;
    int cut = most > LABEL_COLUMNS ? most : LABEL_COLUMNS;
    return widest <= most ? widest : cut;
}

static int value_columns(const struct form *f, int columns) {
    int n = columns - label_columns(f, columns) - 1;
    return n > 8 ? n : 8;
}

/* "[x] name " of each item, wrapped. */
static int set_rows(const struct form_field *field, int columns) {
    int row = 0, at = 0;
    for (size_t i = 0; i < field->n_choices; i++) {
        int n = 5 + text_columns(field->choices[i].title);
        if (at > 0 && at + n > columns) {
            row++;
            at = 0;
        }
        at += n;
    }
    return row + 1;
}

/* values: the columns of values. */
static int field_rows(const struct form_field *field, int values) {
    if (field->kind == FORM_LINES)
        return edit_rows(&field->edit, values, MOST_TEXT_ROWS);
    return field->kind == FORM_SET ? set_rows(field, values) : 1;
}

static bool has_heading(const struct form *f, size_t i) {
    return f->fields[i].group && (i == 0 || !f->fields[i - 1].group ||
                                  strcmp(f->fields[i - 1].group, f->fields[i].group) != 0);
}

/* First row of field i when the form is not scrolled (its heading is above). */
static int field_row(const struct form *f, size_t i, int values) {
    int row = 0;
    for (size_t j = 0; j <= i && j < f->n_fields; j++) {
        if (has_heading(f, j))
            row += j > 0 ? 2 : 1;
        if (j < i)
            row += field_rows(&f->fields[j], values);
    }
    return row;
}

static void draw_set(struct grid *g, struct area a, const struct form_field *field, bool focus) {
    int row = 0, at = 0;
    for (size_t i = 0; i < field->n_choices; i++) {
        int n = 5 + text_columns(field->choices[i].title);
        if (at > 0 && at + n > a.columns) {
            row++;
            at = 0;
        }
        bool here = focus && i == field->chosen;
        enum style_role role = field->selected[i] ? STYLE_STRONG : STYLE_TEXT;
        if (here)
            role = STYLE_FIELD_FOCUS;
        grid_format(g, a, row, at, role, "[%c] %s", field->selected[i] ? 'x' : ' ',
                    field->choices[i].title);
        if (here)
            grid_set_cursor(g, a, row, at + 1);
        at += n;
    }
}

static void draw_value(struct grid *g, struct area a, const struct form *f,
                       struct form_field *field, bool focus) {
    enum style_role role = focus ? STYLE_FIELD_FOCUS : STYLE_FIELD;
    if (field->error)
        role = STYLE_ERROR;
    char *text;
    switch (field->kind) {
    case FORM_TEXT:
    case FORM_LINES:
        edit_draw(g, a, &field->edit, role, field->placeholder, focus);
        return;
    case FORM_SET:
        draw_set(g, a, field, focus);
        return;
    case FORM_FLAG:
        grid_put(g, a, 0, 0, focus ? STYLE_FIELD_FOCUS : STYLE_TEXT,
                 field->chosen ? "[x] on" : "[ ] off");
        break;
    case FORM_CHOICE:
        text = mem_format("< %s >", field->chosen < field->n_choices
                                        ? field->choices[field->chosen].title
                                        : "none");
        grid_put_fit(g, a, 0, 0, text_columns(text) < a.columns ? text_columns(text) : a.columns,
                     focus ? STYLE_FIELD_FOCUS : STYLE_FIELD, text, false);
        free(text);
        break;
    case FORM_PICK: {
        bool empty = edit_is_empty(&field->edit);
        text = empty && field->placeholder
                   ? hint_text(field->placeholder, f->commands, f->n_commands, true)
                   : text_clean(edit_text(&field->edit));
        grid_put_fit(g, a, 0, 0, a.columns, empty && !focus ? STYLE_DIM : role, text, false);
        free(text);
        break;
    }
    }
    if (focus)
        grid_set_cursor(g, a, 0, field->kind == FORM_PICK ? 0 : 1);
}

/* What the focused field says, with keys for their names; owned by the caller. */
static char *help_text(const struct form *f) {
    const struct form_field *here = form_focused(f);
    if (here && here->error)
        return mem_text(here->error);
    return hint_text(here && here->help ? here->help : "", f->commands, f->n_commands, true);
}

/* As many rows as the text needs, but no fewer than usual and no more than most. */
static int help_rows(int needed, int usual, int most) {
    if (needed <= usual)
        return usual;
    if (needed <= most)
        return needed;
    return usual < most ? most : usual;
}

/* The part of the area for fields; the rest is help. */
static struct area fields_area(const struct form *f, struct area a, struct area *help) {
    char *text = help_text(f);
    int needed = paragraph_rows(a.columns, text),
        most = a.rows / 3 < MOST_HELP ? a.rows / 3 : MOST_HELP;
    int usual = a.rows > 12 ? 3 : 2;
    *help = area_take_bottom(&a, help_rows(needed, a.rows > 6 ? usual : 0, most));
    free(text);
    return a;
}

void form_draw(struct grid *g, struct area a, struct form *f, bool focus) {
    struct area help, inner = fields_area(f, a, &help);
    if (f->n_fields == 0)
        return;
    if (f->focus >= f->n_fields)
        f->focus = f->n_fields - 1;
    const int label = label_columns(f, inner.columns), values = value_columns(f, inner.columns);
    int first = field_row(f, f->focus, values),
        last = first + field_rows(&f->fields[f->focus], values);
    if (first - (has_heading(f, f->focus) ? 1 : 0) < f->top)
        f->top = first - (has_heading(f, f->focus) ? 1 : 0);
    if (last > f->top + inner.rows)
        f->top = last - inner.rows;
    for (size_t i = 0; i < f->n_fields; i++) {
        struct form_field *field = &f->fields[i];
        int row = field_row(f, i, values) - f->top, n = field_rows(field, values);
        bool here = focus && i == f->focus;
        if (has_heading(f, i) && row - 1 >= 0 && row - 1 < inner.rows)
            grid_put(g, inner, row - 1, 0, STYLE_TITLE, field->group);
        if (row < 0 || row + n > inner.rows)
            continue;
        grid_put_fit(g, inner, row, 0, label, here ? STYLE_STRONG : STYLE_TEXT, field->label,
                     false);
        struct area value = {inner.row + row, inner.column + label, n, values};
        if (value.column + value.columns > inner.column + inner.columns)
            value.columns = inner.column + inner.columns - value.column;
        draw_value(g, value, f, field, here);
    }
    const struct form_field *here = &f->fields[f->focus];
    if (focus) { /* the last rows explain the focused field, or say what is wrong with it */
        char *text = help_text(f);
        paragraph_draw(g, help, here->error ? STYLE_ERROR : STYLE_DIM, text);
        free(text);
    }
}

struct scroll form_scroll(const struct form *f, struct area a) {
    struct area help, inner = fields_area(f, a, &help);
    if (f->n_fields == 0)
        return (struct scroll){0};
    const size_t last = f->n_fields - 1;
    const int values = value_columns(f, inner.columns),
              rows = field_row(f, last, values) + field_rows(&f->fields[last], values);
    return (struct scroll){.rows = scroll_axis((size_t)f->top, (size_t)inner.rows, (size_t)rows)};
}

size_t form_hit(const struct form *f, struct area a, int row, int column) {
    struct area help, inner = fields_area(f, a, &help);
    if (column < inner.column || column >= inner.column + inner.columns ||
        row >= inner.row + inner.rows)
        return f->n_fields;
    for (size_t i = 0; i < f->n_fields; i++) {
        const int values = value_columns(f, inner.columns),
                  first = inner.row + field_row(f, i, values) - f->top;
        if (row >= first && row < first + field_rows(&f->fields[i], values))
            return i;
    }
    return f->n_fields;
}
