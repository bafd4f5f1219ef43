#include "app/jobs/worker.h"

#include "aggregators/aggregate.h"
#include "app/jobs/documents_job.h"
#include "backend/base/mem.h"
#include "backend/base/thread.h"
#include "methods/request/request.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define N_EVENTS 64 /* bounds what waits for a slow terminal; columns then hold the worker back */

enum job_kind { JOB_NONE, JOB_LOAD, JOB_ATTRIBUTE, JOB_EVALUATE };
struct job {
    enum job_kind kind;
    uint64_t generation;
    char *model;
    struct attribute_request request;
    struct attribution *result; /* EVALUATE: this one, which explains `function` */
    char *function;
    bool cancelled; /* before it began */
};

struct worker {
    pthread_t thread;
    struct engine *engine;
    const struct engine_ops *ops;
    int event_fd;
    atomic_bool cancel; /* of the running job */

    pthread_mutex_t mutex;
    pthread_cond_t posted, room; /* a job was posted; an event was taken */
    /* Under the mutex: */
    struct job next; /* the waiting job, or JOB_NONE */
    enum job_kind running;
    char *running_model;
    uint64_t running_generation; /* what events are stamped with */
    uint64_t latest;             /* the newest job's generation */
    bool stopping;
    struct worker_event events[N_EVENTS];
    size_t first, n_events;
};

static void job_dispose(struct job *j) {
    free(j->model);
    free(j->function);
    attribution_release(j->result);
    request_dispose(&j->request);
    *j = (struct job){.kind = JOB_NONE};
}

/* --- events ------------------------------------------------------------------------------ */

static void wake(struct worker *w) {
    uint64_t one = 1;
    /* Cannot block: the counter never nears its limit. */
    ssize_t n = write(w->event_fd, &one, sizeof one);
    (void)n;
}

/* Takes `event`. Progress overwrites progress that still waits, and is dropped when the queue is
 * full; everything else waits for room, unless the program is ending or the job is stale. */
static void emit(struct worker *w, struct worker_event event) {
    pthread_mutex_lock(&w->mutex);
    struct worker_event *last =
        w->n_events ? &w->events[(w->first + w->n_events - 1) % N_EVENTS] : NULL;
    event.generation = w->running_generation;
    if (event.kind == WORKER_PROGRESS && last && last->kind == WORKER_PROGRESS) {
        *last = event;
        pthread_mutex_unlock(&w->mutex);
        return;
    }
    if (event.kind == WORKER_PROGRESS && w->n_events == N_EVENTS) {
        pthread_mutex_unlock(&w->mutex);
        return;
    }
    while (w->n_events == N_EVENTS && !w->stopping && w->running_generation == w->latest)
        pthread_cond_wait(&w->room, &w->mutex);
    bool keep = w->n_events < N_EVENTS && !w->stopping && w->running_generation == w->latest;
    if (keep)
        w->events[(w->first + w->n_events++) % N_EVENTS] = event;
    pthread_mutex_unlock(&w->mutex);
    if (keep)
        wake(w);
    else
        worker_event_dispose(&event);
}

static void on_progress(void *user, const char *phase, int64_t done, int64_t total) {
    emit(user, (struct worker_event){
                   .kind = WORKER_PROGRESS, .phase = phase, .done = done, .total = total});
}

static void on_notice(void *user, const char *text) {
    emit(user, (struct worker_event){.kind = WORKER_NOTICE, .text = mem_text(text)});
}

static void on_cost(void *user, const struct cost_estimate *c) {
    emit(user, (struct worker_event){.kind = WORKER_COST, .cost = *c});
}

static void on_generated(void *user, const char *text, const struct token_list *target,
                         int64_t n_prompt) {
    struct worker_event event = {
        .kind = WORKER_GENERATED, .text = mem_text(text ? text : ""), .n_prompt = n_prompt};
    token_list_append(&event.tokens, target);
    emit(user, event);
}

static void on_begin(void *user, const struct attribution_sequence *skeleton,
                     const struct result_info *info) {
    struct attribution_sequence *copy = mem_alloc(sizeof *copy);
    if (!attribution_sequence_copy(copy, skeleton, true)) {
        free(copy); /* out of memory for the live view; the finished result still arrives by
                       reference */
        return;
    }
    emit(user, (struct worker_event){
                   .kind = WORKER_BEGIN, .sequence = copy, .info = result_info_copy(info)});
}

static void on_column(void *user, const struct attribution_sequence *s, int64_t g) {
    struct worker_column *column = worker_column_copy(s, g);
    if (column)
        emit(user, (struct worker_event){.kind = WORKER_COLUMN, .column = column});
}

/* --- the thread -------------------------------------------------------------------------- */

/* A load that another job waits for ends silently: the other one reports. */
static bool was_adopted(struct worker *w, const struct job *job) {
    pthread_mutex_lock(&w->mutex);
    bool adopted = w->running_generation != job->generation;
    pthread_mutex_unlock(&w->mutex);
    return adopted;
}

static enum err_code reduce(void *user, struct attribution_sequence *out,
                            const struct attribution_sequence *in, struct err *e) {
    (void)user;
    return aggregate_default(out, in, e);
}

static enum err_code evaluate(struct worker *w, const struct job *job, const struct run_ctl *ctl,
                              struct err *e) {
    const struct attribution *results[1] = {job->result};
    const struct faithfulness_reducer reducer = {NULL, reduce};
    struct faithfulness_spec spec = faithfulness_defaults();
    struct faithfulness *f = NULL;
    spec.n_noise = 0; /* runs the method several times more: `tinseq evaluate` does that */
    if (!w->ops->evaluate)
        return err_set(e, ERR_UNSUPPORTED, "this engine cannot tell how faithful a result is");
    run_progress(ctl, "evaluating", 0, 0);
    enum err_code code =
        w->ops->evaluate(w->engine, &f, results, 1, 0, &spec, &reducer, NULL, ctl, e);
    if (code)
        goto out;
    emit(w, (struct worker_event){.kind = WORKER_EVALUATED,
                                  .curves = faithfulness_method_curves(f, 0, job->function)});
out:
    faithfulness_free(f);
    return code;
}

/* A context attribution's result is one like others. Nobody is asked for anything. */
static enum err_code attribute_context(struct attribution **out, struct worker *w,
                                       const struct job *job, const struct attribute_events *events,
                                       const struct run_ctl *ctl, struct err *e) {
    const struct context_events watched = {.base = *events};
    struct context_request request;
    struct context_result *r = NULL;
    struct documents_job documents = {0};
    struct citations citations = {0};
    struct attribution_sequence reduced = {0};
    if (!w->ops->context)
        return err_set(e, ERR_UNSUPPORTED, "this engine cannot tell what a context changes");
    enum err_code code = context_request_of(&request, &job->request, e);
    if (code)
        return code;
    code = documents_job_read(&documents, &request, e);
    if (code)
        goto out;
    code = w->ops->context(w->engine, &r, &request, &watched, ctl, e);
    if (code)
        goto out;
    code = documents_job_reduce(&reduced, r, e);
    if (code)
        goto out;
    code = documents_job_cite(&citations, &documents, &request, r, &reduced, events, e);
    if (code)
        goto out;
    *out = attribution_retain(r->attribution);
out:
    attribution_sequence_dispose(&reduced);
    citations_dispose(&citations);
    documents_job_dispose(&documents);
    context_result_free(r);
    return code;
}

static void run_job(struct worker *w, const struct job *job) {
    const struct run_ctl ctl = {.cancel = &w->cancel, .progress = on_progress, .user = w};
    const struct attribute_events events = {.user = w,
                                            .notice = on_notice,
                                            .cost = on_cost,
                                            .generated = on_generated,
                                            .begin = on_begin,
                                            .column = on_column,
                                            .watched = true};
    struct worker_event end = {.kind = WORKER_DONE};
    struct engine_model model = {0};
    enum err_code code = w->ops->load(w->engine, job->model, &model, &ctl, &end.err);
    if (code)
        goto out;
    emit(w, (struct worker_event){.kind = WORKER_LOADED, .model = model});
    if (job->kind == JOB_ATTRIBUTE && request_has_context(&job->request))
        code = attribute_context(&end.result, w, job, &events, &ctl, &end.err);
    else if (job->kind == JOB_ATTRIBUTE)
        code = w->ops->attribute(w->engine, &end.result, &job->request, &events, &ctl, &end.err);
    else if (job->kind == JOB_EVALUATE)
        code = evaluate(w, job, &ctl, &end.err);
out:
    if (code) {
        attribution_release(end.result); /* its columns were told one by one */
        end.result = NULL;
        end.kind = WORKER_FAILED;
        end.err.code = code;
    }
    if (!was_adopted(w, job))
        emit(w, end);
}

static void *thread_main(void *user) {
    struct worker *w = user;
    pthread_mutex_lock(&w->mutex);
    for (;;) {
        while (w->next.kind == JOB_NONE && !w->stopping)
            pthread_cond_wait(&w->posted, &w->mutex);
        if (w->stopping)
            break;
        struct job job = w->next;
        w->next = (struct job){.kind = JOB_NONE};
        w->running = job.kind;
        w->running_model = job.model;
        w->running_generation = job.generation;
        atomic_store(&w->cancel, job.cancelled);
        pthread_mutex_unlock(&w->mutex);
        run_job(w, &job);
        pthread_mutex_lock(&w->mutex);
        w->running = JOB_NONE;
        w->running_model = NULL;
        job_dispose(&job);
    }
    pthread_mutex_unlock(&w->mutex);
    return NULL;
}

enum err_code worker_start(struct worker **out, struct engine *engine, const struct engine_ops *ops,
                           struct err *e) {
    struct worker *w = mem_alloc(sizeof *w);
    *out = NULL;
    w->engine = engine;
    w->ops = ops;
    w->next.kind = JOB_NONE;
    w->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (w->event_fd < 0) {
        free(w);
        return err_set(e, ERR_IO, "cannot make an event channel: %s", strerror(errno));
    }
    pthread_mutex_init(&w->mutex, NULL);
    pthread_cond_init(&w->posted, NULL);
    pthread_cond_init(&w->room, NULL);
    int failed = thread_start(&w->thread, thread_main, w);
    if (failed) {
        close(w->event_fd);
        free(w);
        return err_set(e, ERR_IO, "cannot start a thread: %s", strerror(failed));
    }
    *out = w;
    return ERR_OK;
}

/* --- the interface thread's side --------------------------------------------------------- */

int worker_fd(const struct worker *w) {
    return w->event_fd;
}

static uint64_t post(struct worker *w, struct job job) {
    pthread_mutex_lock(&w->mutex);
    job.generation = ++w->latest;
    job_dispose(&w->next);
    if (w->running == JOB_LOAD && strcmp(w->running_model, job.model) == 0)
        /* Its progress is now the new job's; that one finds the model loaded. */
        w->running_generation = job.generation;
    else
        atomic_store(&w->cancel, true);
    w->next = job;
    pthread_cond_broadcast(&w->posted);
    pthread_cond_broadcast(&w->room);
    pthread_mutex_unlock(&w->mutex);
    return job.generation;
}

uint64_t worker_load(struct worker *w, const char *model) {
    return post(w, (struct job){.kind = JOB_LOAD, .model = mem_text(model)});
}

uint64_t worker_attribute(struct worker *w, const char *model,
                          const struct attribute_request *request) {
    struct job job = {.kind = JOB_ATTRIBUTE, .model = mem_text(model)};
    request_copy(&job.request, request);
    return post(w, job);
}

uint64_t worker_evaluate(struct worker *w, const char *model, struct attribution *result,
                         const char *function) {
    return post(w, (struct job){.kind = JOB_EVALUATE,
                                .model = mem_text(model),
                                .result = attribution_retain(result),
                                .function = mem_text(function)});
}

void worker_cancel(struct worker *w) {
    pthread_mutex_lock(&w->mutex);
    atomic_store(&w->cancel, true);
    w->next.cancelled = true;
    pthread_mutex_unlock(&w->mutex);
}

bool worker_take(struct worker_event *out, struct worker *w) {
    bool found = false;
    pthread_mutex_lock(&w->mutex);
    while (!found && w->n_events > 0) {
        *out = w->events[w->first];
        w->first = (w->first + 1) % N_EVENTS;
        w->n_events--;
        found = out->generation == w->latest;
        if (!found)
            worker_event_dispose(out);
    }
    if (w->n_events == 0) {
        uint64_t count;
        ssize_t n = read(w->event_fd, &count, sizeof count);
        (void)n;
    }
    pthread_cond_broadcast(&w->room);
    pthread_mutex_unlock(&w->mutex);
    return found;
}

bool worker_stop(struct worker *w, int timeout_ms) {
    struct timespec until;
    pthread_mutex_lock(&w->mutex);
    w->stopping = true;
    atomic_store(&w->cancel, true);
    pthread_cond_broadcast(&w->posted);
    pthread_cond_broadcast(&w->room);
    pthread_mutex_unlock(&w->mutex);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    if (pthread_timedjoin_np(w->thread, NULL, &until) != 0)
        return false;
    for (size_t i = 0; i < w->n_events; i++)
        worker_event_dispose(&w->events[(w->first + i) % N_EVENTS]);
    job_dispose(&w->next);
    w->ops->free(w->engine);
    close(w->event_fd);
    pthread_cond_destroy(&w->room);
    pthread_cond_destroy(&w->posted);
    pthread_mutex_destroy(&w->mutex);
    free(w);
    return true;
}
