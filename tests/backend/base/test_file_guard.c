/* Files that are cut short while they are mapped. */
#include "backend/base/file.h"
#include "backend/base/file_guard.h"
#include "backend/base/mem.h"
#include "tests/backend/tree.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PAGES = 8, PAGE = 65536 /* a multiple of any page */ };

static struct err error;

static char *write_file(const char *folder, const char *name) {
    char *bytes = mem_alloc(PAGES * PAGE);
    memset(bytes, 'x', PAGES * PAGE);
    char *path = tree_write_bytes(folder, name, bytes, PAGES * PAGE);
    free(bytes);
    return path;
}

static size_t count(const struct file_map *m, unsigned char byte) {
    size_t n = 0;
    for (size_t i = 0; i < m->n; i++)
        n += m->data[i] == byte;
    return n;
}

Test(file_guard, what_is_cut_off_reads_as_zeros_and_is_told) {
    char *folder = tree_new(), *path = write_file(folder, "cut"),
         *other = write_file(folder, "other");
    struct file_map cut, whole;
    cr_assert_eq(file_map_open(&cut, path, &error), ERR_OK, "%s", error.message);
    cr_assert_eq(file_map_open(&whole, other, &error), ERR_OK, "%s", error.message);
    cr_expect_eq(cut.data[PAGES * PAGE - 1], 'x');
    cr_assert_eq(truncate(path, 3 * PAGE), 0);
    cr_expect(!file_map_cut(&cut), "nothing was missed so far");
    cr_expect_eq(cut.data[5 * PAGE], 0);
    cr_expect(file_map_cut(&cut));
    cr_expect_eq(count(&cut, 'x'), 3 * PAGE);
    cr_expect_eq(count(&cut, 0), (PAGES - 3) * PAGE);
    cr_expect_eq(count(&whole, 'x'), PAGES * PAGE);
    cr_expect(!file_map_cut(&whole));
    file_map_close(&cut);
    cr_assert_eq(file_map_open(&cut, path, &error), ERR_OK, "%s", error.message);
    cr_expect_eq(count(&cut, 'x'), 3 * PAGE);
    cr_expect(!file_map_cut(&cut), "opened anew, it is whole");
    file_map_close(&cut);
    file_map_close(&whole);
    free(path);
    free(other);
    tree_free(folder);
}

enum { OWN_STATUS = 7 };

static void leave(int number) {
    (void)number;
    _exit(OWN_STATUS);
}

/* As a library does that is loaded later. */
Test(file_guard, a_later_handler_is_asked_second, .exit_code = OWN_STATUS) {
    char *folder = tree_new(), *path = write_file(folder, "cut");
    struct file_map m;
    cr_assert_eq(file_map_open(&m, path, &error), ERR_OK, "%s", error.message);
    cr_assert(signal(SIGBUS, leave) != SIG_ERR);
    file_guard_stand_first();
    file_guard_stand_first();
    cr_assert_eq(truncate(path, 0), 0);
    cr_expect_eq(count(&m, 0), PAGES * PAGE);
    cr_expect(file_map_cut(&m));
    file_map_close(&m);
    free(path);
    tree_free(folder);
    (void)raise(SIGBUS);
}

/* Elsewhere SIGBUS goes to whoever had it. */
Test(file_guard, other_faults_are_not_swallowed, .exit_code = OWN_STATUS) {
    cr_assert(signal(SIGBUS, leave) != SIG_ERR);
    char *folder = tree_new(), *path = write_file(folder, "cut");
    struct file_map m;
    cr_assert_eq(file_map_open(&m, path, &error), ERR_OK, "%s", error.message);
    file_map_close(&m);
    free(path);
    tree_free(folder);
    (void)raise(SIGBUS);
}
