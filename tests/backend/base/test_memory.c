#include "backend/base/memory.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[64];

static void put(const char *folder, const char *leaf, const char *text) {
    char path[512], command[600];
    snprintf(command, sizeof command, "mkdir -p %s%s", root, folder);
    cr_assert_eq(system(command), 0);
    snprintf(path, sizeof path, "%s%s/%s", root, folder, leaf);
    FILE *f = fopen(path, "w");
    cr_assert_not_null(f);
    fputs(text, f);
    fclose(f);
}

static void open_root(void) {
    snprintf(root, sizeof root, "/tmp/tinseq-memory-XXXXXX");
    cr_assert_not_null(mkdtemp(root));
}

static void remove_root(void) {
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", root);
    cr_assert_eq(system(command), 0);
}

TestSuite(memory, .init = open_root, .fini = remove_root);

Test(memory, without_files_nothing_is_known) {
    cr_expect_eq(memory_available_in(root), -1);
}

Test(memory, what_the_machine_has_free) {
    put("/proc", "meminfo",
        "MemTotal:       16000000 kB\nMemFree:  1 kB\nMemAvailable:    4000000 kB\n");
    cr_expect_eq(memory_available_in(root), 4000000ll * 1024);
}

Test(memory, the_tightest_group_counts_and_files_are_given_back) {
    put("/proc", "meminfo", "MemAvailable:    4000000 kB\n");
    put("/proc/self", "cgroup", "0::/a/b\n");
    put("/sys/fs/cgroup", "memory.stat", "anon 5\n");
    put("/sys/fs/cgroup/a", "memory.max", "1000000000\n");
    put("/sys/fs/cgroup/a", "memory.current", "700000000\n");
    put("/sys/fs/cgroup/a", "memory.stat", "anon 1\ninactive_file 200000000\n");
    put("/sys/fs/cgroup/a/b", "memory.max", "max\n");
    put("/sys/fs/cgroup/a/b", "memory.current", "600000000\n");
    cr_expect_eq(memory_available_in(root), 500000000);
    put("/sys/fs/cgroup/a/b", "memory.max", "640000000\n");
    cr_expect_eq(memory_available_in(root), 40000000);
    put("/sys/fs/cgroup/a/b", "memory.current", "650000000\n");
    cr_expect_eq(memory_available_in(root), 0);
}

Test(memory, groups_of_version_1) {
    put("/proc", "meminfo", "MemAvailable:    4000000 kB\n");
    put("/proc/self", "cgroup", "12:cpu:/x\n4:memory:/\n");
    put("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "900000000\n");
    put("/sys/fs/cgroup/memory", "memory.usage_in_bytes", "800000000\n");
    put("/sys/fs/cgroup/memory", "memory.stat", "cache 3\ntotal_inactive_file 50000000\n");
    cr_expect_eq(memory_available_in(root), 150000000);
}

Test(memory, this_machine_has_some) {
    cr_expect_gt(memory_available(), 1 << 20);
}

Test(memory, arrays_of_any_size_can_be_written_and_freed) {
    const size_t sizes[] = {0, 1, 4096, (32u << 20) - 1, 32u << 20, (32u << 20) + 1};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned char *array = memory_array(sizes[i]);
        cr_assert_not_null(array);
        if (sizes[i]) {
            array[0] = 1;
            array[sizes[i] - 1] = 2;
        }
        free(array);
    }
}
