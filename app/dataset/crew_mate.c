#include "app/dataset/crew_mate.h"

#include <stdlib.h>
#include <string.h>

static void take(struct crew *c, const struct crew_message *m) {
    struct crew_mate *lead = &c->mates[0];
    switch (m->kind) {
    case CREW_HELLO:
        crew_learn(lead, m);
        break;
    case CREW_WORK:
        c->given = m->batch.number;
        break;
    case CREW_END:
        c->ended = true;
        if (!m->batch.number)
            crew_fail(c, ERR_CANCELLED, "cancelled", sizeof "cancelled");
        break;
    case CREW_BYE:
        lead->gone = true;
        c->finalize = m->batch.number != 0;
        break;
    case CREW_ASK:
    case CREW_RESULT:
    case CREW_BEAT:
    case CREW_FAILED:
        break;
    }
    pthread_cond_broadcast(&c->news);
}

static void take_all(struct crew *c) {
    struct crew_message m;
    char *data;
    int from;
    while (crew_receive(&m, &from, &data, c)) {
        take(c, &m);
        free(data);
    }
}

/* What the other thread wants to be sent. */
static void send_all(struct crew *c) {
    if (c->done) {
        crew_send(c, 0, c->done);
        c->done = NULL;
        pthread_cond_broadcast(&c->news);
    }
    if (c->asks && !c->asked) {
        crew_send_kind(c, 0, CREW_ASK, 0);
        c->asked = true;
    }
}

/* Says that it is there, and whether the leader still is. */
static void look(struct crew *c) {
    if (crew_is_time(&c->said, crew_beat(c)))
        crew_send_kind(c, 0, CREW_BEAT, 0);
    if (c->mates[0].lost || !crew_is_dead(c, &c->mates[0]))
        return;
    c->mates[0].lost = true;
    crew_fail(c, ERR_CANCELLED, "cancelled", sizeof "cancelled");
}

void crew_mate_turn(struct crew *c) {
    take_all(c);
    send_all(c);
    look(c);
}

/* An error of its own is told; then all wait for the last. */
void crew_mate_end(struct crew *c) {
    send_all(c);
    if (c->failed && c->failed != ERR_CANCELLED)
        crew_send(c, 0,
                  &(struct crew_message){.kind = CREW_FAILED,
                                         .code = (int)c->failed,
                                         .said = c->error.message,
                                         .n_said = strlen(c->error.message)});
    crew_send_kind(c, 0, CREW_BYE, 0);
    while (!c->mates[0].gone && !c->mates[0].lost) {
        take_all(c);
        look(c);
        crew_pause();
    }
    crew_flush(c);
}

enum err_code crew_mate_next(int64_t *number, struct crew *c, struct err *e) {
    *number = c->given = -1;
    c->asks = true;
    c->asked = false;
    while (c->given < 0 && !c->ended && !c->failed && !atomic_load(c->cancel))
        crew_wait(c);
    c->asks = false;
    *number = c->given;
    if (c->failed)
        return crew_failure(c, e);
    if (*number < 0 && !c->ended)
        return err_set(e, ERR_CANCELLED, "cancelled");
    return ERR_OK;
}

enum err_code crew_mate_put(struct crew *c, const struct batch *b, const char *said, size_t n_said,
                            struct err *e) {
    struct crew_message m = {.kind = CREW_RESULT, .batch = *b, .said = said, .n_said = n_said};
    c->done = &m;
    while (c->done && !c->failed)
        crew_wait(c);
    c->done = NULL;
    return c->failed ? crew_failure(c, e) : ERR_OK;
}
