/*
 * One attribution from request to result: encode, generate (or take the forced text), encode the
 * final text again, compute columns, publish them as they finish. The request and the events are
 * plain data, so that the command line, the terminal program and the tests' fake model share them.
 */
#ifndef TINSEQ_METHODS_ATTRIBUTE_H
#define TINSEQ_METHODS_ATTRIBUTE_H

#include "backend/base/err.h"
#include "backend/base/run_ctl.h"
#include "methods/estimate.h"
#include "methods/request/request.h"
#include "methods/result/attribution.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Called on the computing thread. Any may be NULL. */
struct attribute_events {
    void *user;
    void (*notice)(void *user, const char *text); /* a warning for a person: one sentence */
    void (*generated)(void *user, const char *text, const struct token_list *target,
                      int64_t n_prompt); /* text and tokens so far */
    /* The shape of the result is known: tokens, positions, dims, class, everything but numbers
     * (scores all NaN, done all false), and what it is made of: everything but the seconds. Both
     * are borrowed during the call (copy them). May come again with another shape: what came before
     * is void (the final text encoded to other tokens). */
    void (*begin)(void *user, const struct attribution_sequence *skeleton,
                  const struct result_info *info);
    /* Column g is finished in `s`: its part of source_attributions, target_attributions,
     * step_scores and candidates is final. */
    void (*column)(void *user, const struct attribution_sequence *s, int64_t g);
    /* The sizes are known, the method has not begun: what it will take (seconds only through
     * app/jobs/engine.h). A run that does not fit also gives a notice. */
    void (*cost)(void *user, const struct cost_estimate *c);
    bool watched; /* a person looks on: the first column is worth computing alone, before the rest
                     of the text is there */
};

struct model;

/* *out holds one sequence and what it is made of; of a run that is cancelled, what is finished of
 * it, or NULL where no column is. Errors: USAGE (unknown method, function or option: names the
 * nearest; positions; texts), FORMAT, CANCELLED, … */
enum err_code attribute_run(struct attribution **out, struct model *m,
                            const struct attribute_request *request,
                            const struct attribute_events *events, const struct run_ctl *ctl,
                            struct err *e) ERR_CHECKED;

/* One of several requests, and its result as attribute_run would give it. */
struct attribute_row {
    const struct attribute_request *request;
    struct attribution *out;
    enum err_code code;
    struct err error; /* where there is a code */
};
/* The results of n requests, whose texts go through the model together where that is as good
 * (methods/engine/together.h): short ones take a fraction of the time, and scores differ from those
 * of attribute_run by rounding, which the same rows do alike each time. Events come mixed. */
void attribute_run_together(struct attribute_row *rows, size_t n, struct model *m,
                            const struct attribute_events *events, const struct run_ctl *ctl);

/* A text whose tokens are known, in place of a request's, and what its columns are held against in
 * place of the request's contrast. Borrowed. */
struct attribute_text {
    const struct attribution_sequence *tokens; /* tokens and positions; all ids are known */
    const bool *columns;                       /* [G] those that are wanted; NULL: all */
    const struct token_list *contrast;         /* the contrast's text; NULL: none */
    const struct token_list *contrast_source;  /* NULL: the input's own; with a contrast only */
    const int64_t *alignment;       /* [G] which token of the contrast: see method_input */
    const struct token_list *foils; /* [G] in their places, the contrast's text being as it is;
                                       NULL: the contrast's own */
    const char *text;               /* of the tokens, for the result */
};
/* As attribute_run, of such a text. Columns that nobody wants are not done. */
enum err_code attribute_run_text(struct attribution **out, struct model *m,
                                 const struct attribute_request *request,
                                 const struct attribute_text *text,
                                 const struct attribute_events *events, const struct run_ctl *ctl,
                                 struct err *e) ERR_CHECKED;

struct method_input;
/* What is done with a request's texts instead of attributing them: `tokens` has tokens and
 * positions, no scores. */
typedef enum err_code (*attribute_use)(void *user, const struct attribution_sequence *tokens,
                                       const struct method_input *in, const struct run_ctl *ctl,
                                       struct err *e);
/* Takes the tokens and positions of `given`, all of whose ids are known, where attribute_run
 * encodes, generates and places; aligns as it does, then calls `use` in place of the method.
 * Errors: as attribute_run's, and use's. */
enum err_code attribute_prepare(struct model *m, const struct attribute_request *request,
                                const struct attribution_sequence *given, attribute_use use,
                                void *user, const struct run_ctl *ctl, struct err *e) ERR_CHECKED;

/* Checks what can be checked without a model (names, JSON, options), so that a wrong request fails
 * before anything is loaded. ERR_USAGE. */
enum err_code attribute_check(const struct attribute_request *request, struct err *e) ERR_CHECKED;

#endif
