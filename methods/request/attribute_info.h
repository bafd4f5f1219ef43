/* What a result is made of, out of a run: the one place that fills a result_info. Internal to
 * methods/. */
#ifndef TINSEQ_METHODS_ATTRIBUTE_INFO_H
#define TINSEQ_METHODS_ATTRIBUTE_INFO_H

#include "methods/request/arguments.h"

struct run_facts {
    const struct attribute_request *request;
    const struct run_arguments *arguments;
    const struct model *model;
    const int64_t *alignment;   /* [end − start]; NULL: no contrast */
    const char *aligner;        /* the encoder that aligned it; NULL: none */
    const char *input_text;     /* as encoded: an empty prompt is the BOS */
    const char *generated_text; /* without special tokens, decoder-only with the prompt */
    const int32_t *foil_ids;    /* of a request with foils */
    bool known; /* tokens or columns were chosen by whoever ran it: no request makes them again */
    int64_t start, end; /* positions attributed, also where a span will make one column of them */
};

/* Everything that is known before the method begins. */
void attribute_info_fill(struct result_info *out, const struct run_facts *f);
/* The command line that makes a request's result with this model, owned by the caller; NULL: none
 * does. */
char *attribute_info_command(const struct model *m, const struct attribute_request *r);
/* What is known at its end: what was told since, the time, and the one column of a span. */
void attribute_info_finish(struct result_info *info, const struct run_arguments *a,
                           const struct attribution_sequence *s, double seconds);

#endif
