/*
 * The form's content: which fields there are for a method and a function (from their declarations),
 * a request put into them, and a request read out of them with every number checked. A field of a
 * request is a row of methods/request/request.def. Interface thread only.
 */
#ifndef TINSEQ_APP_FORM_FIELDS_H
#define TINSEQ_APP_FORM_FIELDS_H

#include "backend/base/err.h"
#include "methods/request/request.h"
#include "views/widgets/form.h"

/* What rows of a request have in the form, and what their own functions add to it. */
enum field_id {
    FIELD_NONE = -1,
    FIELD_MODEL,
#define FIELD(kind, member, json, told, cli, form) form
#define PART(cli, form) form
#define FORM(group, id, kind, label, help, placeholder) FIELD_##id,
#define TRANSLATOR_FORM(group, id, kind, label, help, placeholder) FIELD_##id,
#define OWN_FORM(id) FIELD_##id,
#define NO_FORM
#include "methods/request/request.def"
#undef FORM
#undef TRANSLATOR_FORM
#undef OWN_FORM
#undef NO_FORM
    FIELD_OPTION, /* of the method or a function, by name */
    FIELD_FORMULA,
    FIELD_PAIRS,
    FIELD_FORMULAS,
    FIELD_LENGTH,
    FIELD_BEAMS,
    FIELD_TEMPERATURE,
    FIELD_TOP_K,
    FIELD_TOP_P,
    FIELD_SEED,
    FIELD_GENERATION_EXTRA,
    FIELD_SECTION /* and above: a section's heading, by its group */
};

/* What the model is that the form is for, as far as it is known. */
enum form_model { FORM_ANY_MODEL, FORM_LANGUAGE_MODEL, FORM_TRANSLATOR };

/* Ids of choices that stand for a text in the field below: a formula as function, pairs as
 * alignment. ALIGN_END: none is given. */
#define CHOICE_FORMULA "formula"
#define CHOICE_PAIRS "pairs"
#define CHOICE_ALIGN_END "end"

struct form_fields {
    struct form form;
    const struct method_decl *method; /* that the fields are made for */
    enum form_model kind;             /* fields that mean nothing to it are not shown */
    unsigned open;                    /* sections, a bit each, while the form is made anew */
    struct foil foil;                 /* its text owned */
    char *foil_for;                   /* the model and texts that it was picked for */
    char *span_for;        /* those that the span is of; NULL: those that it is run with first */
    char *function_before; /* the function before the foil asked for one that contrasts; NULL: not
                              known */
    /* Of the model that is loaded, if its texts have language tokens: all, separated by spaces, and
     * by side which is its own and which one a person wants instead. */
    char *languages, *own_language[2], *language[2];
    bool include_eos_baseline, skip_special_tokens, step_attributions; /* of the command line */
};

void form_fields_init(struct form_fields *f);
void form_fields_dispose(struct form_fields *f);
/* Puts a request (and a model's name, NULL: leaves it) into the fields. */
void form_fields_fill(struct form_fields *f, const char *model, const struct attribute_request *r);
/* Makes the fields anew for the chosen method, function and strategy; what was typed stays. Call
 * after a field changed. */
void form_fields_refresh(struct form_fields *f);
/* Reads a request that owns its strings. ERR_USAGE: the first field that is wrong has the focus and
 * says why. */
enum err_code form_fields_collect(struct attribute_request *out, struct form_fields *f,
                                  struct err *e) ERR_CHECKED;
/* The same without complaint and without moving the focus: what can be read, for keeping; an empty
 * prompt is fine, a foil or a span of another text is left out. False: a field is wrong. */
bool form_fields_read(struct attribute_request *out, struct form_fields *f);
/* What was said of a request, options of the command line ("--input_template") as the labels of
 * their fields; owned by the caller. The first field that it names has the focus and says it. */
char *form_fields_blame(struct form_fields *f, const char *message);
/* The declaration of an option that a field is for: the method's, the function's or a chosen step
 * score's. NULL: none has it. */
const struct option_decl *form_fields_option(const struct form *f, const char *name);
const char *form_fields_model(const struct form_fields *f);
/* A span of positions as the target; where it is given it replaces start and end. */
void form_fields_set_span(struct form_fields *f, const struct span *span);
/* A foil, its text copied. `printable`: what its token looks like, where that is known. */
void form_fields_set_foil(struct form_fields *f, const struct foil *foil, const char *printable);
void form_fields_clear_foil(struct form_fields *f);
/* The same, and the function is again what it was before the foil. */
void form_fields_remove_foil(struct form_fields *f);
/* The text of a field was changed by the person. */
void form_fields_changed(struct form_fields *f, int id);
/* Before a run: a foil and a span that were chosen for other texts than the form has now, or for
 * another model, are removed: other tokens stand there. Returns what was, literal: "the foil";
 * NULL: nothing. */
const char *form_fields_drop_stale(struct form_fields *f);
/* What the model is that is loaded now. */
void form_fields_set_kind(struct form_fields *f, enum form_model kind);
/* The languages of the model that is loaded now, and its own by side; NULL: it has none. What was
 * chosen of others is chosen no more. */
void form_fields_set_languages(struct form_fields *f, const char *names, const char *const own[2]);
/* A language for one of the two fields; NULL: the model's own. */
void form_fields_set_language(struct form_fields *f, int field, const char *name);
/* A function that contrasts, unless there is one. */
void form_fields_want_contrast(struct form_fields *f);

#endif
