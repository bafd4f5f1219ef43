/*
 * Values for declared options: defaults, and what --attribution_kwargs says. Plain data. Any
 * thread.
 */
#ifndef TINSEQ_METHODS_OPTIONS_H
#define TINSEQ_METHODS_OPTIONS_H

#include "backend/base/err.h"
#include "methods/declare/declare.h"

#include <stdint.h>

struct json_value;

/* One value an option, in the order of the declarations. */
struct option_value {
    double number; /* BOOL 0 or 1, INT, FLOAT */
    char *text;    /* TEXT, CHOICE, JSON; owned */
    bool given;
};
struct option_set {
    const struct option_decl *decls;
    size_t n;
    struct option_value *values;
};

/* All options at their defaults. */
void option_set_init(struct option_set *s, const struct option_decl *decls, size_t n);
void option_set_dispose(struct option_set *s);

/* Sets one option from a member of a JSON object. *known is false (and nothing happens) when no
 * option has its key. ERR_USAGE: wrong type or out of range. */
enum err_code option_set_json(struct option_set *s, const char *owner,
                              const struct json_value *member, bool *known,
                              struct err *e) ERR_CHECKED;

/* Values by name; the option must be declared. */
int64_t option_int(const struct option_set *s, const char *name);
double option_float(const struct option_set *s, const char *name);
bool option_given(const struct option_set *s, const char *name);
bool option_bool(const struct option_set *s, const char *name);
const char *option_text(const struct option_set *s, const char *name); /* borrowed */

#endif
