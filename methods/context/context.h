/*
 * Context attribution (PECoRe: Sarti et al. 2024, "Quantifying the Plausibility of Context Reliance
 * in Neural Machine Translation"; as Inseq 0.7.1's attribute-context, but for what
 * docs/context.md names). First, which tokens of a text a context changes: the model with it is
 * held against the model without it. Then, for each of these, which of the context's tokens made
 * it what it is: the text is attributed there, against what the model would have written without.
 *
 * The result is an ordinary one of the whole text, whose columns are the tokens of `current`; those
 * that no context changes are not done. The worker thread; plain data otherwise.
 */
#ifndef TINSEQ_METHODS_CONTEXT_H
#define TINSEQ_METHODS_CONTEXT_H

#include "methods/request/attribute.h"
#include "methods/result/citations.h"

/* How the model's own text is parted where the output's context is not given. */
enum context_strategy {
    CONTEXT_MANUAL, /* a person is asked */
    CONTEXT_AUTO,   /* as it is found */
    CONTEXT_PRE     /* never: it is to be given */
};

/* Bytes [from, to) of a text. */
struct context_range {
    bool given;
    size_t from, to;
};

/* Borrowed texts; NULL: not given. In templates {current} and {context} stand for these texts, and
 * {{ and }} for braces. */
struct context_request {
    const char *input_current, *input_context, *input_template;
    const char *output_current, *output_context, *output_template;
    const char *contextless_input, *contextless_output; /* templates; NULL: {current} */
    const char *separator; /* language models: between input and output; NULL: a space */
    struct names keep;     /* pieces of special tokens that texts may have */
    struct names foils;    /* one for each token that a context changes, in the order of ranks */
    bool ask_foils;
    enum context_strategy strategy;
    const struct context_range *documents; /* [n_documents] of the input's context, ascending:
                                              documents.h; NULL: none */
    size_t n_documents;
    bool closed_book;     /* also what the model says without the context */
    bool take_marks;      /* citations as [1] are taken out of the answer: marks of the result */
    const char *metric;   /* a contrastive step function; NULL: kl_divergence */
    double threshold;     /* standard deviations above the mean */
    int64_t most;         /* tokens at most; 0: all */
    double cue_threshold; /* the same of a context's tokens that are shown as cues */
    int64_t cue_most;
    struct attribute_request how; /* its method, function, options; its texts are not looked at */
};
#define CONTEXT_THRESHOLD 1.0

/* Tokens [from, to) of a side. */
struct context_span {
    bool given; /* else there is no such context */
    int64_t from, to;
};

/* A citation that the answer had: behind a column, or before it where the answer begins with one.
 */
struct context_mark {
    int64_t column;
    int64_t number; /* of a document, from 1, whether or not there is one */
};

struct context_cue {
    int64_t column; /* of the result: a token of `current` */
    double score;
    bool has_foil;
    int32_t foil_id;
    char *foil, *foil_shown; /* its piece, and as it is shown; owned */
    char *otherwise; /* what the model would have written without the context, to be shown; owned */
    char *contextual_output, *contextless_output; /* owned; up to the token, and to the foil */
};

struct context_result {
    struct attribution *attribution;
    char *input_context, *output_context, *output_current; /* owned; NULL: there is none */
    char *metric;
    bool input_on_target; /* a language model's input is the beginning of its text */
    struct context_span input_context_tokens, output_context_tokens; /* of their side */
    struct context_span *documents; /* [n_documents] of the input's side */
    size_t n_documents;
    struct context_mark *marks; /* [n_marks] */
    size_t n_marks;
    struct closed_book closed_book;
    struct token_list current; /* [G] of the output's current text */
    float *scores;             /* [G] of the metric */
    double threshold;          /* |score| is at least so much */
    struct context_cue *cues;  /* by falling |score| */
    size_t n_cues;
};
void context_result_free(struct context_result *r);

struct context_events {
    struct attribute_events base;
    /* Asks a person which part of `output` is its context; `found`: what may be it, or NULL. An
     * owned text; NULL: nobody answers. A NULL function: nobody is there. */
    char *(*ask_context)(void *user, const char *output, const char *found);
    /* Asks what `token` after `prefix` is to be held against; NULL: what the model says. */
    char *(*ask_foil)(void *user, const char *prefix, const char *token);
};

/* What a request that has a context asks for (request_has_context), borrowed from it. ERR_USAGE: a
 * strategy that is none. */
enum err_code context_request_of(struct context_request *out, const struct attribute_request *r,
                                 struct err *e) ERR_CHECKED;
/* What can be known without a model. ERR_USAGE. */
enum err_code context_check(const struct context_request *r, struct err *e) ERR_CHECKED;
/* Errors: USAGE (texts, templates, foils), FORMAT, CANCELLED, and the model's and method's. */
enum err_code context_run(struct context_result **out, struct model *m,
                          const struct context_request *r, const struct context_events *events,
                          const struct run_ctl *ctl, struct err *e) ERR_CHECKED;

#endif
