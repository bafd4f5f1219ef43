/*
 * Everything a person can ask of one attribution, as plain data: request.def has a row a field.
 * Zero-initialised, nothing is given and everything is at its default. Any thread.
 */
#ifndef TINSEQ_METHODS_REQUEST_H
#define TINSEQ_METHODS_REQUEST_H

#include "methods/declare/alignment.h"
#include "methods/declare/foil.h"
#include "methods/declare/optional.h"
#include "methods/declare/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUDGET_UNIT 1000000 /* bytes: people count in MB */
#define LEAST_BUDGET (16ll * BUDGET_UNIT)
#define MOST_BUDGET (1000000ll * BUDGET_UNIT)

struct names {
    const char *const *items;
    size_t n;
};

/* Members by kind. */
#define REQUEST_TYPE_TEXT const char *
#define REQUEST_TYPE_NAMES struct names
#define REQUEST_TYPE_FLAG bool
#define REQUEST_TYPE_POSITION struct optional
#define REQUEST_TYPE_BYTES int64_t
#define REQUEST_TYPE_NUMBER struct optional_number
#define REQUEST_TYPE_COUNT int64_t /* from 1; 0: not given */
#define REQUEST_TYPE_ALIGNMENT struct alignment
#define REQUEST_TYPE_SPAN struct span
#define REQUEST_TYPE_FOIL struct foil

/* Texts, names and pairs are borrowed, but of a request that request_copy or request_read made. */
struct attribute_request {
#define FIELD(kind, member, json, told, cli, form) REQUEST_TYPE_##kind member;
#define PART(cli, form)
#include "methods/request/request.def"
};

/* A copy that owns all it refers to. */
void request_copy(struct attribute_request *out, const struct attribute_request *from);
/* Of a request that owns all it refers to; nothing is given afterwards. */
void request_dispose(struct attribute_request *r);
bool request_equal(const struct attribute_request *a, const struct attribute_request *b);

/* Whether it asks for a context attribution: it has a text or a template of one. */
bool request_has_context(const struct attribute_request *r);

/* A JSON object of what is given, on one line; owned by the caller. */
char *request_text(const struct attribute_request *r);
/* A request that owns all it refers to. What is of a wrong type is ignored: the file may come from
 * anywhere; so may `object` be, which may be NULL. */
struct attribute_request request_read(const struct json_value *object);

#endif
