/*
 * Messages between the processes that mpirun started: a table of functions that tinseq_mpi.so gives
 * (app/dataset/mpi, linked to Open MPI), which is opened only under mpirun. All of them are called
 * by one thread, the one that calls `start`. Plain C, no other header: the module has nothing of
 * the program.
 */
#ifndef TINSEQ_APP_MPI_H
#define TINSEQ_APP_MPI_H

#include <stdbool.h>
#include <stddef.h>

struct mpi_ops {
    /* false: `why` (of n bytes) says what is wrong. */
    bool (*start)(int *rank, int *size, char *why, size_t n);
    /* Sends a copy on its way; false: it cannot be sent. */
    bool (*send)(int to, const void *data, size_t n);
    /* A message that has come, for free(): its size; 0: none has; −1: one is broken. Moves on those
     * that are on their way. */
    long (*receive)(int *from, char **data);
    /* Messages that are on their way. */
    size_t (*sending)(void);
    /* `finalize`: all processes are there and end, too; else this one leaves. */
    void (*end)(bool finalize);
};

#define MPI_MODULE_FILE "tinseq_mpi.so"
#define MPI_MODULE_VARIABLE "TINSEQ_MPI_MODULE"
#define MPI_MODULE_SYMBOL "tinseq_mpi_module" /* const struct mpi_ops *tinseq_mpi_module(void) */

#endif
