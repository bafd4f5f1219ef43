/* A run that is kept batch by batch: killed, refused, out of room, in any order. */
#include "app/dataset/batch_log.h"
#include "backend/base/clock.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "tests/app/dataset/made_folder.h"
#include "tests/app/dataset/made_run.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

static char *folder;

static void make_folder(void) {
    folder = made_folder();
    cr_assert_not_null(folder);
}

static void remove_folder(void) {
    cr_expect(made_folder_remove_take(folder));
}

TestSuite(batch_log, .init = make_folder, .fini = remove_folder);

static const struct shard whole;

static enum err_code open_log(struct batch_log **l, const char *out, const char *key,
                              struct err *e) {
    const struct batch_log_about about = {.output = out, .key = key};
    return batch_log_open(l, &about, e);
}

static enum err_code add(struct batch_log *l, int64_t number, const char *rows, struct err *e) {
    const struct batch b = {.number = number,
                            .first_row = number,
                            .n_rows = 1,
                            .rows = rows,
                            .n_rows_bytes = strlen(rows)};
    return batch_log_add(l, &b, e);
}

/* The bytes of a file, unpacked where it is packed. */
static char *content(const char *path, size_t *n) {
    const size_t most = 1 << 20;
    char *data = mem_alloc(most);
    gzFile f = gzopen(path, "rb");
    cr_assert_not_null(f, "%s", path);
    const int have = gzread(f, data, (unsigned)most);
    cr_assert_eq(gzclose(f), Z_OK);
    cr_assert_geq(have, 0);
    *n = (size_t)have;
    return data;
}

static void expect_content(const char *path, char *want, size_t n_want) {
    size_t n;
    char *have = content(path, &n);
    cr_expect(n == n_want && memcmp(have, want, n) == 0, "%s", path);
    free(have);
    free(want);
}

/* OUT and the rows that failed are as they must be, and the folder is gone. */
static void expect_made(const char *out) {
    size_t n;
    char *want = made_run_rows(&n), *failed = batch_log_failed_path(out),
         *part = mem_format("%s.part", out);
    expect_content(out, want, n);
    want = made_run_failed(&n);
    expect_content(failed, want, n);
    cr_expect(!file_is_there(part));
    free(part);
    free(failed);
}

/* --- in order --- */

Test(batch_log, rows_come_out_in_their_order) {
    static const char *const names[] = {"a.jsonl", "a.jsonl.gz"};
    for (size_t i = 0; i < 2; i++) {
        char *first = NULL, *out = file_join(folder, names[i]);
        size_t n_first = 0;
        for (unsigned shuffle = 0; shuffle < 20; shuffle += 5) {
            struct err e;
            cr_assert_eq(made_run(out, &whole, shuffle, &e), ERR_OK, "%s", e.message);
            expect_made(out);
            char *data;
            size_t n;
            cr_assert_eq(file_read(&data, &n, out, 1 << 20, &e), ERR_OK);
            cr_expect(!first || (n == n_first && memcmp(data, first, n) == 0),
                      "packed bytes do not depend on the order either");
            free(first);
            first = data;
            n_first = n;
        }
        free(first);
        free(out);
    }
}

Test(batch_log, what_failed_before_is_not_taken_for_this_run) {
    struct err e;
    struct batch_log *l;
    char *out = file_join(folder, "a.jsonl"), *failed = batch_log_failed_path(out);
    cr_assert_eq(made_run(out, &whole, 0, &e), ERR_OK, "%s", e.message);
    cr_expect(file_exists(failed));
    cr_assert_eq(open_log(&l, out, "", &e), ERR_OK, "%s", e.message);
    cr_assert_eq(add(l, 0, "{}\n", &e), ERR_OK);
    cr_assert_eq(batch_log_finish_take(l, 1, 1, NULL, NULL, &e), ERR_OK, "%s", e.message);
    cr_expect(!file_exists(failed));
    expect_content(out, mem_text("{}\n"), 3);
    free(failed);
    free(out);
}

Test(batch_log, what_is_missing_is_not_passed_over) {
    struct err e;
    struct batch_log *l;
    char *out = file_join(folder, "a.jsonl");
    cr_assert_eq(open_log(&l, out, "", &e), ERR_OK, "%s", e.message);
    cr_assert_eq(add(l, 0, "{}\n", &e), ERR_OK);
    cr_assert_eq(add(l, 2, "{}\n", &e), ERR_OK);
    cr_expect_eq(add(l, 2, "{}\n", &e), ERR_INTERNAL, "none is doubled");
    cr_expect_eq(batch_log_finish_take(l, 3, 3, NULL, NULL, &e), ERR_INTERNAL);
    cr_expect_str_eq(e.message, "batch 1 is not there");
    cr_expect(!file_exists(out));
    free(out);
}

/* --- refused --- */

Test(batch_log, a_run_made_otherwise_is_refused_and_says_what_differs) {
    struct err e;
    struct batch_log *l;
    char *out = file_join(folder, "a.jsonl");
    cr_assert_eq(open_log(&l, out, "method: lime\nfiles: a.csv\nseed: 1\n", &e), ERR_OK);
    batch_log_leave(l);
    cr_expect_eq(open_log(&l, out, "method: saliency\nfiles: a.csv\n", &e), ERR_USAGE);
    cr_expect(strstr(e.message, "a.jsonl.part holds a run made otherwise (method: lime then, "
                                "saliency now; seed: 1 then, nothing now): remove it"),
              "%s", e.message);
    cr_assert_eq(open_log(&l, out, "method: lime\nfiles: a.csv\nseed: 1\n", &e), ERR_OK);
    batch_log_leave(l);
    free(out);
}

Test(batch_log, a_second_process_is_refused_by_name) {
    struct err e;
    struct batch_log *l, *second;
    char *out = file_join(folder, "a.jsonl"), *who = mem_format("process %d on ", (int)getpid());
    cr_assert_eq(open_log(&l, out, "", &e), ERR_OK, "%s", e.message);
    const pid_t child = fork();
    if (child == 0) {
        const enum err_code code = open_log(&second, out, "", &e);
        _exit(code == ERR_USAGE && strstr(e.message, who) ? 0 : 1);
    }
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_expect_eq(status, 0);
    batch_log_leave(l);
    cr_assert_eq(open_log(&l, out, "", &e), ERR_OK, "%s", e.message);
    batch_log_leave(l);
    free(who);
    free(out);
}

Test(batch_log, without_sqlite_the_package_is_named) {
    struct err e;
    struct batch_log *l;
    char *out = file_join(folder, "a.jsonl");
    setenv("TINSEQ_SQLITE", "/nonexistent.so", 1);
    cr_expect_eq(open_log(&l, out, "", &e), ERR_UNSUPPORTED);
    cr_expect(strstr(e.message, "install the package libsqlite3-0"), "%s", e.message);
    free(out);
}

/* --- damaged --- */

static void put_into(const char *path, int flags, const char *text) {
    const int fd = open(path, O_WRONLY | flags);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

Test(batch_log, a_torn_end_is_cut_off_and_lost_rows_are_an_error) {
    struct err e;
    struct batch_log *l;
    struct stat now;
    char *out = file_join(folder, "a.jsonl"), *rows = mem_format("%s.part/rows.jsonl", out),
         *journal = mem_format("%s.part/journal.sqlite", out);
    cr_assert_eq(open_log(&l, out, "", &e), ERR_OK, "%s", e.message);
    cr_assert_eq(add(l, 0, "{\"a\":1}\n", &e), ERR_OK);
    batch_log_leave(l);
    put_into(rows, O_APPEND, "{\"a\":2");
    cr_assert_eq(open_log(&l, out, "", &e), ERR_OK, "%s", e.message);
    cr_assert_eq(stat(rows, &now), 0);
    cr_expect_eq(now.st_size, 8);
    cr_expect(batch_log_has(l, 0) && !batch_log_has(l, 1));
    batch_log_leave(l);
    put_into(rows, O_TRUNC, "{\"a\"");
    cr_expect_eq(open_log(&l, out, "", &e), ERR_FORMAT);
    cr_expect(strstr(e.message, "rows that its journal tells of are not there): remove it"), "%s",
              e.message);
    put_into(journal, O_TRUNC,
             "no journal, but enough bytes to be looked at as if it were one "
             "that SQLite wrote, which it did not, so it says so");
    cr_expect_eq(open_log(&l, out, "", &e), ERR_FORMAT);
    cr_expect(strstr(e.message, "journal.sqlite is damaged"), "%s", e.message);
    free(journal);
    free(rows);
    free(out);
}

/* After a loss of power: of batches that had not been put onto the disk, bytes may be missing. */
Test(batch_log, what_was_not_on_the_disk_is_done_again) {
    struct err e;
    struct batch_log *l;
    char *out = file_join(folder, "a.jsonl"), *rows = mem_format("%s.part/rows.jsonl", out);
    for (int lost = 0; lost < 2; lost++) {
        cr_assert_eq(open_log(&l, out, "", &e), ERR_OK, "%s", e.message);
        for (int64_t i = 0; i < 4; i++) /* the first is put onto it */
            cr_assert_eq(add(l, i, "{\"a\":1}\n", &e), ERR_OK, "%s", e.message);
        batch_log_leave(l);
        if (lost)
            cr_assert_eq(truncate(rows, 18), 0);
        const int fd = open(rows, O_WRONLY);
        cr_assert_eq(pwrite(fd, "0", 1, 17), 1);
        close(fd);
        cr_assert_eq(open_log(&l, out, "", &e), ERR_OK, "%s", e.message);
        cr_expect(batch_log_has(l, 0) && batch_log_has(l, 1));
        cr_expect(!batch_log_has(l, 2) && !batch_log_has(l, 3));
        cr_assert_eq(add(l, 3, "{\"a\":4}\n", &e), ERR_OK);
        cr_assert_eq(add(l, 2, "{\"a\":3}\n", &e), ERR_OK);
        cr_assert_eq(batch_log_finish_take(l, 4, 4, NULL, NULL, &e), ERR_OK, "%s", e.message);
        expect_content(out, mem_text("{\"a\":1}\n{\"a\":1}\n{\"a\":3}\n{\"a\":4}\n"), 32);
        cr_assert_eq(unlink(out), 0);
    }
    free(rows);
    free(out);
}

Test(batch_log, a_full_disk_loses_nothing) {
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit before;
    char *out = file_join(folder, "a.jsonl");
    struct err e;
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    for (rlim_t most = 1000; most < 120000; most = most * 3 / 2) {
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){most, before.rlim_max});
        const enum err_code code = made_run(out, &whole, 0, &e);
        cr_expect(code == ERR_OK || code == ERR_IO, "%s", e.message);
        cr_expect(most > 4000 || code == ERR_IO, "it is full at first");
    }
    setrlimit(RLIMIT_FSIZE, &before);
    cr_assert_eq(made_run(out, &whole, 0, &e), ERR_OK, "%s", e.message);
    expect_made(out);
    free(out);
}

/* --- killed --- */

/* Runs it in a process of its own, which is killed after so many microseconds unless it ends
 * before. Returns whether it ended. */
static bool run_and_kill(const char *out, unsigned shuffle, long after) {
    const struct timespec wait = {.tv_nsec = after * 1000};
    int status;
    const pid_t child = fork();
    if (child == 0) {
        struct err e;
        _exit(made_run(out, &whole, shuffle, &e) == ERR_OK ? 0 : 1);
    }
    nanosleep(&wait, NULL);
    kill(child, SIGKILL);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFSIGNALED(status) || WEXITSTATUS(status) == 0, "it failed");
    return WIFEXITED(status);
}

/* How long a run takes that nobody kills, in microseconds. */
static long whole_run(const char *out) {
    const double began = clock_seconds();
    struct err e;
    cr_assert_eq(made_run(out, &whole, 7, &e), ERR_OK, "%s", e.message);
    expect_made(out);
    cr_assert_eq(unlink(out), 0);
    return 100 + (long)(1e6 * (clock_seconds() - began));
}

/* A hundred kills, each within the time that a run takes, and what was killed goes on until it
 * ends. */
Test(batch_log, killed_at_any_moment_nothing_is_lost_and_nothing_doubled) {
    static const char *const names[] = {"a.jsonl", "a.jsonl.gz"};
    unsigned seed = 1;
    int n_kills = 0, n_ended = 0;
    for (int run = 0; n_kills < 100; run++) {
        char *out = file_join(folder, names[run % 2]);
        const long most = whole_run(out);
        while (!run_and_kill(out, run % 3 ? 7 : 0, rand_r(&seed) % most))
            n_kills++;
        expect_made(out);
        n_ended++;
        cr_assert_eq(unlink(out), 0);
        free(out);
    }
    cr_expect(n_ended > 5, "%d runs ended", n_ended);
}

/* Killed while OUT is being made: what is there then is all there was. */
static enum err_code fail_to_write(void *user, const char *output, const char *rows,
                                   struct err *e) {
    (void)user;
    (void)output;
    cr_expect(file_exists(rows));
    return err_set(e, ERR_IO, "no room");
}

Test(batch_log, what_could_not_be_ended_is_ended_by_the_same_command) {
    const struct batch_log_about about = {.key = "method: dummy\n",
                                          .output = file_join(folder, "a.jsonl")};
    struct batch_log *l;
    struct err e;
    cr_assert_eq(batch_log_open(&l, &about, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(made_run_add(l, &whole, 5, &e), ERR_OK);
    cr_expect_eq(batch_log_finish_take(l, MADE_BATCHES, MADE_ROWS, fail_to_write, NULL, &e),
                 ERR_IO);
    cr_assert_eq(batch_log_open(&l, &about, &e), ERR_OK, "%s", e.message);
    cr_expect_eq(batch_log_rows(l), MADE_ROWS);
    cr_assert_eq(batch_log_finish_take(l, MADE_BATCHES, MADE_ROWS, NULL, NULL, &e), ERR_OK, "%s",
                 e.message);
    expect_made(about.output);
    free((char *)about.output);
}
