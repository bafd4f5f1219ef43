#include "backend/base/cores.h"

#include "backend/base/clamp.h"
#include "backend/base/clock.h"

#include <limits.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* --- how many -------------------------------------------------------------------------------- */

/* Cores that a group's cpu.max pays for; 0: no limit there. */
static double quota_of(const char *group) {
    char path[4200];
    long long quota, period;
    snprintf(path, sizeof path, "/sys/fs/cgroup%s/cpu.max", group);
    FILE *f = fopen(path, "re");
    if (!f)
        return 0;
    const bool limited = fscanf(f, "%lld %lld", &quota, &period) == 2 && quota > 0 && period > 0;
    fclose(f);
    return limited ? (double)quota / (double)period : 0;
}

/* This process's group, "" for the root. A line of /proc/self/cgroup is 0::/path. */
static void read_group(char *out, size_t size) {
    char line[4096];
    out[0] = '\0';
    FILE *f = fopen("/proc/self/cgroup", "re");
    if (!f)
        return;
    while (fgets(line, sizeof line, f))
        if (strncmp(line, "0::/", 4) == 0)
            snprintf(out, size, "%.*s", (int)strcspn(line + 3, "\n"), line + 3);
    fclose(f);
}

/* The least that the group, and those that it is in, are paid for; 0: no limit. */
static double quota(void) {
    char group[4096];
    double least = 0;
    read_group(group, sizeof group);
    for (;;) {
        const double here = quota_of(group);
        if (here > 0 && (least == 0 || here < least))
            least = here;
        char *slash = strrchr(group, '/');
        if (!slash)
            return least;
        *slash = '\0';
    }
}

static bool our_cores(cpu_set_t *out) {
    return sched_getaffinity(0, sizeof *out, out) == 0;
}

/* So many cores, or as many as the quota pays for. */
static int paid_for(int n) {
    const double paid = ceil(quota());
    if (paid > 0 && paid < n)
        return (int)paid;
    return n > 0 ? n : 1;
}

int cores_available(void) {
    cpu_set_t ours;
    return paid_for(our_cores(&ours) ? CPU_COUNT(&ours) : (int)sysconf(_SC_NPROCESSORS_ONLN));
}

static long number_in(const char *variable) {
    const char *text = getenv(variable); /* OMP_NUM_THREADS: "4", or "4,2" for regions in regions */
    const long n = text ? strtol(text, NULL, 10) : 0;
    return n > 0 && n <= INT_MAX ? n : 0;
}

int cores_threads(void) {
    const int available = cores_available();
    const long asked = number_in("OMP_NUM_THREADS"),
               processes = number_in("OMPI_COMM_WORLD_LOCAL_SIZE");
    if (asked)
        return (int)asked;
    if (processes <= 1)
        return available;
    const long share = paid_for((int)sysconf(_SC_NPROCESSORS_ONLN)) / processes;
    return (int)clamped(share, 1, available);
}

/* --- what they do ---------------------------------------------------------------------------- */

/* A line "cpu3 user nice system idle iowait irq softirq steal …" of ours is added. */
static void add_line(struct cores_use *out, const char *line, const cpu_set_t *ours) {
    char *at;
    double ticks[8] = {0};
    const unsigned long core = strtoul(line + 3, &at, 10);
    if (at == line + 3 || core >= CPU_SETSIZE || !CPU_ISSET(core, ours))
        return;
    for (int i = 0; i < 8; i++)
        ticks[i] = strtod(at, &at);
    const double second = (double)sysconf(_SC_CLK_TCK);
    out->idle += (ticks[3] + ticks[4]) / second;
    out->used += (ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6] + ticks[7]) / second;
}

bool cores_read_use(struct cores_use *out) {
    cpu_set_t ours;
    struct timespec spent;
    char line[512];
    *out = (struct cores_use){.at = clock_seconds()};
    FILE *f = fopen("/proc/stat", "re");
    if (!f)
        return false;
    const bool known = our_cores(&ours) && clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent) == 0;
    while (known && fgets(line, sizeof line, f) && strncmp(line, "cpu", 3) == 0)
        add_line(out, line, &ours);
    fclose(f);
    out->by_us = known ? (double)spent.tv_sec + 1e-9 * (double)spent.tv_nsec : 0;
    return known && out->idle + out->used > 0;
}

/* --- what follows ---------------------------------------------------------------------------- */

/* Cores: others that run now and then are no reason to compute with fewer threads, and the counters
 * are no finer than a hundredth of a second. */
#define SOME_OTHERS 0.25
#define ALL_BUSY 0.25
#define ONE_FREE 0.75

static int between(double x, int least, int most) {
    if (x < least)
        return least;
    return x > most ? most : (int)x;
}

int cores_fair_threads(int wanted, int running, const struct cores_use *before,
                       const struct cores_use *after, int n_cores) {
    const double seconds = after->at - before->at, idle = (after->idle - before->idle) / seconds,
                 by_us = (after->by_us - before->by_us) / seconds,
                 by_others = (after->used - before->used) / seconds - by_us;
    if (seconds <= 0 || by_us <= 0)
        return running;
    if (idle >= ONE_FREE)
        return between(running + idle + 1 - ONE_FREE, 1, wanted);
    if (idle > ALL_BUSY || by_others < SOME_OTHERS)
        return running;
    const double busy = n_cores * running / by_us, others = busy - running,
                 fair = (double)n_cores * n_cores / (n_cores + (others > 0 ? others : 0));
    return between(fmax(n_cores - others, fair), 1, running);
}
