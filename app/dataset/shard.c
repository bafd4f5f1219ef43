/* Schedulers' variables: sbatch(1) and srun(1) of Slurm 23, mpirun(1) of Open MPI 4.1, PMI-1 as
 * MPICH's hydra and Slurm set it. */
#include "app/dataset/shard.h"

#include "backend/base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_SHARDS 99999 /* that fit the name of a file */

/* A whole number that is not negative; false: something else. */
static bool read_number(int64_t *out, const char *text, const char **end) {
    char *stop;
    errno = 0;
    const long long value = strtoll(text, &stop, 10);
    *out = value;
    *end = stop;
    return text[0] >= '0' && text[0] <= '9' && errno == 0;
}

/* --- --shard --- */

static enum err_code read_given(struct shard *out, const char *text, struct err *e) {
    const char *end;
    const bool good = read_number(&out->k, text, &end) && *end == '/' &&
                      read_number(&out->n, end + 1, &end) && !*end && out->n > 0;
    if (!good)
        return err_set(e, ERR_USAGE, "--shard takes K/N, as in 0/4, not \"%.100s\"", text);
    if (out->k >= out->n)
        return err_set(e, ERR_USAGE,
                       "--shard %.60s: parts are counted from 0, so those of %lld are 0/%lld to "
                       "%lld/%lld",
                       text, (long long)out->n, (long long)out->n, (long long)out->n - 1,
                       (long long)out->n);
    snprintf(out->from, sizeof out->from, "--shard");
    return ERR_OK;
}

/* --- schedulers --- */

/* Variables of one launcher. */
struct launcher {
    const char *rank, *size;
};

static const struct launcher launchers[] = {{"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
                                            {"PMI_RANK", "PMI_SIZE"},
                                            {"SLURM_PROCID", "SLURM_NTASKS"}};

/* The number of a variable; `usual` where it is not set. */
static enum err_code read_variable(int64_t *out, const char *name, int64_t usual, struct err *e) {
    const char *text = getenv(name), *end;
    *out = usual;
    if (!text || !*text)
        return ERR_OK;
    if (!read_number(out, text, &end) || *end)
        return err_set(e, ERR_USAGE,
                       "%s is \"%.100s\", which is no number: unset it, or give "
                       "--shard",
                       name, text);
    return ERR_OK;
}

/* Slurm's batch script has the variables of a task too, but is alone: it is srun that starts
 * several. */
static bool is_batch_script(const struct launcher *l) {
    return strcmp(l->rank, "SLURM_PROCID") == 0 && getenv("SLURM_JOB_ID") &&
           !getenv("SLURM_STEP_ID");
}

static enum err_code read_launcher(struct shard *out, const struct launcher *l, struct err *e) {
    struct shard s = {0};
    enum err_code code = read_variable(&s.k, l->rank, -1, e);
    if (code)
        return code;
    code = read_variable(&s.n, l->size, -1, e);
    if (code || s.k < 0 || s.n < 0 || is_batch_script(l))
        return code;
    if (s.k >= s.n)
        return err_set(e, ERR_USAGE, "%s is %lld, but %s is %lld: give --shard", l->rank,
                       (long long)s.k, l->size, (long long)s.n);
    snprintf(s.from, sizeof s.from, "%s", l->rank);
    *out = s;
    return ERR_OK;
}

static enum err_code read_launchers(struct shard *out, struct err *e) {
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < sizeof launchers / sizeof *launchers && !code && !out->n; i++)
        code = read_launcher(out, &launchers[i], e);
    return code;
}

/* What Slurm says of an array of tasks. */
struct array {
    int64_t id, count, least, most, step;
};

static enum err_code read_array_variables(struct array *a, struct err *e) {
    const struct {
        int64_t *to;
        const char *name;
        int64_t usual;
    } rows[] = {{&a->id, "SLURM_ARRAY_TASK_ID", -1},
                {&a->count, "SLURM_ARRAY_TASK_COUNT", -1},
                {&a->least, "SLURM_ARRAY_TASK_MIN", 0},
                {&a->most, "SLURM_ARRAY_TASK_MAX", -1},
                {&a->step, "SLURM_ARRAY_TASK_STEP", 1}};
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < sizeof rows / sizeof *rows && !code; i++)
        code = read_variable(rows[i].to, rows[i].name, rows[i].usual, e);
    return code;
}

/* Each task must know its place among the others, from these numbers alone. */
static enum err_code check_array(const struct array *a, struct err *e) {
    const int64_t step = a->step > 0 ? a->step : 1, place = (a->id - a->least) / step;
    const bool even = a->most < 0 || (a->most - a->least) / step + 1 == a->count,
               fits = a->id >= a->least && (a->id - a->least) % step == 0 && place < a->count;
    if (even && fits)
        return ERR_OK;
    return err_set(e, ERR_USAGE,
                   "the tasks of Slurm's array are not numbered evenly (%lld of %lld, from %lld, "
                   "every %lld): give --shard, as in --shard $SLURM_ARRAY_TASK_ID/16",
                   (long long)a->id, (long long)a->count, (long long)a->least, (long long)step);
}

static enum err_code read_array(struct shard *out, struct err *e) {
    struct array a;
    enum err_code code = read_array_variables(&a, e);
    if (code || a.id < 0)
        return code;
    if (a.count < 0)
        return err_set(e, ERR_USAGE,
                       "SLURM_ARRAY_TASK_ID is set, but SLURM_ARRAY_TASK_COUNT is "
                       "not: give --shard");
    code = check_array(&a, e);
    if (code)
        return code;
    out->k = (a.id - a.least) / (a.step > 0 ? a.step : 1);
    out->n = a.count;
    snprintf(out->from, sizeof out->from, "SLURM_ARRAY_TASK_ID");
    return ERR_OK;
}

/* Each part of the array, divided among the processes of its task. */
static void divide(struct shard *array, const struct shard *inner) {
    if (array->n > 1 && inner->n > 1) {
        const size_t n = strlen(array->from);
        snprintf(array->from + n, sizeof array->from - n, " and %s", inner->from);
        array->k = array->k * inner->n + inner->k;
        array->n *= inner->n;
    } else if (inner->n > 1 || !array->n) {
        *array = *inner;
    }
}

static enum err_code check_number(const struct shard *s, struct err *e) {
    if (s->n <= MOST_SHARDS)
        return ERR_OK;
    return err_set(e, ERR_USAGE, "%s: %lld parts are more than %d", s->from, (long long)s->n,
                   MOST_SHARDS);
}

static enum err_code read_scheduler(struct shard *out, struct err *e) {
    struct shard inner = {0};
    enum err_code code = read_array(out, e);
    if (code)
        return code;
    code = read_launchers(&inner, e);
    if (code)
        return code;
    code = check_number(out, e);
    if (code)
        return code;
    code = check_number(&inner, e);
    if (!code)
        divide(out, &inner);
    return code;
}

enum err_code shard_read(struct shard *out, const char *given, struct err *e) {
    *out = (struct shard){0};
    enum err_code code = given ? read_given(out, given, e) : read_scheduler(out, e);
    return code ? code : check_number(out, e);
}

bool shard_is_part(const struct shard *s) {
    return s->n > 1;
}

int64_t shard_batch(const struct shard *s, size_t i) {
    return shard_is_part(s) ? s->k + (int64_t)i * s->n : (int64_t)i;
}

bool shard_has(const struct shard *s, int64_t batch) {
    return !shard_is_part(s) || batch % s->n == s->k;
}

bool shard_is_launched(const struct shard *s) {
    return shard_is_part(s) &&
           (strstr(s->from, launchers[0].rank) || strstr(s->from, launchers[1].rank));
}

/* --- names --- */

/* Endings of files that are more than what follows the last dot. */
static const char *ending_of(const char *leaf) {
    const char *dot = strrchr(leaf, '.');
    if (!dot || dot == leaf)
        return leaf + strlen(leaf);
    if (strcmp(dot, ".gz") != 0)
        return dot;
    for (const char *p = dot - 1; p > leaf; p--)
        if (*p == '.')
            return p;
    return dot;
}

char *shard_path(const struct shard *s, const char *output) {
    const char *slash = strrchr(output, '/'), *ending = ending_of(slash ? slash + 1 : output);
    if (!shard_is_part(s))
        return mem_text(output);
    return mem_format("%.*s.%05lld-of-%05lld%s", (int)(ending - output), output, (long long)s->k,
                      (long long)s->n, ending);
}
