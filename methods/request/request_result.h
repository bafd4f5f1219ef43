/* From a result back to the request that it answers: what fills the form again, and what is
 * evaluated. Plain data. Any thread. */
#ifndef TINSEQ_METHODS_REQUEST_RESULT_H
#define TINSEQ_METHODS_REQUEST_RESULT_H

#include "methods/request/request.h"
#include "methods/result/attribution.h"

/* The request of sequence i, as far as the result says it; owns all it refers to. Of a text that
 * the model generated it says how, of another the text. Positions that are the usual ones are not
 * given, so that they do not stay behind when the text is changed. */
struct attribute_request request_of_result(const struct attribution *a, size_t i);

#endif
