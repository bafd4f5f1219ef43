/* Open MPI 4.1 and 5.0, MPI 3.1. Errors are returned (MPI_ERRORS_RETURN): with mpirun
 * --enable-recovery a process that dies does not end the others. */
#include "app/dataset/mpi.h"

#include <limits.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TAG 16 /* of our messages */

/* A message on its way. */
struct outgoing {
    struct outgoing *next;
    MPI_Request request;
    char data[];
};
static struct outgoing *first;

static bool start(int *rank, int *size, char *why, size_t n) {
    int level = 0;
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &level) != MPI_SUCCESS) {
        snprintf(why, n, "MPI_Init_thread failed");
        return false;
    }
    const bool good = level >= MPI_THREAD_FUNNELED &&
                      MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN) == MPI_SUCCESS &&
                      MPI_Comm_rank(MPI_COMM_WORLD, rank) == MPI_SUCCESS &&
                      MPI_Comm_size(MPI_COMM_WORLD, size) == MPI_SUCCESS;
    if (!good)
        snprintf(why, n, "MPI gives no threads (level %d)", level);
    return good;
}

static bool send_copy(int to, const void *data, size_t n) {
    struct outgoing *o = n <= INT_MAX ? malloc(sizeof *o + n) : NULL;
    if (!o)
        return false;
    memcpy(o->data, data, n);
    if (MPI_Isend(o->data, (int)n, MPI_BYTE, to, TAG, MPI_COMM_WORLD, &o->request) != MPI_SUCCESS) {
        free(o);
        return false;
    }
    o->next = first;
    first = o;
    return true;
}

/* What has arrived is freed. One to a process that died never does, or with an error. */
static void move_on(void) {
    for (struct outgoing **at = &first; *at;) {
        struct outgoing *o = *at;
        int arrived = 0;
        const int status = MPI_Test(&o->request, &arrived, MPI_STATUS_IGNORE);
        if (status == MPI_SUCCESS && !arrived) {
            at = &o->next;
            continue;
        }
        *at = o->next;
        free(o);
    }
}

static long receive(int *from, char **data) {
    MPI_Message message;
    MPI_Status status;
    int there = 0, n = 0;
    *data = NULL;
    move_on();
    if (MPI_Improbe(MPI_ANY_SOURCE, TAG, MPI_COMM_WORLD, &there, &message, &status) != MPI_SUCCESS)
        return -1;
    if (!there)
        return 0;
    *from = status.MPI_SOURCE;
    (void)MPI_Get_count(&status, MPI_BYTE, &n);
    *data = n > 0 ? malloc((size_t)n) : NULL;
    if (*data && MPI_Mrecv(*data, n, MPI_BYTE, &message, &status) == MPI_SUCCESS)
        return n;
    free(*data);
    *data = NULL;
    return -1;
}

static size_t sending(void) {
    size_t n = 0;
    move_on();
    for (const struct outgoing *o = first; o; o = o->next)
        n++;
    return n;
}

static void end(bool finalize) {
    if (finalize)
        MPI_Finalize();
}

__attribute__((visibility("default"))) const struct mpi_ops *tinseq_mpi_module(void);
const struct mpi_ops *tinseq_mpi_module(void) {
    static const struct mpi_ops ops = {start, send_copy, receive, sending, end};
    return &ops;
}
