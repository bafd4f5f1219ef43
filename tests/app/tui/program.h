/*
 * What the tests of the terminal program share: it runs on a pseudo-terminal, over the scripted
 * engine (fake/tinseq_fake.c), in a home of its own each time. Include once per file; PROGRAM_SUITE
 * names its tests.
 */
#ifndef TINSEQ_TESTS_APP_PROGRAM_H
#define TINSEQ_TESTS_APP_PROGRAM_H

#include "harness/term.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char *program, *home, *gate_path;
static const char *memory;   /* that a run may take; NULL: any */
static const char *terminal; /* "TERM=…"; NULL: the usual one */
static int gate = -1;
static struct term *t;

static inline int remove_one(const char *path, const struct stat *s, int flag, struct FTW *f) {
    (void)s;
    (void)flag;
    (void)f;
    return remove(path);
}

static inline void prepare(void) {
    const char *build = getenv("TINSEQ_BUILD");
    program = mem_format("%s/tinseq_fake", build ? build : "build");
    home = mem_text("/tmp/tinseq-test-XXXXXX");
    cr_assert_not_null(mkdtemp(home));
    gate_path = mem_format("%s/gate", home);
    cr_assert_eq(mkfifo(gate_path, 0600), 0);
    gate = open(gate_path, O_RDWR | O_CLOEXEC);
}

static inline void finish(void) {
    term_free(t);
    close(gate);
    nftw(home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(program);
    free(home);
    free(gate_path);
}

#define PROGRAM_SUITE(name) TestSuite(name, .init = prepare, .fini = finish)

/* Starts it in the test's home; gated: the engine waits for steps. */
static inline void start_sized(int rows, int columns, bool gated, const char *const *arguments) {
    const char *argv[16] = {program}, *env[8];
    size_t n = 1, n_env = 0;
    char *home_is = mem_format("HOME=%s", home),
         *gate_is = mem_format("TINSEQ_FAKE_GATE=%s", gate_path);
    char *models = mem_format("TINSEQ_MODELS=%s/none", home);
    for (; arguments && arguments[n - 1] && n < 15; n++)
        argv[n] = arguments[n - 1];
    env[n_env++] = home_is;
    env[n_env++] = models;
    env[n_env++] = "XDG_STATE_HOME";
    env[n_env++] = "XDG_CONFIG_HOME";
    char *memory_is = mem_format("TINSEQ_FAKE_MEMORY=%s", memory ? memory : "");
    if (gated)
        env[n_env++] = gate_is;
    if (memory)
        env[n_env++] = memory_is;
    if (terminal)
        env[n_env++] = terminal;
    env[n_env] = NULL;
    t = term_spawn(rows, columns, argv, env);
    cr_assert_not_null(t);
    free(home_is);
    free(gate_is);
    free(memory_is);
    free(models);
}

static inline void start(bool gated, const char *const *arguments) {
    start_sized(24, 80, gated, arguments);
}

static inline void steps(int n) {
    for (int i = 0; i < n; i++)
        cr_assert_eq(write(gate, "+", 1), 1);
}

static inline void quit(void) {
    term_key(t, "F10");
    cr_expect_eq(term_wait_exit(t), 0);
}

/* Esc and what comes next must not arrive as one. */
static inline void leave_form(void) {
    term_key(t, "Esc");
    cr_assert(term_expect_text(t, "Nothing to show yet"));
}

#define RUN_EIFFEL ((const char *const[]){"-m", "fake", "-i", "The Eiffel Tower is in", NULL})
#define RUN_HI ((const char *const[]){"-m", "fake-mt", "-i", "I said hi to the manager", NULL})

#endif
