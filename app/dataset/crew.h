/*
 * The processes that mpirun started on one run over a data set. The first leads: it hands out
 * batches to whoever asks, itself among them, and is given what they made, so that there is one log
 * and one output. Each process has a thread that sends and receives by MPI, while another computes.
 *
 * A process that dies ends all, and the same command goes on; with mpirun --enable-recovery it does
 * not, and its batch goes to another. That it died is seen at once on the leader's machine, else by
 * its silence for CREW_PATIENCE seconds ($TINSEQ_MPI_PATIENCE): each says that it is there every
 * few seconds. What one that was given up sends after all is taken if nobody else has done it.
 *
 * crew_next and crew_put: one thread, the one that computes.
 */
#ifndef TINSEQ_APP_CREW_H
#define TINSEQ_APP_CREW_H

#include "app/dataset/batch.h"
#include "app/dataset/crew_hooks.h"
#include "backend/base/err.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CREW_PATIENCE 60

struct crew;

/* Whether mpirun started this process among others. */
bool crew_is_wanted(void);
/* Whether this one is to lead: known before crew_start. */
bool crew_leads(void);

/* Waits until all are there. `cancel` is set where the run ends early. Errors: IO, BACKEND (the
 * module is not there; MPI fails). */
enum err_code crew_start(struct crew **out, const struct crew_hooks *hooks, atomic_bool *cancel,
                         struct err *e) ERR_CHECKED;

/* The next batch to do, waited for; −1: all are done, by all. Errors: CANCELLED, and what ended the
 * run elsewhere. */
enum err_code crew_next(int64_t *number, struct crew *c, struct err *e) ERR_CHECKED;
/* It is done. Errors: those of `add`, on the leader. */
enum err_code crew_put(struct crew *c, const struct batch *b, const char *said, size_t n_said,
                       struct err *e) ERR_CHECKED;
/* What ended the run elsewhere, in the place of an ERR_CANCELLED that came of it; no batch is added
 * after an error. */
enum err_code crew_why(struct crew *c, enum err_code code, struct err *e);

/* The end, with the code and message that the others are told of. */
void crew_stop_take(struct crew *c, enum err_code code, const struct err *e);

#endif
