/* How many threads compute beside other programs. */
#include "backend/base/cores.h"

#include <criterion/criterion.h>
#include <sched.h>
#include <stdlib.h>

/* One second on `n_cores` in which we ran on `by_us` of them and others on `by_others`. */
static int next(int wanted, int running, int n_cores, double by_us, double by_others) {
    const struct cores_use before = {.at = 10, .idle = 3, .used = 5, .by_us = 2},
                           after = {.at = 11,
                                    .idle = 3 + n_cores - by_us - by_others,
                                    .used = 5 + by_us + by_others,
                                    .by_us = 2 + by_us};
    return cores_fair_threads(wanted, running, &before, &after, n_cores);
}

Test(cores, threads_give_way_to_others_and_come_back) {
    cr_assert_eq(next(2, 2, 2, 2, 0), 2, "alone: all of them");
    cr_assert_eq(next(2, 2, 2, 1.9, 0.1), 2, "something small beside us");
    cr_assert_eq(next(2, 2, 2, 1, 1), 1, "two busy loops on two cores");
    cr_assert_eq(next(2, 2, 2, 4 / 3.0, 2 / 3.0), 1, "one");
    cr_assert_eq(next(2, 1, 2, 1, 1), 1, "no core is free: no more threads");
    cr_assert_eq(next(2, 1, 2, 1, 0), 2, "one is free again");
    cr_assert_eq(next(2, 1, 2, 1, 0.5), 1, "half a one is not enough");
    cr_assert_eq(next(2, 2, 2, 0, 2), 2, "nothing is known of threads that did not run");
}

Test(cores, many_threads_keep_their_fair_share) {
    cr_assert_eq(next(16, 16, 16, 8, 8), 8, "as many others");
    cr_assert_eq(next(16, 8, 16, 8 * 16 / 24.0, 16 * 16 / 24.0), 8, "and stays there");
    cr_assert_eq(next(16, 16, 16, 16 * 16 / 18.0, 16 * 2 / 18.0), 14, "two others: their cores");
    cr_assert_eq(next(16, 4, 16, 4, 0), 16);
    cr_assert_eq(next(16, 4, 16, 4, 10), 6, "as many as there are free cores");
    cr_assert_eq(next(8, 4, 16, 4, 0), 8, "never more than wanted");
    cr_assert_eq(next(16, 16, 16, 1, 15), 1, "never none");
}

Test(cores, what_may_be_used_is_told) {
    cpu_set_t all, one;
    CPU_ZERO(&one);
    cr_assert_eq(sched_getaffinity(0, sizeof all, &all), 0);
    const int n = cores_available();
    cr_assert(n >= 1 && n <= CPU_COUNT(&all));
    for (int i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; i++)
        if (CPU_ISSET(i, &all))
            CPU_SET(i, &one);
    cr_assert_eq(sched_setaffinity(0, sizeof one, &one), 0);
    cr_assert_eq(cores_available(), 1);
    cr_assert_eq(sched_setaffinity(0, sizeof all, &all), 0);
}

Test(cores, threads_are_as_many_as_the_environment_says) {
    static const char *const unclear[] = {"", "0", "-3", "many", "99999999999"};
    setenv("OMP_NUM_THREADS", "3", 1);
    cr_assert_eq(cores_threads(), 3);
    setenv("OMP_NUM_THREADS", "5,2", 1);
    cr_assert_eq(cores_threads(), 5);
    for (size_t i = 0; i < sizeof unclear / sizeof *unclear; i++) {
        setenv("OMP_NUM_THREADS", unclear[i], 1);
        cr_assert_eq(cores_threads(), cores_available());
    }
}

Test(cores, processes_of_mpirun_share_the_machines_cores) {
    unsetenv("OMP_NUM_THREADS");
    setenv("OMPI_COMM_WORLD_LOCAL_SIZE", "1000000", 1);
    cr_expect_eq(cores_threads(), 1);
    setenv("OMPI_COMM_WORLD_LOCAL_SIZE", "1", 1);
    cr_expect_eq(cores_threads(), cores_available());
    setenv("OMPI_COMM_WORLD_LOCAL_SIZE", "2", 1);
    cr_expect_leq(cores_threads(), cores_available());
    cr_expect_geq(2 * cores_threads(), cores_available() > 1 ? 2 : 1);
    setenv("OMP_NUM_THREADS", "7", 1);
    cr_expect_eq(cores_threads(), 7, "who asks knows better");
}

Test(cores, use_is_read_and_grows) {
    struct cores_use before, after;
    if (!cores_read_use(&before))
        cr_skip("this system does not tell");
    volatile double x = 1;
    do
        for (int i = 0; i < 100000; i++)
            x = x * 0.5 + 1;
    while (cores_read_use(&after) && after.by_us < before.by_us + 0.05);
    cr_assert_gt(after.at, before.at);
    cr_assert_geq(after.idle, before.idle);
    cr_assert_geq(after.used, before.used);
}
