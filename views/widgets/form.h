/*
 * A form: fields one below the other, the first ones always there, the others in sections that open
 * and close, made at run time (a method's options come from its declaration). It knows nothing of
 * what is asked; the application makes the fields and reads them. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_FORM_H
#define TINSEQ_VIEWS_FORM_H

#include "views/terminal/grid.h"
#include "views/widgets/command.h"
#include "views/widgets/edit.h"
#include "views/widgets/scroll.h"

#include <stdbool.h>
#include <stddef.h>

enum form_kind {
    FORM_TEXT,   /* one line */
    FORM_LINES,  /* several */
    FORM_CHOICE, /* one of */
    FORM_FLAG,   /* on or off */
    FORM_SET,    /* any of */
    FORM_PICK,   /* a text that is chosen in a picker, not typed */
    FORM_SECTION /* a heading: chosen is 1 while what follows it, up to the next, is open */
};

struct form_choice {
    const char *id, *title;
}; /* borrowed */

struct form_field {
    int id;     /* the application's */
    char *name; /* of a method's option; NULL for fixed fields */
    int group;  /* the application's: what section it is for */
    char *label, *help, *placeholder;
    enum form_kind kind;
    struct edit edit; /* TEXT, LINES, PICK */
    struct form_choice *choices;
    size_t n_choices, chosen; /* CHOICE; FLAG: 0 or 1; SET: the item under the cursor */
    size_t usual;             /* what is chosen of CHOICE and FLAG when nobody chose */
    bool *selected;           /* [n_choices] of SET */
    bool unfit;               /* means nothing here: not shown unless it says something */
    char *error;              /* shown below the form when the field has the focus; NULL: fine */
};

struct form {
    struct form_field *fields;
    size_t n_fields, focus;
    int top;       /* first row on the screen */
    bool stepping; /* the last key was an arrow from field to field: the next one goes on */
    const struct command *commands; /* borrowed: whose keys the helps name; may be NULL */
    size_t n_commands;
};

void form_dispose(struct form *f);
void form_clear(struct form *f);
/* Adds a field; help and placeholder may name keys as hints do. Strings are copied. Returns it,
 * borrowed until the next one is added. */
struct form_field *form_add(struct form *f, int id, enum form_kind kind, int group,
                            const char *label, const char *help, const char *placeholder);
void form_field_choices(struct form_field *field, const struct form_choice *choices, size_t n);
/* Chooses (CHOICE) or selects (SET) the id; false: no such choice. */
bool form_field_choose(struct form_field *field, const char *id);
/* What is chosen now is the usual. */
void form_field_usual(struct form_field *field);
/* It says something else than a form that nobody has touched. */
bool form_field_differs(const struct form_field *field);
/* Id of the chosen, NULL when there are no choices. */
const char *form_field_chosen(const struct form_field *field);
void form_field_fail(struct form_field *field, const char *error);
struct form_field *form_find(const struct form *f, int id);
struct form_field *form_find_option(const struct form *f, const char *name);
struct form_field *form_focused(const struct form *f); /* NULL: no fields */
/* Gives a field the focus; its section opens. */
void form_go(struct form *f, size_t i);
bool form_focus(struct form *f, int id);
/* The text that has the focus is no more selected. */
void form_deselect(struct form *f);
/* The mouse on a field: it gets the focus, a heading opens or closes. */
void form_press(struct form *f, size_t i);
/* The next field that is shown, round at the ends. */
void form_step(struct form *f, int direction);
/* The heading that field i stands under; NULL: none. */
struct form_field *form_section(const struct form *f, size_t i);
/* False while its section is closed, or it means nothing here. */
bool form_shows(const struct form *f, size_t i);
/* True while characters go into the text. */
bool form_takes_text(const struct form *f);

enum form_result {
    FORM_IGNORED,
    FORM_HANDLED,
    FORM_CHANGED,
    FORM_OPENED /* Enter on a field that a picker serves */
};
/* Handles a key of input.h. */
enum form_result form_key(struct form *f, int key);

/* Its fields can be pressed (HIT_FIELD). */
void form_draw(struct grid *g, struct area a, struct form *f, bool focus);
/* The rows that such an area hides, as they were last drawn. */
struct scroll form_scroll(const struct form *f, struct area a);

#endif
