/*
 * What methods, step functions and aggregators say about themselves, as plain data: menus, forms,
 * help, `tinseq list`, `tinseq explain` and the checks of --attribution_kwargs are all made from
 * it. No tensors, no models. Constant: any thread.
 */
#ifndef TINSEQ_METHODS_DECLARE_H
#define TINSEQ_METHODS_DECLARE_H

#include <stdbool.h>
#include <stddef.h>

/* JSON: a number, list, object or text; the value is kept as JSON text and read by the method. */
enum option_type { OPTION_BOOL, OPTION_INT, OPTION_FLOAT, OPTION_TEXT, OPTION_CHOICE, OPTION_JSON };

struct option_decl {
    const char *name; /* Inseq's name: "n_steps" */
    enum option_type type;
    const char *default_value; /* as text: "50", "false", "gausslegendre"; NULL of INT and FLOAT: it
                                  must be given */
    double minimum, maximum;   /* of INT and FLOAT */
    const char *const *choices; /* of CHOICE; NULL-terminated */
    const char *unit;           /* "steps", "nats", NULL */
    const char *help;           /* one sentence */
};

enum method_family { FAMILY_GRADIENT, FAMILY_INTERNALS, FAMILY_PERTURBATION, FAMILY_NONE };
enum method_axes { AXES_TOKENS, AXES_TOKENS_WIDTH, AXES_TOKENS_LAYERS, AXES_TOKENS_LAYERS_HEADS };

struct method_decl {
    const char *id;    /* "integrated_gradients" */
    const char *title; /* "Integrated gradients" */
    enum method_family family;
    enum method_axes axes;
    bool needs_attributed_fn;          /* false: attention, dummy */
    const char *default_attributed_fn; /* NULL: probability */
    const struct option_decl *options;
    size_t n_options;
    const char *summary;   /* what it computes, one or two sentences with the formula */
    const char *paper;     /* authors, year, equation */
    const char *reference; /* reference implementation and where we differ */
    const char *needs;     /* of the model or request; NULL: what its family needs */
};

struct step_function_decl {
    const char *id; /* "contrast_logits_diff" */
    const char *title;
    const char *formula; /* "z[y] − z′[y′]" */
    const char *unit;    /* "logits", "probability", "nats" */
    const char *span;    /* how values combine over a span of tokens: "sum", "prod", "absmax"; NULL:
                            absmax, as in Inseq */
    bool contrastive;    /* takes contrast_targets */
    bool can_be_target;  /* differentiable */
    bool integer;        /* whole numbers, kept as such in files */
    const char *sees; /* beyond logits, for people: "hidden states of all layers"; NULL: nothing */
    const struct option_decl *options; /* e.g. logprob */
    size_t n_options;
    const char *summary;
};

const struct method_decl *const *method_decls(size_t *n);   /* registry order; borrowed for ever */
const struct method_decl *method_decl_find(const char *id); /* NULL: unknown */
const struct step_function_decl *const *step_function_decls(size_t *n);
const struct step_function_decl *step_function_decl_find(const char *id);

#endif
