/* The derivative of a whole step function, through hidden states and another run of the model,
 * against differences of its values: any architecture. */
#ifndef TINSEQ_TESTS_METHODS_STEP_SIGHT_CHECKS_H
#define TINSEQ_TESTS_METHODS_STEP_SIGHT_CHECKS_H

#include "backend/model.h"
#include "methods/request/attribute.h"

/* A model in float64; the step functions context and depth are loaded. */
struct model *step_sight_open_model(const char *path);
/* r's function must look at the states of all layers and at one other run. tolerance: of the sum of
 * the magnitudes that make up the slope; where the model has corners (ReLU), a step must be small,
 * and then rows' float32 rounding counts. */
void step_sight_check_differences(struct model *m, const struct attribute_request *r, double step,
                                  double tolerance);

#endif
