/*
 * A choice of heads, as options give it in JSON: a number, a list, a range "2:6" (half-open), or
 * one of these for each layer in an object; null is all. Plain data. Any thread.
 */
#ifndef TINSEQ_METHODS_UNITS_H
#define TINSEQ_METHODS_UNITS_H

#include "backend/base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct units {
    int64_t n_layers, n_heads;
    bool *chosen; /* [n_layers, n_heads] */
    bool *layers; /* [n_layers]: mentioned at all */
};

/* USAGE for what is no such choice or out of range; the message names the method and the option.
 * Negative heads count from the end. */
enum err_code units_read(struct units *out, const char *owner, const char *option, const char *json,
                         int64_t n_layers, int64_t n_heads, struct err *e) ERR_CHECKED;
void units_dispose(struct units *u);
static inline bool units_has_layer(const struct units *u, int64_t layer) {
    return u->layers[layer];
}
static inline bool units_has(const struct units *u, int64_t layer, int64_t head) {
    return u->chosen[layer * u->n_heads + head];
}

#endif
