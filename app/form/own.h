/* What the form's parts share: fields that more than a row of a table stands for, how they are
 * made, filled and read, and what they need for it. Internal to app/form/. Interface thread
 * only. */
#ifndef TINSEQ_APP_FORM_OWN_H
#define TINSEQ_APP_FORM_OWN_H

#include "app/form/fields.h"

/* The function that a foil asks for where none contrasts. */
#define FORM_CONTRAST "contrast_logits_diff"

/* What is always there, and the sections below it, in the form's order (sections.c has titles). */
enum form_group {
    GROUP_MAIN,
    GROUP_TEXT,
    GROUP_CONTEXT,
    GROUP_DOCUMENTS,
    GROUP_METHOD,
    GROUP_CONTRAST,
    GROUP_SCORES,
    GROUP_STEPS,
    GROUP_GENERATION,
    GROUP_MORE,
    GROUP_COUNT
};

/* A row with functions of its own. NULL: nothing is to be done. */
struct own_field {
    /* Adds the field, and others that depend on it: their values are those of `before`, the form
     * that this one of `of` replaces, made for of->method. */
    void (*add)(struct form *f, const struct form *before, const struct form_fields *of);
    void (*fill)(struct form_fields *f, const struct attribute_request *r);
    enum err_code (*collect)(struct attribute_request *out, struct form_fields *f, struct err *e);
};
#define FIELD(kind, member, json, told, cli, form) form
#define PART(cli, form) form
#define FORM(group, id, kind, label, help, placeholder)
#define TRANSLATOR_FORM(group, id, kind, label, help, placeholder)
#define OWN_FORM(id) extern const struct own_field own_##id;
#define NO_FORM
#include "methods/request/request.def"
#undef FORM
#undef TRANSLATOR_FORM
#undef OWN_FORM
#undef NO_FORM

/* All rows of a request, in their order: as own_field's functions do, for every row. */
void form_rows_add(struct form *f, const struct form *before, const struct form_fields *of);
void form_rows_fill(struct form_fields *f, const struct attribute_request *r);
enum err_code form_rows_collect(struct attribute_request *out, struct form_fields *f,
                                struct err *e) ERR_CHECKED;

/* The field of a row of that name among saved runs', which is the command line's too, there without
 * an "s" at times; NULL: none.
 */
struct form_field *form_row_named(const struct form_fields *f, const char *name, size_t n);

/* --- making --- */

/* Gives a field the value that it had in the form before. */
void form_keep(struct form *to, const struct form *from, int id);
/* Fields of a method's or a function's options, but those that there are already; below: of the
 * field above them, so that their labels stand in. */
void form_add_options(struct form *f, const struct option_decl *options, size_t n,
                      enum form_group group, bool below);
/* Puts the fields in the order of their groups, each group but the first under a heading. */
void form_arrange(struct form *f);
/* Remembers which sections are open, as far as they are there; opens and closes them so. */
void form_note_open(struct form_fields *f);
void form_set_open(struct form_fields *f);
/* Id of a choice; NULL: there is no such field. */
const char *form_chosen(const struct form *f, int id);
const struct method_decl *form_method(const struct form *f);
const struct step_function_decl *form_function(const struct form *f);

/* --- filling --- */

/* Chosen for other texts, or another model, than there are: other tokens stand at its steps. */
bool form_foil_is_stale(const struct form_fields *f);
bool form_span_is_stale(const struct form_fields *f);
/* The span is one of the texts that there are. */
void form_bind_span(struct form_fields *f);
/* The function that stood before a foil asked for one that contrasts. */
const char *form_function_before(const struct form_fields *f);

/* Nothing happens where there is no such field. */
void form_set_text(struct form_fields *f, int id, const char *text);
/* A field of an option or of an argument. False: it has no place for this value. */
bool form_set_value(const struct form *f, struct form_field *field, const struct json_value *v);

/* --- reading --- */

/* Says what is wrong with a field, which gets the focus. ERR_USAGE. */
enum err_code form_fail(struct form_fields *f, struct form_field *field, struct err *e,
                        const char *what) ERR_CHECKED;
/* A number in [minimum, maximum] of a field's text. ERR_USAGE. */
enum err_code form_number(double *out, const struct form_field *field, bool integer, double minimum,
                          double maximum, struct err *e) ERR_CHECKED;
/* Its text, owned by the caller; NULL: there is none. */
char *form_text(const struct form_fields *f, int id);

/* Of a request with a context, what a run with one leaves no place for. ERR_USAGE. */
enum err_code form_check_context(const struct attribute_request *r, struct form_fields *f,
                                 struct err *e) ERR_CHECKED;

/* A JSON object of what fields say; what a "More (JSON)" field says wins. */
struct form_object {
    struct text_buffer members;
    char *text; /* of the extra object, which `extra` refers to */
    struct json_document *extra;
};
/* Begins with the extra field's object. ERR_USAGE: it is none. */
enum err_code form_object_open(struct form_object *o, struct form_fields *f, int extra,
                               struct err *e) ERR_CHECKED;
/* A member's value as JSON, unless the extra object has one. */
void form_object_put(struct form_object *o, const char *key, const char *json);
void form_object_put_number(struct form_object *o, const char *key, double number);
void form_object_put_string(struct form_object *o, const char *key, const char *text);
/* The object's text, owned by the caller; NULL: it is empty. */
char *form_object_close(struct form_object *o);

#endif
