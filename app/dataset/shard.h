/*
 * Which part of a data set a process works on, where several share it: batch b is the (b mod n)-th
 * shard's. Any thread.
 */
#ifndef TINSEQ_APP_SHARD_H
#define TINSEQ_APP_SHARD_H

#include "backend/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHARD_FROM 64

struct shard {
    int64_t k, n;          /* the k-th of n, counted from 0; n 0 or 1: all of it */
    char from[SHARD_FROM]; /* who says so: "--shard", "SLURM_PROCID"; "": nobody */
};

/* From "K/N" (NULL: none was given), else from what a scheduler tells its tasks:
 * OMPI_COMM_WORLD_RANK and _SIZE, PMI_RANK and PMI_SIZE, or SLURM_PROCID and SLURM_NTASKS, of which
 * the first counts: mpirun and mpiexec are started by srun and hand on what it told them. Where
 * that is in a task of an array (SLURM_ARRAY_TASK_ID with _COUNT, _MIN, _MAX, _STEP), the array is
 * divided by it once more. Errors: USAGE (what is wrong with which). */
enum err_code shard_read(struct shard *out, const char *given, struct err *e) ERR_CHECKED;

bool shard_is_part(const struct shard *s); /* there are others */
/* The i-th batch that it has. */
int64_t shard_batch(const struct shard *s, size_t i);
bool shard_has(const struct shard *s, int64_t batch);

/* Whether mpirun or mpiexec started it beside others, which they end where one has a status. */
bool shard_is_launched(const struct shard *s);

/* "facts.00003-of-00016.jsonl" of "facts.jsonl"; of a folder, and of all, the path itself. Owned by
 * the caller. */
char *shard_path(const struct shard *s, const char *output);

#endif
