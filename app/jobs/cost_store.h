/*
 * How fast runs were on this machine: for each method, model, way of computing and size of the run
 * (to a factor of four) the operations a second of its last runs. One small JSON file,
 * ${XDG_STATE_HOME:-~/.local/state}/tinseq/rates.json; a missing or damaged one is an empty one.
 * The thread that computes.
 */
#ifndef TINSEQ_APP_COST_STORE_H
#define TINSEQ_APP_COST_STORE_H

#include "backend/base/err.h"
#include "methods/estimate.h"

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

/* What a run of `method` with so many operations makes a second, from the run that was seen of the
 * nearest size: large ones are faster than small ones, so that it is the less certain the further
 * the sizes are apart. False: none was seen. `how` names model, device, type and threads. */
bool cost_store_rates(struct cost_rates *out, const struct cost_store *s, const char *how,
                      const char *method, double operations);
/* A run took so long. Runs of less than 20 ms tell nothing. */
void cost_store_learn(struct cost_store *s, const char *how, const char *method, double operations,
                      double seconds);

#endif
