#include "app/dataset/crew_common.h"

#include "backend/base/clock.h"
#include "backend/base/process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FLUSH_SECONDS 3.0
#define BEATS 6 /* while one is waited for */

void crew_send(struct crew *c, int to, const struct crew_message *m) {
    size_t n;
    char *data = crew_message_pack(&n, m);
    if (!c->ops->send(to, data, n) && m->kind == CREW_RESULT) {
        char *text = mem_format("batch %lld, %zu bytes, could not be sent to the first process",
                                (long long)m->batch.number, n);
        crew_fail(c, ERR_BACKEND, text, strlen(text));
        free(text);
    }
    free(data);
}

void crew_send_kind(struct crew *c, int to, enum crew_kind kind, int64_t number) {
    crew_send(c, to, &(struct crew_message){.kind = kind, .batch.number = number});
}

void crew_send_hello(struct crew *c, int to) {
    crew_send(c, to,
              &(struct crew_message){.kind = CREW_HELLO,
                                     .batch.number = (int64_t)getpid(),
                                     .said = c->host,
                                     .n_said = strlen(c->host)});
}

bool crew_receive(struct crew_message *out, int *from, char **data, struct crew *c) {
    const long n = c->ops->receive(from, data);
    if (n > 0 && *from >= 0 && *from < c->size && crew_message_read(out, *data, (size_t)n)) {
        c->mates[*from].seen = clock_seconds();
        return true;
    }
    free(*data);
    *data = NULL;
    return false;
}

void crew_pause(void) {
    const struct timespec ms = {.tv_nsec = 1000000};
    (void)nanosleep(&ms, NULL);
}

void crew_flush(struct crew *c) {
    const double until = clock_seconds() + FLUSH_SECONDS;
    while (c->ops->sending() && clock_seconds() < until)
        crew_pause();
}

void crew_wait(struct crew *c) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 50000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    (void)pthread_cond_timedwait(&c->news, &c->lock, &until);
}

void crew_fail(struct crew *c, enum err_code code, const char *message, size_t n) {
    if (c->failed)
        return;
    c->failed = err_set(&c->error, code, "%.*s", (int)n, message);
    atomic_store(c->cancel, true);
    pthread_cond_broadcast(&c->news);
}

enum err_code crew_failure(const struct crew *c, struct err *e) {
    *e = c->error;
    return c->failed;
}

void crew_learn(struct crew_mate *m, const struct crew_message *hello) {
    m->pid = (long)hello->batch.number;
    snprintf(m->host, sizeof m->host, "%.*s", (int)hello->n_said, hello->said);
}

bool crew_is_dead(const struct crew *c, const struct crew_mate *m) {
    const bool here = m->pid > 0 && strcmp(m->host, c->host) == 0;
    return (here && !process_lives((pid_t)m->pid)) || clock_seconds() - m->seen > c->patience;
}

bool crew_is_time(double *last, double seconds) {
    const double now = clock_seconds();
    if (now - *last < seconds)
        return false;
    *last = now;
    return true;
}

double crew_beat(const struct crew *c) {
    return c->patience / BEATS;
}
