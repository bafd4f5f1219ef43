/*
 * What a run would take, before anything runs: a method's declared cost with the options of a
 * request. Interface thread only.
 */
#ifndef TINSEQ_APP_ESTIMATE_H
#define TINSEQ_APP_ESTIMATE_H

#include "app/jobs/engine.h"
#include "methods/declare/declare.h"

/* `sizes` says how many tokens and what chunks may take (0: as in a run); its other fields come
 * from the model and the request. available: bytes, −1: not known. */
void estimate_method(struct cost_estimate *out, const struct engine_model *model,
                     const struct method_decl *method, const struct attribute_request *r,
                     const struct cost_input *sizes, int64_t available);

/* The value of a whole-number option in the request, else its default; `missing` when the method
 * has none of that name. */
int64_t estimate_option(const struct method_decl *method, const struct attribute_request *r,
                        const char *name, int64_t missing);

#endif
