/*
 * How fast runs were on this machine: for each method, model and way of computing the operations a
 * second of its last runs. One small JSON file,
 * ${XDG_STATE_HOME:-~/.local/state}/tinseq/rates.json; a missing or damaged one is an empty one.
 * The thread that computes.
 */
#ifndef TINSEQ_APP_COST_STORE_H
#define TINSEQ_APP_COST_STORE_H

#include "backend/base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct cost_rate {
    char *key;
    double rate;
};
struct cost_store {
    char *path;
    struct cost_rate *rates;
    size_t n;
    bool changed;
};

/* path NULL: nothing is kept. */
void cost_store_open(struct cost_store *s, const char *path);
/* Writes what changed; that this may fail is no one's concern. */
void cost_store_close(struct cost_store *s);

/* What runs of `method` do a second; 0: none was seen. `how` names model, device, type and
 * threads. */
double cost_store_rate(const struct cost_store *s, const char *how, const char *method);
/* A run took so long. Runs of less than 20 ms tell nothing. */
void cost_store_learn(struct cost_store *s, const char *how, const char *method, double operations,
                      double seconds);

#endif
