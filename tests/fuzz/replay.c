/*
 * Runs one fuzz target, `int fuzz_one(const uint8_t *data, size_t n)`, either under libFuzzer
 * (built with -DFUZZ_LIBFUZZER and clang's -fsanitize=fuzzer) or here, without it: every corpus
 * file as it is, then that many mutations of them, the same ones each time.
 *
 *     fuzz_x [--runs N] [--seconds S] [--seed K] [--only I] FILE_OR_FOLDER…
 *
 * A crash prints the number of the run; --only I repeats it alone. Every input is a heap block of
 * exactly its size, so that the address sanitizer sees a read of one byte more.
 */
#include "backend/base/clock.h"

#include <dirent.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int fuzz_one(const uint8_t *data, size_t n);

#ifdef FUZZ_LIBFUZZER

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    return fuzz_one(data, n);
}

#else

#define MAX_SEEDS 1000
#define MAX_BYTES (1u << 20)

static struct seed {
    uint8_t *data;
    size_t n;
} seeds[MAX_SEEDS];
static size_t n_seeds;
static volatile long current_run = -1;

static void *checked(void *p) {
    if (!p) {
        fputs("out of memory\n", stderr);
        exit(2);
    }
    return p;
}

static void load(const char *path) {
    struct stat about;
    if (stat(path, &about) != 0) {
        fprintf(stderr, "%s: not there\n", path);
        exit(2);
    }
    if (S_ISDIR(about.st_mode)) {
        struct dirent **entries;
        int n = scandir(path, &entries, NULL,
                        alphasort); /* sorted: the same run means the same input everywhere */
        for (int i = 0; i < n; i++) {
            char inner[4096];
            snprintf(inner, sizeof inner, "%s/%s", path, entries[i]->d_name);
            if (entries[i]->d_name[0] != '.')
                load(inner);
            free(entries[i]);
        }
        free(entries);
        return;
    }
    FILE *f = fopen(path, "rb");
    if (!f || n_seeds == MAX_SEEDS || (size_t)about.st_size > MAX_BYTES) {
        fprintf(stderr, "%s: cannot be a seed\n", path);
        exit(2);
    }
    struct seed *s = &seeds[n_seeds++];
    s->data = checked(malloc((size_t)about.st_size + 1));
    s->n = fread(s->data, 1, (size_t)about.st_size, f);
    fclose(f);
}

/* splitmix64: any seed gives a good stream, so that each run can have its own. */
static uint64_t random64(uint64_t *state) {
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static size_t below(uint64_t *state, size_t n) {
    return n ? (size_t)(random64(state) % n) : 0;
}

static void put_number(uint8_t *data, size_t n, uint64_t *state) {
    static const uint64_t numbers[] = {0,
                                       1,
                                       2,
                                       7,
                                       8,
                                       32,
                                       255,
                                       256,
                                       65535,
                                       65536,
                                       INT32_MAX,
                                       UINT32_MAX,
                                       (uint64_t)UINT32_MAX + 1,
                                       INT64_MAX,
                                       UINT64_MAX,
                                       UINT64_MAX - 7,
                                       1ull << 62,
                                       1ull << 61,
                                       1ull << 40};
    size_t width = (size_t)1 << below(state, 4);
    if (n < width)
        return;
    uint64_t number = numbers[below(state, sizeof numbers / sizeof *numbers)];
    memcpy(data + below(state, n - width + 1), &number, width);
}

/* A part of a seed in place of, or between, what is there; capacity is twice MAX_BYTES. */
static size_t splice(uint8_t *data, size_t n, uint64_t *state) {
    const struct seed *other = &seeds[below(state, n_seeds)];
    size_t from = below(state, other->n + 1), length = below(state, other->n - from + 1),
           at = below(state, n + 1);
    if (length > 64 && below(state, 4))
        length = 1 + below(state, 64);
    size_t replaced = length < n - at ? length : n - at;
    replaced = below(state, 2) ? 0 : replaced;
    if (n - replaced + length > MAX_BYTES)
        return n;
    memmove(data + at + length, data + at + replaced, n - at - replaced);
    memcpy(data + at, other->data + from, length);
    return n - replaced + length;
}

static size_t mutate(uint8_t *data, size_t n, uint64_t *state) {
    size_t at = below(state, n), length;
    switch (below(state, 8)) {
    case 0: /* flip a bit */
        if (n)
            data[at] ^= (uint8_t)(1u << below(state, 8));
        return n;
    case 1:
        if (n)
            data[at] = (uint8_t)random64(state);
        return n;
    case 2:
    case 3:
        put_number(data, n, state);
        return n;
    case 4: /* cut the end off */
        if (below(state, 4) == 0)
            return at;
        return n - below(state, n < 16 ? n + 1 : 16);
    case 5: /* take a piece out */
        length = below(state, n - at < 32 ? n - at + 1 : 32);
        memmove(data + at, data + at + length, n - at - length);
        return n - length;
    case 6: /* repeat a piece many times: depth and counts */
        length = n - at < 8 ? n - at : 8;
        length = n ? 1 + below(state, length) : 0;
        for (size_t k = below(state, 200); length && k > 0 && n + length <= MAX_BYTES; k--) {
            memmove(data + at + length, data + at, n - at);
            n += length;
        }
        return n;
    default:
        return splice(data, n, state);
    }
}

static void run(long i, uint64_t seed) {
    static uint8_t work[2 * MAX_BYTES];
    uint64_t state = seed ^ ((uint64_t)i * 0xD6E8FEB86659FD93u);
    const struct seed *s = &seeds[(size_t)i < n_seeds ? (size_t)i : below(&state, n_seeds)];
    size_t n = s->n;
    memcpy(work, s->data, n);
    if ((size_t)i >= n_seeds)
        for (size_t k = 1 + below(&state, 5); k > 0; k--)
            n = mutate(work, n, &state);
    uint8_t *exact = checked(malloc(n ? n : 1));
    memcpy(exact, work, n);
    current_run = i;
    (void)fuzz_one(exact, n);
    free(exact);
}

static void report(void) {
    char text[64];
    int n = snprintf(text, sizeof text, "fuzz: run %ld failed (--only %ld)\n", current_run,
                     current_run);
    (void)!write(STDERR_FILENO, text, (size_t)n);
}

static void on_signal(int number) {
    report();
    signal(number, SIG_DFL);
    raise(number);
}

void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

int main(int argc, char **argv) {
    long n_runs = 20000, only = -1;
    double limit = 5;
    uint64_t seed = 1;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--runs") == 0 && i + 1 < argc)
            n_runs = atol(argv[++i]);
        else if (strcmp(argv[i], "--seconds") == 0 && i + 1 < argc)
            limit = atof(argv[++i]);
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            seed = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc)
            only = atol(argv[++i]);
        else
            load(argv[i]);
    }
    if (n_seeds == 0) {
        fputs("no seeds\n", stderr);
        return 2;
    }
    static const int signals[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    if (__sanitizer_set_death_callback)
        __sanitizer_set_death_callback(report);
    else
        for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
            signal(signals[i], on_signal);
    if (only >= 0) {
        run(only, seed);
        return 0;
    }
    double start = clock_seconds(), slowest = 0;
    long i = 0, i_slowest = 0;
    for (; i < n_runs + (long)n_seeds && ((size_t)i < n_seeds || clock_seconds() - start < limit);
         i++) {
        double before = clock_seconds();
        run(i, seed);
        if (clock_seconds() - before > slowest) {
            slowest = clock_seconds() - before;
            i_slowest = i;
        }
    }
    printf("%ld runs, %zu seeds; the slowest, %ld, took %.3f s\n", i, n_seeds, i_slowest, slowest);
    return 0;
}

#endif
