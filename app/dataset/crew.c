#include "app/dataset/crew.h"

#include "app/dataset/crew_common.h"
#include "app/dataset/crew_lead.h"
#include "app/dataset/crew_mate.h"
#include "backend/base/clock.h"
#include "backend/base/module.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- what mpirun says --- */

static long number_of(const char *variable) {
    const char *text = getenv(variable);
    return text ? atol(text) : 0;
}

bool crew_is_wanted(void) {
    return number_of("OMPI_COMM_WORLD_SIZE") > 1;
}

bool crew_leads(void) {
    return number_of("OMPI_COMM_WORLD_RANK") == 0;
}

/* --- the thread that has MPI --- */

static void start(struct crew *c) {
    char why[200] = "";
    int rank = 0, size = 1;
    const bool good = c->ops->start(&rank, &size, why, sizeof why);
    pthread_mutex_lock(&c->lock);
    c->rank = rank;
    c->size = good ? size : 1;
    c->mates = mem_alloc((size_t)c->size * sizeof *c->mates);
    for (int i = 0; i < c->size; i++)
        c->mates[i] = (struct crew_mate){.batch = -1, .seen = clock_seconds()};
    if (good && c->rank)
        crew_send_hello(c, 0);
    if (!good)
        c->failed = err_set(&c->error, ERR_BACKEND, "%s", why);
    c->state = CREW_RUNS;
    pthread_cond_broadcast(&c->news);
    pthread_mutex_unlock(&c->lock);
}

static void turns(struct crew *c) {
    for (;;) {
        pthread_mutex_lock(&c->lock);
        const bool runs = c->state == CREW_RUNS;
        if (runs && c->rank == 0)
            crew_lead_turn(c);
        else if (runs)
            crew_mate_turn(c);
        pthread_mutex_unlock(&c->lock);
        if (!runs)
            return;
        crew_pause();
    }
}

static void *serve(void *user) {
    struct crew *c = user;
    start(c);
    turns(c);
    pthread_mutex_lock(&c->lock);
    if (c->rank == 0)
        crew_lead_end(c);
    else
        crew_mate_end(c);
    pthread_mutex_unlock(&c->lock);
    c->ops->end(c->finalize);
    return NULL;
}

/* --- the thread that computes --- */

static struct crew *new_crew(const struct mpi_ops *ops, const struct crew_hooks *hooks,
                             atomic_bool *cancel) {
    struct crew *c = mem_alloc(sizeof *c);
    const long patience = number_of("TINSEQ_MPI_PATIENCE");
    c->ops = ops;
    c->hooks = *hooks;
    c->cancel = cancel;
    c->patience = patience > 0 ? (double)patience : CREW_PATIENCE;
    c->own = c->given = -1;
    if (gethostname(c->host, sizeof c->host - 1) != 0)
        snprintf(c->host, sizeof c->host, "this machine");
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->news, NULL);
    return c;
}

static void free_crew(struct crew *c) {
    pthread_mutex_destroy(&c->lock);
    pthread_cond_destroy(&c->news);
    free(c->returned);
    free(c->mates);
    free(c);
}

enum err_code crew_start(struct crew **out, const struct crew_hooks *hooks, atomic_bool *cancel,
                         struct err *e) {
    *out = NULL;
    const struct mpi_ops *ops =
        module_open(MPI_MODULE_FILE, MPI_MODULE_VARIABLE, MPI_MODULE_SYMBOL, e);
    if (!ops)
        return e->code;
    struct crew *c = new_crew(ops, hooks, cancel);
    if (pthread_create(&c->thread, NULL, serve, c) != 0) {
        free_crew(c);
        return err_set(e, ERR_BACKEND, "no thread for MPI");
    }
    pthread_mutex_lock(&c->lock);
    while (c->state == CREW_STARTING)
        crew_wait(c);
    enum err_code code = c->failed ? crew_failure(c, e) : ERR_OK;
    pthread_mutex_unlock(&c->lock);
    if (code)
        crew_stop_take(c, code, e);
    else
        *out = c;
    return code;
}

enum err_code crew_next(int64_t *number, struct crew *c, struct err *e) {
    pthread_mutex_lock(&c->lock);
    enum err_code code = c->rank ? crew_mate_next(number, c, e) : crew_lead_next(number, c, e);
    pthread_mutex_unlock(&c->lock);
    return code;
}

enum err_code crew_put(struct crew *c, const struct batch *b, const char *said, size_t n_said,
                       struct err *e) {
    pthread_mutex_lock(&c->lock);
    enum err_code code =
        c->rank ? crew_mate_put(c, b, said, n_said, e) : crew_lead_put(c, b, said, n_said, e);
    pthread_mutex_unlock(&c->lock);
    return code;
}

enum err_code crew_why(struct crew *c, enum err_code code, struct err *e) {
    pthread_mutex_lock(&c->lock);
    if (code)
        crew_fail(c, code, e->message, strlen(e->message));
    if (code == ERR_CANCELLED)
        code = crew_failure(c, e);
    pthread_mutex_unlock(&c->lock);
    return code;
}

void crew_stop_take(struct crew *c, enum err_code code, const struct err *e) {
    pthread_mutex_lock(&c->lock);
    if (code)
        crew_fail(c, code, e->message, strlen(e->message));
    c->state = CREW_ENDING;
    pthread_mutex_unlock(&c->lock);
    pthread_join(c->thread, NULL);
    free_crew(c);
}
