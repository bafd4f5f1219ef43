/*
 * A request that owns its strings: what a job carries, what a run remembers to refill the form, and
 * what is kept between sessions. Any thread.
 */
#ifndef TINSEQ_APP_REQUEST_H
#define TINSEQ_APP_REQUEST_H

#include "backend/base/err.h"
#include "methods/request/attribute.h"

struct cJSON;

/* The request with every field not given. */
struct attribute_request request_defaults(void);
/* Copies with all strings; request_dispose frees them. */
void request_copy(struct attribute_request *out, const struct attribute_request *in);
void request_dispose(struct attribute_request *r);

/* "6:9, sum" of a request whose target is a span, NULL of others. Owned by the caller. */
char *request_span_text(const struct attribute_request *r);

/* A JSON object with the command line's names; only what was given. Owned by the caller. */
struct cJSON *request_to_json(const struct attribute_request *r);
/* Fields of the wrong type are ignored: the file may come from anywhere. */
void request_from_json(struct attribute_request *out, const struct cJSON *json);

#endif
