/* What the processes of a crew send each other. All run the same program on machines of one kind.
 * Internal to app/dataset. Any thread. */
#ifndef TINSEQ_APP_CREW_MESSAGE_H
#define TINSEQ_APP_CREW_MESSAGE_H

#include "app/dataset/batch.h"
#include "backend/base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum crew_kind {
    CREW_HELLO,  /* number: the process; said: its machine. The leader answers with its own */
    CREW_ASK,    /* for a batch */
    CREW_WORK,   /* number: the batch */
    CREW_RESULT, /* a batch that is done; said: what a person is told of it */
    CREW_BEAT,   /* still there */
    CREW_FAILED, /* code; said: the message of an error that ends the run */
    CREW_END,    /* number: 1 where all end together */
    CREW_BYE
};

struct crew_message {
    enum crew_kind kind;
    int code;
    struct batch batch; /* its number is `number` */
    const char *said;
    size_t n_said;
};

/* Its bytes; owned by the caller. */
char *crew_message_pack(size_t *n, const struct crew_message *m);
/* Borrows from the bytes, which begin as an allocation does; false: they are no message. */
bool crew_message_read(struct crew_message *out, const char *data, size_t n);

#endif
