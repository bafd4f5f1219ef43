/*
 * The thread that owns the model. The interface thread posts jobs (load, attribute, evaluate) and
 * takes events; nothing is shared but this module's queue. A job carries a generation number;
 * events of a job that is no longer the latest are dropped, so that a cancelled run never writes
 * into the next one. All functions are for the interface thread.
 */
#ifndef TINSEQ_APP_WORKER_H
#define TINSEQ_APP_WORKER_H

#include "app/jobs/engine.h"
#include "app/jobs/worker_event.h"
#include "backend/base/err.h"
#include "backend/token.h"
#include "methods/request/attribute.h"

#include <stdbool.h>
#include <stdint.h>

struct worker;

/* Starts the thread; the engine is freed by worker_stop. Errors: IO (no eventfd, no thread); the
 * engine is then still the caller's. */
enum err_code worker_start(struct worker **out, struct engine *engine, const struct engine_ops *ops,
                           struct err *e) ERR_CHECKED;

/* Readable while events wait. */
int worker_fd(const struct worker *w);

/* Post a job; what runs is cancelled, what waits is replaced, except that a load under way of the
 * same model goes on. Strings are copied. Return the job's generation. */
uint64_t worker_load(struct worker *w, const char *model);
uint64_t worker_attribute(struct worker *w, const char *model,
                          const struct attribute_request *request);

/* How faithful a finished result of that model is; `function` is what it explains. Keeps a
 * reference of its own. */
uint64_t worker_evaluate(struct worker *w, const char *model, struct attribution *result,
                         const char *function);

/* Asks the running job to stop; it ends with FAILED, CANCELLED. */
void worker_cancel(struct worker *w);

/* The next event, oldest first. False: none waits. */
bool worker_take(struct worker_event *out, struct worker *w);

/* Cancels, waits at most `timeout_ms` for the thread and frees everything. False: the thread is
 * still busy (a library call that cannot be stopped) and nothing was freed: the process should end
 * without running exit handlers. */
bool worker_stop(struct worker *w, int timeout_ms);

#endif
