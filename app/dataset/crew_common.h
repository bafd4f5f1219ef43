/* What a crew is made of, and what the leader and the others have in common. Internal to
 * app/dataset. */
#ifndef TINSEQ_APP_CREW_COMMON_H
#define TINSEQ_APP_CREW_COMMON_H

#include "app/dataset/crew_hooks.h"
#include "app/dataset/crew_message.h"
#include "app/dataset/mpi.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>

#define CREW_HOST (HOST_NAME_MAX + 1)

/* One of the others, as it is known here. */
struct crew_mate {
    bool lost, waiting, gone; /* given up; asks for a batch; said bye */
    int64_t batch;            /* that it works on; −1: none */
    double seen;              /* when it last said anything */
    long pid;                 /* 0: it has not said hello */
    char host[CREW_HOST];
};

enum crew_state { CREW_STARTING, CREW_RUNS, CREW_ENDING };

struct crew {
    const struct mpi_ops *ops;
    struct crew_hooks hooks;
    atomic_bool *cancel;
    int rank, size;
    double patience;
    pthread_t thread;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t news;
    enum crew_state state;
    enum err_code failed; /* what ended the run */
    struct err error;
    char host[CREW_HOST];
    double said, looked;     /* when it last said that it is there, and looked after the others */
    struct crew_mate *mates; /* [size]; the others know of the leader alone, who is 0 */

    /* The leader: */
    int64_t *returned; /* [n_returned] batches of those that were given up */
    size_t n_returned;
    bool opened; /* asks itself, so that the hooks may be called */
    bool dry;    /* the hooks have no other */
    int64_t own; /* batch that it works on itself; −1: none */

    /* The others: */
    struct crew_message *done; /* a result to be sent, borrowed meanwhile; NULL: none */
    bool asks, asked;          /* for a batch: it computes nothing; and the leader was told */
    int64_t given;             /* −1: not yet */
    bool ended;                /* no other comes */
    bool finalize;             /* all end together */
};

/* All of them with the lock. These on the thread that has MPI: */
void crew_send(struct crew *c, int to, const struct crew_message *m);
void crew_send_kind(struct crew *c, int to, enum crew_kind kind, int64_t number);
void crew_send_hello(struct crew *c, int to);
/* A message that has come; *data is freed by the caller. false: none has. */
bool crew_receive(struct crew_message *out, int *from, char **data, struct crew *c);
/* Until all that was sent is on the other side, for some seconds at most. */
void crew_flush(struct crew *c);

void crew_pause(void); /* between two looks for messages */
/* Waits for news, for some time. */
void crew_wait(struct crew *c);
/* The run ends with an error; what computes here is stopped. */
void crew_fail(struct crew *c, enum err_code code, const char *message, size_t n);
/* Sets the error that ended the run, and returns its code. */
enum err_code crew_failure(const struct crew *c, struct err *e);

void crew_learn(struct crew_mate *m, const struct crew_message *hello);
/* Whether it has died, or is silent. */
bool crew_is_dead(const struct crew *c, const struct crew_mate *m);
/* Whether it is time to say that this one is there, or to look after the others. */
bool crew_is_time(double *last, double seconds);
double crew_beat(const struct crew *c); /* seconds between two times that it is said */

#endif
