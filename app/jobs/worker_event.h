/*
 * What crosses from the worker to the interface thread: plain data. Any thread, one at a time.
 */
#ifndef TINSEQ_APP_WORKER_EVENT_H
#define TINSEQ_APP_WORKER_EVENT_H

#include "app/jobs/engine.h"
#include "backend/base/err.h"
#include "backend/token.h"
#include "methods/request/attribute.h"
#include "methods/result/curves.h"

#include <stdbool.h>
#include <stdint.h>

/* clang-format off */
#define WORKER_EVENTS(X)                                                                  \
    X(PROGRESS)  /* phase, done, total */                                                 \
    X(LOADED)    /* model */                                                              \
    X(NOTICE)    /* text */                                                               \
    X(GENERATED) /* text, tokens, n_prompt: the target so far */                          \
    X(COST)      /* cost: what the run will take */                                          \
    X(BEGIN)     /* sequence: tokens and dims, scores all NaN; info */                    \
    X(COLUMN)    /* column */                                                             \
    X(EVALUATED) /* curves: how faithful a result is */                                   \
    X(DONE)      /* result (attribute) or NULL (load, evaluate): the job is over */       \
    X(FAILED)    /* err; CANCELLED when it was stopped: the job is over */
/* clang-format on */
enum worker_event_kind {
#define X(name) WORKER_##name,
    WORKER_EVENTS(X)
#undef X
};

/* Column g of a sequence under way, copied. */
struct worker_column {
    int64_t g;
    struct scores source, target;     /* [rows, 1, …]; data NULL where the sequence has none */
    struct named_scores *step_scores; /* each [1] */
    size_t n_step_scores;
    struct step_candidates candidates;
};

/* Plain data, owned by who takes it; fields not named for the kind are zero. */
struct worker_event {
    enum worker_event_kind kind;
    uint64_t generation;
    const char *phase; /* a literal */
    int64_t done, total;
    struct engine_model model;
    char *text;
    struct token_list tokens;
    int64_t n_prompt;
    struct cost_estimate cost;
    struct attribution_sequence *sequence;
    struct result_info info;
    struct worker_column *column;
    struct attribution *result;
    struct curves curves;
    struct err err;
};

void worker_event_dispose(struct worker_event *event);

/* Column g of s, copied; NULL when memory is out. Disposed of with its event. */
struct worker_column *worker_column_copy(const struct attribution_sequence *s, int64_t g);

/* Writes a column into the sequence it belongs to (same dims, step scores added where missing) and
 * counts it done. False: it does not fit. */
bool worker_column_store(struct attribution_sequence *s, const struct worker_column *column);

/* Takes over the finished columns of a shape that `to` replaces (the first generated token is
 * attributed while others still come), until their final values arrive. False: none; what `from` is
 * about is not how `to` begins. */
bool worker_columns_keep(struct attribution_sequence *to, const struct attribution_sequence *from);

#endif
