/* Inseq's `info` object of a run. Internal to methods/. */
#ifndef TINSEQ_METHODS_ATTRIBUTE_INFO_H
#define TINSEQ_METHODS_ATTRIBUTE_INFO_H

#include "methods/arguments.h"

/* The JSON text, owned by the caller. generated_text: without special tokens, decoder-only with the prompt. */
char *attribute_info(const struct attribute_request *r, const struct run_arguments *a, const struct model *m, const struct attribution_sequence *s,
                     const char *generated_text, double seconds);

#endif
