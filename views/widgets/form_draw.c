/* Drawing of a form. */
#include "views/widgets/form.h"

#include "backend/base/clamp.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/terminal/hits.h"
#include "views/widgets/hint.h"
#include "views/widgets/paragraph.h"

#include <stdlib.h>
#include <string.h>

#define LABEL_COLUMNS 16 /* at least; at most half of a narrow form, and MOST_LABEL */
#define MOST_LABEL 32
#define INDENT 2 /* of what stands in a section */
#define MOST_HELP 7
#define LEAST_TEXT_ROWS 3 /* that a text of several lines may take */
#define MOST_TEXT_ROWS 12 /* where other fields leave rows free */
#define ALIGNED_COLUMNS 60
#define MOST_VALUE 24 /* columns of a value in a section's line */

/* How an area is shared out. */
struct measure {
    struct area fields, help;
    int label, value; /* columns; a label's with a blank */
    int text;         /* rows of a text, at most */
};

/* Columns that labels and a blank take. */
static int label_columns(const struct form *f, int columns) {
    int widest = LABEL_COLUMNS, indent = 0;
    for (size_t i = 0; i < f->n_fields; i++) {
        const bool section = f->fields[i].kind == FORM_SECTION;
        indent = section ? INDENT : indent;
        int n = !section && form_shows(f, i) ? text_columns(f->fields[i].label) + indent + 1 : 0;
        widest = n > widest ? n : widest;
    }
    int most = columns / 2 < MOST_LABEL ? columns / 2 : MOST_LABEL;
    int cut = most > LABEL_COLUMNS ? most : LABEL_COLUMNS;
    return widest <= most ? widest : cut;
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

static int field_rows(const struct form_field *field, const struct measure *m) {
    if (field->kind == FORM_LINES)
        return edit_rows(&field->edit, m->value, m->text);
    return field->kind == FORM_SET ? set_rows(field, m->value) : 1;
}

/* A blank row parts the fields that are always there from the sections, and an open section from
 * what follows it. */
static bool has_blank_above(const struct form *f, size_t i) {
    if (f->fields[i].kind != FORM_SECTION || i == 0)
        return false;
    for (size_t j = i; j > 0; j--)
        if (f->fields[j - 1].kind == FORM_SECTION)
            return f->fields[j - 1].chosen;
    return true;
}

/* First row of field i when the form is not scrolled; of n_fields, the rows of all. */
static int field_row(const struct form *f, size_t i, const struct measure *m) {
    int row = 0;
    for (size_t j = 0; j <= i && j < f->n_fields; j++) {
        row += has_blank_above(f, j);
        if (j < i && form_shows(f, j))
            row += field_rows(&f->fields[j], m);
    }
    return row;
}

/* --- values ------------------------------------------------------------------------------ */

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

static const char *choice_title(const struct form_field *field) {
    return field->chosen < field->n_choices ? field->choices[field->chosen].title : "none";
}

static void draw_choice(struct grid *g, struct area a, const struct form_field *field, bool focus) {
    char *text = mem_format("< %s >", choice_title(field));
    grid_put_fit(g, a, 0, 0, text_columns(text) < a.columns ? text_columns(text) : a.columns,
                 focus ? STYLE_FIELD_FOCUS : STYLE_FIELD, text, false);
    free(text);
}

static void draw_pick(struct grid *g, struct area a, const struct form *f,
                      const struct form_field *field, enum style_role role, bool focus) {
    const bool empty = edit_is_empty(&field->edit);
    char *text = empty && field->placeholder
                     ? hint_text(field->placeholder, f->commands, f->n_commands, true)
                     : text_clean(edit_text(&field->edit));
    grid_put_fit(g, a, 0, 0, a.columns, empty && !focus ? STYLE_DIM : role, text, false);
    free(text);
}

/* Arrows behind a text that has more rows than are seen. */
static void mark_hidden(struct grid *g, struct area a, const struct form_field *field, bool focus) {
    const struct edit_hidden hidden = edit_hidden(&field->edit, a, focus);
    const struct area behind = {a.row, a.column + a.columns, a.rows, 1};
    if (hidden.above)
        grid_put(g, behind, 0, 0, STYLE_KEY, "↑");
    if (hidden.below)
        grid_put(g, behind, a.rows - 1, 0, STYLE_KEY, "↓");
}

static void draw_value(struct grid *g, struct area a, const struct form *f,
                       struct form_field *field, bool focus) {
    enum style_role role = focus ? STYLE_FIELD_FOCUS : STYLE_FIELD;
    if (field->error)
        role = STYLE_ERROR;
    switch (field->kind) {
    case FORM_TEXT:
    case FORM_LINES:
        edit_draw(g, a, &field->edit, role, field->placeholder, focus);
        mark_hidden(g, a, field, focus);
        return;
    case FORM_SET:
        draw_set(g, a, field, focus);
        return;
    case FORM_FLAG:
        grid_put(g, a, 0, 0, focus ? STYLE_FIELD_FOCUS : STYLE_TEXT,
                 field->chosen ? "[x] on" : "[ ] off");
        break;
    case FORM_CHOICE:
        draw_choice(g, a, field, focus);
        break;
    case FORM_PICK:
        draw_pick(g, a, f, field, role, focus);
        break;
    case FORM_SECTION:
        return;
    }
    if (focus)
        grid_set_cursor(g, a, 0, field->kind == FORM_PICK ? 0 : 1);
}

/* --- sections ---------------------------------------------------------------------------- */

/* What it says, in a few words; owned by the caller. */
static char *short_value(const struct form_field *field) {
    char cut[MOST_VALUE * 24 + 1];
    if (field->kind == FORM_FLAG)
        return mem_text(field->chosen ? "on" : "off");
    if (field->kind == FORM_CHOICE)
        return mem_text(choice_title(field));
    if (field->kind == FORM_SET) {
        struct text_buffer b = {0};
        for (size_t i = 0; i < field->n_choices; i++)
            if (field->selected[i])
                text_buffer_format(&b, "%s%s", b.n ? " " : "", field->choices[i].title);
        return text_buffer_take(&b);
    }
    char *clean = text_clean_start(edit_text(&field->edit));
    text_fit(cut, sizeof cut, clean, MOST_VALUE, false);
    free(clean);
    return mem_text(cut);
}

static const char *bare_label(const struct form_field *field) {
    return field->label + strspn(field->label, " ");
}

/* Of the fields of the section at `at`: what differs from the usual, or where nothing does, what
 * there is; owned by the caller. */
static char *section_text(const struct form *f, size_t at, bool differing) {
    struct text_buffer b = {0};
    for (size_t i = at + 1; i < f->n_fields && f->fields[i].kind != FORM_SECTION; i++) {
        const struct form_field *field = &f->fields[i];
        const bool differs = form_field_differs(field);
        if (differing ? !differs : field->unfit)
            continue;
        char *value = differing ? short_value(field) : NULL;
        text_buffer_format(&b, "%s%s%s%s", b.n ? ", " : "", bare_label(field), value ? ": " : "",
                           value ? value : "");
        free(value);
    }
    return text_buffer_take(&b);
}

static bool section_fails(const struct form *f, size_t at) {
    for (size_t i = at + 1; i < f->n_fields && f->fields[i].kind != FORM_SECTION; i++)
        if (f->fields[i].error)
            return true;
    return false;
}

/* Where what sections say begins: one below the other where there is room for that. */
static int section_columns(const struct form *f, const struct form_field *section, int columns) {
    int widest = text_columns(section->label);
    if (columns < ALIGNED_COLUMNS)
        return widest + 4;
    for (size_t i = 0; i < f->n_fields; i++)
        if (f->fields[i].kind == FORM_SECTION && text_columns(f->fields[i].label) > widest)
            widest = text_columns(f->fields[i].label);
    return widest + 4;
}

static void draw_section(struct grid *g, struct area row, const struct form *f, size_t i,
                         bool focus) {
    const struct form_field *section = &f->fields[i];
    const int from = section_columns(f, section, row.columns);
    const enum style_role title = focus ? STYLE_FIELD_FOCUS : STYLE_TITLE;
    grid_format(g, row, 0, 0, title, "%s %s", section->chosen ? "▾" : "▸", section->label);
    if (focus)
        grid_set_cursor(g, row, 0, 0);
    if (section->chosen)
        return;
    char *text = section_text(f, i, true);
    const bool differs = *text;
    if (!differs)
        mem_replace(&text, section_text(f, i, false));
    enum style_role role = differs ? STYLE_STRONG : STYLE_DIM;
    if (section_fails(f, i))
        role = STYLE_ERROR;
    if (from < row.columns)
        grid_put_fit(g, row, 0, from, row.columns - from, role, text, false);
    free(text);
}

/* --- the whole --------------------------------------------------------------------------- */

/* What the focused field says, with keys for their names; owned by the caller. */
static char *help_text(const struct form *f) {
    const struct form_field *here = form_focused(f);
    if (here && here->error)
        return mem_text(here->error);
    if (here && here->edit.selected)
        return mem_text("Kept from the last time: what you type or paste replaces it; an arrow "
                        "key keeps it.");
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

/* Texts get what rows the other fields leave. */
static void measure(struct measure *m, const struct form *f, struct area a) {
    char *text = help_text(f);
    int needed = paragraph_rows(a.columns, text),
        most = a.rows / 3 < MOST_HELP ? a.rows / 3 : MOST_HELP, usual = a.rows > 20 ? 3 : 2;
    free(text);
    m->help = area_take_bottom(&a, help_rows(needed, a.rows > 6 ? usual : 0, most));
    m->fields = a;
    m->label = label_columns(f, a.columns);
    m->value = (int)clamped(a.columns - m->label - 1, 8, a.columns);
    m->text = LEAST_TEXT_ROWS;
    for (struct measure more = *m; m->text < MOST_TEXT_ROWS; m->text = more.text) {
        more.text++;
        if (field_row(f, f->n_fields, &more) > a.rows)
            return;
    }
}

/* Where what belongs to the focused field ends: to a heading, what follows it. */
static int focus_end(const struct form *f, const struct measure *m) {
    size_t i = f->focus + 1;
    while (f->fields[f->focus].kind == FORM_SECTION && i < f->n_fields &&
           f->fields[i].kind != FORM_SECTION)
        i++;
    return field_row(f, i, m) - (i < f->n_fields && has_blank_above(f, i));
}

/* The focused field is in sight, with the heading right above it, and of a section as much as there
 * is room for. */
static void scroll_to_focus(struct form *f, const struct measure *m) {
    const int first = field_row(f, f->focus, m), end = focus_end(f, m), rows = m->fields.rows,
              all = field_row(f, f->n_fields, m);
    const bool heading = f->focus > 0 && f->fields[f->focus - 1].kind == FORM_SECTION;
    if (end > f->top + rows)
        f->top = end - rows;
    if (first - heading < f->top)
        f->top = first - heading;
    if (f->top > all - rows)
        f->top = (int)clamped(all - rows, 0, f->top);
}

static void draw_field(struct grid *g, struct area row, const struct measure *m,
                       const struct form *f, size_t i, bool here) {
    struct form_field *field = &f->fields[i];
    if (field->kind == FORM_SECTION) {
        draw_section(g, row, f, i, here);
        return;
    }
    const int indent = form_section(f, i) ? INDENT : 0;
    grid_put_fit(g, row, 0, indent, m->label - indent, here ? STYLE_STRONG : STYLE_TEXT,
                 field->label, false);
    area_take_left(&row, m->label);
    row.columns = row.columns < m->value ? row.columns : m->value;
    draw_value(g, row, f, field, here);
}

void form_draw(struct grid *g, struct area a, struct form *f, bool focus) {
    struct measure m;
    measure(&m, f, a);
    hit_add(&g->hits, a, (struct area){0, 0, a.rows, a.columns}, (struct hit){HIT_FORM, 0, 0});
    if (f->n_fields == 0)
        return;
    if (f->focus >= f->n_fields)
        f->focus = f->n_fields - 1;
    scroll_to_focus(f, &m);
    for (size_t i = 0; i < f->n_fields; i++) {
        const int row = field_row(f, i, &m) - f->top, n = field_rows(&f->fields[i], &m);
        struct area rows = {m.fields.row + row, m.fields.column, n, m.fields.columns};
        if (!form_shows(f, i) || row < 0 || row >= m.fields.rows)
            continue;
        if (row + n > m.fields.rows)
            rows.rows = m.fields.rows - row;
        hit_add(&g->hits, rows, (struct area){0, 0, rows.rows, rows.columns},
                (struct hit){HIT_FIELD, (int64_t)i, 0});
        draw_field(g, rows, &m, f, i, focus && i == f->focus);
    }
    if (focus) { /* the last rows explain the focused field, or say what is wrong with it */
        char *text = help_text(f);
        paragraph_draw(g, m.help, f->fields[f->focus].error ? STYLE_ERROR : STYLE_DIM, text);
        free(text);
    }
}

struct scroll form_scroll(const struct form *f, struct area a) {
    struct measure m;
    measure(&m, f, a);
    const int all = field_row(f, f->n_fields, &m);
    return (struct scroll){.rows = scroll_axis((size_t)f->top, (size_t)m.fields.rows, (size_t)all)};
}
