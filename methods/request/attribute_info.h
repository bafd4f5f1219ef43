/* Inseq's `info` object of a run. Internal to methods/. */
#ifndef TINSEQ_METHODS_ATTRIBUTE_INFO_H
#define TINSEQ_METHODS_ATTRIBUTE_INFO_H

#include "methods/request/arguments.h"

struct run_facts {
    const struct attribute_request *request;
    const struct run_arguments *arguments;
    const struct model *model;
    const struct attribution_sequence *sequence;
    const int64_t *alignment;   /* [G]; NULL: no contrast */
    const char *aligner;        /* the encoder that aligned it; NULL: none */
    const char *input_text;     /* as encoded: an empty prompt is the BOS */
    const char *generated_text; /* without special tokens, decoder-only with the prompt */
    int32_t foil_id;            /* of a request with a foil */
    int64_t start, end; /* positions attributed, also where a span made one column of them */
    double seconds;
};

/* The JSON text, owned by the caller. */
char *attribute_info(const struct run_facts *f);

#endif
