/*
 * The names and JSON of a request, resolved: method, step functions and their options. Needs no
 * model. Any thread.
 */
#ifndef TINSEQ_METHODS_ARGUMENTS_H
#define TINSEQ_METHODS_ARGUMENTS_H

#include "methods/declare/alignment.h"
#include "methods/declare/span.h"
#include "methods/method.h"
#include "methods/request/contrast_ids.h"
#include "methods/request/request.h"

struct run_arguments {
    const struct method *method;
    struct option_set method_options;
    struct step_request target;
    struct step_request *scores;
    size_t n_scores;
    char *contrast_targets, *contrast_sources; /* owned; NULL: none; see struct attribute_request */
    struct contrast_ids contrast_ids;          /* instead of contrast_targets */
    struct alignment contrast_alignment;
    bool contrast_force_inputs;
    struct span span;
    bool skip_special, clean_special; /* encode without special tokens; tokens without markers */
    bool own_ids;                     /* of a generated text: those that the model wrote */
    char **notices;                   /* owned, [n_notices]; what a person should be told */
    size_t n_notices;
};

/* Resolves everything that can be without a model. ERR_USAGE names what is wrong and the nearest
 * right name. */
enum err_code run_arguments_init(struct run_arguments *out, const struct attribute_request *request,
                                 struct err *e) ERR_CHECKED;
/* Whether a contrast text is given, as such or as ids. */
static inline bool run_arguments_contrast(const struct run_arguments *a) {
    return a->contrast_targets || a->contrast_ids.ids;
}
/* Notices of what a person may not expect of the request's contrast. */
void run_arguments_tell_of_contrast(struct run_arguments *a, const struct attribute_request *r);
/* Another notice, copied. */
void run_arguments_tell(struct run_arguments *a, const char *text);
void run_arguments_dispose(struct run_arguments *a);

#endif
