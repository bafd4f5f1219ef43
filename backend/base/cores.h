/*
 * The cores that this process may use, and how many threads are worth having beside what else runs
 * on them. Any thread.
 */
#ifndef TINSEQ_BACKEND_BASE_CORES_H
#define TINSEQ_BACKEND_BASE_CORES_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The cores of the affinity mask, at most as many as the control group's quota (cgroup v2) pays
 * for, rounded up. At least 1. */
int cores_available(void);
/* How many threads compute where nothing else was asked: OMP_NUM_THREADS, as for all programs that
 * use OpenMP, else cores_available(); of several processes that mpirun started on this machine,
 * which may have the same cores, a share of the machine's. */
int cores_threads(void);

/* Seconds since some moment, summed over the cores of the affinity mask (/proc/stat). */
struct cores_use {
    double at;    /* the clock when it was read */
    double idle;  /* in which cores had nothing to do */
    double used;  /* in which they ran anything */
    double by_us; /* in which this process ran, all its threads */
};

/* false where the system does not tell. */
bool cores_read_use(struct cores_use *out);

/* How many of `wanted` threads that share their work out evenly, and wait for each other, shall
 * compute next. `running` of them did between the two readings.
 *
 * A core that another program shares makes all threads wait for the one on it, so that n threads
 * on P cores beside k other busy threads do best with P - k, and never fewer than their fair share
 * of the cores, P²/(P + k). k is not told by the system; it follows from what these threads got:
 * each of the n + k gets P/(n + k) of a core where none is idle. */
int cores_fair_threads(int wanted, int running, const struct cores_use *before,
                       const struct cores_use *after, int n_cores);

#ifdef __cplusplus
}
#endif

#endif
