/* One process at a time, by the kernel's lock and by the file alone. */
#include "app/dataset/run_lock.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "tests/app/dataset/made_folder.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char *folder, *path;

static void make_folder(void) {
    folder = made_folder();
    cr_assert_not_null(folder);
    path = file_join(folder, "lock");
}

static void remove_folder(void) {
    cr_expect(made_folder_remove_take(folder));
    free(path);
}

TestSuite(run_lock, .init = make_folder, .fini = remove_folder);

static void write_lock(const char *text) {
    struct err e;
    cr_assert_eq(file_write(path, text, strlen(text), &e), ERR_OK, "%s", e.message);
}

static pid_t gone(void) {
    const pid_t id = fork();
    if (id == 0)
        _exit(0);
    cr_assert_eq(waitpid(id, NULL, 0), id);
    return id;
}

/* The lock of a process that does not run. */
static void write_dead(void) {
    char host[65] = "", *text;
    cr_assert_eq(gethostname(host, sizeof host - 1), 0);
    text = mem_format("%d %s\n", (int)gone(), host);
    write_lock(text);
    free(text);
}

Test(run_lock, the_second_is_told_who_has_it) {
    for (int kind = LOCK_BEST; kind <= LOCK_BY_NAME; kind++) {
        struct run_lock *l, *second;
        struct err e;
        char *who = mem_format("process %d on ", (int)getpid());
        cr_assert_eq(run_lock_take(&l, folder, (enum lock_kind)kind, &e), ERR_OK, "%s", e.message);
        cr_expect_eq(run_lock_is_kernels(l), kind == LOCK_BEST);
        cr_expect_eq(run_lock_take(&second, folder, (enum lock_kind)kind, &e), ERR_USAGE);
        cr_expect(strstr(e.message, who) && strstr(e.message, "give another -o"), "%s", e.message);
        run_lock_drop(l, false);
        cr_assert_eq(run_lock_take(&l, folder, (enum lock_kind)kind, &e), ERR_OK, "%s", e.message);
        run_lock_drop(l, true);
        cr_expect(!file_is_there(folder), "an empty folder goes with its lock");
        free(who);
    }
}

Test(run_lock, of_a_dead_process_it_is_taken_over) {
    for (int kind = LOCK_BEST; kind <= LOCK_BY_NAME; kind++) {
        struct run_lock *l;
        struct err e;
        write_dead();
        cr_assert_eq(run_lock_take(&l, folder, (enum lock_kind)kind, &e), ERR_OK, "%s", e.message);
        run_lock_drop(l, false);
    }
}

Test(run_lock, of_another_machine_one_is_asked) {
    struct run_lock *l;
    struct err e;
    write_lock("12 node7\n");
    cr_expect_eq(run_lock_take(&l, folder, LOCK_BY_NAME, &e), ERR_USAGE);
    cr_expect(strstr(e.message, "process 12 on node7 is writing to "), "%s", e.message);
    cr_expect(strstr(e.message, "if it runs no more, remove the folder's lock"), "%s", e.message);
    write_lock("\033[31m");
    cr_expect_eq(run_lock_take(&l, folder, LOCK_BY_NAME, &e), ERR_USAGE);
    cr_expect(strstr(e.message, "another process is writing to ") &&
                  strstr(e.message, "remove the folder's lock"),
              "%s", e.message);
}

/* As after timeout -s KILL, which does not wait for the process: its lock goes a moment later. */
Test(run_lock, of_a_process_that_dies_it_is_waited_for) {
    struct run_lock *l;
    struct err e;
    int ready[2];
    char byte;
    cr_assert_eq(pipe(ready), 0);
    const pid_t child = fork();
    if (child == 0) {
        const enum err_code code = run_lock_take(&l, folder, LOCK_BEST, &e);
        (void)!write(ready[1], "x", 1);
        usleep(100000);
        _exit(code != ERR_OK);
    }
    cr_assert_eq(read(ready[0], &byte, 1), 1);
    cr_expect_eq(run_lock_take(&l, folder, LOCK_BEST, &e), ERR_OK, "%s", e.message);
    run_lock_drop(l, false);
    cr_assert_eq(waitpid(child, NULL, 0), child);
    close(ready[0]);
    close(ready[1]);
}
