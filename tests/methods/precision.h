/* How far scores in float32 are from those in float64. */
#ifndef TINSEQ_TESTS_METHODS_PRECISION_H
#define TINSEQ_TESTS_METHODS_PRECISION_H

#include "methods/request/attribute.h"

/* The largest difference within a column, as a part of the column's largest score in float64. */
double precision_of(const char *model, const struct attribute_request *r);

#endif
