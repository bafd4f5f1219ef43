#include "app/jobs/background.h"

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/base/thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define WAKE_MS 100 /* between two that only tell how far it is */

struct piece {
    struct background_work work;
    enum err_code code;
    struct err err;
    struct piece *next;
};

struct background {
    pthread_t thread;
    int event_fd;
    atomic_bool cancel; /* what runs */
    atomic_int_least64_t done, total;
    int64_t woken_ms; /* the thread's */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    /* Under the mutex: */
    struct piece *waiting, *running, *over; /* lists: the oldest first */
    bool stopping;
};

static void append(struct piece **list, struct piece *p) {
    while (*list)
        list = &(*list)->next;
    *list = p;
    p->next = NULL;
}

static struct piece *take_first(struct piece **list) {
    struct piece *p = *list;
    if (p)
        *list = p->next;
    return p;
}

static void drop(struct piece *p) {
    if (p->work.drop)
        p->work.drop(p->work.user);
    free(p);
}

static void wake(struct background *b) {
    uint64_t one = 1;
    ssize_t n = write(b->event_fd, &one, sizeof one);
    (void)n;
}

bool background_tell(struct background *b, int64_t done, int64_t total) {
    atomic_store_explicit(&b->done, done, memory_order_relaxed);
    atomic_store_explicit(&b->total, total, memory_order_relaxed);
    const int64_t now = clock_ms();
    if (now - b->woken_ms >= WAKE_MS) {
        b->woken_ms = now;
        wake(b);
    }
    return !atomic_load_explicit(&b->cancel, memory_order_relaxed);
}

static void run(struct background *b, struct piece *p) {
    atomic_store(&b->done, 0);
    atomic_store(&b->total, 0);
    pthread_mutex_unlock(&b->mutex);
    p->code = p->work.run(b, p->work.user, &p->err);
    pthread_mutex_lock(&b->mutex);
    b->running = NULL;
    append(&b->over, p);
    pthread_cond_broadcast(&b->changed);
    wake(b);
}

static void *thread_main(void *user) {
    struct background *b = user;
    pthread_mutex_lock(&b->mutex);
    while (!b->stopping) {
        b->running = take_first(&b->waiting);
        atomic_store(&b->cancel, false);
        if (b->running)
            run(b, b->running);
        else
            pthread_cond_wait(&b->changed, &b->mutex);
    }
    pthread_mutex_unlock(&b->mutex);
    return NULL;
}

enum err_code background_start(struct background **out, struct err *e) {
    struct background *b = mem_alloc(sizeof *b);
    *out = NULL;
    b->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    pthread_mutex_init(&b->mutex, NULL);
    pthread_cond_init(&b->changed, NULL);
    const int failed = b->event_fd < 0 ? errno : thread_start(&b->thread, thread_main, b);
    if (failed) {
        if (b->event_fd >= 0)
            close(b->event_fd);
        free(b);
        return err_set(e, ERR_IO, "cannot start a thread: %s", strerror(failed));
    }
    *out = b;
    return ERR_OK;
}

void background_stop(struct background *b) {
    if (!b)
        return;
    pthread_mutex_lock(&b->mutex);
    b->stopping = true;
    atomic_store(&b->cancel, true);
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->mutex);
    pthread_join(b->thread, NULL);
    for (struct piece *p; (p = take_first(&b->waiting));)
        drop(p);
    for (struct piece *p; (p = take_first(&b->over));)
        drop(p);
    close(b->event_fd);
    pthread_cond_destroy(&b->changed);
    pthread_mutex_destroy(&b->mutex);
    free(b);
}

int background_fd(const struct background *b) {
    return b->event_fd;
}

void background_add(struct background *b, struct background_work work) {
    struct piece *p = mem_alloc(sizeof *p);
    p->work = work;
    pthread_mutex_lock(&b->mutex);
    append(&b->waiting, p);
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->mutex);
}

void background_take(struct background *b, void *owner) {
    uint64_t count;
    ssize_t n = read(b->event_fd, &count, sizeof count);
    (void)n;
    for (;;) {
        pthread_mutex_lock(&b->mutex);
        struct piece *p = take_first(&b->over);
        pthread_mutex_unlock(&b->mutex);
        if (!p)
            return;
        p->work.done(owner, p->work.user, p->code, &p->err);
        free(p);
    }
}

struct background_state background_state(struct background *b) {
    pthread_mutex_lock(&b->mutex);
    const struct piece *p = b->running ? b->running : b->waiting;
    const struct background_state s = {.phase = p ? p->work.phase : NULL,
                                       .done = b->running ? atomic_load(&b->done) : 0,
                                       .total = b->running ? atomic_load(&b->total) : 0};
    pthread_mutex_unlock(&b->mutex);
    return s;
}

bool background_cancel(struct background *b) {
    pthread_mutex_lock(&b->mutex);
    const bool any = b->running || b->waiting;
    if (b->running)
        atomic_store(&b->cancel, true);
    for (struct piece *p; (p = take_first(&b->waiting));) {
        p->code = err_set(&p->err, ERR_CANCELLED, "cancelled");
        append(&b->over, p);
    }
    pthread_mutex_unlock(&b->mutex);
    if (any)
        wake(b);
    return any;
}

/* Takes those out of a list that use something. */
static void drop_of(struct piece **list, const void *used) {
    while (*list) {
        struct piece *p = *list;
        if (p->work.uses != used) {
            list = &p->next;
            continue;
        }
        *list = p->next;
        drop(p);
    }
}

void background_forget(struct background *b, const void *used) {
    pthread_mutex_lock(&b->mutex);
    while (b->running && b->running->work.uses == used) {
        atomic_store(&b->cancel, true);
        pthread_cond_wait(&b->changed, &b->mutex);
    }
    drop_of(&b->waiting, used);
    drop_of(&b->over, used);
    pthread_mutex_unlock(&b->mutex);
}
