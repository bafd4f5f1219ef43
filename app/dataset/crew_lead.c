#include "app/dataset/crew_lead.h"

#include <stdlib.h>

#define LOOK_SECONDS 0.2 /* between two looks whether all are there */

/* --- batches --- */

static int64_t take_batch(struct crew *c) {
    while (c->n_returned) {
        const int64_t number = c->returned[--c->n_returned];
        if (!c->hooks.has(c->hooks.user, number)) /* it may have come after all */
            return number;
    }
    const int64_t number = c->dry ? -1 : c->hooks.next(c->hooks.user);
    c->dry = c->dry || number < 0;
    return number;
}

static bool all_done(const struct crew *c) {
    bool busy = c->own >= 0 || c->n_returned || !c->dry;
    for (int i = 1; i < c->size; i++)
        busy = busy || (!c->mates[i].lost && c->mates[i].batch >= 0);
    return !busy;
}

static void give_back(struct crew *c, int64_t number) {
    c->returned = mem_resize(c->returned, (c->n_returned + 1) * sizeof *c->returned);
    c->returned[c->n_returned++] = number;
    pthread_cond_broadcast(&c->news);
}

/* --- what the others say --- */

static void take_result(struct crew *c, struct crew_mate *m, const struct crew_message *r) {
    struct err e;
    const int64_t number = r->batch.number;
    if (m->batch == number)
        m->batch = -1;
    if (c->failed || c->hooks.has(c->hooks.user, number))
        return; /* another did it */
    enum err_code code = c->hooks.add(c->hooks.user, &r->batch, r->said, r->n_said, &e);
    if (code)
        crew_fail(c, code, e.message, sizeof e.message);
    pthread_cond_broadcast(&c->news);
}

static void take(struct crew *c, int from, const struct crew_message *m) {
    struct crew_mate *mate = &c->mates[from];
    mate->lost = false; /* one that was silent */
    switch (m->kind) {
    case CREW_HELLO:
        crew_learn(mate, m);
        crew_send_hello(c, from);
        break;
    case CREW_ASK:
        mate->waiting = true;
        break;
    case CREW_RESULT:
        take_result(c, mate, m);
        break;
    case CREW_FAILED:
        crew_fail(c, (enum err_code)m->code, m->said, m->n_said);
        break;
    case CREW_BYE:
        mate->gone = true;
        break;
    case CREW_BEAT:
    case CREW_WORK:
    case CREW_END:
        break;
    }
}

/* --- now and then --- */

static void lose(struct crew *c, int i) {
    struct crew_mate *m = &c->mates[i];
    char *text =
        m->batch >= 0
            ? mem_format("process %d of %d (%ld on %s) is gone: its batch goes to another", i,
                         c->size, m->pid, m->host)
            : mem_format("process %d of %d (%ld on %s) is gone", i, c->size, m->pid, m->host);
    m->lost = true;
    m->waiting = false;
    if (m->batch >= 0)
        give_back(c, m->batch);
    m->batch = -1;
    c->hooks.lost(c->hooks.user, text);
    free(text);
    pthread_cond_broadcast(&c->news);
}

static void look(struct crew *c) {
    const bool say = crew_is_time(&c->said, crew_beat(c));
    if (!crew_is_time(&c->looked, LOOK_SECONDS) && !say)
        return;
    for (int i = 1; i < c->size; i++) {
        struct crew_mate *m = &c->mates[i];
        if (m->lost || m->gone)
            continue;
        if (crew_is_dead(c, m))
            lose(c, i);
        else if (say)
            crew_send_kind(c, i, CREW_BEAT, 0);
    }
}

static void hand_out(struct crew *c) {
    for (int i = 1; i < c->size && c->opened && !c->failed; i++) {
        struct crew_mate *m = &c->mates[i];
        if (!m->waiting)
            continue;
        const int64_t number = take_batch(c);
        if (number < 0)
            return;
        m->waiting = false;
        m->batch = number;
        crew_send_kind(c, i, CREW_WORK, number);
    }
}

static bool take_one(struct crew *c) {
    struct crew_message m;
    char *data;
    int from;
    if (!crew_receive(&m, &from, &data, c))
        return false;
    take(c, from, &m);
    free(data);
    return true;
}

void crew_lead_turn(struct crew *c) {
    while (take_one(c))
        hand_out(c);
    look(c);
    hand_out(c);
}

/* --- the end --- */

/* Whether all have said bye, but those that are given up. */
static bool all_gone(const struct crew *c, bool *lost) {
    bool gone = true;
    *lost = false;
    for (int i = 1; i < c->size; i++) {
        gone = gone && (c->mates[i].gone || c->mates[i].lost);
        *lost = *lost || c->mates[i].lost;
    }
    return gone;
}

void crew_lead_end(struct crew *c) {
    bool lost;
    for (int i = 1; i < c->size; i++)
        if (!c->mates[i].lost)
            crew_send_kind(c, i, CREW_END, c->failed ? 0 : 1);
    while (!all_gone(c, &lost)) {
        while (take_one(c))
            ;
        look(c);
        crew_pause();
    }
    for (int i = 1; i < c->size; i++)
        if (!c->mates[i].lost)
            crew_send_kind(c, i, CREW_BYE, !lost);
    c->finalize = !lost;
    if (lost)
        crew_flush(c);
}

/* --- what it does itself --- */

enum err_code crew_lead_next(int64_t *number, struct crew *c, struct err *e) {
    *number = -1;
    c->opened = true;
    for (;;) {
        if (c->failed)
            return crew_failure(c, e);
        if (atomic_load(c->cancel))
            return err_set(e, ERR_CANCELLED, "cancelled");
        *number = c->own = take_batch(c);
        if (*number >= 0 || all_done(c))
            return ERR_OK;
        crew_wait(c);
    }
}

enum err_code crew_lead_put(struct crew *c, const struct batch *b, const char *said, size_t n_said,
                            struct err *e) {
    c->own = -1;
    if (c->failed)
        return crew_failure(c, e);
    if (c->hooks.has(c->hooks.user, b->number))
        return ERR_OK;
    return c->hooks.add(c->hooks.user, b, said, n_said, e);
}
